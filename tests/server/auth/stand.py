"""Local sign-in on a real database, with time in the test's hands and cheap hashes."""

import hashlib
import threading
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from salebell_protocol.http import Tokens
from salebell_server.auth.counting import FailureCounts
from salebell_server.auth.local.administration import LocalAdministration
from salebell_server.auth.local.id_tokens import IdTokens
from salebell_server.auth.local.passwords import Passwords
from salebell_server.auth.local.service import LocalSignIn
from salebell_server.auth.local.verifier import LocalVerifier
from salebell_server.log.accounts import Account
from salebell_server.log.sqlite.accounts import SqliteAccountStore
from salebell_server.log.sqlite.database import Database

EMAIL = "Ana@Example.com"
PASSWORD = "correct horse"
HOME = "192.0.2.7"


class Time:
    """One time for all clocks: the wall's and the monotonic one."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC)
        self._monotonic = 1000.0

    def clock(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def unix(self) -> int:
        return int(self._now.timestamp())

    def passes(self, **units: float) -> None:
        passed = timedelta(**units)
        self._now += passed
        self._monotonic += passed.total_seconds()

    def wall_is_set_back(self, **units: float) -> None:
        self._now -= timedelta(**units)


class Draws:
    """Random bytes that are the same in every run, and never twice the same in one."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, size: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_128(self._drawn.to_bytes(8, "big")).digest(size)


class Hasher(PasswordHasher):
    """Real argon2id with cheap parameters; notes which hashes were checked."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.checked: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002 - its name there
        self.checked.append(hash if isinstance(hash, str) else hash.decode())
        return super().verify(hash, password)


class HeldHasher(Hasher):
    """Hashes or checks a password, and then waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.held = threading.Event()
        self.go = threading.Event()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        try:
            return super().hash(password, salt=salt)
        finally:
            self._hold()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002 - its name there
        try:
            return super().verify(hash, password)
        finally:
            self._hold()

    def _hold(self) -> None:
        self.held.set()
        assert self.go.wait(30)


class Stand:
    """A server's sign-in, put together as the composition root does it."""

    def __init__(self, database: Database, time: Time) -> None:
        self.database = database
        self.time = time
        self.draws = Draws()
        self.hasher = Hasher()
        self.store = SqliteAccountStore(database)
        self.passwords = Passwords(self.hasher, at_once=2, waiting=8)
        self.id_tokens = IdTokens(self.store, time.clock, self.draws)
        self.failures = FailureCounts(time.monotonic)
        self.administration = LocalAdministration(self.store, self.passwords, clock=time.clock, random=self.draws)
        self.service = self.service_with(self.passwords)
        self.verifier = LocalVerifier(self.store, self.id_tokens, clock=time.clock, monotonic=time.monotonic)

    def service_with(self, passwords: Passwords) -> LocalSignIn:
        return LocalSignIn(
            self.store,
            passwords=passwords,
            id_tokens=self.id_tokens,
            failures=self.failures,
            clock=self.time.clock,
            random=self.draws,
        )

    async def add(self, email: str = EMAIL, stores: Collection[str] | None = None) -> Account:
        return await self.administration.add(email, "Ana", PASSWORD, stores)

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD, address: str = HOME) -> Tokens:
        return await self.service.sign_in(email, password, address)

    async def refresh(self, refresh_token: str, address: str = HOME) -> Tokens:
        return await self.service.refresh(refresh_token, address)


@asynccontextmanager
async def standing(directory: Path) -> AsyncGenerator[Stand, None]:
    """A stand on a database in `directory`."""
    async with Database(directory, serve=True) as database:
        stand = Stand(database, Time())
        with closing(stand.passwords):
            yield stand
