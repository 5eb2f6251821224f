"""The tokens of the signed-in admin, shared by all their sockets and requests.

How long an ID token is good is never read off the time of day, which may be wrong here: the provider says how long it
lasts when it gives it, and the server says on every socket what remains of it by its own time (`expires_at` less
`server_time`). From then on a token ages by whichever of two clocks has gone on further: one stands still while the
computer sleeps, the other may be set back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Protocol

from salebell_desktop.credentials import CredentialKey, CredentialStore, CredentialsUnavailable
from salebell_desktop.identity import IdentityProvider
from salebell_desktop.identity.errors import IdentityUnavailable, SessionEnded
from salebell_protocol.http import Tokens

NEAR = 300.0
"""Seconds before its end in which a token is replaced before it is used: the server would ask for another at once."""
USABLE = 10.0
"""Seconds before its end in which a token is not used any more, even when there is no other."""
AHEAD = (600.0, 300.0)
"""A token is renewed so many seconds before its end: at most, and at least."""
YOUNG = 30.0
"""A token of so many seconds is not replaced while it can be used: another would be no better."""
NAP = 60.0
"""The renewal ahead sleeps so many seconds at most: the computer may sleep meanwhile, or the server correct the end."""
RETRY = (5.0, 300.0)
"""Seconds after which a renewal that failed is tried again: at first, and at most."""

REFUSED = "The server does not accept this sign-in."


class Times(Protocol):
    """The two clocks."""

    def now(self) -> float:
        """Seconds of a clock that only goes forward."""
        ...

    def unix(self) -> float:
        """The time of day, in seconds since 1970."""
        ...


_SOMEBODY_ELSE = "The server cannot check the sign-in just now."
"""A provider that answers with another account's tokens is not to be believed."""


class _Phase(Enum):
    """Where the session stands."""

    OPEN = auto()
    LEFT = auto()
    """Nobody wants its tokens any more."""
    ENDED = auto()
    """The provider gives no more."""


class TokenKeeper:
    """Holds the ID token in memory and the refresh token in the credential store.

    However many ask at once, one refresh is under way at a time, and all get its outcome. A refresh that has begun is
    finished even when nobody waits for it any more: its answer replaces the refresh token.

    Args:
        provider: issues the tokens.
        credentials: where the refresh token is kept.
        key: whose it is.
        refresh_token: the one to begin with.
        times: what tokens age by.
        random: a random number in [0, 1).
        kept: told after each attempt to keep a token whether it will outlast the program.
        ended: told when the provider ends the session, whoever asked it.
    """

    def __init__(
        self,
        provider: IdentityProvider,
        credentials: CredentialStore,
        key: CredentialKey,
        refresh_token: str,
        *,
        times: Times,
        random: Callable[[], float],
        kept: Callable[[bool], None],
        ended: Callable[[SessionEnded], None],
    ) -> None:
        self._provider = provider
        self._credentials = credentials
        self._key = key
        self._refresh_token = refresh_token
        self._times = times
        self._random = random
        self._kept = kept
        self._tell_ended = ended
        self._phase = _Phase.OPEN
        self._end = SessionEnded("Signed out.")
        self._stored = ""
        self._id_token = ""
        self._lifetime = 0.0
        self._ahead = 0.0
        self._born = (0.0, 0.0)
        self._in_place_of_a_refused_one = False
        self._failures = 0
        self._retry_at = 0.0
        self._refreshing: asyncio.Task[str] | None = None
        self._keeping: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        """Without the tokens."""
        return f"TokenKeeper({self._key!r})"

    # The ID token.

    def adopt(self, tokens: Tokens) -> None:
        """Tokens from a sign-in: the first ID token, so that none has to be fetched."""
        latest, earliest = AHEAD
        self._id_token = tokens.id_token
        self._refresh_token = tokens.refresh_token
        self._born = (self._times.now(), self._times.unix())
        self._lifetime = float(tokens.expires_in)
        self._ahead = earliest + (latest - earliest) * self._random()
        self._in_place_of_a_refused_one = False

    def lasts(self, token: str, seconds: float) -> None:
        """The server says that `token` is good for so many `seconds` yet."""
        if token == self._id_token:
            self._lifetime = self._age + max(0.0, seconds)

    async def token(self) -> str:
        """An ID token that is good for some time yet.

        One near its end is replaced, but good enough while no other can be had.

        Raises:
            SessionEnded: there will be none any more.
            IdentityUnavailable: there is none now.
        """
        if self._phase is _Phase.OPEN and self._usable and (self._fresh or self._times.now() < self._retry_at):
            return self._id_token
        try:
            return await self._refresh()
        except IdentityUnavailable:
            if self._usable:
                return self._id_token
            raise

    async def other_than(self, token: str) -> str:
        """An ID token that is not `token`: the server refused that one, or will soon. Raises as `token` does.

        When one that was fetched like this is refused at once as well, it is not replaced for a while.
        """
        if self._id_token and self._id_token != token:
            return await self.token()
        if self._in_place_of_a_refused_one and self._usable and self._age < YOUNG:
            raise IdentityUnavailable(REFUSED)
        other = await self._refresh()
        self._in_place_of_a_refused_one = True
        return other

    async def renew_ahead(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Renew the ID token well before its end, again and again, until the session is over."""
        while self._phase is _Phase.OPEN:
            seconds = self._until_renewal()
            if seconds > 0:
                await sleep(min(seconds, NAP))
                continue
            with suppress(IdentityUnavailable, SessionEnded):
                await self._refresh()

    @property
    def _age(self) -> float:
        """Seconds since the token came."""
        now, unix = self._born
        return max(self._times.now() - now, self._times.unix() - unix, 0.0)

    @property
    def _left(self) -> float:
        return self._lifetime - self._age if self._id_token else 0.0

    @property
    def _usable(self) -> bool:
        return self._left > min(USABLE, self._lifetime / 4)

    @property
    def _fresh(self) -> bool:
        return self._left > min(NEAR, self._lifetime / 2) or self._age < YOUNG

    def _until_renewal(self) -> float:
        """Seconds."""
        due = self._left - min(self._ahead, self._lifetime / 2)
        young = YOUNG - self._age if self._id_token else 0.0
        return max(due, young, self._retry_at - self._times.now())

    # The refresh token.

    async def keep(self) -> None:
        """Put the refresh token into the credential store."""
        if self._phase is not _Phase.OPEN:
            return
        token = self._refresh_token
        try:
            await self._credentials.save(self._key, token)
        except CredentialsUnavailable:
            lasting = False
        else:
            self._stored, lasting = token, self._credentials.lasting
        self._kept(lasting)

    def keep_soon(self) -> None:
        """The same, in the background."""
        # Nobody waits for a slow keyring: the token before is good until this one is used, about an hour from now.
        task = asyncio.create_task(self.keep())
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    # The end.

    def end(self) -> None:
        """Give out no more tokens, and put none into the credential store any more."""
        if self._phase is _Phase.OPEN:
            self._phase = _Phase.LEFT

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
        """End the session at the provider, with the last refresh token that it gave. Raises nothing."""
        self.end()
        # Only for a refresh, which brings the token to end: a keyring may hang for longer than there is time for this.
        while (refreshing := self._refreshing) is not None:
            await asyncio.wait({refreshing})
        if self._phase is _Phase.LEFT:
            with suppress(IdentityUnavailable):  # a session that is not used ends by itself
                await self._provider.sign_out(self._refresh_token)

    # One refresh at a time.

    async def _refresh(self) -> str:
        if self._phase is not _Phase.OPEN:
            raise self._end
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refreshed())
            self._refreshing.add_done_callback(self._refresh_done)
        return await asyncio.shield(self._refreshing)

    async def _refreshed(self) -> str:
        try:
            tokens = await self._own_tokens()
        except SessionEnded as ended:
            was_open = self._phase is _Phase.OPEN
            self._phase, self._end = _Phase.ENDED, ended
            if was_open:
                self._tell_ended(ended)
            raise
        except IdentityUnavailable:
            self._failures += 1
            self._retry_at = self._times.now() + self._pause()
            raise
        self._failures, self._retry_at = 0, 0.0
        self.adopt(tokens)
        # Always the one that came: the one before may be good only until this one is used. Whatever the credential
        # store did not take before is offered to it again.
        if tokens.refresh_token != self._stored:
            self.keep_soon()
        return self._id_token

    async def _own_tokens(self) -> Tokens:
        tokens = await self._provider.refresh(self._refresh_token)
        if tokens.uid != self._key.uid:
            raise IdentityUnavailable(_SOMEBODY_ELSE)
        return tokens

    def _refresh_done(self, task: asyncio.Task[str]) -> None:
        self._refreshing = None
        if not task.cancelled():
            task.exception()  # looked at: nobody may be waiting any more

    def _pause(self) -> float:
        """Seconds until the next attempt: growing, and no two computers' alike."""
        first, longest = RETRY
        return min(longest, first * 2.0 ** min(self._failures - 1, 16)) * (0.5 + self._random() / 2)
