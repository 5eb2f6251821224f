"""Signing in, staying signed in, and what ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from salebell_protocol.http import Tokens
from salebell_server.auth.local.passwords import Passwords
from salebell_server.auth.local.refresh import IDLE
from salebell_server.auth.sign_in import (
    AccountDisabled,
    InvalidCredentials,
    NotAnAdmin,
    SessionExpired,
    SessionInvalid,
    SessionRevoked,
    SignInRefused,
    SignInUnavailable,
    TooManyFailures,
)
from tests.server.auth.stand import EMAIL, HOME, PASSWORD, Hasher, HeldHasher, Stand

ELSEWHERE = "198.51.100.9"


async def failures(stand: Stand, count: int, email: str = EMAIL, address: str = HOME) -> None:
    for _ in range(count):
        with pytest.raises(InvalidCredentials):
            await stand.sign_in(email, "wrong password", address)


@pytest.mark.parametrize("email", ["Ana@Example.com", "ana@example.com", " ANA@EXAMPLE.COM "])
async def test_the_right_password_opens_a_session(stand: Stand, email: str) -> None:
    account = await stand.add()
    tokens = await stand.sign_in(email)
    assert (tokens.uid, tokens.email, tokens.name, tokens.expires_in) == (account.uid, "Ana@Example.com", "Ana", 3600)
    assert (await stand.verifier.verify(tokens.id_token)).uid == account.uid
    assert tokens.id_token not in repr(tokens)


async def test_only_hashes_are_stored(stand: Stand) -> None:
    await stand.add()
    tokens = await stand.sign_in()
    await stand.refresh(tokens.refresh_token)
    await stand.database.close()
    stored = stand.database.path.read_bytes()
    assert EMAIL.encode() in stored
    for secret in (PASSWORD, tokens.id_token, tokens.refresh_token, tokens.refresh_token[4:]):
        assert secret.encode() not in stored


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "wrong password"), ("ben@example.com", PASSWORD)])
async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    stand: Stand, email: str, password: str
) -> None:
    await stand.add()
    with pytest.raises(InvalidCredentials) as raised:
        await stand.sign_in(email, password)
    assert str(raised.value) == "E-mail or password is wrong."
    assert raised.value.retry_after is None


async def test_for_an_unknown_address_a_password_is_checked_all_the_same(stand: Stand) -> None:
    account = await stand.add()
    for email in (EMAIL, "ben@example.com", "not an address", "\ud800"):
        with pytest.raises(InvalidCredentials):
            await stand.sign_in(email, "wrong password")
    known, *unknown = stand.hasher.checked
    assert known == account.password_hash
    assert len(unknown) == 3
    assert len(set(unknown)) == 1
    assert unknown[0].split("$")[:4] == known.split("$")[:4]
    assert unknown[0] != known


async def test_that_an_account_is_disabled_or_no_admin_is_told_only_to_who_knows_the_password(stand: Stand) -> None:
    await stand.add("ana@example.com")
    await stand.add("ben@example.com")
    await stand.administration.disable("ana@example.com")
    await stand.administration.revoke("ben@example.com", None)
    for email in ("ana@example.com", "ben@example.com"):
        with pytest.raises(InvalidCredentials):
            await stand.sign_in(email, "wrong password")
    with pytest.raises(AccountDisabled):
        await stand.sign_in("ana@example.com")
    with pytest.raises(NotAnAdmin):
        await stand.sign_in("ben@example.com")


async def test_a_hash_with_outdated_parameters_is_replaced_at_the_next_sign_in(stand: Stand) -> None:
    account = await stand.add()
    with closing(Passwords(Hasher(time_cost=2))) as passwords:
        await stand.service_with(passwords).sign_in(EMAIL, PASSWORD, HOME)
    found = await stand.administration.show(EMAIL)
    assert "t=1," in account.password_hash
    assert "t=2," in found.password_hash
    assert found.valid_after == account.valid_after
    await stand.sign_in()


@pytest.mark.parametrize("change", ["passwd", "remove", "disable", "revoke"])
async def test_a_session_is_not_opened_by_a_password_that_is_of_no_use_any_more(stand: Stand, change: str) -> None:
    await stand.add()
    hasher = HeldHasher()
    with closing(Passwords(hasher)) as passwords:
        signing_in = asyncio.create_task(stand.service_with(passwords).sign_in(EMAIL, PASSWORD, HOME))
        assert await asyncio.to_thread(hasher.held.wait, 30)
        await ending(stand)[change]()
        hasher.go.set()
        with pytest.raises(InvalidCredentials):
            await signing_in


def ending(stand: Stand) -> dict[str, Callable[[], Awaitable[object]]]:
    """Everything that an administrator can do to end an account's sessions."""
    return {
        "passwd": lambda: stand.administration.passwd(EMAIL, "battery staple"),
        "remove": lambda: stand.administration.remove(EMAIL),
        "disable": lambda: stand.administration.disable(EMAIL),
        "revoke": lambda: stand.administration.revoke(EMAIL, None),
        "revoke the last store": lambda: stand.administration.revoke(EMAIL, {"main"}),
    }


async def test_refreshing_gives_new_tokens_of_the_same_session(stand: Stand) -> None:
    await stand.add()
    first = await stand.sign_in()
    stand.time.passes(minutes=50)
    second = await stand.refresh(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert (second.uid, second.email, second.expires_in) == (first.uid, EMAIL, 3600)
    admin = await stand.verifier.verify(second.id_token)
    assert admin.expires_at == stand.time.unix() + 3600


async def test_a_lost_answer_signs_nobody_out(stand: Stand) -> None:
    await stand.add()
    tokens = await stand.sign_in()
    for _ in range(5):
        for _ in range(3):
            await stand.refresh(tokens.refresh_token)
        tokens = await stand.refresh(tokens.refresh_token)


@pytest.mark.parametrize("chosen", range(10))
async def test_crossing_refreshes_sign_nobody_out_whichever_answer_is_kept(stand: Stand, chosen: int) -> None:
    await stand.add()
    tokens = await stand.sign_in()
    for _ in range(3):
        answers = await asyncio.gather(*(stand.refresh(tokens.refresh_token) for _ in range(10)))
        assert len({answer.refresh_token for answer in answers}) == 10
        tokens = answers[chosen]
    await stand.refresh(tokens.refresh_token)


async def test_an_older_token_ends_the_session_for_everybody(stand: Stand) -> None:
    await stand.add()
    other_device = await stand.sign_in()
    first = await stand.sign_in()
    second = await stand.refresh(first.refresh_token)
    third = await stand.refresh(second.refresh_token)
    for tokens in (first, second, third):
        with pytest.raises(SessionRevoked):
            await stand.refresh(tokens.refresh_token)
    await stand.refresh(other_device.refresh_token)


async def test_a_thief_and_the_owner_cannot_both_go_on(stand: Stand) -> None:
    await stand.add()
    stolen = (await stand.sign_in()).refresh_token
    owner, thief = await stand.refresh(stolen), await stand.refresh(stolen, ELSEWHERE)
    await stand.refresh(owner.refresh_token)
    with pytest.raises(SessionRevoked):
        await stand.refresh(thief.refresh_token, ELSEWHERE)
    with pytest.raises(SessionRevoked):
        await stand.refresh(owner.refresh_token)


@pytest.mark.parametrize("text", ["", "sbr_", "hunter2", "sbr_" + "A" * 63, "sbk_" + "A" * 64, "\ud800"])
async def test_what_is_no_refresh_token_is_invalid(stand: Stand, text: str) -> None:
    with pytest.raises(SessionInvalid):
        await stand.refresh(text)
    await stand.service.sign_out(text, HOME)


async def test_a_token_of_a_session_that_never_was_is_revoked(stand: Stand) -> None:
    with pytest.raises(SessionRevoked):
        await stand.refresh("sbr_" + "A" * 64)


async def test_a_session_lives_as_long_as_it_is_used(stand: Stand) -> None:
    await stand.add()
    tokens = await stand.sign_in()
    for _ in range(3):
        stand.time.passes(seconds=IDLE.total_seconds() - 1)
        tokens = await stand.refresh(tokens.refresh_token)
    stand.time.passes(seconds=IDLE.total_seconds())
    with pytest.raises(SessionExpired):
        await stand.refresh(tokens.refresh_token)


async def test_sessions_that_are_over_are_forgotten_when_somebody_signs_in(stand: Stand) -> None:
    await stand.add()
    old = await stand.sign_in()
    stand.time.passes(seconds=(IDLE + timedelta(seconds=1)).total_seconds())
    await stand.sign_in()
    with pytest.raises(SessionRevoked):
        await stand.refresh(old.refresh_token)


async def test_signing_out_ends_this_session_alone_and_may_be_repeated(stand: Stand) -> None:
    await stand.add()
    here, there = await stand.sign_in(), await stand.sign_in()
    for _ in range(2):
        await stand.service.sign_out(here.refresh_token, HOME)
        with pytest.raises(SessionRevoked):
            await stand.refresh(here.refresh_token)
    await stand.refresh(there.refresh_token)


@pytest.mark.parametrize("change", ["passwd", "remove", "disable", "revoke", "revoke the last store"])
async def test_what_an_administrator_does_ends_all_sessions(stand: Stand, change: str) -> None:
    await stand.add(stores={"main"})
    sessions = [await stand.sign_in() for _ in range(3)]
    await ending(stand)[change]()
    for tokens in sessions:
        with pytest.raises(SessionRevoked):
            await stand.refresh(tokens.refresh_token)


@pytest.mark.parametrize("change", [{"disabled": True}, {"stores": frozenset[str]()}])
async def test_a_session_that_was_left_open_is_of_no_use_to_who_may_not_sign_in(
    stand: Stand, change: dict[str, Any]
) -> None:
    account = await stand.add()
    tokens = await stand.sign_in()
    await stand.store.revise(account.uid, lambda now: replace(now, **change))
    with pytest.raises(SessionRevoked):
        await stand.refresh(tokens.refresh_token)


async def test_taking_some_stores_ends_no_session(stand: Stand) -> None:
    await stand.add(stores={"main", "outlet"})
    tokens = await stand.sign_in()
    await stand.administration.revoke(EMAIL, {"outlet"})
    await stand.administration.grant(EMAIL, {"north"})
    tokens = await stand.refresh(tokens.refresh_token)
    assert (await stand.verifier.verify(tokens.id_token)).stores == frozenset({"main", "north"})


async def test_while_the_store_is_away_nothing_is_decided(stand: Stand) -> None:
    await stand.add()
    tokens = await stand.sign_in()
    await stand.database.close()
    for attempt in (
        stand.sign_in(),
        stand.sign_in("ben@example.com"),
        stand.refresh(tokens.refresh_token),
        stand.service.sign_out(tokens.refresh_token, HOME),
    ):
        with pytest.raises(SignInUnavailable) as raised:
            await attempt
        assert raised.value.retry_after == 5
    assert await stand.failures.retry_after(HOME, EMAIL) == 0
    await stand.database.open()
    await stand.refresh(tokens.refresh_token)


async def test_a_full_line_is_unavailable_and_counts_nothing(stand: Stand) -> None:
    await stand.add()
    hasher = HeldHasher()
    with closing(Passwords(hasher, at_once=1, waiting=1)) as passwords:
        service = stand.service_with(passwords)
        inside = [asyncio.create_task(service.sign_in(EMAIL, PASSWORD, HOME)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(SignInUnavailable):
            await service.sign_in(EMAIL, PASSWORD, HOME)
        hasher.go.set()
        assert all(isinstance(tokens, Tokens) for tokens in await asyncio.gather(*inside))
    assert await stand.failures.retry_after(HOME, EMAIL) == 0


async def test_thirty_failures_a_minute_are_answered_and_the_right_password_works_all_the_time(stand: Stand) -> None:
    await stand.add()
    for minute in range(5):
        for number in range(30):
            await failures(stand, 1, f"colleague{minute}-{number}@example.com")
            await stand.sign_in()
            stand.time.passes(seconds=2)


async def test_an_address_that_fails_more_has_to_wait_and_others_do_not(stand: Stand) -> None:
    await stand.add()
    for number in range(60):
        await failures(stand, 1, f"guess{number}@example.com")
    with pytest.raises(TooManyFailures) as raised:
        await stand.sign_in()
    assert raised.value.retry_after == 61
    checked = len(stand.hasher.checked)
    with pytest.raises(TooManyFailures):
        await stand.refresh("hunter2")
    with pytest.raises(TooManyFailures):
        await stand.service.sign_out("hunter2", HOME)
    assert len(stand.hasher.checked) == checked  # a refusal costs nothing
    await stand.sign_in(address=ELSEWHERE)
    stand.time.passes(seconds=61)
    await stand.sign_in()


async def test_one_account_is_guessed_at_no_faster_than_once_a_minute_in_the_long_run(stand: Stand) -> None:
    await stand.add()
    await failures(stand, 60)
    stand.time.passes(minutes=2)  # the address may go on
    with pytest.raises(TooManyFailures) as raised:
        await stand.sign_in()
    assert raised.value.retry_after == 58 * 60 + 1
    await failures(stand, 1, "ben@example.com")
    stand.time.passes(minutes=58, seconds=1)
    for _ in range(3):
        await failures(stand, 1)
        with pytest.raises(TooManyFailures) as raised:
            await stand.sign_in(email="ANA@example.com")
        assert raised.value.retry_after == 60
        stand.time.passes(minutes=1)
    await stand.sign_in()


async def test_a_stranger_locks_nobody_out(stand: Stand) -> None:
    await stand.add()
    for number in range(20):
        await failures(stand, 60, address=f"203.0.113.{number}")
    await stand.sign_in()


async def test_successes_never_count(stand: Stand) -> None:
    await stand.add()
    tokens = await stand.sign_in()
    for _ in range(100):
        await stand.sign_in()
        tokens = await stand.refresh(tokens.refresh_token)
    await failures(stand, 59)
    await stand.sign_in()


async def test_those_who_wait_in_line_while_their_address_fails_get_no_further_guess(stand: Stand) -> None:
    await stand.add()
    await failures(stand, 59)
    answers = await asyncio.gather(
        *(stand.sign_in(password=f"wrong password {n}") for n in range(10)), return_exceptions=True
    )
    wrong = [answer for answer in answers if isinstance(answer, InvalidCredentials)]
    assert len(wrong) <= 2  # as many as are checked at once
    assert all(isinstance(answer, InvalidCredentials | TooManyFailures) for answer in answers)


async def test_failed_refreshes_count_against_the_address(stand: Stand) -> None:
    for _ in range(60):
        with pytest.raises(SessionRevoked):
            await stand.refresh("sbr_" + "A" * 64)
    with pytest.raises(TooManyFailures):
        await stand.refresh("sbr_" + "A" * 64)


async def test_what_happens_is_logged_without_anything_secret(stand: Stand) -> None:
    account = await stand.add()
    with capture_logs() as logged:
        first = await stand.sign_in()
        second = await stand.refresh(first.refresh_token)
        third = await stand.refresh(second.refresh_token)
        with pytest.raises(SessionRevoked):
            await stand.refresh(first.refresh_token)
        with pytest.raises(InvalidCredentials):
            await stand.sign_in(password="a wrong password")
        await stand.service.sign_out((await stand.sign_in()).refresh_token, HOME)
    assert [entry["event"] for entry in logged] == [
        "signed_in",
        "session_ended",
        "refresh_failed",
        "sign_in_failed",
        "signed_in",
        "signed_out",
    ]
    assert logged[1]["log_level"] == "warning"
    assert logged[1]["uid"] == account.uid
    assert all(entry.get("address", HOME) == HOME for entry in logged)
    for secret in (PASSWORD, "a wrong password", EMAIL, *(tokens.refresh_token for tokens in (first, second, third))):
        assert secret not in repr(logged)


def test_every_refusal_has_a_code_of_its_own() -> None:
    refusals = SignInRefused.__subclasses__()
    assert len({refusal.code for refusal in refusals}) == len(refusals) == 8
