"""Connections in every state, with a clock."""

from collections.abc import Callable, Sequence

import pytest

from salebell_desktop.connection.effects import (
    Effect,
    StopWaiting,
    Wait,
)
from salebell_desktop.connection.facts import Facts, State
from salebell_desktop.connection.inputs import (
    Authenticated,
    Closed,
    DialFailed,
    Dialled,
    Heard,
    Input,
    SignedIn,
    TimerFired,
    TokenExpiring,
)
from salebell_desktop.connection.machine import Connection

JITTER = 0.5


class Run:
    """A connection with a clock."""

    def __init__(self) -> None:
        self.connection = Connection()
        self.now = 1000.0

    def __call__(self, *events: Input, after: float = 0.0) -> list[Effect]:
        """What the events, `after` seconds from now, want done; timers aside."""
        self.now += after
        effects: list[Effect] = []
        for event in events:
            effects.extend(self.connection.receive(event, self.now, JITTER))
        self.waits = [effect for effect in effects if isinstance(effect, Wait | StopWaiting)]
        return [effect for effect in effects if not isinstance(effect, Wait | StopWaiting)]

    def due(self) -> list[Effect]:
        """Let the timer fire."""
        due = self.facts.due
        assert due is not None
        return self(TimerFired(), after=max(0.0, due - self.now))

    @property
    def state(self) -> State:
        return self.connection.state

    @property
    def facts(self) -> Facts:
        return self.connection.facts

    @property
    def wait(self) -> float | None:
        """How long the timer was set for by the last events."""
        last = self.waits[-1] if self.waits else None
        return last.seconds if isinstance(last, Wait) else None


def _in_state(state: State) -> Run:
    """A connection that came to `state` the ordinary way."""
    run = Run()
    ways: dict[State, Sequence[Input]] = {
        State.SIGNED_OUT: (),
        State.DIALLING: (SignedIn(),),
        State.AUTHENTICATING: (SignedIn(), Dialled()),
        State.CONNECTED: (SignedIn(), Dialled(), Authenticated()),
        State.RENEWING: (SignedIn(), Dialled(), Authenticated(), TokenExpiring()),
        State.REFRESHING: (SignedIn(), Dialled(), Closed(4401)),
        State.WAITING: (SignedIn(), DialFailed()),
        State.REFUSED: (SignedIn(), Dialled(), Closed(4403)),
        State.DISCONNECTED: (SignedIn(), DialFailed()),
    }
    run(*ways[state])
    while state is State.DISCONNECTED and run.state is not state:
        run.due()
        run(DialFailed())
    assert run.state is state
    return run


@pytest.fixture
def in_state() -> Callable[[State], Run]:
    """Brings a connection to a state the ordinary way."""
    return _in_state


@pytest.fixture
def run() -> Run:
    return Run()


@pytest.fixture
def stable() -> Run:
    """A connection that has been signed in for some minutes."""
    run = _in_state(State.CONNECTED)
    for _ in range(5):
        run.due()
        run(Heard())
    return run
