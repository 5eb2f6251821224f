"""The users of a project: as the emulator has them, and when Google fails, on loopback."""

import asyncio
import base64
import json
import time
import traceback
from collections.abc import AsyncGenerator, Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import firebase_admin
import pytest
import pytest_asyncio
from firebase_admin import credentials
from google.auth.exceptions import RefreshError, TransportError

from salebell_server.auth.firebase import Cause, ClaimsRefused, FirebaseUnavailable, FirebaseUser, NoSuchUser
from salebell_server.auth.firebase.application import open_application
from salebell_server.auth.firebase.calls import Calls
from salebell_server.auth.firebase.failures import understood
from salebell_server.auth.firebase.users import MAX_CLAIMS_CHARACTERS, Users, opened_users
from tests.firebase.emulator import PROJECT, AuthEmulator
from tests.firebase.google import Key
from tests.firebase.toolkit import Answer, Behaviour, Toolkit, answer, identity_toolkit, refusal
from tests.server.auth.firebase.examination.stand import pem
from tests.server.auth.firebase.stand import FIREBASE

EMAIL = "ana@example.com"
SOON = 0.2
"""Seconds to wait for what never comes."""


@pytest_asyncio.fixture
async def users(emulator: AuthEmulator) -> AsyncGenerator[Users, None]:
    with opened_users(FIREBASE) as opened:
        yield opened


@pytest.fixture
def toolkit(monkeypatch: pytest.MonkeyPatch) -> Generator[Toolkit, None, None]:
    with identity_toolkit() as running:
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", running.host)
        yield running


@pytest.fixture
def asking(toolkit: Toolkit) -> Generator[Users, None, None]:
    """Users who are asked of the toolkit."""
    with opened_users(FIREBASE) as opened:
        yield opened


def said_by(id_token: str) -> dict[str, Any]:
    """What an ID token says."""
    body = id_token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return decoded


def made(kind: Callable[..., Exception], *arguments: object, **options: object) -> Exception:
    """An exception of a library without annotations."""
    return kind(*arguments, **options)


async def unavailable(users: Users) -> FirebaseUnavailable:
    """How a look-up fails: in words, and with nothing beneath that could hold a token."""
    with pytest.raises(FirebaseUnavailable) as raised:
        await users.get(["ana"])
    assert str(raised.value)
    shown = "".join(traceback.format_exception(raised.value))
    assert "Bearer" not in shown
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    return raised.value


async def test_a_user_is_found_by_address_whatever_the_case(users: Users, emulator: AuthEmulator) -> None:
    uid = emulator.add(EMAIL, claims={"role": "ADMIN", "level": [1, {"a": None}]})
    emulator.change(uid, displayName="Ana García", emailVerified=True)
    found = await users.find("ANA@example.com")
    assert found is not None
    assert abs(found.created_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert found == FirebaseUser(
        uid=uid,
        email=EMAIL,
        name="Ana García",
        email_verified=True,
        disabled=False,
        claims={"role": "ADMIN", "level": [1, {"a": None}]},
        valid_after=int(emulator.user(uid)["validSince"]),
        created_at=found.created_at,
    )


@pytest.mark.parametrize("email", ["ben@example.com", "ana", "", "a@b@c", "@"])
async def test_nobody_is_found_where_nobody_is(users: Users, emulator: AuthEmulator, email: str) -> None:
    emulator.add(EMAIL)
    assert await users.find(email) is None


async def test_an_address_that_google_does_not_take_is_nobodys(asking: Users, toolkit: Toolkit) -> None:
    toolkit.says = [refusal(400, "INVALID_EMAIL")]
    assert await asking.find("ana@..") is None


async def test_users_are_read_whoever_is_asked_for(users: Users, emulator: AuthEmulator) -> None:
    ana, ben = emulator.add(EMAIL), emulator.add("ben@example.com")
    found = await users.get([ana, "nobody", ben, ana, "", "x" * 129])
    assert {uid: user.email for uid, user in found.items()} == {ana: EMAIL, ben: "ben@example.com"}
    assert await users.get([]) == {}


async def test_a_hundred_are_asked_for_at_a_time(asking: Users, toolkit: Toolkit) -> None:
    uids = [f"uid-{number}" for number in range(1001)]
    assert await asking.get(uids) == {}
    assert sorted(len(request.body["localId"]) for request in toolkit.asked) == [1, *[100] * 10]
    assert sorted(uid for request in toolkit.asked for uid in request.body["localId"]) == sorted(uids)


async def test_when_one_of_many_batches_fails_all_fail(asking: Users, toolkit: Toolkit) -> None:
    toolkit.says = [answer({}), answer({}), answer({}), refusal(429, "QUOTA_EXCEEDED"), answer({})]
    with pytest.raises(FirebaseUnavailable):
        await asking.get([f"uid-{number}" for number in range(500)])


async def test_many_users_are_found_and_listed(users: Users, emulator: AuthEmulator) -> None:
    uids = emulator.add_many(1001)
    assert set(await users.get(uids)) == set(uids)
    assert sorted([user.uid async for user in users.all()]) == uids


async def test_a_project_without_users_lists_none(users: Users) -> None:
    assert [user async for user in users.all()] == []


async def test_what_users_call_themselves_is_made_safe_to_show(asking: Users, toolkit: Toolkit) -> None:
    toolkit.says = [
        answer({"users": [{"localId": "u", "displayName": "\x1b[2JAna\u202e\nGarcía", "email": "a\x9b@b"}]})
    ]
    found = (await asking.get(["u"]))["u"]
    assert (found.name, found.email) == ("[2JAna García", "a@b")


@pytest.mark.parametrize("attributes", ["not json", "[]", '"ADMIN"', "null", "{}", ""])
async def test_claims_that_are_no_object_are_none(asking: Users, toolkit: Toolkit, attributes: str) -> None:
    toolkit.says = [answer({"users": [{"localId": "u", "customAttributes": attributes}]})]
    [found] = (await asking.get(["u"])).values()
    assert (found.claims, found.email, found.name, found.valid_after) == ({}, "", "", 0)


async def test_claims_take_the_place_of_all_and_show_in_the_next_token(users: Users, emulator: AuthEmulator) -> None:
    uid = emulator.add(EMAIL, claims={"before": 1})
    session = emulator.sign_in(EMAIL)
    await users.set_claims(uid, {"role": "ADMIN", "stores": ["main"]})
    assert (await users.get([uid]))[uid].claims == {"role": "ADMIN", "stores": ["main"]}
    token = said_by(emulator.refresh(session).id_token)
    assert (token["role"], token["stores"]) == ("ADMIN", ["main"])
    assert "before" not in token
    await users.set_claims(uid, {})
    assert (await users.get([uid]))[uid].claims == {}


async def test_claims_that_firebase_does_not_take_are_refused(users: Users, emulator: AuthEmulator) -> None:
    uid = emulator.add(EMAIL, claims={"before": 1})
    room = MAX_CLAIMS_CHARACTERS - len('{"a": ""}')
    with pytest.raises(ClaimsRefused, match="more than 1,000 characters"):
        await users.set_claims(uid, {"a": "x" * (room + 1)})
    with pytest.raises(ClaimsRefused, match="a name that tokens need"):
        await users.set_claims(uid, {"sub": "somebody else"})
    assert (await users.get([uid]))[uid].claims == {"before": 1}
    await users.set_claims(uid, {"a": "x" * room})
    assert (await users.get([uid]))[uid].claims == {"a": "x" * room}


@pytest.mark.parametrize("code", ["CLAIMS_TOO_LARGE", "FORBIDDEN_CLAIM : sub", "INVALID_CLAIMS"])
async def test_claims_that_google_refuses_are_refused(asking: Users, toolkit: Toolkit, code: str) -> None:
    toolkit.says = [refusal(400, code)]
    with pytest.raises(ClaimsRefused, match="Google refused them"):
        await asking.set_claims("ana", {})


async def test_tokens_from_before_the_end_of_all_sessions_are_older_than_the_stamp(
    users: Users, emulator: AuthEmulator
) -> None:
    uid = emulator.add(EMAIL)
    before: int = said_by(emulator.sign_in(EMAIL).id_token)["iat"]
    while time.time() < before + 1:  # the stamp counts in whole seconds
        await asyncio.sleep(0.05)
    await users.revoke_sessions(uid)
    after: int = said_by(emulator.sign_in(EMAIL).id_token)["iat"]
    stamp = (await users.get([uid]))[uid].valid_after
    assert before < stamp <= after


async def test_a_disabled_user_cannot_sign_in_until_enabled(users: Users, emulator: AuthEmulator) -> None:
    uid = emulator.add(EMAIL)
    await users.set_disabled(uid, disabled=True)
    assert (await users.get([uid]))[uid].disabled
    with pytest.raises(Exception, match="400"):
        emulator.sign_in(EMAIL)
    await users.set_disabled(uid, disabled=False)
    assert emulator.sign_in(EMAIL).uid == uid


async def test_a_user_who_is_gone_is_no_failure_of_google(users: Users) -> None:
    for change in (
        users.set_claims("nobody", {}),
        users.revoke_sessions("nobody"),
        users.set_disabled("nobody", disabled=True),
    ):
        with pytest.raises(NoSuchUser):
            await change


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (refusal(503, "Service unavailable"), Cause.OVERLOADED),
        (refusal(500, "Internal error encountered."), Cause.OVERLOADED),
        (Answer(502, b"<html>Bad gateway</html>"), Cause.OVERLOADED),
        (refusal(429, "RESOURCE_EXHAUSTED", Retry_After="3600"), Cause.OVERLOADED),
        (refusal(400, "QUOTA_EXCEEDED : Exceeded quota"), Cause.OVERLOADED),
        (refusal(400, "CONFIGURATION_NOT_FOUND"), Cause.NO_AUTHENTICATION),
        (refusal(400, "INSUFFICIENT_PERMISSION"), Cause.FORBIDDEN),
        (refusal(403, "The caller does not have permission", rpc="PERMISSION_DENIED"), Cause.FORBIDDEN),
        (Answer(403, b"<!DOCTYPE html>Your client does not have permission"), Cause.FORBIDDEN),
        (Answer(403, b'{"error": {"message": "Sch\xf6n"}}'), Cause.FORBIDDEN),
        (refusal(403, "Disabled", rpc="PERMISSION_DENIED", reason="SERVICE_DISABLED"), Cause.API_DISABLED),
        (
            refusal(403, "Identity Toolkit API has not been used in project 1 before or it is disabled: enable it"),
            Cause.API_DISABLED,
        ),
        (refusal(400, "PROJECT_NOT_FOUND"), Cause.NO_PROJECT),
        (refusal(401, "Request had invalid authentication credentials."), Cause.KEY_REFUSED),
        (refusal(400, "INVALID_ID_TOKEN"), Cause.UNEXPECTED),
        (Answer(400, b"<html>"), Cause.UNEXPECTED),
        (Answer(200, b"<html>Welcome to this hotel's network</html>"), Cause.UNEXPECTED),
        (answer([1, 2]), Cause.UNEXPECTED),
        (answer({"users": [{"email": "of nobody"}]}), Cause.UNEXPECTED),
        (answer({"users": [{"localId": "u", "createdAt": "yesterday"}]}), Cause.UNEXPECTED),
        (Behaviour.HANG_UP, Cause.UNREACHABLE),
    ],
)
async def test_each_failure_of_google_has_its_cause(
    asking: Users, toolkit: Toolkit, said: Answer | Behaviour, cause: Cause
) -> None:
    toolkit.says = [said]
    assert (await unavailable(asking)).cause is cause


async def test_google_that_says_to_come_back_in_an_hour_is_not_waited_for(asking: Users, toolkit: Toolkit) -> None:
    toolkit.says = [refusal(503, "Service unavailable", Retry_After="3600")]
    assert (await unavailable(asking)).cause is Cause.OVERLOADED  # TIMED_OUT, if a thread slept for the hour


async def test_a_connection_that_was_closed_meanwhile_and_a_failure_that_passes_are_tried_again(
    asking: Users, toolkit: Toolkit
) -> None:
    found = answer({"users": [{"localId": "ana"}]})
    toolkit.says = [Behaviour.HANG_UP, found]
    assert set(await asking.get(["ana"])) == {"ana"}
    toolkit.says = [refusal(503, "Service unavailable"), found]
    assert set(await asking.get(["ana"])) == {"ana"}


async def test_nobody_at_the_address_is_unreachable(asking: Users, toolkit: Toolkit) -> None:
    toolkit.stop()
    assert (await unavailable(asking)).cause is Cause.UNREACHABLE


@pytest.mark.parametrize("said", [Behaviour.HANG, Behaviour.DRIBBLE])
async def test_google_that_does_not_come_to_an_end_is_given_up(toolkit: Toolkit, said: Behaviour) -> None:
    toolkit.says = [said]
    app = open_application(FIREBASE)
    assert (await unavailable(Users(app, Calls(seconds=SOON)))).cause is Cause.TIMED_OUT
    toolkit.stop()  # lets the thread come back
    firebase_admin.delete_app(app)


async def test_after_the_close_google_is_not_asked(asking: Users, toolkit: Toolkit) -> None:
    asking.close()
    asking.close()
    await unavailable(asking)
    assert toolkit.asked == []


def account_of(key: Key, toolkit: Toolkit) -> firebase_admin.App:
    """A service account whose access tokens come from the toolkit: where firebase-admin would go next is Google, but
    it gets none."""
    facts = {
        "type": "service_account",
        "project_id": PROJECT,
        "client_email": f"sa@{PROJECT}.iam.gserviceaccount.com",
        "private_key": pem(key),
        "token_uri": f"{toolkit.url}/token",
    }
    options = {"projectId": PROJECT, "httpTimeout": 5}
    return firebase_admin.initialize_app(credentials.Certificate(facts), options, name="account")


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (answer({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400), Cause.KEY_REFUSED),
        (
            answer({"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, 400),
            Cause.KEY_REFUSED,
        ),
        (
            answer(
                {
                    "error": "invalid_grant",
                    "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a "
                    "reasonable timeframe. Check your iat and exp values in the JWT claim.",
                },
                400,
            ),
            Cause.CLOCK_WRONG,
        ),
        (Behaviour.HANG_UP, Cause.UNREACHABLE),
        (Behaviour.HANG, Cause.TIMED_OUT),
    ],
)
async def test_each_failure_to_get_an_access_token_has_its_cause(
    toolkit: Toolkit, monkeypatch: pytest.MonkeyPatch, key: Key, said: Answer | Behaviour, cause: Cause
) -> None:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST")
    toolkit.says = [said]
    app = account_of(key, toolkit)
    try:
        failure = await unavailable(Users(app, Calls(seconds=SOON if said is Behaviour.HANG else 8)))
        assert failure.cause is cause
        assert {request.path for request in toolkit.asked} == {"/token"}
        assert "PRIVATE" not in repr(failure)
    finally:
        toolkit.stop()
        firebase_admin.delete_app(app)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (made(RefreshError, "internal_failure", retryable=True), Cause.OVERLOADED),
        (made(TransportError, TimeoutError("timed out")), Cause.TIMED_OUT),
        (made(TransportError, OSError(101, "Network is unreachable")), Cause.UNREACHABLE),
        (made(TransportError, "no words"), Cause.UNEXPECTED),
        (KeyError("users"), Cause.UNEXPECTED),
    ],
)
def test_what_comes_from_beneath_has_its_cause(error: Exception, cause: Cause) -> None:
    assert understood(error).cause is cause


async def test_an_odd_date_of_one_user_keeps_no_other_from_being_looked_up(asking: Users, toolkit: Toolkit) -> None:
    odd = {"localId": "u1", "createdAt": "1795526226815000000", "email": "ana@example.com"}
    good = {"localId": "u2", "createdAt": "1795526226815", "email": "ben@example.com"}
    toolkit.says = [answer({"users": [odd, good]}), answer({"users": [odd, good]})]
    found = await asking.get(["u1", "u2"])
    assert (found["u1"].created_at.year, found["u2"].created_at.year) == (1970, 2026)
    assert [user.uid async for user in asking.all()] == ["u1", "u2"]
