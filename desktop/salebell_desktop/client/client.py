"""The client as the program sees it: signing in and out, and what people may ask of the connection."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from functools import partial

from msgspec.structs import replace

from salebell_desktop.client.accounts import Accounts
from salebell_desktop.client.address import AddressRefused, ServerAddress, parse_address
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.lists import ListReader
from salebell_desktop.client.servers import How, MakeProvider, OpenHttp, ServerOffer, Servers, SignedIn
from salebell_desktop.client.session import Session, Surroundings
from salebell_desktop.client.tasks import Tasks
from salebell_desktop.connection.reasons import SIGN_IN_AGAIN
from salebell_desktop.credentials import CredentialKey, CredentialStore, CredentialsUnavailable, Problem
from salebell_desktop.identity import IdentityProvider
from salebell_desktop.identity.errors import SessionEnded
from salebell_desktop.identity.keeper import TokenKeeper
from salebell_desktop.identity.saved import SavedAccount, SavedSignIns
from salebell_desktop.store import Account, AccountChanged, Change, LinkState, LookDue

STOP_SECONDS = 1.0
"""What is still to be finished when the program ends may take so long."""
WAS_SIGNED_OUT = f"This account was signed out. {SIGN_IN_AGAIN}"

_Farewell = Callable[[], Coroutine[None, None, None]]

_logger = logging.getLogger(__name__)


class _Fate(Enum):
    """What becomes of an account when its session ends."""

    KEPT = auto()
    """Everything stays: one can return to it without a password."""
    OVER = auto()
    """The token goes; who it was and their sales stay."""
    FORGOTTEN = auto()
    """Nothing stays."""


class _Keyring(Enum):
    """Whether a locked keyring was tried again already."""

    FIRST = auto()
    AGAIN = auto()


class Client:
    """Signs admins in and out, and keeps the desk up to date with the one that is shown.

    Several accounts can be kept, of one server or of many; one at most is active. Everything runs on one event loop.
    What people should know comes as a change of the desk, or as an exception with a sentence for them.

    Args:
        surroundings: desk, cache, sockets, clock.
        saved: the accounts that were kept.
        credentials: where refresh tokens are kept.
        http: opens HTTP to a server.
        provider: the identity provider of a place, for the server that the HTTP goes to; None when this program does
            not know it.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        saved: SavedSignIns,
        credentials: CredentialStore,
        http: OpenHttp,
        provider: MakeProvider,
    ) -> None:
        self._with = surroundings
        self._accounts = Accounts(saved, credentials, surroundings.cache)
        self._servers = Servers(self._accounts.pin, http, provider, self._accounts.repin)
        self._tasks = Tasks()
        self._changing = asyncio.Lock()
        self._session: Session | None = None
        self._locked: SavedAccount | None = None
        self._finishing: dict[asyncio.Task[None], CredentialKey] = {}
        # What a message changed is in the store: a view that cannot show it must not end the connection.
        surroundings.desk.report_failures_to(lambda failure: _logger.error("a view failed", exc_info=failure))
        self._stop_observing = surroundings.desk.observe(self._observed)

    @property
    def accounts(self) -> tuple[SavedAccount, ...]:
        """The accounts that one can switch to, the one used last first."""
        return self._accounts.kept

    @property
    def active(self) -> CredentialKey | None:
        """Which of them the desk shows."""
        return None if self._session is None else self._session.key

    def start(self, server: str | None = None) -> None:
        """Return to the active account: its stores as the cache kept them at once, then connected.

        Args:
            server: the address of the server to use, as people type it; when it is another than the active account's,
                the account used last there is returned to.

        Raises:
            AddressRefused: `server` is no address.
        """
        account = self._accounts.to_return_to(None if server is None else parse_address(server).key)
        if account is None:
            self._with.desk.sign_out(now=self._with.clock.unix())
            self._tasks.spawn(self._accounts.sweep_all())
        else:
            self._accounts.use(account.key)
            self._return_to(account)

    # Signing in.

    async def check_server(self, text: str) -> ServerOffer:
        """See `Servers.check`."""
        return await self._servers.check(text)

    async def sign_in(self, server: str, email: str, password: str) -> None:
        """Sign in. Whoever was active before is so no more, and is kept to be switched back to.

        Raises:
            AddressRefused, HttpFailure, IdentityUnavailable: see `Servers.sign_in`.
            SignInRefused: wrong e-mail or password, too many attempts, no admin of that server, or as `check_server`.
        """
        await self._sign_in(server, lambda provider: provider.sign_in(email.strip(), password))

    async def sign_in_with_google(self, server: str) -> None:
        """The same with Google, in the browser. It may take minutes; cancelling it gives up. Raises as `sign_in`."""
        await self._sign_in(server, lambda provider: provider.sign_in_with_google())

    async def reset_password(self, server: str, email: str) -> None:
        """Have a link for a new password sent, if there is an account with that e-mail. Raises as `sign_in`."""
        await self._servers.reset_password(server, email)

    async def switch_account(self, server: str, uid: str) -> None:
        """Show another of `accounts`; the one before is kept as it is.

        One that needs its password leaves the desk signed out, with a sentence; it is the first of `accounts` then.
        """
        async with self._changing:
            account = self._accounts.find(CredentialKey(server, uid))
            if account is None or account.key == self.active:
                return
            self._end(_Fate.KEPT)
            await self._finished(account.key)
            self._accounts.use(account.key)
            if account.signed_in:
                self._return_to(account)
            else:
                self._with.desk.sign_out(WAS_SIGNED_OUT, self._with.clock.unix())

    async def sign_out(self) -> None:
        """Sign the active account out, and forget all that this computer keeps of it: token, sales, name.

        Nobody is active then, also at the next start. Another account that is kept is not switched to: who signs out
        wants the bell to be silent, and may be about to hand the computer over. It can be switched to in the menu.

        Nothing stops it: it is over in some seconds.
        """
        async with self._changing:
            session = self._session
            if session is not None:
                self._accounts.forget(session.key)
                self._end(_Fate.FORGOTTEN)
                await self._finished(session.key)

    # What people may ask of the connection.

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

    @property
    def lists(self) -> ListReader | None:
        """Reads sales of the active account from its server; None while there is nobody to read them for."""
        return None if self._session is None else self._session.lists

    async def stop(self) -> None:
        """End within a second or so, keeping what there is to keep; who is signed in stays so for the next start.

        The desk is left as it is: the program is ending, and there is nothing to tell anybody.
        """
        self._stop_observing()
        session, self._session = self._session, None
        if session is not None:
            session.end(keep=True)
            self._finish(session, _Fate.KEPT)
        await self._tasks.cancel()
        if self._finishing:
            await asyncio.wait(self._finishing, timeout=STOP_SECONDS)
        for finishing in tuple(self._finishing):
            finishing.cancel()
        if self._finishing:
            await asyncio.wait(self._finishing)

    # What is told from below.

    def ended(self, reason: str, *, forget: bool) -> None:
        """See `SessionOwner.ended`."""
        if self._session is None:
            return
        _logger.warning("the session ended: %s", reason)
        if forget:
            self._accounts.ended(self._session.key)
        self._end(_Fate.OVER if forget else _Fate.KEPT, reason)

    def _provider_ended(self, key: CredentialKey, end: SessionEnded) -> None:
        if key == self.active:
            self.ended(str(end), forget=True)
        else:  # it was left just now, and its last refresh was refused
            self._accounts.ended(key)
            self._tasks.spawn(self._accounts.sweep(key))

    def _token_kept(self, key: CredentialKey, lasting: bool) -> None:
        account = self._with.desk.account
        if account is not None and key == self.active:
            self._with.desk.amend(replace(account, session_only=not lasting))

    def _observed(self, change: Change) -> None:
        if self._session is None:
            return
        account = self._with.desk.account
        if isinstance(change, LookDue):
            self._session.look_due(change.store)
        elif isinstance(change, AccountChanged) and account is not None:
            self._accounts.rename(self._session.key, email=account.email, name=account.name)

    # Sessions.

    async def _sign_in(self, server: str, how: How) -> None:
        signed_in = await self._servers.sign_in(server, how)
        # Whoever waits for this may give up now; what has begun is not left half done.
        await asyncio.shield(self._tasks.spawn(self._begin(signed_in)))

    async def _begin(self, admin: SignedIn) -> None:
        tokens = admin.tokens
        account = SavedAccount(
            server=admin.address.key, provider=admin.pin.provider, uid=tokens.uid, email=tokens.email, name=tokens.name
        )
        try:
            async with self._changing:
                self._end(_Fate.KEPT)
                await self._finished(account.key)
                self._accounts.signed_in(account, admin.pin)
                session = self._open(admin.address, admin.http, account)
        except BaseException:
            await admin.http.close()
            raise
        keeper = self._keeper(account, admin.provider, tokens.refresh_token)
        keeper.adopt(tokens)
        keeper.keep_soon()
        session.connect(keeper)

    def _return_to(self, account: SavedAccount) -> None:
        try:
            address = parse_address(account.server)
        except AddressRefused as refused:
            self._with.desk.sign_out(str(refused), self._with.clock.unix())
            return
        session = self._open(address, self._servers.http(address), account)
        self._tasks.spawn(self._restore(session, account, _Keyring.FIRST))

    async def _restore(self, session: Session, account: SavedAccount, attempt: _Keyring) -> None:
        """Connect a session with the token that the credential store has for it."""
        try:
            token = await self._accounts.credentials.load(account.key)
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
        provider = self._servers.returning(account.server, account.provider, session.http)
        if token is None or provider is None:
            self.ended(SIGN_IN_AGAIN, forget=True)
            return
        session.connect(self._keeper(account, provider, token))
        await self._accounts.sweep_all()

    def _open(self, address: ServerAddress, http: ServerHttp, account: SavedAccount) -> Session:
        shown = Account(server=account.server, uid=account.uid, email=account.email, name=account.name)
        self._session = Session(self._with, address, shown, http, self)
        return self._session

    def _keeper(self, account: SavedAccount, provider: IdentityProvider, refresh_token: str) -> TokenKeeper:
        return TokenKeeper(
            provider,
            self._accounts.credentials,
            account.key,
            refresh_token,
            times=self._with.clock,
            random=self._with.random,
            kept=partial(self._token_kept, account.key),
            ended=partial(self._provider_ended, account.key),
        )

    def _end(self, fate: _Fate, reason: str = "") -> None:
        """End the session that there is, and tell the desk why; what it has to finish goes on in the background."""
        session, self._session, self._locked = self._session, None, None
        if session is not None:
            session.end(keep=fate is not _Fate.FORGOTTEN)
            self._finish(session, fate)
            self._with.desk.sign_out(reason, self._with.clock.unix())

    def _finish(self, session: Session, fate: _Fate) -> None:
        keeper = session.keeper
        if keeper is not None and fate is not _Fate.KEPT:
            keeper.end()
        finishing = asyncio.create_task(session.finish(self._farewell(session.key, keeper, fate)))
        self._finishing[finishing] = session.key
        finishing.add_done_callback(self._finishing.pop)

    def _farewell(self, key: CredentialKey, keeper: TokenKeeper | None, fate: _Fate) -> _Farewell | None:
        """What to do about the tokens of a session, whether they were loaded yet or not."""
        if fate is _Fate.KEPT:
            return None if keeper is None else keeper.settle
        return partial(self._give_up, key, keeper if fate is _Fate.FORGOTTEN else None)

    async def _give_up(self, key: CredentialKey, signed_out: TokenKeeper | None) -> None:
        at_provider = [] if signed_out is None else [signed_out.sign_out()]
        await asyncio.gather(self._accounts.sweep(key), *at_provider)

    async def _finished(self, key: CredentialKey) -> None:
        """Wait until nothing of an account is being finished any more."""
        while finishing := [task for task, whose in self._finishing.items() if whose == key]:
            await asyncio.wait(finishing)
