"""An identity provider to play with."""

import asyncio
from collections.abc import Callable

import pytest

from salebell_desktop.credentials import CredentialKey, CredentialStore
from salebell_desktop.identity import Means
from salebell_desktop.identity.errors import IdentityError
from salebell_desktop.identity.keeper import TokenKeeper
from salebell_protocol.http import Provider, Tokens


class Issuer:
    """An `IdentityProvider` that rotates refresh tokens as the server does, and can be told to fail.

    Attributes:
        failure: raised by every call until it is None again.
        gate: a refresh waits for it.
        rotates: whether each refresh gives another refresh token.
    """

    def __init__(self) -> None:
        self.refreshed: list[str] = []
        self.signed_out: list[str] = []
        self.resets: list[str] = []
        self.uid = "u1"
        self.expires_in = 3600
        self.rotates = True
        self.failure: IdentityError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def kind(self) -> Provider:
        return Provider.LOCAL

    @property
    def means(self) -> frozenset[Means]:
        return frozenset(Means)

    def tokens(self, number: int) -> Tokens:
        return Tokens(
            id_token=f"id-{number}", refresh_token=f"refresh-{number if self.rotates else 0}",
            expires_in=self.expires_in, uid=self.uid, email="ana@example.com", name="Ana",
        )  # fmt: skip

    async def sign_in(self, email: str, password: str) -> Tokens:
        return self.tokens(0)

    async def sign_in_with_google(self) -> Tokens:
        return self.tokens(0)

    async def reset_password(self, email: str) -> None:
        self.resets.append(email)

    async def refresh(self, refresh_token: str) -> Tokens:
        self.refreshed.append(refresh_token)
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return self.tokens(len(self.refreshed))

    async def sign_out(self, refresh_token: str) -> None:
        self.signed_out.append(refresh_token)
        if self.failure is not None:
            raise self.failure


class Keyring:
    """A `CredentialStore` that can be told to fail."""

    def __init__(self) -> None:
        self.tokens: dict[object, str] = {}
        self.saved = 0
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def lasting(self) -> bool:
        return True

    async def _use(self) -> None:
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure

    async def load(self, key: object) -> str | None:
        await self._use()
        return self.tokens.get(key)

    async def save(self, key: object, refresh_token: str) -> None:
        await self._use()
        self.saved += 1
        self.tokens[key] = refresh_token

    async def forget(self, key: object) -> None:
        await self._use()
        self.tokens.pop(key, None)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def ring() -> Keyring:
    return Keyring()


class Time:
    """Both clocks, and a sleep in which the time passes at once, until it is to stop.

    Attributes:
        slept: how long each sleep was.
        jitter: the random number.
    """

    def __init__(self) -> None:
        self.steady = 500.0
        self.of_day = 1_000_000.0
        self.slept: list[float] = []
        self.jitter = 0.5
        self._stop: Callable[[], object] = lambda: False
        self._stopped = asyncio.Event()

    def now(self) -> float:
        return self.steady

    def unix(self) -> float:
        return self.of_day

    def pass_by(self, seconds: float) -> None:
        self.steady += seconds
        self.of_day += seconds

    @property
    def slept_seconds(self) -> float:
        return sum(self.slept)

    def stop_when(self, condition: Callable[[], object]) -> None:
        """Let the next sleep that finds `condition` true last for ever."""
        self._stop = condition

    def stop_after(self, sleeps: int) -> None:
        """The same, after so many sleeps."""
        self._stop = lambda: len(self.slept) >= sleeps

    async def sleep(self, seconds: float) -> None:
        if self._stop():
            self._stopped.set()
            await asyncio.Event().wait()
        self.slept.append(seconds)
        self.pass_by(seconds)
        await asyncio.sleep(0)

    async def run(self, keeper: TokenKeeper) -> None:
        """Renew ahead until the time stops."""
        self._stopped.clear()
        renewing = asyncio.create_task(keeper.renew_ahead(self.sleep))
        async with asyncio.timeout(10):
            await self._stopped.wait()
        renewing.cancel()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def kept() -> list[bool]:
    """Whether tokens were kept for good."""
    return []


@pytest.fixture
def ended() -> list[str]:
    """Why the session ended."""
    return []


@pytest.fixture
def make(issuer: Issuer, time: Time, kept: list[bool], ended: list[str]) -> Callable[[CredentialStore], TokenKeeper]:
    """Makes keepers of Ana's tokens."""

    def keeper(credentials: CredentialStore) -> TokenKeeper:
        return TokenKeeper(
            issuer, credentials, CredentialKey("wss://api.example.com", "u1"), "refresh-0", times=time,
            random=lambda: time.jitter, kept=kept.append, ended=lambda end: ended.append(str(end)),
        )  # fmt: skip

    return keeper


@pytest.fixture
def keeper(make: Callable[[CredentialStore], TokenKeeper], ring: Keyring) -> TokenKeeper:
    return make(ring)
