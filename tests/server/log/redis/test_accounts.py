"""Accounts in Redis: what the contract of all stores does not say."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
import pytest_asyncio
from msgspec.structs import replace

from salebell_server.log.accounts import Account, EmailTaken, RefreshFamily, SigningKey
from salebell_server.log.redis.accounts import ENDED_AT_ONCE, RedisAccountStore
from salebell_server.log.redis.errors import Cause, RedisUnavailable
from tests.redis_server import RedisServer
from tests.server.log.redis.test_keys import loaded
from tests.server.log.shop import NOON
from tests.server.log.stand import redis_lane

ANA = Account(uid="ana", email="Ana@Example.com", name="Ana", password_hash="$hash", stores=None, created_at=NOON)


def family(number: int, uid: str = "ana", days: int = 0) -> RefreshFamily:
    at = NOON + timedelta(days=days)
    return RefreshFamily(
        id=number.to_bytes(16, "big"), uid=uid, used=b"", successors=(b"\x01" * 32,), opened_at=at, used_at=at
    )


@pytest_asyncio.fixture
async def store(server: RedisServer) -> AsyncGenerator[RedisAccountStore, None]:
    async with redis_lane(server.address) as lane:
        yield RedisAccountStore(lane)


@pytest_asyncio.fixture
async def other(server: RedisServer) -> AsyncGenerator[RedisAccountStore, None]:
    """The same accounts, from another server."""
    async with redis_lane(server.address) as lane:
        yield RedisAccountStore(lane)


async def test_changes_are_seen_by_another_server_and_survive_kill_9(
    server: RedisServer, store: RedisAccountStore, other: RedisAccountStore
) -> None:
    await store.add(ANA)
    assert await other.find("ana@example.com") == ANA
    await other.open_family(family(1), 0)
    await store.revise("ana", lambda now: replace(now, valid_after=1))
    assert await other.family(family(1).id) is None
    key = SigningKey(kid="k", secret=b"k" * 32, created_at=NOON)
    await store.add_signing_key(key, None)
    await store.open_family(family(2), 1)
    server.kill()
    server.start()
    await loaded(server)
    assert await other.list() == (replace(ANA, valid_after=1),)
    assert await other.signing_keys() == (key,)
    assert await other.family(family(2).id) == family(2)


async def test_an_address_is_given_once_among_many_servers(server: RedisServer, store: RedisAccountStore) -> None:
    async def add(number: int) -> bool:
        async with redis_lane(server.address) as lane:
            try:
                await RedisAccountStore(lane).add(replace(ANA, uid=f"u{number}"))
            except EmailTaken:
                return False
            return True

    done = await asyncio.gather(*(add(number) for number in range(10)))
    assert done.count(True) == 1
    assert [account.uid for account in await store.list()] == [f"u{done.index(True)}"]


async def test_revisions_of_several_servers_lose_nothing(store: RedisAccountStore, other: RedisAccountStore) -> None:
    await store.add(replace(ANA, stores=frozenset()))

    async def grant(through: RedisAccountStore, name: str) -> None:
        await through.revise("ana", lambda now: replace(now, stores=(now.stores or frozenset()) | {name}))

    await asyncio.gather(*(grant(each, f"{who}{n}") for n in range(25) for who, each in (("a", store), ("b", other))))
    [found] = await store.list()
    assert found.stores == frozenset(f"{who}{n}" for n in range(25) for who in "ab")


async def test_no_session_is_left_when_accounts_change_while_others_sign_in(
    store: RedisAccountStore, other: RedisAccountStore
) -> None:
    await store.add(ANA)
    opened: list[RefreshFamily] = []

    async def sign_in(first: int) -> None:
        number = first
        while (account := (await other.get(["ana"])).get("ana")) is not None:
            if await other.open_family(family(number), account.valid_after):
                opened.append(family(number))
            number += 10

    async def change() -> None:
        for second in range(1, 20):
            await store.revise("ana", lambda now, second=second: replace(now, valid_after=second))  # type: ignore[misc]
        await store.remove("ana")

    await other.open_family(family(1000), 0)
    opened.append(family(1000))
    await asyncio.gather(change(), *(sign_in(number) for number in range(10)))
    assert [one for one in opened if await store.family(one.id)] == []


async def test_a_session_rotates_once_however_many_servers_ask(
    store: RedisAccountStore, other: RedisAccountStore
) -> None:
    await store.add(ANA)
    await store.open_family(family(1), 0)

    async def add(through: RedisAccountStore, mark: int) -> None:
        await through.revise_family(
            family(1).id, lambda now: replace(now, successors=(*now.successors, bytes([mark]) * 32))
        )

    await asyncio.gather(*(add(store if mark % 2 else other, mark) for mark in range(2, 22)))
    found = await store.family(family(1).id)
    assert found is not None
    assert set(found.successors) == {bytes([mark]) * 32 for mark in range(1, 22)}


async def test_more_sessions_are_ended_than_one_script_takes(server: RedisServer, store: RedisAccountStore) -> None:
    for uid in ("u0", "u1"):
        await store.add(replace(ANA, uid=uid, email=uid))
    many = ENDED_AT_ONCE + 50
    await asyncio.gather(*(store.open_family(family(number, f"u{number % 2}"), 0) for number in range(many)))
    await store.open_family(family(many, "u0", days=1), 0)
    await store.end_families(NOON + timedelta(days=1))
    assert server.command("HLEN", "salebell:families") == b":1\r\n"
    assert server.command("ZCARD", "salebell:families:used") == b":1\r\n"
    assert server.command("ZCARD", "salebell:families:by-account") == b":1\r\n"
    assert await store.family(family(many).id) == family(many, "u0", days=1)


async def test_accounts_whose_ids_begin_alike_keep_their_sessions(store: RedisAccountStore) -> None:
    for uid in ("a", "aa", "a a"):
        await store.add(replace(ANA, uid=uid, email=uid))
    for number, uid in enumerate(("a", "aa", "a a")):
        await store.open_family(family(number, uid), 0)
    await store.remove("a")
    assert [await store.family(family(number).id) is not None for number in range(3)] == [False, True, True]


async def test_a_full_redis_changes_nothing_but_still_ends_sessions(
    server: RedisServer, store: RedisAccountStore
) -> None:
    await store.add(ANA)
    await store.open_family(family(1), 0)
    server.command("CONFIG", "SET", "maxmemory", "1")
    for command in (
        store.add(replace(ANA, uid="ben", email="ben@example.com")),
        store.open_family(family(2), 0),
        store.revise("ana", lambda now: replace(now, valid_after=9)),
    ):
        with pytest.raises(RedisUnavailable) as caught:
            await command
        assert caught.value.cause is Cause.FULL
    assert await store.list() == (ANA,)
    assert await store.family(family(1).id) == family(1)
    assert await store.revise_family(family(1).id, lambda _: None) is None
    assert await store.remove("ana")
    assert server.command("KEYS", "salebell:*") == b"*0\r\n"


@pytest.mark.parametrize("key", ["accounts", "families", "families:used", "families:by-account"])
async def test_a_key_of_another_program_is_told_and_nothing_half_done(
    server: RedisServer, store: RedisAccountStore, key: str
) -> None:
    await store.add(ANA)
    await store.open_family(family(1), 0)
    server.command("RENAME", f"salebell:{key}", "kept")
    server.command("SET", f"salebell:{key}", "x")
    with pytest.raises(RedisUnavailable) as caught:
        await store.open_family(family(2), 0)
    assert caught.value.cause is Cause.FOREIGN
    with pytest.raises(RedisUnavailable):
        await store.remove("ana")
    server.command("RENAME", "kept", f"salebell:{key}")
    assert await store.list() == (ANA,)
    assert await store.family(family(1).id) == family(1)
    assert await store.family(family(2).id) is None


async def test_a_damaged_account_is_told_without_quoting_it(server: RedisServer, store: RedisAccountStore) -> None:
    await store.add(ANA)
    server.command("HSET", "salebell:accounts", "ana", '{"password_hash": "$secret"}')
    for query in (store.get(["ana"]), store.find("ana@example.com"), store.list()):
        with pytest.raises(RedisUnavailable) as caught:
            await query
        assert caught.value.cause is Cause.DAMAGED
        assert "secret" not in str(caught.value)
