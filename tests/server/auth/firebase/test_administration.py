"""Making users admins and no admins, in the emulator: what each change leaves behind, and what others set stays."""

import json
from collections.abc import AsyncIterator, Callable, Collection, Generator, Mapping
from typing import Any

import pytest

from salebell_server.auth.administration import (
    ClaimsUnclear,
    InvalidAccount,
    NoSuchAccount,
    StoresUnclear,
    Unfinished,
)
from salebell_server.auth.firebase import Cause, FirebaseUnavailable, FirebaseUser
from salebell_server.auth.firebase.administration import FirebaseAdministration
from salebell_server.auth.firebase.users import Users, opened_users
from salebell_server.auth.project import FirebaseProject
from tests.firebase.emulator import API_KEY, PROJECT, AuthEmulator
from tests.server.auth.firebase.stand import FIREBASE

EMAIL = "ana@example.com"

Claims = dict[str, Any]


@pytest.fixture
def users(emulator: AuthEmulator) -> Generator[Users, None, None]:
    with opened_users(FIREBASE) as opened:
        yield opened


@pytest.fixture
def administration(users: Users) -> FirebaseAdministration:
    return FirebaseAdministration(users, FIREBASE)


def verified(emulator: AuthEmulator, claims: Claims | None = None, email: str = EMAIL) -> str:
    uid = emulator.add(email, claims=claims)
    emulator.change(uid, emailVerified=True)
    return uid


def claims_of(emulator: AuthEmulator, uid: str) -> Claims:
    claims: Claims = json.loads(emulator.user(uid).get("customAttributes", "{}"))
    return claims


class Meanwhile:
    """A directory in which something happens between the look at a user and the change."""

    def __init__(self, users: Users, happens: Callable[[], object]) -> None:
        self._users = users
        self._happens = happens

    async def get(self, uids: Collection[str]) -> Mapping[str, FirebaseUser]:
        return await self._users.get(uids)

    async def find(self, email: str) -> FirebaseUser | None:
        found = await self._users.find(email)
        self._happens()
        return found

    def all(self) -> AsyncIterator[FirebaseUser]:
        return self._users.all()

    async def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        await self._users.set_claims(uid, claims)

    async def revoke_sessions(self, uid: str) -> None:
        await self._users.revoke_sessions(uid)

    async def set_disabled(self, uid: str, *, disabled: bool) -> None:
        await self._users.set_disabled(uid, disabled=disabled)


class Breaking(Meanwhile):
    """A directory that is lost before the sessions are ended."""

    def __init__(self, users: Users) -> None:
        super().__init__(users, lambda: None)

    async def revoke_sessions(self, uid: str) -> None:
        raise FirebaseUnavailable("Firebase did not answer in time", Cause.TIMED_OUT)


ADMIN = {"role": "ADMIN"}


@pytest.mark.parametrize(
    ("before", "granted", "after"),
    [
        ({}, None, ADMIN),
        ({}, {"main"}, {**ADMIN, "stores": ["main"]}),
        ({}, {"outlet", "main"}, {**ADMIN, "stores": ["main", "outlet"]}),
        ({**ADMIN, "stores": ["main"]}, {"outlet"}, {**ADMIN, "stores": ["main", "outlet"]}),
        ({**ADMIN, "stores": ["main"]}, {"main"}, {**ADMIN, "stores": ["main"]}),
        ({**ADMIN, "stores": []}, {"main"}, {**ADMIN, "stores": ["main"]}),
        ({**ADMIN, "stores": ["main"]}, None, ADMIN),
        (ADMIN, {"main"}, ADMIN),
        (ADMIN, None, ADMIN),
        ({"role": "EDITOR", "stores": ["old"]}, {"main"}, {**ADMIN, "stores": ["main"]}),
        ({"stores": ["old"]}, None, ADMIN),
        (
            {"plan": {"paid": True}, "level": 7},
            {"main"},
            {"plan": {"paid": True}, "level": 7, **ADMIN, "stores": ["main"]},
        ),
    ],
)
async def test_granting(
    administration: FirebaseAdministration,
    emulator: AuthEmulator,
    before: Claims,
    granted: set[str] | None,
    after: Claims,
) -> None:
    uid = verified(emulator, before)
    account = await administration.grant(EMAIL.upper(), granted)
    assert claims_of(emulator, uid) == after
    assert (account.uid, account.email, account.is_admin) == (uid, EMAIL, True)
    assert account.stores == (frozenset(after["stores"]) if "stores" in after else None)
    assert await administration.show(EMAIL) == account


@pytest.mark.parametrize(
    ("before", "revoked", "after", "ends"),
    [
        ({**ADMIN, "stores": ["main", "outlet"]}, {"outlet"}, {**ADMIN, "stores": ["main"]}, False),
        ({**ADMIN, "stores": ["main", "outlet"]}, {"main", "outlet"}, {}, True),
        ({**ADMIN, "stores": ["main"], "level": 7}, {"main"}, {"level": 7}, True),
        ({**ADMIN, "stores": ["main"], "level": 7}, None, {"level": 7}, True),
        (ADMIN, None, {}, True),
        ({**ADMIN, "stores": "main"}, None, {}, True),
        ({"role": "EDITOR"}, None, {"role": "EDITOR"}, True),
        ({}, None, {}, True),
    ],
)
async def test_revoking(
    administration: FirebaseAdministration,
    emulator: AuthEmulator,
    users: Users,
    before: Claims,
    revoked: set[str] | None,
    after: Claims,
    *,
    ends: bool,
) -> None:
    uid = emulator.add(EMAIL, claims=before)
    ended: list[str] = []

    class Noting(Meanwhile):
        async def revoke_sessions(self, uid: str) -> None:
            assert claims_of(emulator, uid) == after  # else a token of the same second could have the role
            ended.append(uid)
            await super().revoke_sessions(uid)

    account = await FirebaseAdministration(Noting(users, lambda: None), FIREBASE).revoke(EMAIL, revoked)
    assert claims_of(emulator, uid) == after
    assert account.is_admin is ("stores" in after)
    assert account.stores == frozenset(after.get("stores", ()))
    assert ended == ([uid] if ends else [])
    assert await administration.show(EMAIL) == account


async def test_what_is_left_must_be_clear(administration: FirebaseAdministration, emulator: AuthEmulator) -> None:
    ana = emulator.add(EMAIL, claims=ADMIN)
    ben = emulator.add("ben@example.com", claims={**ADMIN, "stores": ["main"]})
    emulator.add("carl@example.com", claims={"stores": ["main"]})
    with pytest.raises(StoresUnclear, match=r"ana@example\.com is an admin of all stores: revoke the role altogether"):
        await administration.revoke(EMAIL, {"main"})
    with pytest.raises(StoresUnclear, match=r"ben@example\.com is not an admin of east, west"):
        await administration.revoke("ben@example.com", {"main", "west", "east"})
    with pytest.raises(StoresUnclear, match=r"carl@example\.com is not an admin of main"):
        await administration.revoke("carl@example.com", {"main"})
    assert (claims_of(emulator, ana), claims_of(emulator, ben)) == (ADMIN, {**ADMIN, "stores": ["main"]})


async def test_an_address_that_anybody_could_have_registered_is_told_apart(
    administration: FirebaseAdministration, emulator: AuthEmulator
) -> None:
    uid = emulator.add(EMAIL, claims={"level": 7})
    account = await administration.grant(EMAIL, {"main"})
    assert (account.is_admin, account.email_verified) == (True, False)
    emulator.change(uid, emailVerified=True)
    assert (await administration.grant(EMAIL, {"outlet"})).email_verified is True


@pytest.mark.parametrize("stores", ["main", {"main": True}, 7, None, ["main", 7], ["Main"]])
async def test_a_claim_of_another_application_is_not_written_over(
    administration: FirebaseAdministration, emulator: AuthEmulator, stores: object
) -> None:
    before = {**ADMIN, "stores": stores}
    uid = verified(emulator, before)
    for granted in ({"main"}, None):
        with pytest.raises(ClaimsUnclear, match="SALEBELL_STORES_CLAIM"):
            await administration.grant(EMAIL, granted)
    assert claims_of(emulator, uid) == before
    shown = await administration.show(EMAIL)
    assert (shown.is_admin, shown.stores) == (True, frozenset())


async def test_claims_may_have_other_names(users: Users, emulator: AuthEmulator) -> None:
    project = FirebaseProject(
        project_id=PROJECT, web_api_key=API_KEY, role_claim="salebell", role="yes", stores_claim="salebell_stores"
    )
    others = {"role": "ADMIN", "stores": {"of": "another application"}}
    uid = verified(emulator, others)
    administration = FirebaseAdministration(users, project)
    assert not (await administration.show(EMAIL)).is_admin
    await administration.grant(EMAIL, {"main"})
    assert claims_of(emulator, uid) == {**others, "salebell": "yes", "salebell_stores": ["main"]}
    await administration.revoke(EMAIL, None)
    assert claims_of(emulator, uid) == others


async def test_more_claims_than_firebase_keeps_change_nothing(
    administration: FirebaseAdministration, emulator: AuthEmulator
) -> None:
    before = {**ADMIN, "stores": [f"{number:02}-{'x' * 60}" for number in range(14)]}
    uid = verified(emulator, before)
    with pytest.raises(ClaimsUnclear, match=r"more than 1,000 characters\. Without --store"):
        await administration.grant(EMAIL, {"y" * 63})
    assert claims_of(emulator, uid) == before


async def test_nobody_is_nobody_to_every_command(administration: FirebaseAdministration) -> None:
    for attempt in (
        administration.grant("ben@example.com", None),
        administration.revoke("ben@example.com", None),
        administration.disable("ben@example.com"),
        administration.enable("ben@example.com"),
        administration.show("ben@example.com"),
    ):
        with pytest.raises(NoSuchAccount, match=rf"ben@example\.com has no account .*{PROJECT}.*sign in once"):
            await attempt


async def test_what_is_no_store_is_refused_before_anybody_is_asked(administration: FirebaseAdministration) -> None:
    for attempt in (administration.grant("ben@example.com", ["Main"]), administration.revoke("ben@example.com", [])):
        with pytest.raises(InvalidAccount, match="store must be"):
            await attempt


async def test_a_user_who_is_removed_meanwhile_is_nobody(users: Users, emulator: AuthEmulator) -> None:
    async def attempt(change: Callable[[FirebaseAdministration], Any]) -> None:
        uid = verified(emulator, {})
        with pytest.raises(NoSuchAccount):
            await change(FirebaseAdministration(Meanwhile(users, lambda: emulator.delete(uid)), FIREBASE))

    await attempt(lambda administration: administration.grant(EMAIL, None))
    await attempt(lambda administration: administration.revoke(EMAIL, None))
    await attempt(lambda administration: administration.disable(EMAIL))
    await attempt(lambda administration: administration.enable(EMAIL))


async def test_when_sessions_could_not_be_ended_it_is_told_and_can_be_done_again(
    users: Users, administration: FirebaseAdministration, emulator: AuthEmulator
) -> None:
    uid = emulator.add(EMAIL, claims={**ADMIN, "stores": ["main"]})
    broken = FirebaseAdministration(Breaking(users), FIREBASE)
    with pytest.raises(Unfinished, match=r"is no admin any more, but .* did not answer in time.*admins revoke ana@"):
        await broken.revoke(EMAIL, {"main"})
    assert claims_of(emulator, uid) == {}
    assert not (await administration.revoke(EMAIL, None)).is_admin
    with pytest.raises(Unfinished, match=r"is disabled, but .*admins disable ana@"):
        await broken.disable(EMAIL)
    assert emulator.user(uid)["disabled"]
    assert (await administration.disable(EMAIL)).disabled


async def test_disabling_keeps_the_stores_and_ends_the_sessions(
    users: Users, administration: FirebaseAdministration, emulator: AuthEmulator
) -> None:
    uid = emulator.add(EMAIL, claims={**ADMIN, "stores": ["main"]})
    with pytest.raises(Unfinished):  # it would end them
        await FirebaseAdministration(Breaking(users), FIREBASE).disable(EMAIL)
    disabled = await administration.disable(EMAIL)
    assert (disabled.disabled, disabled.stores) == (True, {"main"})
    enabled = await administration.enable(EMAIL)
    assert (enabled.disabled, enabled.stores) == (False, {"main"})
    assert claims_of(emulator, uid) == {**ADMIN, "stores": ["main"]}
    assert await administration.show(EMAIL) == enabled


async def test_admins_are_listed_by_address_and_customers_are_not(
    administration: FirebaseAdministration, emulator: AuthEmulator
) -> None:
    emulator.add("zoe@example.com", claims=ADMIN)
    emulator.add("customer@example.com")
    emulator.add("editor@example.com", claims={"role": "EDITOR", "stores": ["main"]})
    disabled = emulator.add(EMAIL, claims={**ADMIN, "stores": ["main"]})
    emulator.disable(disabled)
    unclear = emulator.add("ben@example.com", claims={**ADMIN, "stores": "main"})
    listed = await administration.list()
    assert [(account.email, account.stores, account.disabled) for account in listed] == [
        ("ana@example.com", {"main"}, True),
        ("ben@example.com", frozenset(), False),
        ("zoe@example.com", None, False),
    ]
    assert listed[1].uid == unclear


async def test_who_waits_for_a_long_list_hears_how_far_it_is(
    administration: FirebaseAdministration, emulator: AuthEmulator
) -> None:
    emulator.add_many(2001)
    heard: list[int] = []
    assert await administration.list(heard.append) == ()
    assert heard == [1000, 2000]


async def test_whoever_resets_the_password_by_e_mail_has_shown_that_the_address_is_theirs(
    administration: FirebaseAdministration, emulator: AuthEmulator
) -> None:
    emulator.add(EMAIL)
    assert not (await administration.grant(EMAIL, None)).email_verified
    emulator.reset_password(EMAIL, "battery staple")
    assert (await administration.grant(EMAIL, None)).email_verified
