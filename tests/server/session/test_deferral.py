"""The log is away, and back: what a client is told, and from where it is brought on."""

import pytest

from salebell_protocol.events import Position
from salebell_protocol.messages import (
    AdminIdentity,
    Auth,
    AuthError,
    AuthErrorCode,
    AuthExpiring,
    AuthSuccess,
    ErrorCode,
    ErrorMessage,
    Ping,
    Recovery,
    Seen,
)
from salebell_server.auth import Verdict
from salebell_server.session.effects import Answer, Attach, Effect, Enter, Open, Postpone, Reread, Send, Verify
from salebell_server.session.inputs import Deferred, Judged, LogAway, Opened, Refused, Restored, Tick, Verified
from salebell_server.session.states import AWAY, State
from tests.server.session.desk import SENT, STARTED, TOKEN, TOP, UNIX, Desk, admin, closed, reading, sent

STORES = ("main", "north")


def deferred(expires_at: int = int(UNIX) + 3600) -> AuthSuccess:
    return AuthSuccess(
        admin=AdminIdentity("u1", "ana@example.com", "Ana"),
        store="main",
        stores=STORES,
        position=None,
        unread=None,
        seen=None,
        expires_at=expires_at,
        server_time=int(UNIX),
        recovery=Recovery.DEFERRED,
    )


def success(effect: Effect) -> AuthSuccess:
    assert isinstance(effect, Send)
    assert isinstance(effect.message, AuthSuccess)
    return effect.message


def test_an_open_socket_is_told_and_is_brought_on_from_what_it_was_sent() -> None:
    desk = Desk().bring_to(State.OPEN)
    assert desk.feed(Deferred(9, "created:9")) == (Send(deferred()), Postpone())
    assert desk.feed(Restored()) == (Open("main", "u1", SENT),)
    top = Position("epoch-1", 12, "created:12")
    told, attach = desk.feed(Opened(reading(Recovery.COMPLETE, top), STORES))
    assert not isinstance(told, Answer)
    assert (success(told).recovery, success(told).position) == (Recovery.COMPLETE, top)
    assert attach == Attach(top, SENT)


def test_a_log_that_cannot_be_continued_is_begun_at_its_top() -> None:
    desk = Desk().bring_to(State.REOPENING)
    top = Position("epoch-2", 3, "created:3")
    told, attach = desk.feed(Opened(reading(Recovery.RESET, top)))
    assert success(told).recovery is Recovery.RESET
    assert attach == Attach(top, top)
    assert desk.say(Seen(offset=3)) != ()
    desk.feed(Deferred(4, "created:4"))
    assert desk.feed(Restored()) == (Open("main", "u1", Position("epoch-2", 4, "created:4")),)


@pytest.mark.parametrize("resume", [None, Position("epoch-0", 4, "created:4")])
def test_a_sign_in_without_the_log_is_good_and_its_resume_is_remembered(resume: Position | None) -> None:
    desk = Desk()
    desk.say(Auth(token=TOKEN, resume=resume))
    desk.feed(Verified(admin(), STORES))
    assert desk.feed(LogAway()) == (Answer(deferred()), Enter(), Postpone())
    assert desk.feed(Restored()) == (Open("main", "u1", resume),)
    told, attach = desk.feed(Opened(reading()))
    assert success(told).recovery is Recovery.FRESH
    assert attach == Attach(TOP, TOP)


def test_what_a_renewal_wants_to_resume_from_does_not_count() -> None:
    desk = Desk().bring_to(State.DEFERRED)
    desk.say(Auth(token="another", resume=Position("epoch-1", 1, "created:1")))
    desk.feed(Verified(admin(), STORES))
    assert desk.feed(Restored()) == (Open("main", "u1", SENT),)


def test_the_stores_are_those_there_are_when_the_log_is_back() -> None:
    desk = Desk().bring_to(State.REOPENING, admin(stores=None))
    told, _ = desk.feed(Opened(reading(), ("main", "north", "south")))
    assert success(told).stores == desk.session.grant.stores == ("main", "north", "south")


def test_a_log_that_is_away_again_loses_nothing_and_is_not_told_again() -> None:
    desk = Desk().bring_to(State.REOPENING)
    assert desk.feed(LogAway()) == (Postpone(),)
    assert desk.feed(Restored()) == (Open("main", "u1", SENT),)


def test_a_renewal_whose_reading_failed_is_answered_deferred() -> None:
    desk = Desk().bring_to(State.OPEN)
    desk.say(Auth(token="another"))
    desk.feed(Verified(admin(expires_at=int(UNIX) + 7200), STORES))
    assert desk.feed(LogAway(9, "created:9")) == (Answer(deferred(int(UNIX) + 7200)), Postpone())
    assert desk.session.grant.admin.expires_at == int(UNIX) + 7200
    assert desk.feed(Restored()) == (Open("main", "u1", SENT),)


def test_the_log_may_go_away_while_a_renewal_is_judged() -> None:
    desk = Desk().bring_to(State.RENEWING)
    assert desk.feed(Deferred(9, "created:9")) == (Send(deferred()), Postpone())
    assert desk.feed(Restored()) == ()
    assert desk.feed(Verified(admin(expires_at=int(UNIX) + 7200), STORES)) == (Answer(deferred(int(UNIX) + 7200)),)
    assert desk.feed(Restored()) == (Open("main", "u1", SENT),)


def test_a_renewal_while_the_log_is_away_is_answered_deferred() -> None:
    desk = Desk().bring_to(State.DEFERRED)
    assert desk.say(Auth(token="another")) == (Verify("another"),)
    renewed = admin(expires_at=int(UNIX) + 7200)
    assert desk.feed(Verified(renewed, STORES)) == (Answer(deferred(int(UNIX) + 7200)),)
    assert desk.session.grant.admin == renewed


def test_a_renewal_that_cannot_be_judged_while_the_log_is_away_changes_nothing() -> None:
    desk = Desk().bring_to(State.RENEWING_DEFERRED)
    effects = desk.feed(Refused(AuthErrorCode.AUTH_UNAVAILABLE, "later"))
    assert effects == (Send(AuthError(code=AuthErrorCode.AUTH_UNAVAILABLE, message="later")),)
    assert desk.session.grant.admin == admin()


@pytest.mark.parametrize(("other", "code"), [(admin(uid="u2"), 4400), (admin(stores=frozenset({"north"})), 4403)])
def test_a_renewal_while_the_log_is_away_keeps_admin_and_store(other: object, code: int) -> None:
    desk = Desk().bring_to(State.RENEWING_DEFERRED)
    assert isinstance(other, type(admin()))
    assert closed(desk.feed(Verified(other, STORES))) == code


def test_an_auth_that_waits_is_taken_up_wherever_the_answer_leads() -> None:
    for state, answer in (
        (State.OPENING, LogAway()),
        (State.REREADING, LogAway(9, "created:9")),
        (State.RENEWING_DEFERRED, Verified(admin(), STORES)),
        (State.RENEWING_DEFERRED, Refused(AuthErrorCode.AUTH_UNAVAILABLE, "later")),
        (State.REOPENING, LogAway()),
    ):
        desk = Desk().bring_to(state)
        assert desk.say(Auth(token="second")) == ()
        assert desk.feed(answer)[-1] == Verify("second")
        assert desk.session.state is State.RENEWING_DEFERRED
    desk = Desk().bring_to(State.REOPENING)
    desk.say(Auth(token="second"))
    assert desk.feed(Opened(reading()))[-1] == Verify("second")
    assert desk.session.state is State.RENEWING
    assert desk.feed(Verified(admin(), STORES)) == (Reread("main", "u1"),)


@pytest.mark.parametrize("state", AWAY)
@pytest.mark.parametrize("seen", [Seen(), Seen(epoch="epoch-1", offset=3)])
def test_a_look_cannot_be_told_and_the_socket_stays(state: State, seen: Seen) -> None:
    desk = Desk().bring_to(state)
    (error,) = sent(desk.say(seen))
    assert isinstance(error, ErrorMessage)
    assert error.code is ErrorCode.LOG_UNAVAILABLE
    assert desk.session.state is state


def test_who_is_no_admin_any_more_is_closed_though_the_log_is_away() -> None:
    desk = Desk().bring_to(State.DEFERRED)
    assert desk.feed(Judged(Verdict(None, None))) == ()
    assert closed(desk.feed(Judged(Verdict(AuthErrorCode.REVOKED, None)))) == 4423


def pinged(desk: Desk, seconds: int) -> list[Effect]:
    """What becomes of a client that pings as it should, with ticks when they are due."""
    effects: list[Effect] = []
    for second in range(seconds):
        desk.now += 1
        desk.unix += 1
        if second % 30 == 0:
            desk.say(Ping())
        if desk.now >= desk.session.deadline:
            effects += desk.feed(Tick())
    return effects


def test_expiry_is_announced_while_the_log_is_away_and_closes_nobody() -> None:
    desk = Desk().bring_to(State.DEFERRED)
    assert pinged(desk, 7200) == [Send(AuthExpiring(expires_at=int(UNIX) + 3600))]
    assert desk.session.state is State.DEFERRED
    assert desk.session.deadline <= desk.now + 75


@pytest.mark.parametrize("left", [59, 0, -3600])
def test_who_could_not_renew_is_told_when_the_log_is_back_and_has_a_minute(left: int) -> None:
    desk = Desk().bring_to(State.DEFERRED)
    pinged(desk, 3600 - left)
    desk.feed(Restored())
    assert desk.feed(Tick()) == ()
    *_, told = desk.feed(Opened(reading()))
    assert told == Send(AuthExpiring(expires_at=int(UNIX) + 3600))
    assert pinged(desk, 59) == []
    effects = desk.wait(1)
    (error,) = sent(effects)
    assert isinstance(error, AuthError)
    assert (error.code, closed(effects)) == (AuthErrorCode.TOKEN_EXPIRED, 4419)


def test_who_renews_in_that_minute_stays() -> None:
    desk = Desk().bring_to(State.DEFERRED)
    pinged(desk, 4000)
    desk.feed(Restored())
    desk.feed(Opened(reading()))
    desk.say(Auth(token="fresh"))
    desk.feed(Verified(admin(expires_at=int(desk.unix) + 3600), STORES))
    desk.feed(Opened(reading()))
    assert pinged(desk, 3000) == []
    assert desk.session.state is State.OPEN


def test_whose_token_lasts_is_told_nothing_more() -> None:
    desk = Desk().bring_to(State.DEFERRED)
    pinged(desk, 3540)
    desk.feed(Restored())
    told, attach = desk.feed(Opened(reading()))
    assert success(told).recovery is Recovery.FRESH
    assert isinstance(attach, Attach)


def test_a_minute_that_was_given_does_not_end_while_the_log_is_away_again() -> None:
    desk = Desk().bring_to(State.DEFERRED)
    pinged(desk, 4000)
    desk.feed(Restored())
    desk.feed(Opened(reading()))
    desk.feed(Deferred(9, "created:9"))
    assert pinged(desk, 600) == []
    assert desk.session.state is State.DEFERRED
    assert desk.now > STARTED
