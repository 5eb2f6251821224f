"""A Redis that is there and does not do what it should: told as such, nothing half done, and over when it is over."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from salebell_server.log import Appended, Counted, Retention, SalesQuery
from salebell_server.log.redis.errors import Cause, RedisUnavailable
from salebell_server.log.redis.keyspace import StoreKeys
from salebell_server.log.redis.sale_log import RedisSaleLog
from tests.redis_server import RedisServer, free_port, redis_server
from tests.server.log.redis.stage import writable
from tests.server.log.shop import NOON, created
from tests.server.log.stand import Time, all_entries, append_all

Command = Callable[[], Awaitable[object]]


def commands(log: RedisSaleLog, epoch: str) -> dict[str, Command]:
    """Everything that a log can be asked for."""
    return {
        "append": lambda: log.append(created("new")),
        "see": lambda: log.see("main", "ana", epoch, 1),
        "check": log.check,
        "lookup": lambda: log.lookup("main", "a", "created:a"),
        "position": lambda: log.position("main"),
        "open": lambda: log.open("main", "ana", None),
        "entries": lambda: log.entries("main", epoch, 0, 10),
        "unread": lambda: log.unread("main", "ana"),
        "sales": lambda: log.sales(SalesQuery(store="main"), "ana"),
        "sale": lambda: log.sale("main", "a"),
        "history": lambda: log.history("main", "a"),
        "figures": lambda: log.figures("main", NOON),
        "stores": log.stores,
        "trim": lambda: log.trim(Retention(), NOON),
    }


WRITES = {"append", "see", "check"}


async def causes(log: RedisSaleLog, epoch: str) -> dict[str, Cause]:
    """Of those commands that fail."""
    found: dict[str, Cause] = {}
    for name, command in commands(log, epoch).items():
        try:
            await command()
        except RedisUnavailable as error:
            found[name] = error.cause
    return found


@pytest.fixture
async def epoch(log: RedisSaleLog) -> str:
    """Of a log with one event, at which ana has looked."""
    await append_all(log, created("a"))
    await log.open("main", "ana", None)
    return (await log.position("main")).epoch


async def nothing_happened(log: RedisSaleLog) -> None:
    """The log is as it was, and goes on."""
    assert [entry.event_id for entry in await all_entries(log)] == ["created:a"]
    assert await log.unread("main", "ana") == Counted(0, 1, 1)
    assert await log.append(created("new")) == Appended(2)
    assert await log.unread("main", "ana") == Counted(1, 1, 2)


async def test_a_full_one_can_be_read(server: RedisServer, log: RedisSaleLog, epoch: str) -> None:
    server.command("CONFIG", "SET", "maxmemory", "1")
    assert await causes(log, epoch) == dict.fromkeys(WRITES, Cause.FULL)
    server.command("CONFIG", "SET", "maxmemory", "0")
    await nothing_happened(log)


async def test_a_replica_can_be_read(server: RedisServer, log: RedisSaleLog, epoch: str) -> None:
    server.command("REPLICAOF", "127.0.0.1", str(free_port()))
    assert await causes(log, epoch) == dict.fromkeys(WRITES, Cause.READ_ONLY)
    server.command("REPLICAOF", "NO", "ONE")
    await nothing_happened(log)


async def test_a_silent_one_fails_everything(server: RedisServer, log: RedisSaleLog, epoch: str) -> None:
    server.freeze()
    everything = commands(log, epoch)
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(command() for command in everything.values()), return_exceptions=True)
    assert {getattr(answer, "cause", None) for answer in answers} == {Cause.SILENT}
    server.thaw()
    await writable(log)
    assert len(await all_entries(log)) in (1, 2)  # the append may have been carried out
    await log.append(created("new"))
    assert [entry.event_id for entry in await all_entries(log)] == ["created:a", "created:new"]


async def test_a_stopped_one_fails_everything(server: RedisServer, log: RedisSaleLog, epoch: str) -> None:
    server.stop()
    everything = commands(log, epoch)
    assert await causes(log, epoch) == dict.fromkeys(everything, Cause.UNREACHABLE)
    server.start()
    await nothing_happened(log)


async def test_one_that_loads_its_data_is_awaited(tmp_path: Path) -> None:
    with redis_server(tmp_path / "valkey") as server:
        async with RedisSaleLog(server.address, Time().clock) as log:
            await asyncio.gather(*(log.append(created(f"s{number}")) for number in range(500)))
            server.stop()
            server.settings["key-load-delay"] = "200"  # µs for each command in the file
            server.start(loaded=False)
            with pytest.raises(RedisUnavailable) as caught:
                await log.check()
            assert caught.value.cause is Cause.LOADING
            await writable(log)
            assert len(await all_entries(log)) == 500


@pytest.mark.parametrize("name", StoreKeys.__struct_fields__)
async def test_a_key_of_another_program_is_told(server: RedisServer, log: RedisSaleLog, epoch: str, name: str) -> None:
    """Nothing is half done, and the stores that have none of it go on."""
    key = f"salebell:{{main}}:{name}"
    server.command("RENAME", key, "kept")
    server.command("SET", key, "x")
    found = await causes(log, epoch)
    assert found
    assert set(found.values()) == {Cause.FOREIGN}
    assert await log.append(created("b", store="other")) == Appended(1)
    server.command("RENAME", "kept", key)
    if "append" in found:
        await nothing_happened(log)
    else:
        assert [entry.event_id for entry in await all_entries(log)] == ["created:a", "created:new"]
        assert await log.unread("main", "ana") == Counted(1, 1, 2)


async def test_forgotten_scripts_are_sent_again(server: RedisServer, log: RedisSaleLog, epoch: str) -> None:
    for number in range(1, 40):
        server.command("SCRIPT", "FLUSH")
        appends = (log.append(created(f"s{number}-{n}")) for n in range(5))
        assert all(isinstance(outcome, Appended) for outcome in await asyncio.gather(*appends))
    server.command("SCRIPT", "FLUSH")
    assert await causes(log, epoch) == {}
