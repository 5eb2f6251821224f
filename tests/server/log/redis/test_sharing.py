"""Many servers on one database."""

import asyncio
import random
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from msgspec.structs import replace

from salebell_server.log import Appended, Known, LogDiverged, Retention, SalesQuery, Stale
from salebell_server.log.redis.appending import Appender
from salebell_server.log.redis.client import connect
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.sale_log import RedisSaleLog
from tests.redis_server import RedisServer
from tests.server.log.redis.stage import LossyClient, check
from tests.server.log.shop import NOON, changed, created, digest
from tests.server.log.stand import HeardFromRedis, Time, all_entries, append_all


@pytest_asyncio.fixture
async def logs(server: RedisServer) -> AsyncGenerator[list[RedisSaleLog], None]:
    """What three servers have open at once."""
    opened = [RedisSaleLog(server.address, Time().clock) for _ in range(3)]
    yield opened
    await asyncio.gather(*(log.close() for log in opened))


async def test_they_give_one_dense_row_of_offsets(logs: list[RedisSaleLog]) -> None:
    acknowledged: dict[str, int] = {}

    async def produce(producer: int) -> None:
        chance = random.Random(producer)
        for number in range(30):
            draft = created(f"p{producer}-{number}")
            for _ in range(chance.choice((1, 1, 3))):  # the same producer comes to several servers
                outcome = await chance.choice(logs).append(draft)
                assert isinstance(outcome, Appended | Known)
                assert acknowledged.setdefault(draft.event_id, outcome.offset) == outcome.offset

    await asyncio.gather(*(produce(producer) for producer in range(24)))
    for log in logs:
        entries = await all_entries(log)
        check(entries, acknowledged)
        assert len(entries) == len(acknowledged)


async def test_of_many_that_change_a_sale_at_once_one_wins(logs: list[RedisSaleLog]) -> None:
    await append_all(logs[0], created("a"))
    edits = [log.append(changed("a", f"edit{n}-{m}", 1)) for n, log in enumerate(logs) for m in range(5)]
    outcomes = await asyncio.gather(*edits)
    assert outcomes.count(Stale()) == len(outcomes) - 1
    assert outcomes.count(Appended(2)) == 1


async def test_they_begin_a_store_with_one_epoch(logs: list[RedisSaleLog]) -> None:
    positions = await asyncio.gather(*(log.position("main") for log in logs for _ in range(10)))
    assert len(set(positions)) == 1


async def test_what_one_does_all_see_and_hear(server: RedisServer, logs: list[RedisSaleLog]) -> None:
    async with HeardFromRedis.listening(server.address, ["main"]) as heard:
        await append_all(logs[0], created("a"))
        await logs[1].open("main", "ana", None)
        await append_all(logs[2], created("b"))
        assert (await logs[0].unread("main", "ana")).count == 1
        await logs[0].see("main", "ana", (await logs[1].position("main")).epoch, 2)
        assert (await logs[1].unread("main", "ana")).count == 0
        await heard.caught_up()
        assert heard.entries() == await all_entries(logs[2])
        assert [(store, admin, counted.seen) for store, admin, counted in heard.counts] == [("main", "ana", 2)]


async def test_they_may_trim_at_once(server: RedisServer, logs: list[RedisSaleLog]) -> None:
    await asyncio.gather(*(logs[0].append(created(f"s{number}")) for number in range(700)))
    kept = Retention(events_per_store=50)
    await asyncio.gather(*(log.trim(kept, NOON) for log in logs))
    epoch = (await logs[0].position("main")).epoch
    assert [entry.offset for entry in await logs[0].entries("main", epoch, 650, 100)] == list(range(651, 701))
    with pytest.raises(LogDiverged):
        await logs[0].entries("main", epoch, 649, 1)
    await asyncio.gather(*(log.trim(Retention(event_days=-1, sale_days=-1), NOON) for log in logs))
    assert (await logs[0].sales(SalesQuery(store="main"), "ana")).sales == ()
    assert server.command("XLEN", "salebell:{main}:log") == b":0\r\n"
    for name in ("ids", "sales", "created", "latest", "touched"):
        assert server.command("EXISTS", f"salebell:{{main}}:{name}") == b":0\r\n"


async def test_an_emptied_database_begins_anew(server: RedisServer, logs: list[RedisSaleLog]) -> None:
    """Whoever has it open: with another epoch, and every store that gets an event is listed again."""
    for store in ("main", "shoes"):
        await append_all(logs[0], created("a", store=store), created("b", store=store))
    before = await logs[0].position("shoes")
    server.command("FLUSHALL")
    assert await logs[0].stores() == ("main",)
    assert await append_all(logs[0], created("a", store="shoes")) == [1]
    assert (await logs[1].position("shoes")).epoch != before.epoch
    assert await logs[1].stores() == ("main", "shoes")


async def test_an_append_that_was_carried_out_when_its_answer_got_lost_is_no_duplicate(server: RedisServer) -> None:
    client = LossyClient(connect(server.address, connections=1))
    lane = Lane(client)
    appender = Appender(lane, db=0)
    await appender.append(created("a"), NOON, "epoch")
    await appender.append(created("b"), NOON, "epoch")
    client.breaks = 1
    again = replace(created("b"), digest=digest("another request"))
    outcomes = await asyncio.gather(*(appender.append(draft, NOON, "epoch") for draft in (created("c"), again)))
    assert outcomes == [Appended(3), Known("created:b", 2, digest("created:b"))]
    assert await appender.append(created("c"), NOON, "epoch") == Known("created:c", 3, digest("created:c"))
    await lane.close()
