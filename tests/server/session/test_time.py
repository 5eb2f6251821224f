"""What happens when nothing happens."""

import pytest

from salebell_protocol.messages import AuthError, AuthErrorCode, AuthExpiring, Ping
from salebell_server.session.effects import Send
from salebell_server.session.inputs import Opened, Overhead, Stopped, Tick, Verified
from salebell_server.session.states import SIGNED_IN, State
from tests.server.session.desk import STARTED, UNIX, Desk, admin, closed, reading, sent


def test_no_auth_within_ten_seconds() -> None:
    desk = Desk()
    assert desk.session.deadline == STARTED + 10
    desk.now += 9
    desk.say(Ping())
    assert desk.feed(Tick()) == ()
    effects = desk.wait(1)
    (error,) = sent(effects)
    assert isinstance(error, AuthError)
    assert error.code is AuthErrorCode.AUTH_TIMEOUT
    assert closed(effects) == 4408


@pytest.mark.parametrize("state", [State.VERIFYING, State.OPENING])
def test_a_sign_in_that_nobody_answers_is_given_up(state: State) -> None:
    desk = Desk().bring_to(state)
    assert desk.session.deadline == STARTED + 30
    assert desk.wait(29) == ()
    effects = desk.wait(1)
    (error,) = sent(effects)
    assert isinstance(error, AuthError)
    assert error.code is AuthErrorCode.AUTH_UNAVAILABLE
    assert closed(effects) == 4503


@pytest.mark.parametrize("state", SIGNED_IN)
def test_a_silent_client_is_dropped_after_75_seconds(state: State) -> None:
    desk = Desk().bring_to(state)
    assert desk.session.deadline == STARTED + 75
    assert desk.wait(74) == ()
    effects = desk.wait(1)
    assert sent(effects) == []
    assert closed(effects) == 1001


@pytest.mark.parametrize("sign", [Ping(), None])
def test_any_sign_of_life_keeps_it(sign: Ping | None) -> None:
    desk = Desk().bring_to(State.OPEN)
    for _ in range(20):
        desk.wait(70)
        if sign is None:
            desk.feed(Overhead())
        else:
            desk.say(sign)
        assert desk.session.deadline == desk.now + 75
    assert desk.session.state is State.OPEN


def kept_alive(desk: Desk, seconds: int) -> list[object]:
    """The effects of `seconds` in which the client pings as it should, and ticks come when they are due."""
    effects: list[object] = []
    for second in range(seconds):
        desk.now += 1
        desk.unix += 1
        if second % 30 == 0:
            desk.say(Ping())
        if desk.now >= desk.session.deadline:
            effects += desk.feed(Tick())
    return effects


def test_expiry_is_announced_once_five_minutes_ahead_and_then_closes() -> None:
    desk = Desk().bring_to(State.OPEN)
    assert kept_alive(desk, 3299) == []
    assert kept_alive(desk, 1) == [Send(AuthExpiring(expires_at=int(UNIX) + 3600))]
    assert kept_alive(desk, 299) == []
    effects = desk.wait(1)
    (error,) = sent(effects)
    assert isinstance(error, AuthError)
    assert error.code is AuthErrorCode.TOKEN_EXPIRED
    assert closed(effects) == 4419


def test_each_token_is_announced_by_itself() -> None:
    desk = Desk().bring_to(State.OPEN)
    assert len(kept_alive(desk, 3400)) == 1
    desk.say(b'{"type":"auth","token":"renewed"}')
    desk.feed(Verified(admin(expires_at=int(desk.unix) + 3600), ("main", "north")))
    desk.feed(Opened(reading()))
    assert kept_alive(desk, 3299) == []
    assert kept_alive(desk, 1) == [Send(AuthExpiring(expires_at=int(UNIX) + 3400 + 3600))]


def test_a_token_that_is_nearly_over_at_the_sign_in_is_announced_at_once() -> None:
    desk = Desk().bring_to(State.OPEN, admin(expires_at=int(UNIX) + 60))
    assert desk.session.deadline == desk.now
    assert desk.feed(Tick()) == (Send(AuthExpiring(expires_at=int(UNIX) + 60)),)
    assert desk.session.deadline == desk.now + 60


def test_a_step_of_the_wall_clock_is_noticed_with_the_next_tick() -> None:
    desk = Desk().bring_to(State.OPEN)
    desk.unix += 4000
    assert closed(desk.feed(Tick())) == 4419


@pytest.mark.parametrize("state", [each for each in State if each is not State.CLOSED])
def test_the_server_stops(state: State) -> None:
    effects = Desk().bring_to(state).feed(Stopped())
    assert sent(effects) == []
    assert closed(effects) == 1012
