from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salebell_desktop.connection.effects import (
    CancelDial,
    CancelRefresh,
    CloseSocket,
    Dial,
    ForceRefresh,
    SendAuth,
    SendPing,
    StopWaiting,
    Wait,
)
from salebell_desktop.connection.facts import State
from salebell_desktop.connection.inputs import (
    Authenticated,
    AuthPostponed,
    Closed,
    DialFailed,
    Dialled,
    Heard,
    Input,
    NetworkReturned,
    OutOfPlace,
    ReconnectNow,
    RefreshFailed,
    SignedIn,
    SignedOut,
    TimerFired,
    TokenExpiring,
    TokenRefreshed,
    Welcomed,
    Woke,
)
from salebell_desktop.connection.machine import TRANSITIONS, Connection, IllegalInput
from salebell_protocol.messages import AuthErrorCode

EVERY_INPUT: tuple[Input, ...] = (
    SignedIn(),
    SignedOut(),
    Dialled(),
    DialFailed("no"),
    Welcomed(1),
    Authenticated(),
    AuthPostponed(),
    TokenExpiring(),
    Heard(),
    OutOfPlace(),
    Closed(None),
    TimerFired(),
    Woke(),
    NetworkReturned(),
    ReconnectNow(),
    TokenRefreshed(),
    RefreshFailed(final=False),
)


class TestTheTable:
    @pytest.mark.parametrize("event", EVERY_INPUT, ids=lambda event: type(event).__name__)
    @pytest.mark.parametrize("state", list(State))
    def test_every_input_in_every_state(self, in_state: Any, state: State, event: Input) -> None:
        run = in_state(state)
        before = run.facts
        if type(event) in TRANSITIONS[state]:
            run(event)
            return
        with pytest.raises(IllegalInput, match=f"{type(event).__name__} while {state.name}"):
            run(event)
        assert run.facts is before

    def test_the_table_knows_every_state(self) -> None:
        assert set(TRANSITIONS) == set(State)
        assert {event for inputs in TRANSITIONS.values() for event in inputs} == {type(event) for event in EVERY_INPUT}

    @settings(max_examples=300)
    @given(
        events=st.lists(
            st.tuples(
                st.one_of(
                    st.sampled_from(EVERY_INPUT),
                    st.builds(
                        Closed,
                        st.sampled_from([None, 1001, 1012, 4400, 4401, 4403, 4408, 4413, 4419, 4423, 4503]),
                        st.sampled_from([None, *AuthErrorCode]),
                    ),
                    st.builds(RefreshFailed, st.booleans()),
                ),
                st.floats(0, 400),
                st.floats(0, 1, exclude_max=True),
            ),
            max_size=60,
        )
    )
    def test_whatever_happens(self, events: list[tuple[Input, float, float]]) -> None:
        """Sockets, dials, refreshes and timers are given up before others are begun, and none is left behind."""
        connection, now = Connection(), 0.0
        dial = socket = refresh = timer = False
        for event, after, jitter in events:
            now += after
            if type(event) not in TRANSITIONS[connection.state]:
                continue
            match event:
                case Dialled():
                    dial, socket = False, True
                case DialFailed():
                    dial = False
                case Closed():
                    socket = False
                case TokenRefreshed():
                    refresh = False
                case RefreshFailed():
                    dial = refresh = False
                case TimerFired():
                    timer = False
                case _:
                    pass
            for effect in connection.receive(event, now, jitter):
                match effect:
                    case Dial():
                        assert not dial
                        assert not socket
                        dial = True
                    case CancelDial():
                        assert dial
                        dial = False
                    case ForceRefresh():
                        assert not refresh
                        refresh = True
                    case CancelRefresh():
                        assert refresh
                        refresh = False
                    case CloseSocket():
                        assert socket
                        socket = False
                    case SendAuth() | SendPing():
                        assert socket
                    case Wait(seconds=seconds):
                        assert seconds >= 0
                        timer = True
                    case StopWaiting():
                        timer = False
                    case _:
                        pass
            state = connection.state
            assert dial == (state is State.DIALLING)
            assert socket == (state in (State.AUTHENTICATING, State.CONNECTED, State.RENEWING))
            assert refresh == (state in (State.REFRESHING, State.RENEWING))
            assert timer == (state not in (State.SIGNED_OUT, State.REFUSED))
            assert timer == (connection.facts.due is not None)
