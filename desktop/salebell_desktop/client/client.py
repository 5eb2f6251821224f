"""The client as the program sees it: signing in and out, and what people may ask of the connection."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from functools import partial

import msgspec
from msgspec.structs import replace

from salebell_desktop.client.address import AddressRefused, ServerAddress, parse_address
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.session import Session, Surroundings
from salebell_desktop.client.tasks import Tasks
from salebell_desktop.connection.reasons import SIGN_IN_AGAIN
from salebell_desktop.credentials import CredentialKey, CredentialStore, CredentialsUnavailable, Problem
from salebell_desktop.identity import IdentityProvider
from salebell_desktop.identity.errors import SignInRefused
from salebell_desktop.identity.keeper import TokenKeeper
from salebell_desktop.identity.saved import SavedAccount, SavedSignIns
from salebell_desktop.store import Account, Change, LinkState, LookDue
from salebell_protocol.http import ClientConfig, Provider, Tokens

STOP_SECONDS = 1.0
"""What is still to be finished when the program ends may take so long."""

_Farewell = Callable[[], Coroutine[None, None, None]]

_logger = logging.getLogger(__name__)


class ServerOffer(msgspec.Struct, frozen=True):
    """A server that answers, and how it signs admins in."""

    address: ServerAddress
    config: ClientConfig


class _Keyring(Enum):
    """Whether a locked keyring was tried again already."""

    FIRST = auto()
    AGAIN = auto()


class Client:
    """Signs an admin in and out, and keeps the desk up to date meanwhile.

    Everything runs on one event loop. What people should know comes as a change of the desk, or as an exception with
    a sentence for them.

    Args:
        surroundings: desk, cache, sockets, clock.
        saved: who was signed in last.
        credentials: where refresh tokens are kept.
        http: opens HTTP to a server.
        provider: the identity provider of a kind, for the server that the HTTP goes to; None when this program does
            not know that kind.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        saved: SavedSignIns,
        credentials: CredentialStore,
        http: Callable[[ServerAddress], ServerHttp],
        provider: Callable[[Provider, ServerHttp], IdentityProvider | None],
    ) -> None:
        self._with = surroundings
        self._saved = saved
        self._credentials = credentials
        self._http = http
        self._provider = provider
        self._tasks = Tasks()
        self._changing = asyncio.Lock()
        self._session: Session | None = None
        self._locked: SavedAccount | None = None
        self._finishing: set[asyncio.Task[None]] = set()
        # What a message changed is in the store: a view that cannot show it must not end the connection.
        surroundings.desk.report_failures_to(lambda failure: _logger.error("a view failed", exc_info=failure))
        self._stop_observing = surroundings.desk.observe(self._observed)

    @property
    def last_account(self) -> SavedAccount | None:
        """Who was signed in last: for the sign-in window."""
        return self._saved.account

    def start(self, server: str | None = None) -> None:
        """Return to who was signed in, if anybody was: their stores as the cache kept them at once, then connected.

        Args:
            server: the address of the server to use whatever was saved, as people type it.

        Raises:
            AddressRefused: `server` is no address.
        """
        wanted = None if server is None else parse_address(server).key
        account = self._saved.account
        if account is None or not account.signed_in or wanted not in (None, account.server):
            self._with.desk.sign_out(now=self._with.clock.unix())
            return
        try:
            address = parse_address(account.server)
        except AddressRefused as refused:
            self._with.desk.sign_out(str(refused), self._with.clock.unix())
            return
        session = self._open(address, self._http(address), account)
        self._tasks.spawn(self._restore(session, account, _Keyring.FIRST))

    async def check_server(self, text: str) -> ServerOffer:
        """Whether there is a server at an address as people type it, and how it signs admins in.

        Raises:
            AddressRefused: it is no address, or must not be used.
            HttpFailure: nothing of ours answers there.
            SignInRefused: it signs in by other means than when this program was last signed in to it, or by means
                that this program does not know.
        """
        address = parse_address(text)
        http = self._http(address)
        try:
            config = await http.client_config()
            self._check_provider(address, config.provider, http)
        finally:
            await http.close()
        return ServerOffer(address, config)

    async def sign_in(self, server: str, email: str, password: str) -> None:
        """Sign in, in place of whoever is signed in.

        Raises:
            AddressRefused, HttpFailure: as `check_server`.
            SignInRefused: wrong e-mail or password, too many attempts, or as `check_server`.
            IdentityUnavailable: it could not be found out.
        """
        address = parse_address(server)
        async with self._changing:
            http = self._http(address)
            try:
                config = await http.client_config()
                provider = self._check_provider(address, config.provider, http)
                tokens = await provider.sign_in(email.strip(), password)
            except BaseException:
                await http.close()
                raise
            self._leave_for(address, tokens.uid)
            await self._finished()
            self._begin(address, http, provider, tokens)

    async def sign_out(self) -> None:
        """Sign out, and forget what is kept of this account. Nothing stops it: it is over in some seconds."""
        async with self._changing:
            self._sign_out()
            await self._finished()

    def reconnect_now(self) -> None:
        """Somebody clicked *Reconnect now*."""
        locked, self._locked = self._locked, None
        if locked is not None and self._session is not None:
            self._session.show_link(LinkState.CONNECTING, "")
            self._tasks.spawn(self._restore(self._session, locked, _Keyring.AGAIN))
            return
        for link in self._session.links if self._session is not None else ():
            link.reconnect_now()

    def woke(self) -> None:
        """The computer was asleep."""
        for link in self._session.links if self._session is not None else ():
            link.woke()

    def network_returned(self) -> None:
        """There is a network again."""
        for link in self._session.links if self._session is not None else ():
            link.network_returned()

    async def load_more(self, store: str) -> None:
        """Read older sales of a store into its list.

        Raises:
            HttpFailure: the server did not give them.
            IdentityError: there is no token to ask with.
        """
        if self._session is not None:
            await self._session.load_more(store)

    async def stop(self) -> None:
        """End within a second or so, keeping what there is to keep; who is signed in stays so for the next start.

        The desk is left as it is: the program is ending, and there is nothing to tell anybody.
        """
        self._stop_observing()
        session, self._session = self._session, None
        if session is not None:
            session.end(keep=True)
            self._finish(session, None)
        await self._tasks.cancel()
        if self._finishing:
            await asyncio.wait(self._finishing, timeout=STOP_SECONDS)
        for finishing in tuple(self._finishing):
            finishing.cancel()
        await self._finished()

    # What the session tells.

    def ended(self, reason: str, *, forget: bool) -> None:
        """See `SessionOwner.ended`."""
        if forget:
            self._save_signed_out()
        self._end(reason, keep=True, farewell=self._farewell(TokenKeeper.forget) if forget else None)

    def _observed(self, change: Change) -> None:
        if isinstance(change, LookDue) and self._session is not None:
            self._session.look_due(change.store)

    # Sessions.

    def _sign_out(self) -> None:
        if self._session is not None:
            self._save_signed_out()
            self._end("", keep=False, farewell=self._farewell(TokenKeeper.sign_out))

    def _leave_for(self, address: ServerAddress, uid: str) -> None:
        """Somebody has signed in: end the session before, and sign out whoever it was, unless it is the same admin."""
        account = self._with.desk.account
        if account is not None and (account.server, account.uid) != (address.key, uid):
            self._sign_out()
        else:
            self._end("", keep=True, farewell=None)

    def _end(self, reason: str, *, keep: bool, farewell: _Farewell | None) -> None:
        """End the session that there is, and tell the desk why; what it has to finish goes on in the background."""
        session, self._session, self._locked = self._session, None, None
        if session is not None:
            session.end(keep=keep)
            self._finish(session, farewell)
            self._with.desk.sign_out(reason, self._with.clock.unix())

    def _finish(self, session: Session, farewell: _Farewell | None) -> None:
        finishing = asyncio.create_task(session.finish(farewell))
        self._finishing.add(finishing)
        finishing.add_done_callback(self._finishing.discard)

    def _farewell(self, how: Callable[[TokenKeeper], Coroutine[None, None, None]]) -> _Farewell | None:
        """What to do about the tokens of the present session, whether they were loaded yet or not."""
        account = self._with.desk.account
        if self._session is None or account is None:
            return None
        if self._session.keeper is not None:
            return partial(how, self._session.keeper)
        return partial(self._forget_token, CredentialKey(account.server, account.uid))

    async def _forget_token(self, key: CredentialKey) -> None:
        try:
            await self._credentials.forget(key)
        except CredentialsUnavailable as unavailable:
            _logger.info("a refresh token could not be deleted: %s", unavailable)

    async def _finished(self) -> None:
        if self._finishing:
            await asyncio.wait(self._finishing)

    async def _restore(self, session: Session, account: SavedAccount, attempt: "_Keyring") -> None:
        """Connect a session with the token that the credential store has for it."""
        try:
            token = await self._credentials.load(CredentialKey(account.server, account.uid))
        except CredentialsUnavailable as unavailable:
            if session is not self._session:
                return
            if unavailable.problem in (Problem.LOCKED, Problem.SILENT) and attempt is _Keyring.FIRST:
                self._locked = account
                session.show_link(LinkState.REFUSED, f"{unavailable} Unlock it, then choose Reconnect now.")
            else:
                self.ended(f"{unavailable} {SIGN_IN_AGAIN}", forget=False)
            return
        if session is not self._session:
            return
        provider = self._provider(account.provider, session.http)
        if token is None or provider is None:
            self.ended(SIGN_IN_AGAIN, forget=True)
        else:
            session.connect(self._keeper(account, provider, token))

    def _check_provider(self, address: ServerAddress, kind: Provider, http: ServerHttp) -> IdentityProvider:
        pinned = self._saved.provider(address.key)
        if pinned is not None and pinned is not kind:
            raise SignInRefused(
                "This server asks for another kind of sign-in than before. Do not sign in before whoever runs it has "
                "told you why."
            )
        provider = self._provider(kind, http)
        if provider is None:
            raise SignInRefused("This server signs in by means that this version of Salebell does not know.")
        return provider

    def _begin(self, address: ServerAddress, http: ServerHttp, provider: IdentityProvider, tokens: Tokens) -> None:
        account = SavedAccount(
            server=address.key, provider=provider.kind, uid=tokens.uid, email=tokens.email, name=tokens.name
        )
        try:
            self._saved.signed_in(account)
        except OSError as error:
            _logger.warning("who is signed in could not be written down: %s", error.strerror)
        session = self._open(address, http, account)
        keeper = self._keeper(account, provider, tokens.refresh_token)
        keeper.adopt(tokens)
        keeper.keep_soon()
        session.connect(keeper)

    def _open(self, address: ServerAddress, http: ServerHttp, account: SavedAccount) -> Session:
        shown = Account(server=account.server, uid=account.uid, email=account.email, name=account.name)
        self._session = Session(self._with, address, shown, http, self)
        return self._session

    def _keeper(self, account: SavedAccount, provider: IdentityProvider, refresh_token: str) -> TokenKeeper:
        return TokenKeeper(
            provider,
            self._credentials,
            CredentialKey(account.server, account.uid),
            refresh_token,
            clock=self._with.clock.unix,
            random=self._with.random,
            kept=self._kept,
        )

    def _kept(self, lasting: bool) -> None:
        account = self._with.desk.account
        if account is not None:
            self._with.desk.amend(replace(account, session_only=not lasting))

    def _save_signed_out(self) -> None:
        try:
            self._saved.signed_out()
        except OSError as error:
            _logger.warning("the sign-out could not be written down: %s", error.strerror)
