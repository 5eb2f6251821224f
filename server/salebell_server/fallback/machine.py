"""Whether the shared log is used: what happened in, what to do out.

    NORMAL ──Failed, LinkDown──> DEGRADED ──Written and LinkUp──> RECOVERING ──Drained──> NORMAL
                                    ^ <────Failed, LinkDown────────────┘

A server begins DEGRADED: nothing is known yet. Only a write shows that the log is back, since a Redis that is full,
read-only or loading its data answers to much else; and only a bus that is connected brings what others append.
`Machine.TABLE` says what each input does in each state; what it does not name changes nothing but what is remembered.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, ClassVar

import msgspec

UNKNOWN = "it has not been reached yet"
"""The reason of a server that has just begun."""


class State(Enum):
    """How the shared log fares, as far as this server is concerned."""

    NORMAL = "normal"
    DEGRADED = "degraded"
    """Sales are kept on this machine's disk."""
    RECOVERING = "recovering"
    """The log is back, and is being told what was kept. Answers as DEGRADED does."""


class Failed(msgspec.Struct, frozen=True):
    """A command to the log failed: it could not be reached, or not be written to."""

    reason: str


class LinkDown(msgspec.Struct, frozen=True):
    """The bus brings nothing any more."""

    reason: str


class LinkUp(msgspec.Struct, frozen=True):
    """The bus is connected, and everything is subscribed."""


class Written(msgspec.Struct, frozen=True):
    """A write to the log succeeded that began after the last failure that this machine was told of."""


class Drained(msgspec.Struct, frozen=True):
    """Nothing is kept that the log has not been told."""


Input = Failed | LinkDown | LinkUp | Written | Drained


class Effect(Enum):
    """What to do, in the order given."""

    DEFER = "defer"
    """Tell the admins that the log is away."""
    DRAIN = "drain"
    """Begin to tell the log what was kept; answered by `Drained`, or `Failed`."""
    HALT = "halt"
    """Tell the log no more."""
    RESTORE = "restore"
    """Bring the admins on from where they were."""


Effects = tuple[Effect, ...]
Handler = Callable[[Any, Any, float], Effects]


class Machine:
    """The state, and how it came to be.

    Args:
        now: seconds, from any start, never backwards.

    Attributes:
        state: read-only.
        since: when it was entered; from DEGRADED to RECOVERING and back it stays, since the log has been away for
            as long.
        reason: why the log is not used, for people; "" in NORMAL.
    """

    def __init__(self, now: float) -> None:
        self.state = State.DEGRADED
        self.since = now
        self.reason = UNKNOWN
        self._linked = False
        self._written = False

    def feed(self, given: Input, now: float) -> Effects:
        """Tell the machine what happened, and when."""
        if isinstance(given, LinkUp | LinkDown):
            self._linked = isinstance(given, LinkUp)
        handler = self.TABLE[type(given)].get(self.state)
        return () if handler is None else handler(self, given, now)

    def _leave(self, given: Failed | LinkDown, now: float) -> Effects:
        self.state, self.since = State.DEGRADED, now
        self._forget(given, now)
        return (Effect.DEFER,)

    def _fall_back(self, given: Failed | LinkDown, now: float) -> Effects:
        self.state = State.DEGRADED
        self._forget(given, now)
        return (Effect.HALT,)

    def _forget(self, given: Failed | LinkDown, _now: float) -> Effects:
        self.reason = given.reason
        self._written = False
        return ()

    def _wrote(self, _: Written, now: float) -> Effects:
        self._written = True
        return self._come_back(_, now)

    def _come_back(self, _: Written | LinkUp, _now: float) -> Effects:
        if not (self._written and self._linked):
            return ()
        self.state = State.RECOVERING
        return (Effect.DRAIN,)

    def _go_on(self, _: Drained, now: float) -> Effects:
        self.state, self.since, self.reason = State.NORMAL, now, ""
        self._written = False
        return (Effect.RESTORE,)

    TABLE: ClassVar[Mapping[type, Mapping[State, Handler]]] = {
        Failed: {State.NORMAL: _leave, State.RECOVERING: _fall_back, State.DEGRADED: _forget},
        LinkDown: {State.NORMAL: _leave, State.RECOVERING: _fall_back, State.DEGRADED: _forget},
        LinkUp: {State.DEGRADED: _come_back},
        Written: {State.DEGRADED: _wrote},
        Drained: {State.RECOVERING: _go_on},
    }
