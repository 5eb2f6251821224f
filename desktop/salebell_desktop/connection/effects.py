"""What a connection wants done. Effects are performed in order."""

import msgspec


class _Effect(msgspec.Struct, frozen=True):
    """What the effects have in common."""


class Dial(_Effect, frozen=True):
    """Get a valid token and open a socket; then `Dialled`, `DialFailed` or `RefreshFailed`."""


class CancelDial(_Effect, frozen=True):
    """Give up the dial that is under way, and report nothing of it."""


class CloseSocket(_Effect, frozen=True):
    """Close the socket, and report nothing of it any more."""


class SendAuth(_Effect, frozen=True):
    """Send `auth` with the token.

    Attributes:
        resume: with the store's position: this is the first `auth` of the socket.
    """

    resume: bool


class SendPing(_Effect, frozen=True):
    """Send `ping`."""


class ForceRefresh(_Effect, frozen=True):
    """Get another token than the one used last; then `TokenRefreshed` or `RefreshFailed`."""


class CancelRefresh(_Effect, frozen=True):
    """Do not report the outcome of `ForceRefresh`. The refresh itself may go on, for other connections."""


class Wait(_Effect, frozen=True):
    """Report `TimerFired` after `seconds`. There is one timer: an earlier one is forgotten."""

    seconds: float


class StopWaiting(_Effect, frozen=True):
    """Forget the timer."""


class ForgetCredentials(_Effect, frozen=True):
    """Delete the stored refresh token of this account."""


class ShowSignIn(_Effect, frozen=True):
    """Nobody is signed in any more: show the sign-in window with `reason`, a sentence for people."""

    reason: str


Effect = (
    Dial
    | CancelDial
    | CloseSocket
    | SendAuth
    | SendPing
    | ForceRefresh
    | CancelRefresh
    | Wait
    | StopWaiting
    | ForgetCredentials
    | ShowSignIn
)
