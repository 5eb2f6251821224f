"""Which keys there are, and who touches them."""

import asyncio
import re
import socket
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from salebell_server.log import Appended, Retention, SalesQuery
from salebell_server.log.instants import to_micros
from salebell_server.log.redis.keyspace import STORES, created_at_of, place_of, store_keys
from salebell_server.log.redis.sale_log import RedisSaleLog
from tests.redis_server import RedisServer, free_port, redis_server
from tests.server.log.shop import NOON, changed, created, paid
from tests.server.log.stand import Time, append_all

WORD = re.compile(rb'"((?:[^"\\\\]|\\\\.)*)"')
"""One argument of a command, as MONITOR quotes it."""


async def everything(log: RedisSaleLog) -> None:
    """Every script, on every path that touches a key."""
    await append_all(log, created("a"), paid("a", 1), created("b", store="other"))
    await append_all(log, changed("a", "moved", 2, created_at=NOON - timedelta(days=1)))
    assert not isinstance(await log.append(created("a")), Appended)
    position = await log.position("main")
    for admin in ("ana", "eva"):
        await log.open("main", admin, position)
        await log.see("main", admin, position.epoch, 1)
        await log.unread("main", admin)
    await log.lookup("main", "a", "created:a")
    await log.entries("main", position.epoch, 0, 10)
    await log.sales(SalesQuery(store="main", q="shoes"), "ana")
    await log.figures("main", NOON)
    await log.sale("main", "a")
    await log.history("main", "a")
    await log.check()
    assert await log.stores() == ("main", "other")
    await log.trim(Retention(event_days=-1, sale_days=-1), NOON)


async def test_every_script_runs_in_a_cluster_of_one_node(tmp_path: Path) -> None:
    """Which refuses a command whose keys lie in different slots."""
    with redis_server(tmp_path / "valkey", cluster_enabled="yes", cluster_port=str(free_port())) as server:
        server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        async with asyncio.timeout(20):
            while b"cluster_state:ok" not in server.command("CLUSTER", "INFO"):
                await asyncio.sleep(0.02)
        async with RedisSaleLog(server.address, Time().clock) as log:
            await everything(log)


@pytest.fixture
def monitor(server: RedisServer) -> Generator[socket.socket, None, None]:
    with socket.create_connection(("127.0.0.1", server.port), 10) as sock:
        sock.sendall(b"MONITOR\r\n")
        assert sock.recv(5) == b"+OK\r\n"
        yield sock


def commands(monitor: socket.socket, server: RedisServer) -> list[tuple[bool, list[str]]]:
    """What was carried out so far, and whether a script did it."""
    server.command("ECHO", "that is all")
    seen = b""
    while b"that is all" not in seen:
        seen += monitor.recv(1 << 20)
    lines = [line for line in seen.splitlines() if line.startswith(b"+")]
    return [(b" lua] " in line, [word.decode() for word in WORD.findall(line)]) for line in lines]


async def test_a_script_touches_no_key_but_those_it_is_given(
    server: RedisServer, log: RedisSaleLog, monitor: socket.socket
) -> None:
    await everything(log)
    given: set[str] = set()
    scripts = touched = 0
    for by_script, words in commands(monitor, server):
        if words[0] == "EVALSHA":
            given = set(words[3 : 3 + int(words[2])])
            assert len({key.partition("}")[0] for key in given}) == 1
            scripts += 1
        elif by_script and words[0].upper() != "PUBLISH":
            assert words[1] in given
            touched += 1
    assert scripts > 20
    assert touched > scripts


async def test_the_keys_of_a_store_are_in_its_slot_and_no_others_are_there(
    server: RedisServer, log: RedisSaleLog
) -> None:
    await append_all(log, created("a"))
    await log.open("main", "ana", None)
    await log.check()
    answer = server.command("KEYS", "*").split(b"\r\n")
    found = {line.decode() for line in answer if line.startswith(b"salebell:")}
    keys = store_keys("main")
    of_the_store = {getattr(keys, name) for name in keys.__struct_fields__}
    assert all(key.startswith("salebell:{main}:") for key in of_the_store)
    assert found == of_the_store | {STORES, "salebell:probe"}


def test_places_are_in_the_order_of_creation_newest_first() -> None:
    tick = timedelta(microseconds=1)
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    instants = [to_micros(instant) for instant in (last, last - tick, NOON + tick, NOON, first + tick, first)]
    places = [place_of(instant) for instant in instants]
    assert places == sorted(places)
    assert {len(place) for place in places} == {18}
    assert [created_at_of(place) for place in places] == instants
