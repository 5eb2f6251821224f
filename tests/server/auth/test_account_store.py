"""What every `AccountStore` promises."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace

from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import (
    MAX_FAMILIES,
    Account,
    AccountStore,
    EmailTaken,
    RefreshFamily,
    SigningKey,
    email_key,
)
from salebell_server.log.redis.accounts import RedisAccountStore
from salebell_server.log.sqlite.accounts import SqliteAccountStore
from salebell_server.log.sqlite.database import Database
from tests.server.auth.stand import Stand, Time
from tests.server.log.stand import redis_lane, servers

NOW = Time().clock()


@pytest_asyncio.fixture(params=["redis", "sqlite", "valkey"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[AccountStore, None]:
    if request.param == "sqlite":
        async with Database(tmp_path, serve=True) as database:
            yield SqliteAccountStore(database)
    else:
        server = servers.get(request.param)
        server.command("FLUSHALL")
        async with redis_lane(server.address) as lane:
            yield RedisAccountStore(lane)


def account(uid: str = "ana", email: str = "Ana@Example.com", stores: frozenset[str] | None = None) -> Account:
    return Account(uid=uid, email=email, name="Ana", password_hash="$hash", stores=stores, created_at=NOW)


def family(number: int = 1, uid: str = "ana", minutes: int = 0) -> RefreshFamily:
    at = NOW + timedelta(minutes=minutes)
    return RefreshFamily(
        id=number.to_bytes(16, "big"), uid=uid, used=b"", successors=(b"\x01" * 32,), opened_at=at, used_at=at
    )


@pytest.mark.parametrize("stores", [None, frozenset[str](), frozenset({"main"}), frozenset({"main", "outlet"})])
async def test_an_account_comes_back_as_it_was(store: AccountStore, stores: frozenset[str] | None) -> None:
    added = replace(account(stores=stores), disabled=True, valid_after=2**40)
    await store.add(added)
    assert await store.find("Ana@Example.com") == added
    assert await store.get(["ana", "nobody"]) == {"ana": added}
    assert await store.list() == (added,)


@pytest.mark.parametrize("typed", ["ana@example.com", "ANA@EXAMPLE.COM", " Ana@Example.com ", "\uff41na@example.com"])
async def test_an_address_is_found_however_it_is_typed_and_taken_only_once(store: AccountStore, typed: str) -> None:
    await store.add(account())
    assert await store.find(typed) == account()
    with pytest.raises(EmailTaken):
        await store.add(account("ben", typed))
    assert await store.get(["ben"]) == {}


async def test_folding_is_of_all_letters(store: AccountStore) -> None:
    await store.add(account(email="STRASSE@example.com"))
    assert await store.find("straße@example.com")
    assert await store.find("straßen@example.com") is None


def test_an_address_that_no_database_stores_has_a_key_all_the_same() -> None:
    assert email_key("a\ud800@example.com") == "a?@example.com"


async def test_many_accounts_are_got_at_once(store: AccountStore) -> None:
    await asyncio.gather(*(store.add(account(f"u{n}", f"u{n}@example.com")) for n in range(1203)))
    found = await store.get([f"u{n}" for n in range(1203)])
    assert {uid: one.email for uid, one in found.items()} == {f"u{n}": f"u{n}@example.com" for n in range(1203)}
    assert await store.get([]) == {}


async def test_accounts_are_listed_by_address(store: AccountStore) -> None:
    for email in ("ben@example.com", "Ana@example.com", "cleo@example.com"):
        await store.add(account(email, email))
    assert [one.email for one in await store.list()] == ["Ana@example.com", "ben@example.com", "cleo@example.com"]


async def test_an_account_is_revised_and_keeps_what_it_is_known_by(store: AccountStore) -> None:
    await store.add(account())
    changed = replace(account(), name="Anna", password_hash="$other", stores=frozenset({"main"}), disabled=True)
    tried = replace(changed, uid="other", email="other@example.com", created_at=NOW + timedelta(days=1))
    assert await store.revise("ana", lambda _: tried) == changed
    assert await store.find("ana@example.com") == changed
    assert await store.revise("nobody", lambda found: found) is None


async def test_revisions_happen_one_after_the_other(store: AccountStore) -> None:
    await store.add(account(stores=frozenset()))

    async def grant(name: str) -> None:
        await store.revise("ana", lambda now: replace(now, stores=(now.stores or frozenset()) | {name}))

    await asyncio.gather(*(grant(f"s{n}") for n in range(50)))
    [found] = await store.list()
    assert found.stores == frozenset(f"s{n}" for n in range(50))


async def test_what_a_rule_raises_comes_out_and_nothing_changes(store: AccountStore) -> None:
    class Refused(Exception):
        pass

    def rule(_: object) -> None:
        raise Refused

    await store.add(account())
    await store.open_family(family(), 0)
    with pytest.raises(Refused):
        await store.revise("ana", rule)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        await store.revise_family(family().id, rule)
    assert await store.list() == (account(),)
    assert await store.family(family().id) == family()


async def test_removing_forgets_the_account_and_ends_its_sessions_alone(store: AccountStore) -> None:
    await store.add(account())
    await store.add(account("ben", "ben@example.com"))
    await store.open_family(family(1), 0)
    await store.open_family(family(2, "ben"), 0)
    assert await store.remove("ana")
    assert not await store.remove("ana")
    assert await store.find("ana@example.com") is None
    assert await store.family(family(1).id) is None
    assert await store.family(family(2).id) == family(2, "ben")


async def test_a_session_comes_back_as_it_was(store: AccountStore) -> None:
    await store.add(account())
    assert await store.open_family(family(), 0)
    assert await store.family(family().id) == family()
    assert await store.family(b"\x00" * 16) is None


async def test_a_session_is_opened_only_for_the_account_as_it_was_seen(store: AccountStore) -> None:
    await store.add(replace(account(), valid_after=5))
    assert not await store.open_family(family(), 4)
    assert not await store.open_family(family(uid="nobody"), 0)
    assert await store.family(family().id) is None
    assert await store.open_family(family(), 5)


async def test_a_new_valid_after_ends_the_sessions_and_nothing_else_does(store: AccountStore) -> None:
    await store.add(account())
    await store.open_family(family(), 0)
    await store.revise("ana", lambda now: replace(now, name="Anna", disabled=True, stores=frozenset()))
    assert await store.family(family().id) == family()
    await store.revise("ana", lambda now: replace(now, valid_after=7))
    assert await store.family(family().id) is None


async def test_a_session_is_revised_or_ended(store: AccountStore) -> None:
    await store.add(account())
    await store.open_family(family(), 0)
    later = replace(family(), used=b"\x01" * 32, successors=(b"\x02" * 32, b"\x03" * 32), used_at=NOW + timedelta(1))
    assert await store.revise_family(family().id, lambda _: later) == later
    assert await store.family(family().id) == later
    assert await store.revise_family(family().id, lambda _: None) is None
    assert await store.family(family().id) is None
    assert await store.revise_family(family().id, lambda found: found) is None


async def test_sessions_of_one_account_are_bounded_and_the_one_longest_unused_ends(store: AccountStore) -> None:
    await store.add(account())
    await store.add(account("ben", "ben@example.com"))
    await store.open_family(family(5000, "ben", minutes=-9), 0)
    await asyncio.gather(*(store.open_family(family(number, minutes=number), 0) for number in range(MAX_FAMILIES)))
    await store.revise_family(family(0).id, lambda now: replace(now, used_at=NOW + timedelta(days=1)))
    await store.open_family(family(MAX_FAMILIES, minutes=MAX_FAMILIES), 0)
    there = [number for number in range(MAX_FAMILIES + 1) if await store.family(family(number).id)]
    assert there == [0, *range(2, MAX_FAMILIES + 1)]
    assert await store.family(family(5000).id)


async def test_sessions_unused_for_long_are_ended(store: AccountStore) -> None:
    await store.add(account())
    for minutes in (0, 1, 2):
        await store.open_family(family(minutes, minutes=minutes), 0)
    await store.end_families(NOW + timedelta(minutes=1))
    assert [await store.family(family(minutes).id) is not None for minutes in (0, 1, 2)] == [False, True, True]


def key(kid: str, minutes: int = 0) -> SigningKey:
    return SigningKey(kid=kid, secret=kid.encode() * 8, created_at=NOW + timedelta(minutes=minutes))


async def test_the_newest_key_is_the_one_added_last_whatever_the_clock_said(store: AccountStore) -> None:
    assert await store.signing_keys() == ()
    assert await store.add_signing_key(key("a"), None) == (key("a"),)
    assert await store.add_signing_key(key("b", minutes=-9), "a") == (key("b", minutes=-9), key("a"))
    assert await store.add_signing_key(key("c"), "b") == (key("c"), key("b", minutes=-9))
    assert await store.signing_keys() == (key("c"), key("b", minutes=-9))


async def test_of_several_that_add_a_key_at_once_one_succeeds(store: AccountStore) -> None:
    answers = await asyncio.gather(*(store.add_signing_key(key(f"k{n}"), None) for n in range(10)))
    assert set(answers) == {await store.signing_keys()}
    assert len(await store.signing_keys()) == 1


async def test_nothing_of_an_account_that_is_secret_shows_in_its_repr() -> None:
    assert "$hash" not in repr(account())
    assert "kkkk" not in repr(key("k"))
    assert "\\x01" not in repr(family())


async def test_changes_are_seen_by_another_process_and_survive_the_end(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as served, Database(tmp_path, serve=False) as tools:
        server, tool = SqliteAccountStore(served), SqliteAccountStore(tools)
        await tool.add(account())
        assert await server.find("ana@example.com") == account()
        await server.open_family(family(), 0)
        await tool.revise("ana", lambda now: replace(now, valid_after=1))
        assert await server.family(family().id) is None
        await server.add_signing_key(key("a"), None)
    async with Database(tmp_path, serve=True) as database:
        again = SqliteAccountStore(database)
        assert await again.list() == (replace(account(), valid_after=1),)
        assert await again.signing_keys() == (key("a"),)


async def test_a_database_that_cannot_be_reached_is_unavailable(stand: Stand) -> None:
    await stand.database.close()
    for call in (stand.store.find("ana@example.com"), stand.store.get(["ana"]), stand.store.signing_keys()):
        with pytest.raises(LogUnavailable):
            await call
    for write in (stand.store.add(account()), stand.store.open_family(family(), 0), stand.store.remove("ana")):
        with pytest.raises(LogUnavailable):
            await write
