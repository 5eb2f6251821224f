"""The tokens of the signed-in admin, shared by all their sockets and requests."""

import asyncio
from collections.abc import Awaitable, Callable

from salebell_desktop.credentials import CredentialKey, CredentialStore, CredentialsUnavailable
from salebell_desktop.identity import IdentityProvider
from salebell_desktop.identity.errors import IdentityError, IdentityUnavailable, SessionEnded
from salebell_protocol.http import Tokens

MARGIN = 60.0
"""Seconds before its end in which an ID token is not given out any more."""
AHEAD = (600.0, 300.0)
"""A token is renewed so many seconds before its end: at most, and at least. The server warns 300 seconds ahead."""
RETRY = 30.0
"""Seconds after which a renewal that failed is tried again."""


class TokenKeeper:
    """Holds the ID token in memory and the refresh token in the credential store.

    However many ask at once, one refresh is under way at a time, and all get its outcome. A refresh that has begun is
    finished even when nobody waits for it any more: its answer replaces the refresh token.

    Args:
        provider: issues the tokens.
        credentials: where the refresh token is kept.
        key: whose it is.
        refresh_token: the one to begin with.
        clock: unix seconds. The time of day, since a token ages while the computer sleeps.
        random: a random number in [0, 1).
        kept: told after each attempt to keep a token whether it will outlast the program.
    """

    def __init__(
        self,
        provider: IdentityProvider,
        credentials: CredentialStore,
        key: CredentialKey,
        refresh_token: str,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        kept: Callable[[bool], None],
    ) -> None:
        self._provider = provider
        self._credentials = credentials
        self._key = key
        self._refresh_token = refresh_token
        self._clock = clock
        self._random = random
        self._kept = kept
        self._id_token = ""
        self._expires_at = 0.0
        self._renew_at = 0.0
        self._ended: SessionEnded | None = None
        self._refreshing: asyncio.Task[str] | None = None
        self._keeping: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        """Without the tokens."""
        return f"TokenKeeper({self._key!r})"

    def adopt(self, tokens: Tokens) -> None:
        """Tokens from a sign-in: the first ID token, so that none has to be fetched."""
        now = self._clock()
        latest, earliest = AHEAD
        self._id_token = tokens.id_token
        self._refresh_token = tokens.refresh_token
        self._expires_at = now + tokens.expires_in
        ahead = min(earliest + (latest - earliest) * self._random(), tokens.expires_in / 2)
        self._renew_at = self._expires_at - ahead

    async def token(self) -> str:
        """An ID token that is good for some time yet.

        Raises:
            SessionEnded: there will be none any more.
            IdentityUnavailable: there is none now.
        """
        if self._id_token and self._clock() < self._expires_at - MARGIN:
            return self._id_token
        return await self._refresh()

    async def other_than(self, token: str) -> str:
        """An ID token that is not `token`: the server refused that one, or will soon. Raises as `token` does."""
        if self._id_token and self._id_token != token:
            return await self.token()
        return await self._refresh()

    async def keep(self) -> None:
        """Put the refresh token into the credential store."""
        try:
            await self._credentials.save(self._key, self._refresh_token)
        except CredentialsUnavailable:
            lasting = False
        else:
            lasting = self._credentials.lasting
        self._kept(lasting)

    def keep_soon(self) -> None:
        """The same, in the background."""
        # Nobody waits for a slow keyring: the token before is good until this one is used, about an hour from now.
        task = asyncio.create_task(self.keep())
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def renew_ahead(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Renew the ID token well before its end, again and again, until the session has ended."""
        while self._ended is None:
            seconds = self._renew_at - self._clock()
            if seconds > 0:
                await sleep(seconds)
                continue
            try:
                await self._refresh()
            except IdentityUnavailable:
                await sleep(RETRY)
            except SessionEnded:
                return

    async def settle(self) -> None:
        """Wait until no refresh is under way and the refresh token is where it is kept."""
        while under_way := {*self._keeping, *filter(None, [self._refreshing])}:
            await asyncio.wait(under_way)

    async def close(self) -> None:
        """Give up what is under way. No harm is done: the refresh token before is good until the next one is used."""
        under_way = {*self._keeping, *filter(None, [self._refreshing])}
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)

    async def sign_out(self) -> None:
        """End the session at the provider, and delete the refresh token. Raises nothing: it is over in any case."""
        await self.settle()
        ended, self._ended = self._ended, SessionEnded("Signed out.")
        await self.forget()
        if ended is None:
            try:
                await self._provider.sign_out(self._refresh_token)
            except IdentityError:
                return  # the session ends by itself when it is not used

    async def forget(self) -> None:
        """Delete the refresh token from the credential store, as far as that can be done."""
        try:
            await self._credentials.forget(self._key)
        except CredentialsUnavailable:
            return  # what is left there is of no use once the session has ended

    async def _refresh(self) -> str:
        if self._ended is not None:
            raise self._ended
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refreshed())
            self._refreshing.add_done_callback(self._refresh_done)
        return await asyncio.shield(self._refreshing)

    async def _refreshed(self) -> str:
        try:
            tokens = await self._provider.refresh(self._refresh_token)
        except SessionEnded as ended:
            self._ended = ended
            raise
        changed = tokens.refresh_token != self._refresh_token
        self.adopt(tokens)
        if changed:
            self.keep_soon()
        return self._id_token

    def _refresh_done(self, task: asyncio.Task[str]) -> None:
        self._refreshing = None
        if not task.cancelled():
            task.exception()  # looked at: nobody may be waiting any more
