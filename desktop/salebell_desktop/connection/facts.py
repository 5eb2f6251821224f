"""What a connection knows, and the times that it keeps to."""

from enum import Enum, auto

import msgspec

DIAL_TIMEOUT = 20.0
"""Getting a token and opening the socket may take so long: a handshake can hang in a dead network for minutes."""
AUTH_TIMEOUT = 15.0
"""The answer to the first `auth` may take so long; longer than the server waits for anything itself."""
SILENT_INTERVALS = 2
"""So many heartbeats without any message are a dead link."""
PROBE_TIMEOUT = 5.0
"""After a wake-up the server may take so long to answer before the link is taken for dead."""
LATE = 15.0
"""A timer that fires so much too late was held up by sleep."""
EARLY = 0.1
"""A timer that fires so much too early is taken as on time; timers are coarse."""
STABLE = 60.0
"""A connection that was signed in for so long has succeeded: the failures before it are forgotten."""


class State(Enum):
    """Where a connection stands."""

    SIGNED_OUT = auto()
    DIALLING = auto()
    AUTHENTICATING = auto()
    """The socket is open and `auth` is sent."""
    CONNECTED = auto()
    RENEWING = auto()
    """Connected, and a fresh token is being fetched to renew the sign-in with."""
    REFRESHING = auto()
    """The server did not accept the token: another one is being fetched, then it dials."""
    WAITING = auto()
    """The next of the first ten attempts is due at `due`."""
    DISCONNECTED = auto()
    """Ten attempts failed; the next one is due at `due`, minutes away."""
    REFUSED = auto()
    """It stopped for `reason`; another try would fail the same way."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that a connection knows. Times are in seconds, of the clock that `Connection.receive` is told.

    Attributes:
        failures: attempts that failed since a connection was last stable.
        due: when the timer is to fire; None when there is none.
        reason: why the last attempt failed or the connection ended, as a sentence for people; "" once connected.
        heard_at: when a message last came.
        ping_at: when the next `ping` is due.
        authenticated_at: since when this socket is signed in.
        probing: a ping asks whether the link outlived a sleep; the timer is for its answer.
        renew: there was no fresh token to renew with: one is to be fetched at the next heartbeat.
        resend: the server could not check the fresh token: it is to be sent again at the next heartbeat.
        token_stale: the next attempt needs another token than the last one.
        retried: the close codes for which the token was refreshed, since a connection was last stable.
    """

    state: State = State.SIGNED_OUT
    failures: int = 0
    due: float | None = None
    reason: str = ""
    heard_at: float = 0.0
    ping_at: float = 0.0
    authenticated_at: float = 0.0
    probing: bool = False
    renew: bool = False
    resend: bool = False
    token_stale: bool = False
    retried: frozenset[int] = frozenset()


class Moment(msgspec.Struct, frozen=True):
    """When an input came, and a random number in [0, 1) for it alone."""

    now: float
    jitter: float
