"""kill -9 and silence in the middle of appends: what was acknowledged is there once, what was not can be repeated."""

import asyncio
import itertools
from pathlib import Path

import pytest

from salebell_server.log import Appended, Draft, Known, LogUnavailable, SaleLog
from salebell_server.log.redis.sale_log import RedisSaleLog
from tests.redis_server import RedisServer, redis_binary, redis_server, valkey_binary
from tests.server.log.redis.stage import check, writable
from tests.server.log.shop import created
from tests.server.log.stand import Time, all_entries

PRODUCERS = 16
BEFORE = 400
"""Events that are acknowledged before the server goes."""


class Producers:
    """Append one sale after the other each, until the log is away."""

    def __init__(self, log: SaleLog) -> None:
        self._log = log
        self.acknowledged: dict[str, int] = {}
        self.unknown: list[Draft] = []
        self.many = asyncio.Event()

    async def run(self) -> None:
        await asyncio.gather(*(self._produce(n) for n in range(PRODUCERS)))

    async def _produce(self, producer: int) -> None:
        for number in itertools.count():
            draft = created(f"p{producer}-{number}")
            try:
                outcome = await self._log.append(draft)
            except LogUnavailable:
                self.unknown.append(draft)
                return
            assert isinstance(outcome, Appended)
            self.acknowledged[draft.event_id] = outcome.offset
            if len(self.acknowledged) > BEFORE:
                self.many.set()


async def repeat(log: SaleLog, producers: Producers) -> None:
    """Append again whatever has an unknown outcome, as a producer would."""
    for draft in producers.unknown:
        outcome = await log.append(draft)
        assert isinstance(outcome, Appended | Known)
        producers.acknowledged[draft.event_id] = outcome.offset


@pytest.mark.parametrize("kind", ["redis", "valkey"])
async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, kind: str) -> None:
    program = redis_binary() if kind == "redis" else valkey_binary()
    with redis_server(tmp_path / kind, program=program) as server:
        async with RedisSaleLog(server.address, Time().clock) as log:
            for _ in range(3):
                await killed_in_the_middle(server, log)


async def killed_in_the_middle(server: RedisServer, log: SaleLog) -> None:
    server.command("FLUSHALL")
    producers = Producers(log)
    running = asyncio.create_task(producers.run())
    await producers.many.wait()
    server.kill()
    await running
    assert len(producers.unknown) == PRODUCERS
    server.start()
    await writable(log)
    entries = await all_entries(log)
    check(entries, producers.acknowledged)
    assert {entry.event_id for entry in entries} - producers.acknowledged.keys() <= {
        draft.event_id for draft in producers.unknown
    }
    await repeat(log, producers)
    entries = await all_entries(log)
    check(entries, producers.acknowledged)
    assert len(entries) == len(producers.acknowledged)


async def test_what_was_under_way_when_it_froze_is_there_once_after_all(server: RedisServer, log: RedisSaleLog) -> None:
    producers = Producers(log)
    running = asyncio.create_task(producers.run())
    await producers.many.wait()
    server.freeze()
    async with asyncio.timeout(10):
        await running
    server.thaw()
    await writable(log)
    await repeat(log, producers)
    entries = await all_entries(log)
    check(entries, producers.acknowledged)
    assert len(entries) == len(producers.acknowledged)


async def test_a_restart_between_two_appends_is_not_noticed(server: RedisServer, log: RedisSaleLog) -> None:
    for number in range(1, 4):
        assert await log.append(created(f"s{number}")) == Appended(number)
        assert (await log.position("main")).offset == number
        server.stop()
        server.start()
