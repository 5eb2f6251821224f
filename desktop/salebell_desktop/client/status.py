"""What people are told of a connection: from the machine's facts to `Link`."""

from salebell_desktop.client.clock import Clock
from salebell_desktop.connection import backoff
from salebell_desktop.connection.facts import Facts, State
from salebell_desktop.store import Link, LinkState

_STATES = {
    State.SIGNED_OUT: LinkState.SIGNED_OUT,
    State.DIALLING: LinkState.CONNECTING,
    State.AUTHENTICATING: LinkState.CONNECTING,
    State.REFRESHING: LinkState.CONNECTING,
    State.WAITING: LinkState.CONNECTING,
    State.CONNECTED: LinkState.CONNECTED,
    State.RENEWING: LinkState.CONNECTED,
    State.DISCONNECTED: LinkState.DISCONNECTED,
    State.REFUSED: LinkState.REFUSED,
}
_LOST = (LinkState.CONNECTING, LinkState.DISCONNECTED)
_DUE = (State.WAITING, State.DISCONNECTED)

_Told = tuple[LinkState, float | None, int, str]


class Status:
    """The status of one connection."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: _Told | None = None
        self._state: LinkState | None = None
        self._since = 0.0

    def changed(self, facts: Facts) -> Link | None:
        """The status, if it is another one than at the last call."""
        state = _STATES[facts.state]
        if state is LinkState.CONNECTING and facts.failures >= backoff.ATTEMPTS:
            state = LinkState.DISCONNECTED  # one of the slow attempts: nothing to raise hopes for
        due = facts.due if facts.state in _DUE else None
        attempt = 0 if state is LinkState.CONNECTED else facts.failures
        told = (state, due, attempt, facts.reason)
        if told == self._told:
            return None
        self._told = told
        if state is not self._state and not (state in _LOST and self._state in _LOST):
            self._since = self._clock.unix()
        self._state = state
        next_try = None if due is None else self._clock.unix() + max(0.0, due - self._clock.now())
        return Link(state=state, since=self._since, next_try=next_try, attempt=attempt, reason=facts.reason)
