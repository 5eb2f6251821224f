"""The states of a connection, and what each input does in each of them.

Feed a `Connection` inputs; it answers with effects for the caller to perform. `TRANSITIONS` is complete: an input that
it does not list for a state cannot happen there, raises `IllegalInput`, and changes nothing.

Times are in seconds of a clock that only goes forward. Whether it counts the time asleep does not matter: a timer that
fires much too late is taken for a wake-up, and a wake-up that the system reports is an input.
"""

from collections.abc import Mapping

from salebell_desktop.connection import transitions as to
from salebell_desktop.connection.effects import Effect, StopWaiting, Wait
from salebell_desktop.connection.facts import EARLY, Facts, Moment, State
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


class IllegalInput(Exception):
    """The caller reported something that cannot happen in this state."""


TRANSITIONS: Mapping[State, Mapping[type[Input], to.Transition]] = {
    State.SIGNED_OUT: {
        SignedIn: to.sign_in,
        Woke: to.stay,
        NetworkReturned: to.stay,
        ReconnectNow: to.stay,
    },
    State.DIALLING: {
        SignedOut: to.sign_out_dialling,
        Dialled: to.dialled,
        DialFailed: to.dial_failed,
        RefreshFailed: to.no_token,
        TimerFired: to.dial_timed_out,
        Woke: to.dial_again,
        NetworkReturned: to.dial_again,
        ReconnectNow: to.dial_again,
    },
    State.AUTHENTICATING: {
        SignedOut: to.sign_out_open,
        Welcomed: to.welcomed,
        Authenticated: to.authenticated,
        AuthPostponed: to.heard,
        TokenExpiring: to.heard,
        Heard: to.heard,
        OutOfPlace: to.out_of_place,
        Closed: to.closed,
        TimerFired: to.answer_overdue,
        Woke: to.start_over,
        NetworkReturned: to.start_over,
        ReconnectNow: to.start_over,
    },
    State.CONNECTED: {
        SignedOut: to.sign_out_open,
        Welcomed: to.welcomed,
        Authenticated: to.heard,
        AuthPostponed: to.postponed,
        TokenExpiring: to.expiring,
        Heard: to.heard,
        OutOfPlace: to.out_of_place,
        Closed: to.closed,
        TimerFired: to.heartbeat,
        Woke: to.probe,
        NetworkReturned: to.probe,
        ReconnectNow: to.start_over,
    },
    State.RENEWING: {
        SignedOut: to.sign_out_open,
        Welcomed: to.welcomed,
        Authenticated: to.heard,
        AuthPostponed: to.postponed,
        TokenExpiring: to.heard,
        Heard: to.heard,
        OutOfPlace: to.out_of_place,
        Closed: to.closed,
        TokenRefreshed: to.renew,
        RefreshFailed: to.not_renewed,
        TimerFired: to.heartbeat,
        Woke: to.probe,
        NetworkReturned: to.probe,
        ReconnectNow: to.start_over,
    },
    State.REFRESHING: {
        SignedOut: to.sign_out_refreshing,
        TokenRefreshed: to.token_at_hand,
        RefreshFailed: to.no_token,
        TimerFired: to.refresh_timed_out,
        Woke: to.stay,
        NetworkReturned: to.stay,
        ReconnectNow: to.stay,
    },
    State.WAITING: {
        SignedOut: to.sign_out,
        TimerFired: to.attempt_due,
        Woke: to.at_once,
        NetworkReturned: to.at_once,
        ReconnectNow: to.at_once,
    },
    State.DISCONNECTED: {
        SignedOut: to.sign_out,
        TimerFired: to.attempt_due,
        Woke: to.at_once,
        NetworkReturned: to.at_once,
        ReconnectNow: to.at_once,
    },
    State.REFUSED: {
        SignedOut: to.sign_out,
        Woke: to.stay,
        NetworkReturned: to.stay,
        ReconnectNow: to.at_once,
    },
}


class Connection:
    """A connection's state."""

    def __init__(self) -> None:
        self.facts = Facts()

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.facts.state

    def receive(self, event: Input, now: float, jitter: float) -> tuple[Effect, ...]:
        """Take in what happened; the answer is what to do, in order.

        A timer that fires early is set again.

        Args:
            event: what happened.
            now: when, in seconds of a clock that only goes forward.
            jitter: a random number in [0, 1).

        Raises:
            IllegalInput: it cannot happen in this state. Nothing changed.
        """
        transition = TRANSITIONS[self.facts.state].get(type(event))
        if transition is None:
            raise IllegalInput(f"{type(event).__name__} while {self.facts.state.name}")
        before = self.facts.due
        if type(event) is TimerFired and before is not None and now < before - EARLY:
            return (Wait(before - now),)
        self.facts, effects = transition(self.facts, event, Moment(now, jitter))
        due = self.facts.due
        if due is not None and (due != before or type(event) is TimerFired):
            return (*effects, Wait(max(0.0, due - now)))
        return (*effects, StopWaiting()) if due is None and before is not None else effects
