"""A session with a hand on its clock, and short ways to bring it into each state."""

from typing import Any

from salebell_protocol.codec import encode
from salebell_protocol.events import Position
from salebell_protocol.messages import Auth, Recovery, ServerMessage
from salebell_server.auth import Admin
from salebell_server.log import Reading
from salebell_server.session.effects import Close, Effect, Send
from salebell_server.session.inputs import Deferred, Input, Opened, Restored, Text, Tick, Verified
from salebell_server.session.machine import Session
from salebell_server.session.states import State

STARTED = 1000.0
UNIX = 1_800_000_000.0
TOKEN = "header.payload.signature"
TOP = Position("epoch-1", 7, "created:7")
SENT = Position("epoch-1", 9, "created:9")
"""How far the desk's client was sent the log when it went away."""


def admin(**changes: Any) -> Admin:
    facts: dict[str, Any] = {
        "uid": "u1", "email": "ana@example.com", "name": "Ana", "stores": frozenset({"main", "north"}),
        "expires_at": int(UNIX) + 3600, "issued_at": int(UNIX),
    }  # fmt: skip
    return Admin(**(facts | changes))


def reading(recovery: Recovery = Recovery.FRESH, position: Position = TOP) -> Reading:
    return Reading(position=position, unread=2, seen=3, recovery=recovery)


class Desk:
    """Feeds a session and remembers nothing: each call returns the effects of one input."""

    def __init__(self) -> None:
        self.now = STARTED
        self.unix = UNIX
        self.session = Session(self.now)

    def feed(self, given: Input) -> tuple[Effect, ...]:
        return self.session.feed(given, self.now, self.unix)

    def say(self, message: Any, delivered: int = 0) -> tuple[Effect, ...]:
        """What a client sends: a message of ours, or any bytes."""
        payload = message if isinstance(message, bytes) else encode(message)
        return self.feed(Text(payload, delivered))

    def wait(self, seconds: float) -> tuple[Effect, ...]:
        self.now += seconds
        self.unix += seconds
        return self.feed(Tick())

    def bring_to(self, state: State, who: Admin | None = None) -> "Desk":
        who = who or admin()
        verified = Verified(who, ("main", "north"))
        away: list[Any] = [Deferred(SENT.offset, SENT.event_id)]
        sign_in: list[Any] = [Auth(token=TOKEN), verified, Opened(reading())]
        ways: dict[State, list[Any]] = {
            State.AWAITING_AUTH: [],
            State.VERIFYING: sign_in[:1],
            State.OPENING: sign_in[:2],
            State.OPEN: sign_in,
            State.RENEWING: [*sign_in, Auth(token=TOKEN)],
            State.REREADING: [*sign_in, Auth(token=TOKEN), verified],
            State.DEFERRED: sign_in + away,
            State.RENEWING_DEFERRED: [*sign_in, *away, Auth(token=TOKEN)],
            State.REOPENING: [*sign_in, *away, Restored()],
            State.CLOSED: [b"no json"],
        }
        for each in ways[state]:
            if isinstance(each, Input):
                self.feed(each)
            else:
                self.say(each)
        assert self.session.state is state
        return self


def sent(effects: tuple[Effect, ...]) -> list[ServerMessage]:
    return [effect.message for effect in effects if isinstance(effect, Send)]


def closed(effects: tuple[Effect, ...]) -> int | None:
    """The code that the effects close with; a close comes last, and once."""
    closes = [effect for effect in effects if isinstance(effect, Close)]
    if not closes:
        return None
    assert len(closes) == 1
    assert effects[-1] is closes[0]
    assert len(closes[0].reason.encode()) <= 123
    return closes[0].code
