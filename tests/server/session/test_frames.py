"""What a client may say, and what it is answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salebell_protocol.messages import Auth, ErrorCode, ErrorMessage, Ping, Pong, Seen, Welcome
from salebell_server.session.allowance import BURST, PER_SECOND, Allowance
from salebell_server.session.effects import See, Send, Verify
from salebell_server.session.inputs import Binary, Overhead, SeeFailed, Text
from salebell_server.session.machine import Session, welcome
from salebell_server.session.states import FOLLOWING, NOT_SIGNED_IN, SIGNED_IN, State
from tests.server.session.desk import STARTED, TOKEN, Desk, closed, sent


def test_the_welcome_tells_the_rules() -> None:
    assert welcome("salebell/1.2.3") == Welcome(protocol=1, server="salebell/1.2.3", heartbeat=30, auth_timeout=10)


@pytest.mark.parametrize("state", [*NOT_SIGNED_IN, *SIGNED_IN])
def test_a_ping_is_answered_in_every_state(state: State) -> None:
    desk = Desk().bring_to(state)
    assert desk.say(Ping(id="p1")) == (Send(Pong(id="p1")),)
    assert desk.say(Ping()) == (Send(Pong()),)


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"hello", b"{", b"null", b"[]", b'"auth"', b"17", b"{}", b'{"type":7}', b'{"type":"auth"}',
        b'{"type":"auth","token":""}', b'{"type":"auth","token":5}', b'{"type":"auth","token":"t","store":"NO"}',
        b'{"type":"auth","token":"t","resume":{"epoch":"e"}}', b'{"type":"auth","token":"t","resume":7}',
        b'{"type":"auth","token":"t","resume":{"epoch":"e","offset":3,"event_id":""}}',
        b'{"type":"seen","offset":-1}', b'{"type":"seen","offset":1.5}', b'{"type":"seen","offset":"1"}',
        b'{"type":"seen","offset":9007199254740993}', b'{"type":"seen","epoch":""}', b'{"type":"ping","id":{}}',
        b'{"type":"ping"} {}', b'{"type":"auth","token":"' + b"x" * 9000 + b'"}', b"[" * 5000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("state", [State.AWAITING_AUTH, State.OPEN])
def test_what_is_malformed_is_told_and_closed(frame: bytes, state: State) -> None:
    desk = Desk().bring_to(state)
    effects = desk.say(frame)
    (error,) = sent(effects)
    assert isinstance(error, ErrorMessage)
    assert error.code is ErrorCode.MALFORMED
    assert closed(effects) == 4400
    assert desk.session.state is State.CLOSED


def test_a_malformed_auth_is_told_without_its_token() -> None:
    effects = Desk().say(b'{"type":"auth","token":"secret-token","store":"secret store"}')
    (error,) = sent(effects)
    assert isinstance(error, ErrorMessage)
    assert "store" in error.message
    assert "secret" not in error.message


def test_binary_is_malformed() -> None:
    effects = Desk().bring_to(State.OPEN).feed(Binary())
    assert [type(message) for message in sent(effects)] == [ErrorMessage]
    assert closed(effects) == 4400


def test_text_that_is_no_utf8_is_closed_with_1007() -> None:
    effects = Desk().say(b'{"type":"ping","id":"\xff"}')
    assert sent(effects) == []
    assert closed(effects) == 1007


@pytest.mark.parametrize("state", [*NOT_SIGNED_IN, *SIGNED_IN])
def test_an_unknown_type_is_told_and_the_socket_stays(state: State) -> None:
    desk = Desk().bring_to(state)
    effects = desk.say(b'{"type":"subscribe","to":"everything"}')
    (error,) = sent(effects)
    assert isinstance(error, ErrorMessage)
    assert error.code is ErrorCode.UNKNOWN_TYPE
    assert closed(effects) is None
    assert desk.session.state is state


def test_unknown_fields_are_ignored() -> None:
    assert Desk().say(b'{"type":"auth","token":"t","colour":"red"}') == (Verify("t"),)


@pytest.mark.parametrize("state", NOT_SIGNED_IN)
def test_seen_before_the_sign_in_is_refused_and_the_socket_stays(state: State) -> None:
    desk = Desk().bring_to(state)
    effects = desk.say(Seen(epoch="epoch-1", offset=5))
    (error,) = sent(effects)
    assert isinstance(error, ErrorMessage)
    assert error.code is ErrorCode.NOT_AUTHENTICATED
    assert desk.session.state is state


@pytest.mark.parametrize("state", FOLLOWING)
@pytest.mark.parametrize(
    ("seen", "epoch", "offset"),
    [
        (Seen(), "epoch-1", 6),
        (Seen(epoch="other"), "other", 6),
        (Seen(offset=4), "epoch-1", 4),
        (Seen(offset=0), "epoch-1", 0),
        (Seen(epoch="epoch-1", offset=900), "epoch-1", 900),
    ],
)
def test_seen_defaults_to_what_this_connection_was_given(state: State, seen: Seen, epoch: str, offset: int) -> None:
    desk = Desk().bring_to(state)
    assert desk.say(seen, delivered=6) == (See("main", "u1", epoch, offset),)


@pytest.mark.parametrize("code", [ErrorCode.POSITION_AHEAD, ErrorCode.LOG_UNAVAILABLE])
def test_a_seen_that_failed_is_told_and_the_socket_stays(code: ErrorCode) -> None:
    desk = Desk().bring_to(State.OPEN)
    (error,) = sent(desk.feed(SeeFailed(code)))
    assert isinstance(error, ErrorMessage)
    assert error.code is code
    assert desk.session.state is State.OPEN


@pytest.mark.parametrize("state", [*NOT_SIGNED_IN, *SIGNED_IN])
def test_ten_thousand_pings_at_once_end_in_4429(state: State) -> None:
    desk = Desk().bring_to(state)
    effects = [desk.say(Ping()) for _ in range(10_000)]
    ends = [each for each in effects if closed(each) is not None]
    assert [closed(each) for each in ends] == [4429]
    (error,) = sent(ends[0])
    assert isinstance(error, ErrorMessage)
    assert error.code is ErrorCode.RATE_LIMITED
    assert sum(1 for each in effects if each and each not in ends) <= BURST


@pytest.mark.parametrize("frame", [Overhead(), Text(b'{"type":"nonsense"}'), Text(b'{"type":"seen"}')])
def test_every_frame_counts(frame: Overhead | Text) -> None:
    desk = Desk().bring_to(State.OPEN)
    assert 4429 in [closed(desk.feed(frame)) for _ in range(BURST + 1)]


def test_honest_use_never_hits_the_limit() -> None:
    desk = Desk().bring_to(State.OPEN)
    for second in range(3000):
        desk.now += 1
        effects = [*desk.say(Seen(epoch="epoch-1", offset=1)), *desk.say(Seen(epoch="epoch-1", offset=2))]
        if second % 30 == 0:
            effects += desk.say(Ping())
        assert all(isinstance(effect, See | Send) for effect in effects)
    assert desk.session.state is State.OPEN


def test_an_allowance_fills_again_and_never_over_its_brim() -> None:
    allowance = Allowance(STARTED)
    assert [allowance.take(STARTED) for _ in range(BURST + 1)] == [True] * BURST + [False]
    later = STARTED + 2
    assert [allowance.take(later) for _ in range(2 * PER_SECOND + 1)] == [True] * (2 * PER_SECOND) + [False]
    much_later = later + 10_000
    assert [allowance.take(much_later) for _ in range(BURST + 1)] == [True] * BURST + [False]


@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from([b'{"type":"ping"}', b'{"type":"seen"}']))))
def test_no_bytes_make_it_raise_and_nothing_follows_a_close(frames: list[bytes]) -> None:
    desk = Desk()
    over = False
    for frame in frames:
        effects = desk.say(frame)
        assert not (over and effects)
        over = over or closed(effects) is not None


def test_a_question_shows_no_token() -> None:
    (verify,) = Desk().say(Auth(token=TOKEN))
    assert TOKEN not in repr(verify)


def test_a_new_session_waits_for_auth() -> None:
    assert Session(STARTED).state is State.AWAITING_AUTH
