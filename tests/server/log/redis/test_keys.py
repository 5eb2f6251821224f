"""Ingest keys in Redis: what the contract of all stores does not say."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from salebell_server.log.keys import IngestKey, KeyNameTaken, key_hash
from salebell_server.log.redis.errors import Cause, RedisUnavailable
from salebell_server.log.redis.keys import RedisKeyStore
from tests.redis_server import RedisServer
from tests.server.log.shop import NOON
from tests.server.log.stand import redis_lane


@pytest_asyncio.fixture
async def keys(server: RedisServer) -> AsyncGenerator[RedisKeyStore, None]:
    async with redis_lane(server.address) as lane:
        yield RedisKeyStore(lane)


async def loaded(server: RedisServer) -> None:
    """Return once a server that was started has read its data."""
    async with asyncio.timeout(20):
        while server.command("PING") != b"+PONG\r\n":
            await asyncio.sleep(0.01)


async def test_another_server_sees_changes_at_once(server: RedisServer, keys: RedisKeyStore) -> None:
    async with redis_lane(server.address) as lane:
        other = RedisKeyStore(lane)
        await other.create("back end", "main", key_hash("a"), NOON)
        assert await keys.find(key_hash("a")) == IngestKey(name="back end", store="main", created_at=NOON)
        assert await keys.revoke("back end")
        assert await other.find(key_hash("a")) is None


async def test_of_many_servers_that_take_a_name_at_once_one_gets_it(server: RedisServer, keys: RedisKeyStore) -> None:
    async def create(number: int) -> bool:
        async with redis_lane(server.address) as lane:
            try:
                await RedisKeyStore(lane).create("back end", "main", key_hash(str(number)), NOON)
            except KeyNameTaken:
                return False
            return True

    done = await asyncio.gather(*(create(number) for number in range(10)))
    assert done.count(True) == 1
    assert await keys.find(key_hash(str(done.index(True)))) is not None
    assert len(await keys.list()) == 1


async def test_killed_in_the_middle_what_was_acknowledged_is_there_and_a_repeat_is_no_conflict(
    server: RedisServer,
) -> None:
    """A connection that breaks makes the lane repeat: the key that it finds then is its own."""
    acknowledged: list[str] = []
    for round_ in range(5):
        async with redis_lane(server.address) as lane:
            keys = RedisKeyStore(lane)
            names = [f"r{round_}-{number}" for number in range(300)]
            creating = [asyncio.create_task(keys.create(name, "main", key_hash(name), NOON)) for name in names]
            await asyncio.wait(creating, return_when=asyncio.FIRST_COMPLETED)
            server.kill()
            server.start()
            outcomes = await asyncio.gather(*creating, return_exceptions=True)
        assert all(outcome is None or isinstance(outcome, RedisUnavailable) for outcome in outcomes)
        await loaded(server)
        acknowledged += [name for name, outcome in zip(names, outcomes, strict=True) if outcome is None]
        async with redis_lane(server.address) as lane:
            there = {key.name for key in await RedisKeyStore(lane).list()}
            assert there >= set(acknowledged)
            for name in acknowledged:
                assert await RedisKeyStore(lane).find(key_hash(name)) is not None


async def test_a_full_redis_keeps_no_half_of_a_key_and_lets_it_be_revoked(
    server: RedisServer, keys: RedisKeyStore
) -> None:
    await keys.create("back end", "main", key_hash("a"), NOON)
    server.command("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(RedisUnavailable) as caught:
        await keys.create("other", "main", key_hash("b"), NOON)
    assert caught.value.cause is Cause.FULL
    assert await keys.find(key_hash("a")) is not None
    assert await keys.revoke("back end")
    assert await keys.list() == ()


@pytest.mark.parametrize("key", ["keys", "keys:by-hash"])
async def test_a_key_of_another_program_is_told_and_nothing_half_done(
    server: RedisServer, keys: RedisKeyStore, key: str
) -> None:
    server.command("SET", f"salebell:{key}", "x")
    with pytest.raises(RedisUnavailable) as caught:
        await keys.create("back end", "main", key_hash("a"), NOON)
    assert caught.value.cause is Cause.FOREIGN
    assert server.command("DBSIZE") == b":1\r\n"
