"""How failures are counted: in bounded memory, telling nobody about whom, with other servers if that is possible."""

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItemPerHour
from structlog.testing import capture_logs
from structlog.typing import EventDict

from salebell_server.auth.counting import SHARED, FailureCounts
from salebell_server.auth.rate import BURST
from salebell_server.auth.sharing import RETRY_SECONDS
from salebell_server.log.redis.windows import RedisWindows
from tests.redis_server import RedisServer, redis_server
from tests.server.auth.counters import PATIENCE_SECONDS, Absent, expires_in, keys, let_pass
from tests.server.auth.stand import Time
from tests.server.log.redis.stage import awake

HERE, ELSEWHERE = "192.0.2.7", "192.0.2.8"
SECRETIVE = "ana@example.com"


async def fails(counts: FailureCounts, times: int, address: str = HERE, subject: str = "") -> int:
    """Fail so often; how many of them were noted."""
    return sum([not await counts.failed(address, subject) for _ in range(times)])


@given(st.lists(st.floats(0, 60), max_size=200))
async def test_thirty_failures_in_any_minute_are_never_told_to_wait(pauses: list[float]) -> None:
    time, recent = Time(), list[float]()
    counts = FailureCounts(time.monotonic)
    for pause in pauses:
        time.passes(seconds=pause)
        now = time.monotonic()
        recent = [at for at in recent if now - at < 60]
        for _ in range(BURST // 2 - len(recent)):
            assert await counts.failed(HERE) == 0
            recent.append(now)


async def test_a_flood_of_addresses_and_accounts_takes_no_more_memory() -> None:
    counts = FailureCounts(Time().monotonic, tracked=100)
    tracemalloc.start()
    try:
        for number in range(10_000):
            address, account = f"2001:db8:{number:x}::1", f"guess {number}" * 100
            assert await counts.retry_after(address, account) == 0
            assert await counts.failed(address, account) == 0
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 2_000_000  # of each, no 100 bytes are left


async def test_what_cannot_be_reached_is_not_asked_each_time() -> None:
    time, absent = Time(), Absent()
    counts = FailureCounts(time.monotonic, shared=absent)
    for _ in range(10):
        await counts.retry_after(HERE, "ana")
        await counts.failed(HERE, "ana")
    assert absent.asked == 1
    time.passes(seconds=RETRY_SECONDS)
    await counts.failed(HERE, "ana")
    await counts.failed(HERE, "ana")
    assert absent.asked == 2


async def test_what_is_beyond_the_limit_here_asks_nobody_else() -> None:
    absent = Absent()
    time = Time()
    counts = FailureCounts(time.monotonic, shared=absent)
    await fails(counts, BURST)
    time.passes(seconds=RETRY_SECONDS)
    asked = absent.asked
    for _ in range(100):
        assert await counts.failed(HERE) > 0
        assert await counts.retry_after(HERE) > 0
    assert absent.asked == asked


class Town:
    """Two servers that count together, and their Redis."""

    def __init__(self, redis: RedisServer, storages: tuple[RedisWindows, RedisWindows], told: list[EventDict]) -> None:
        self.redis = redis
        self.told = told
        self.time = Time()
        self.storages = storages
        self.north, self.south = (FailureCounts(self.time.monotonic, shared=storage) for storage in storages)

    def changes(self) -> list[str]:
        """What was told, by its level."""
        return [entry["log_level"] for entry in self.told]

    def passes(self, seconds: float) -> None:
        self.time.passes(seconds=seconds)
        let_pass(self.redis, seconds)


@asynccontextmanager
async def town(redis: RedisServer, *, patience: float = PATIENCE_SECONDS) -> AsyncGenerator[Town, None]:
    storages = RedisWindows(redis.address, patience), RedisWindows(redis.address, patience)
    try:
        with capture_logs() as told:
            yield Town(redis, storages, told)
    finally:
        for storage in storages:
            await storage.close()


@pytest.fixture
def redis(tmp_path: Path) -> Generator[RedisServer, None, None]:
    with redis_server(tmp_path / "valkey") as started:
        yield started


class TestTogether:
    async def test_servers_share_their_counts(self, redis: RedisServer) -> None:
        async with town(redis) as both:
            assert await fails(both.north, 40, HERE, "ana") == 40
            assert await fails(both.south, 40, HERE, "ana") == 20
            assert await both.north.retry_after(HERE) > 0
            assert await both.south.retry_after(HERE, "eva") > 0
            assert await both.south.retry_after(ELSEWHERE, "ana") == 0
            both.passes(61)
            assert await both.south.retry_after(HERE) == 0
            assert await both.north.retry_after(HERE, "ana") > 3000
            assert both.told == []

    async def test_at_once_they_note_no_more_than_one_would(self, redis: RedisServer) -> None:
        async with town(redis) as both:
            answers = await asyncio.gather(
                *(each.failed(HERE) for _ in range(100) for each in (both.north, both.south))
            )
            assert answers.count(0) == BURST

    async def test_a_server_that_is_started_again_knows(self, redis: RedisServer) -> None:
        async with town(redis) as both:
            await fails(both.north, BURST)
            assert await FailureCounts(both.time.monotonic, shared=both.storages[1]).failed(HERE) > 0

    async def test_what_is_kept_is_gone_by_itself_and_tells_nothing(self, redis: RedisServer) -> None:
        async with town(redis) as both:
            await fails(both.north, 5, HERE, SECRETIVE)
            both.passes(65)
            await fails(both.south, 5, HERE, SECRETIVE)
            found = keys(redis)
            assert len(found) == 3  # the address twice, for its previous window
            assert all(0 < expires_in(redis, key) <= 7_200_000 for key in found)
            for secret in (HERE, "192", SECRETIVE, "ana"):
                assert secret not in " ".join(found)
            both.passes(7200)
            assert keys(redis) == []

    async def test_a_flood_does_not_fill_it(self, redis: RedisServer) -> None:
        async with town(redis) as both:
            for number in range(SHARED.amount + 200):
                assert await both.north.failed(f"2001:db8:{number:x}::1") == 0
            assert len(keys(redis)) == SHARED.amount
            assert all(expires_in(redis, key) > 0 for key in keys(redis))
            # Who comes to this server is counted there all the same.
            assert await fails(both.north, BURST + 10) == BURST
            both.passes(121)
            assert keys(redis) == []
            await fails(both.north, 40)
            assert await fails(both.south, 40) == 20


class TestAway:
    async def test_killed_and_back(self, redis: RedisServer) -> None:
        async with town(redis) as both:
            await fails(both.north, 20)
            await fails(both.south, 20)
            redis.kill()
            assert await fails(both.north, BURST) == BURST - 20  # it still knows its own
            assert await both.north.retry_after(HERE) > 0
            assert await fails(both.south, 10, ELSEWHERE, "ana") == 10
            assert await both.south.retry_after(HERE) == 0
            assert both.changes() == ["warning", "warning"]
            redis.start()
            both.passes(RETRY_SECONDS)
            assert await fails(both.south, BURST) == BURST - 40  # those of before are counted by Redis
            await fails(both.north, 50, ELSEWHERE, "ana")
            assert await fails(both.south, 20, ELSEWHERE) == 10  # its ten of meanwhile are not counted twice
            assert both.changes() == ["warning", "warning", "info", "info"]

    async def test_frozen_and_back(self, redis: RedisServer) -> None:
        async with town(redis, patience=0.5) as both:
            await fails(both.north, 20)
            redis.freeze()
            answers = await asyncio.gather(*(both.north.failed(HERE) for _ in range(200)))
            assert answers.count(0) == BURST - 20
            assert await both.south.retry_after(HERE, "ana") == 0
            assert [entry["reason"] for entry in both.told] == ["Redis does not answer in time"] * 2
            redis.thaw()
            await awake(redis)
            both.passes(RETRY_SECONDS)
            assert await both.south.failed(ELSEWHERE) == 0
            assert await both.north.retry_after(ELSEWHERE) == 0
            assert both.changes() == ["warning", "warning", "info", "info"]

    async def test_full_and_roomy_again(self, redis: RedisServer) -> None:
        async with town(redis) as both:
            redis.command("CONFIG", "SET", "maxmemory", "1")
            assert await fails(both.north, BURST + 5) == BURST
            assert [entry["reason"] for entry in both.told if "maxmemory" in entry["reason"]]
            redis.command("CONFIG", "SET", "maxmemory", "0")
            both.passes(RETRY_SECONDS)
            await fails(both.north, 1, ELSEWHERE)
            assert both.changes() == ["warning", "info"]
            assert len(keys(redis)) == 1

    async def test_forgetful(self, redis: RedisServer) -> None:
        """Its keys and its scripts are gone; nobody who knows better lets the client go on."""
        async with town(redis) as both:
            await fails(both.north, BURST)
            redis.command("FLUSHALL")
            redis.command("SCRIPT", "FLUSH")
            assert await both.north.failed(HERE) > 0
            assert await both.south.failed(HERE) == 0
            assert both.told == []

    async def test_away_from_the_start(self, tmp_path: Path) -> None:
        redis = RedisServer(tmp_path / "valkey")
        async with town(redis) as both:
            assert await both.north.retry_after(HERE, "ana") == 0
            assert await fails(both.north, BURST + 5, HERE, "ana") == BURST
            assert both.changes() == ["warning"]

    async def test_an_account_goes_on_being_counted(self, redis: RedisServer) -> None:
        async with town(redis) as both:
            counts = FailureCounts(both.time.monotonic, shared=both.storages[0], per_account=RateLimitItemPerHour(10))
            await fails(counts, 6, HERE, "ana")
            redis.kill()
            assert await fails(counts, 10, HERE, "ana") == 4
            assert await counts.retry_after(HERE) == 0
