"""Counts of failures under test, wherever they are kept, with time in the test's hands."""

import itertools
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from limits import RateLimitItem

from salebell_server.auth.counting import PER_ACCOUNT, PER_ADDRESS, FailureCounts
from salebell_server.auth.rate import FailureLimit
from salebell_server.auth.windows import MemoryWindows
from salebell_server.log.redis.windows import RedisWindows
from tests.redis_server import RedisServer
from tests.server.auth.stand import Time
from tests.server.log.stand import servers


class Counters(FailureLimit):
    """Servers that count, and take turns: of those who ask and then fail, and of those who only do one of it.

    Args:
        counts: of the servers.
        passes: lets seconds pass.
    """

    def __init__(self, counts: list[FailureCounts], passes: Callable[[float], None]) -> None:
        self._next = itertools.cycle([*counts, *reversed(counts)])
        self.passes = passes

    async def retry_after(self, address: str, subject: str = "") -> int:
        return await next(self._next).retry_after(address, subject)

    async def failed(self, address: str, subject: str = "") -> int:
        return await next(self._next).failed(address, subject)

    async def fails(self, times: int, address: str, subject: str = "") -> None:
        """Fail so often, without ever having to wait."""
        for _ in range(times):
            assert await self.retry_after(address, subject) == 0
            assert await self.failed(address, subject) == 0


def keys(server: RedisServer) -> list[str]:
    """What the counts have in a Redis."""
    answer = server.command("KEYS", "salebell:failures:*").split(b"\r\n")
    return [line.decode() for line in answer if line.startswith(b"salebell:")]


def expires_in(server: RedisServer, key: str) -> int:
    """Milliseconds; -1 for what never does."""
    return int(server.command("PTTL", key)[1:])


def let_pass(server: RedisServer, seconds: float) -> None:
    """Bring all that expires so much nearer to it: only by that the counts in a Redis tell the time."""
    for key in keys(server):
        server.command("PEXPIRE", key, str(expires_in(server, key) - int(seconds * 1000)))


class Absent(MemoryWindows):
    """A storage that cannot be reached."""

    def __init__(self) -> None:
        super().__init__(lambda: 0.0, 1)
        self.asked = 0

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        self.asked += 1
        raise ConnectionError("nobody listens there")

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        self.asked += 1
        raise ConnectionError("nobody listens there")


PATIENCE_SECONDS = 10.0
"""How long a Redis may take that is there: tests are not about how busy the machine is."""

KINDS = ("alone", "away", "redis", "valkey")


@asynccontextmanager
async def counting(
    kind: str, *, per_address: RateLimitItem = PER_ADDRESS, per_account: RateLimitItem = PER_ACCOUNT
) -> AsyncGenerator[Counters, None]:
    """Counters: of a server that is "alone", of one whose Redis is "away", or of two with one Redis of that name."""
    time = Time()
    if kind in ("alone", "away"):
        shared = Absent() if kind == "away" else None
        counts = FailureCounts(time.monotonic, shared=shared, per_address=per_address, per_account=per_account)
        yield Counters([counts], lambda seconds: time.passes(seconds=seconds))
        return
    server = servers.get(kind)
    server.command("FLUSHALL")

    def passes(seconds: float) -> None:
        time.passes(seconds=seconds)
        let_pass(server, seconds)

    storages = [RedisWindows(server.address, PATIENCE_SECONDS) for _ in range(2)]
    try:
        yield Counters(
            [
                FailureCounts(time.monotonic, shared=storage, per_address=per_address, per_account=per_account)
                for storage in storages
            ],
            passes,
        )
    finally:
        for storage in storages:
            await storage.close()
