"""Administration: what is accepted, and what each change leaves behind."""

import asyncio
from contextlib import closing

import pytest

from salebell_server.auth.administration import (
    AddressTaken,
    InvalidAccount,
    NoSuchAccount,
    StoresUnclear,
    checked_email,
    checked_name,
    checked_stores,
)
from salebell_server.auth.local.administration import LocalAdministration
from salebell_server.auth.local.passwords import Passwords
from salebell_server.log.accounts import Account
from tests.server.auth.stand import EMAIL, PASSWORD, HeldHasher, Stand


@pytest.mark.parametrize(
    "email",
    ["ana@example.com", "Ana.García+shop@exämple.com", "o'neil@localhost", "a@b", "x" * 64 + "@" + "y" * 189],
)
def test_addresses_are_accepted_as_typed(email: str) -> None:
    assert checked_email(f" {email}\n") == email


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ana",
        "ana@",
        "@example.com",
        "a b@example.com",
        "ana@exam ple.com",
        "a@b@c",
        "a@b..c",
        "a@.b",
        "a@b.",
        "a\n@b",
        "a@\u202eb",
        "a\x00@b",
        "a\ud800@b",
        "x" * 65 + "@y",
        "x@" + "y" * 253,
        "x@" + "é" * 127,
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidAccount, match="email must be an e-mail address") as raised:
        checked_email(email)
    assert raised.value.field == "email"


def test_names_become_plain_text_of_a_bounded_length() -> None:
    assert checked_name(" Ana\nGarcía\u202e ") == "Ana García"
    assert checked_name("x" * 200) == "x" * 200
    with pytest.raises(InvalidAccount, match="at most 200 characters"):
        checked_name("x" * 201)


@pytest.mark.parametrize("store", ["Main", "a store", "-x", "", "a" * 64, "a\n", "../a"])
def test_what_is_no_store_is_refused(store: str) -> None:
    assert checked_stores(["main", "a" * 63]) == frozenset({"main", "a" * 63})
    assert checked_stores(None) is None
    for stores in ([store], ["main", store], []):
        with pytest.raises(InvalidAccount, match="store must be 1 to 63 small letters"):
            checked_stores(stores)


async def test_an_added_account_has_an_id_of_its_own_and_a_hash(stand: Stand) -> None:
    ana, ben = await stand.add("ana@example.com"), await stand.add("ben@example.com")
    assert len({ana.uid, ben.uid, ana.password_hash, ben.password_hash}) == 4
    assert len(ana.uid) == 24
    assert ana.created_at == stand.time.clock()
    assert await stand.administration.list() == (ana, ben)


async def test_an_account_that_was_removed_is_another_when_it_is_added_again(stand: Stand) -> None:
    first = await stand.add()
    await stand.administration.remove(EMAIL)
    assert (await stand.add()).uid != first.uid


async def test_nothing_is_added_or_changed_when_a_value_is_refused(stand: Stand) -> None:
    administration = stand.administration
    for email, name, password, stores in (
        ("ana", "", PASSWORD, None),
        (EMAIL, "x" * 201, PASSWORD, None),
        (EMAIL, "", "ninechars", None),
        (EMAIL, "", PASSWORD, ["Main"]),
    ):
        with pytest.raises(InvalidAccount):
            await administration.add(email, name, password, stores)
    assert await administration.list() == ()
    account = await stand.add(stores={"main"})
    with pytest.raises(InvalidAccount, match="password must have at least 10 characters"):
        await administration.passwd(EMAIL, "ninechars")
    with pytest.raises(InvalidAccount):
        await administration.grant(EMAIL, ["Main"])
    with pytest.raises(InvalidAccount):
        await administration.revoke(EMAIL, ["Main"])
    assert await administration.list() == (account,)


async def test_a_taken_address_is_told_before_and_at_adding(stand: Stand) -> None:
    await stand.administration.check_free(EMAIL)
    await stand.add()
    with pytest.raises(AddressTaken, match=r"Ana@Example\.com has an account already"):
        await stand.administration.check_free("ANA@example.com")
    with pytest.raises(AddressTaken):
        await stand.add("ana@EXAMPLE.com")


async def test_nobody_is_nobody_to_every_command(stand: Stand) -> None:
    administration = stand.administration
    for attempt in (
        administration.passwd("ben@example.com", PASSWORD),
        administration.remove("ben@example.com"),
        administration.grant("ben@example.com", None),
        administration.revoke("ben@example.com", None),
        administration.disable("ben@example.com"),
        administration.enable("ben@example.com"),
        administration.show("ben@example.com"),
    ):
        with pytest.raises(NoSuchAccount, match=r"ben@example\.com has no account"):
            await attempt


async def test_an_account_that_is_removed_meanwhile_is_nobody(stand: Stand) -> None:
    await stand.add()
    removals = await asyncio.gather(*(stand.administration.remove(EMAIL) for _ in range(5)), return_exceptions=True)
    assert sorted(str(outcome) for outcome in removals) == [f"{EMAIL} has no account"] * 4 + ["None"]


async def test_an_account_that_is_removed_while_its_password_is_hashed_is_nobody(stand: Stand) -> None:
    await stand.add()
    hasher = HeldHasher()
    with closing(Passwords(hasher)) as passwords:
        administration = LocalAdministration(stand.store, passwords, clock=stand.time.clock, random=stand.draws)
        changing = asyncio.create_task(administration.passwd(EMAIL, "battery staple"))
        assert await asyncio.to_thread(hasher.held.wait, 30)
        await stand.administration.remove(EMAIL)
        hasher.go.set()
        with pytest.raises(NoSuchAccount):
            await changing


@pytest.mark.parametrize(
    ("before", "granted", "after"),
    [
        ({"main"}, {"outlet"}, {"main", "outlet"}),
        ({"main"}, {"main"}, {"main"}),
        ({"main"}, None, None),
        (None, {"main"}, None),
        (None, None, None),
    ],
)
async def test_granting(
    stand: Stand, before: set[str] | None, granted: set[str] | None, after: set[str] | None
) -> None:
    account = await stand.add(stores=before)
    granted_account = await stand.administration.grant(EMAIL, granted)
    assert granted_account.stores == after
    assert granted_account.valid_after == account.valid_after


@pytest.mark.parametrize(
    ("before", "revoked", "after", "ends"),
    [
        ({"main", "outlet"}, {"outlet"}, {"main"}, False),
        ({"main", "outlet"}, {"main", "outlet"}, set[str](), True),
        ({"main"}, {"main"}, set[str](), True),
        ({"main", "outlet"}, None, set[str](), True),
        (None, None, set[str](), True),
    ],
)
async def test_revoking(
    stand: Stand, before: set[str] | None, revoked: set[str] | None, after: set[str], *, ends: bool
) -> None:
    account = await stand.add(stores=before)
    revoked_account = await stand.administration.revoke(EMAIL, revoked)
    assert revoked_account.stores == frozenset(after)
    assert (revoked_account.valid_after > account.valid_after) is ends
    assert await stand.administration.show(EMAIL) == revoked_account
    if not revoked_account.is_admin:
        assert (await stand.administration.revoke(EMAIL, None)) == revoked_account


async def test_what_is_left_must_be_clear(stand: Stand) -> None:
    await stand.add("ana@example.com")
    await stand.add("ben@example.com", {"main"})
    with pytest.raises(StoresUnclear, match=r"ana@example\.com is an admin of all stores"):
        await stand.administration.revoke("ana@example.com", {"main"})
    with pytest.raises(StoresUnclear, match=r"ben@example\.com is not an admin of east, west"):
        await stand.administration.revoke("ben@example.com", {"main", "west", "east"})
    assert [account.stores for account in await stand.administration.list()] == [None, {"main"}]


async def test_disabling_keeps_the_stores_and_enabling_gives_back_what_was(stand: Stand) -> None:
    account = await stand.add(stores={"main"})
    disabled = await stand.administration.disable(EMAIL)
    assert (disabled.disabled, disabled.stores) == (True, frozenset({"main"}))
    assert disabled.valid_after > account.valid_after
    enabled = await stand.administration.enable(EMAIL)
    assert (enabled.disabled, enabled.stores, enabled.valid_after) == (False, frozenset({"main"}), disabled.valid_after)


async def test_sessions_ended_twice_in_a_second_or_by_a_clock_set_back_end_twice(stand: Stand) -> None:
    await stand.add()

    async def ended() -> Account:
        return await stand.administration.passwd(EMAIL, PASSWORD)

    first = await ended()
    assert first.valid_after > stand.time.unix()
    assert (await ended()).valid_after > first.valid_after
    stand.time.wall_is_set_back(hours=1)
    assert (await ended()).valid_after > first.valid_after + 1
