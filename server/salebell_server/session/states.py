"""Where a connection stands, and which of these have something in common."""

from enum import Enum


class State(Enum):
    """Where a connection stands."""

    AWAITING_AUTH = "awaiting_auth"
    VERIFYING = "verifying"
    """The first token is with the verifier."""
    OPENING = "opening"
    """The token is good; the log is being read."""
    OPEN = "open"
    RENEWING = "renewing"
    """Open, and another token is with the verifier."""
    REREADING = "rereading"
    """Open, and the log is being read for the answer to a renewal."""
    DEFERRED = "deferred"
    """Signed in, and the log is away: the client was told `deferred`."""
    RENEWING_DEFERRED = "renewing_deferred"
    """Deferred, and another token is with the verifier."""
    REOPENING = "reopening"
    """Deferred, and the log, which is said to be back, is being read."""
    CLOSED = "closed"


EVERY = tuple(state for state in State if state is not State.CLOSED)
NOT_SIGNED_IN = (State.AWAITING_AUTH, State.VERIFYING, State.OPENING)
FOLLOWING = (State.OPEN, State.RENEWING, State.REREADING)
"""Signed in, and the client knows a position of the log that goes on."""
AWAY = (State.DEFERRED, State.RENEWING_DEFERRED, State.REOPENING)
"""Signed in, and the client was told that the log is away."""
SIGNED_IN = FOLLOWING + AWAY
ASKING = tuple(state for state in EVERY if state not in (State.AWAITING_AUTH, State.OPEN, State.DEFERRED))
"""A question is open, to the verifier or to the log."""
