"""Every state with every input: what is allowed leads where it should, the rest raises and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from salebell_protocol.codec import encode
from salebell_protocol.messages import Auth, AuthErrorCode, ErrorCode, Ping, Seen
from salebell_server.auth import Verdict
from salebell_server.session.inputs import (
    Binary,
    Crowded,
    Deferred,
    Input,
    Judged,
    LogAway,
    LogFailed,
    Looked,
    Opened,
    Overhead,
    Refused,
    Restored,
    SeeFailed,
    Stopped,
    Text,
    Tick,
    Verified,
)
from salebell_server.session.machine import IllegalInput, Session
from salebell_server.session.states import State
from tests.server.session.desk import TOKEN, Desk, admin, reading


def says(message: Any) -> Callable[[], Input]:
    return lambda: Text(encode(message))


INPUTS: dict[str, Callable[[], Input]] = {
    "auth": says(Auth(token=TOKEN)),
    "ping": says(Ping()),
    "seen": says(Seen(epoch="epoch-1", offset=5)),
    "unknown": lambda: Text(b'{"type":"later"}'),
    "malformed": lambda: Text(b"[]"),
    "binary": Binary,
    "overhead": Overhead,
    "verified": lambda: Verified(admin(), ("main", "north")),
    "refused": lambda: Refused(AuthErrorCode.TOKEN_INVALID, "no"),
    "unavailable": lambda: Refused(AuthErrorCode.AUTH_UNAVAILABLE, "later"),
    "opened": lambda: Opened(reading()),
    "crowded": lambda: Crowded("too many"),
    "log failed": LogFailed,
    "log away": LogAway,
    "deferred": lambda: Deferred(9, "created:9"),
    "restored": Restored,
    "see failed": lambda: SeeFailed(ErrorCode.POSITION_AHEAD),
    "judged": lambda: Judged(Verdict(None, None)),
    "tick": Tick,
    "stopped": Stopped,
}

A, V, G, P, R, E, D, N, B, X = (
    State.AWAITING_AUTH, State.VERIFYING, State.OPENING, State.OPEN, State.RENEWING, State.REREADING,
    State.DEFERRED, State.RENEWING_DEFERRED, State.REOPENING, State.CLOSED,
)  # fmt: skip
Z = None

# Where each input leads from each state; Z: it cannot happen there.
#                AWAITING_AUTH, VERIFYING, OPENING; OPEN, RENEWING, REREADING;
#                DEFERRED, RENEWING_DEFERRED, REOPENING; CLOSED
LEADS: dict[str, tuple[State | None, ...]] = {
    "auth":        (V, V, G,   R, R, E,   N, N, B,   X),
    "ping":        (A, V, G,   P, R, E,   D, N, B,   X),
    "seen":        (A, V, G,   P, R, E,   D, N, B,   X),
    "unknown":     (A, V, G,   P, R, E,   D, N, B,   X),
    "malformed":   (X, X, X,   X, X, X,   X, X, X,   X),
    "binary":      (X, X, X,   X, X, X,   X, X, X,   X),
    "overhead":    (A, V, G,   P, R, E,   D, N, B,   X),
    "verified":    (Z, G, Z,   Z, E, Z,   Z, D, Z,   X),
    "refused":     (Z, X, Z,   Z, X, Z,   Z, X, Z,   X),
    "unavailable": (Z, X, Z,   Z, P, Z,   Z, D, Z,   X),
    "opened":      (Z, Z, P,   Z, Z, P,   Z, Z, P,   X),
    "crowded":     (Z, X, X,   Z, X, Z,   Z, X, Z,   X),
    "log failed":  (Z, X, X,   Z, X, X,   Z, Z, Z,   X),
    "log away":    (Z, Z, D,   Z, Z, D,   Z, Z, D,   X),
    "deferred":    (A, V, G,   D, N, E,   D, N, B,   X),
    "restored":    (A, V, G,   P, R, E,   B, N, B,   X),
    "see failed":  (Z, Z, Z,   P, R, E,   D, N, B,   X),
    "judged":      (Z, Z, Z,   P, R, E,   D, N, B,   X),
    "tick":        (A, V, G,   P, R, E,   D, N, B,   X),
    "stopped":     (X, X, X,   X, X, X,   X, X, X,   X),
}  # fmt: skip


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", INPUTS)
def test_every_input_in_every_state(name: str, state: State) -> None:
    desk = Desk().bring_to(state)
    expected = LEADS[name][list(State).index(state)]
    if expected is None:
        before = {slot: getattr(desk.session, slot) for slot in Session.__slots__}
        with pytest.raises(IllegalInput, match=f"while {state.value}"):
            desk.feed(INPUTS[name]())
        assert {slot: getattr(desk.session, slot) for slot in Session.__slots__} == before
    else:
        effects = desk.feed(INPUTS[name]())
        assert desk.session.state is expected
        assert state is not State.CLOSED or effects == ()


def test_the_walk_above_knows_every_input_there_is() -> None:
    tried = {type(make()) for make in INPUTS.values()} | {Auth, Ping, Looked}
    assert set(Session.TABLE) == tried
