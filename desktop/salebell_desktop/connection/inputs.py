"""What can happen to a connection."""

import msgspec

from salebell_protocol.messages import AuthErrorCode


class Input(msgspec.Struct, frozen=True):
    """What the inputs have in common."""


class SignedIn(Input, frozen=True):
    """There is somebody to connect for."""


class SignedOut(Input, frozen=True):
    """There is nobody any more."""


class Dialled(Input, frozen=True):
    """`Dial` succeeded: a token is at hand and the socket is open."""


class DialFailed(Input, frozen=True):
    """`Dial` failed on the way; `reason` is a sentence for people."""

    reason: str = ""


class Welcomed(Input, frozen=True):
    """The server's `welcome` came, with the number of its protocol."""

    protocol: int


class Authenticated(Input, frozen=True):
    """`auth_success` came: the first on this socket, a renewal, or one that the server sent by itself."""


class AuthPostponed(Input, frozen=True):
    """`auth_error` `auth_unavailable` came; on a renewal the socket stays open."""


class TokenExpiring(Input, frozen=True):
    """`auth_expiring` came."""


class Heard(Input, frozen=True):
    """Any other message came: the link is alive."""


class OutOfPlace(Input, frozen=True):
    """An event came whose predecessors did not: only resuming brings them."""


class Closed(Input, frozen=True):
    """The socket is closed, not by us.

    Attributes:
        code: the close code; None when the connection broke without one.
        error: the code of the `auth_error` that came before it.
    """

    code: int | None
    error: AuthErrorCode | None = None


class TimerFired(Input, frozen=True):
    """The time of the last `Wait` is over."""


class Woke(Input, frozen=True):
    """The computer was asleep, or the program was held up for long."""


class NetworkReturned(Input, frozen=True):
    """The system says that there is a network again."""


class ReconnectNow(Input, frozen=True):
    """Somebody clicked *Reconnect now*."""


class TokenRefreshed(Input, frozen=True):
    """`ForceRefresh` succeeded."""


class RefreshFailed(Input, frozen=True):
    """No token could be had, by `ForceRefresh` or by `Dial`.

    Attributes:
        final: the identity provider refuses for good; otherwise it is worth another try.
        reason: a sentence for people.
    """

    final: bool
    reason: str = ""
