"""Reading a whole database at one instant, and beginning one."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
import pytest_asyncio
from msgspec.structs import replace

from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import Account, RefreshFamily, SigningKey
from salebell_server.log.keys import IngestKey, key_hash
from salebell_server.log.redis.accounts import RedisAccountStore
from salebell_server.log.redis.errors import Cause, RedisUnavailable
from salebell_server.log.redis.keys import RedisKeyStore
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.sale_log import RedisSaleLog
from salebell_server.log.redis.snapshot import SCHEMA, RedisSnapshots
from salebell_server.log.snapshot import NewerSchema, Snapshot
from tests.redis_server import RedisServer
from tests.server.log.redis.test_keys import loaded
from tests.server.log.shop import NOON, created
from tests.server.log.stand import redis_lane

ANA = Account(uid="ana", email="Ana@Example.com", name="Ana", password_hash="$hash", stores=None, created_at=NOON)
BEN = Account(
    uid="ben", email="ben@example.com", name="", password_hash="$hash", stores=frozenset({"b", "a"}), created_at=NOON
)
OLD = SigningKey(kid="old", secret=b"\x00\xff" * 16, created_at=NOON)
NEW = SigningKey(kid="new", secret=b"s" * 32, created_at=NOON + timedelta(days=90))
FULL = Snapshot(
    id="one",
    keys=(
        (key_hash("a"), IngestKey(name="back end", store="main", created_at=NOON)),
        (key_hash("b"), IngestKey(name="webhook", store="hats", created_at=NOON)),
    ),
    accounts=(ANA, BEN),
    signing_keys=(NEW, OLD),
)


@pytest_asyncio.fixture
async def lane(server: RedisServer) -> AsyncGenerator[Lane, None]:
    async with redis_lane(server.address) as opened:
        yield opened


@pytest.fixture
def snapshots(lane: Lane) -> RedisSnapshots:
    return RedisSnapshots(lane)


async def test_a_database_without_an_id_is_none(snapshots: RedisSnapshots, lane: Lane) -> None:
    assert await snapshots.read() is None
    await RedisKeyStore(lane).create("back end", "main", key_hash("a"), NOON)
    assert await snapshots.read() is None


async def test_what_a_database_begins_with_is_what_is_read_and_used(snapshots: RedisSnapshots, lane: Lane) -> None:
    assert await snapshots.begin(FULL, instead_of=None)
    assert await snapshots.read() == FULL
    accounts, keys = RedisAccountStore(lane), RedisKeyStore(lane)
    assert await accounts.find("ana@example.com") == ANA
    assert await accounts.get(["ana", "ben"]) == {"ana": ANA, "ben": BEN}
    assert await accounts.signing_keys() == (NEW, OLD)
    assert await keys.find(key_hash("b")) == FULL.keys[1][1]
    assert await keys.revoke("webhook")
    assert await accounts.remove("ana")
    assert await accounts.find("ana@example.com") is None
    assert await snapshots.read() == replace(FULL, keys=FULL.keys[:1], accounts=(BEN,))


async def test_stores_with_events_are_read(snapshots: RedisSnapshots, log: RedisSaleLog) -> None:
    await snapshots.begin(FULL, instead_of=None)
    await log.append(created("a", store="shoes"))
    await log.append(created("a"))
    assert await snapshots.read() == replace(FULL, stores=("main", "shoes"))


async def test_a_database_is_begun_once(snapshots: RedisSnapshots) -> None:
    await snapshots.begin(FULL, instead_of=None)
    assert not await snapshots.begin(Snapshot(id="two"), instead_of=None)
    assert not await snapshots.begin(Snapshot(id="two"), instead_of="other")
    assert await snapshots.read() == FULL


async def test_of_many_that_begin_it_at_once_one_does(server: RedisServer, snapshots: RedisSnapshots) -> None:
    async def begin(number: int) -> bool:
        async with redis_lane(server.address) as own:
            return await RedisSnapshots(own).begin(replace(FULL, id=f"s{number}"), instead_of=None)

    done = await asyncio.gather(*(begin(number) for number in range(10)))
    assert done.count(True) == 1
    assert await snapshots.read() == replace(FULL, id=f"s{done.index(True)}")


async def test_one_in_which_nobody_is_known_yet_can_be_begun_again(snapshots: RedisSnapshots) -> None:
    await snapshots.begin(Snapshot(id="bare"), instead_of=None)
    again = replace(FULL, replaces="lost")
    assert await snapshots.begin(again, instead_of="bare")
    assert await snapshots.read() == again


async def test_what_came_into_it_before_it_was_begun_wins(snapshots: RedisSnapshots, lane: Lane) -> None:
    accounts, keys = RedisAccountStore(lane), RedisKeyStore(lane)
    await keys.create("back end", "shoes", key_hash("c"), NOON)
    newcomer = replace(ANA, uid="ana2", email="ANA@example.com")
    await accounts.add(newcomer)
    newest = replace(NEW, kid="newest")
    await accounts.add_signing_key(newest, None)
    assert await snapshots.begin(FULL, instead_of=None)
    assert await keys.find(key_hash("a")) is None
    assert [key.store for key in await keys.list()] == ["shoes", "hats"]
    assert await accounts.list() == (newcomer, BEN)
    assert await accounts.get(["ana"]) == {}
    assert await accounts.signing_keys() == (newest, NEW)


async def test_losing_the_id_alone_doubles_nothing(server: RedisServer, snapshots: RedisSnapshots) -> None:
    await snapshots.begin(FULL, instead_of=None)
    server.command("DEL", "salebell:meta")
    again = replace(FULL, id="two")
    assert await snapshots.begin(again, instead_of=None)
    assert await snapshots.read() == again


async def test_a_snapshot_is_of_one_instant(server: RedisServer, snapshots: RedisSnapshots) -> None:
    """Ana is removed before Ben is added, again and again: nobody ever sees both."""
    await snapshots.begin(Snapshot(id="one"), instead_of=None)
    over = asyncio.Event()

    async def swap() -> None:
        async with redis_lane(server.address) as own:
            accounts = RedisAccountStore(own)
            for _ in range(50):
                for account in (ANA, BEN):
                    await accounts.add(account)
                    await accounts.remove(account.uid)
        over.set()

    swapping = asyncio.create_task(swap())
    seen: set[tuple[str, ...]] = set()
    while not over.is_set():
        found = await snapshots.read()
        assert found is not None
        seen.add(tuple(account.uid for account in found.accounts))
    await swapping
    assert seen <= {(), ("ana",), ("ben",)}
    assert len(seen) > 1


async def test_a_newer_schema_is_refused_in_words(server: RedisServer, snapshots: RedisSnapshots) -> None:
    await snapshots.begin(FULL, instead_of=None)
    server.command("HSET", "salebell:meta", "schema", str(SCHEMA + 1))
    with pytest.raises(NewerSchema, match=r"newer Salebell \(schema 2, this one knows 1\): upgrade"):
        await snapshots.read()


async def test_killed_while_it_is_begun_it_is_begun_whole_or_not_at_all(server: RedisServer) -> None:
    """And the repeat says that it is this server's."""
    accounts = tuple(replace(ANA, uid=f"u{n:05}", email=f"u{n}@example.com") for n in range(3000))
    large = replace(FULL, accounts=accounts)
    for round_ in range(6):
        async with redis_lane(server.address) as own:
            task = asyncio.create_task(RedisSnapshots(own).begin(large, instead_of=None))
            await asyncio.sleep(round_ * 0.01)
            server.kill()
            server.start()
            outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        await loaded(server)
        async with redis_lane(server.address) as own:
            found = await RedisSnapshots(own).read()
        assert outcome is True or isinstance(outcome, LogUnavailable)
        assert found in ((large,) if outcome is True else (None, large))
        server.command("FLUSHALL")


@pytest.mark.parametrize("key", ["keys", "keys:by-hash", "accounts", "accounts:by-email", "signing-keys"])
async def test_a_key_of_another_program_is_told_and_nothing_is_half_begun(
    server: RedisServer, snapshots: RedisSnapshots, key: str
) -> None:
    server.command("SET", f"salebell:{key}", "x")
    with pytest.raises(RedisUnavailable) as caught:
        await snapshots.begin(FULL, instead_of=None)
    assert caught.value.cause is Cause.FOREIGN
    server.command("DEL", f"salebell:{key}")
    assert server.command("DBSIZE") == b":0\r\n"


async def test_a_damaged_account_is_told_without_quoting_it(server: RedisServer, snapshots: RedisSnapshots) -> None:
    await snapshots.begin(FULL, instead_of=None)
    server.command("HSET", "salebell:accounts", "ana", '{"password_hash": "$secret')
    with pytest.raises(RedisUnavailable) as caught:
        await snapshots.read()
    assert caught.value.cause is Cause.DAMAGED
    assert "secret" not in str(caught.value)


async def test_names_of_keys_say_nothing_of_people_or_secrets(
    server: RedisServer, snapshots: RedisSnapshots, lane: Lane
) -> None:
    await snapshots.begin(FULL, instead_of=None)
    family = RefreshFamily(
        id=b"\xab" * 16, uid="ana", used=b"", successors=(b"\x01" * 32,), opened_at=NOON, used_at=NOON
    )
    assert await RedisAccountStore(lane).open_family(family, 0)
    names = server.command("KEYS", "*")
    assert b"salebell:families" in names
    assert not any(word in names.lower() for word in (b"ana", b"ben", b"example", b"abab", b"\xab\xab"))


def test_a_snapshot_shows_nothing_of_what_is_in_it() -> None:
    assert repr(FULL) == "Snapshot(id='one', keys=2, accounts=2)"
