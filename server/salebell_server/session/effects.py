"""What a session wants done, in the order given.

    Send       write a message
    Close      start the closing handshake; nothing is sent after it
    Attach     let the store's events follow, from an offset on
    See        move the admin's cursor; failure is answered by `SeeFailed`
    Question   find something out, and tell the session:
        Verify     answered by Verified, Refused, Crowded or LogFailed
        Open       answered by Opened, Crowded or LogFailed
        Reread     answered by Opened or LogFailed

At most one question is open at a time, and it is the last effect of its list.
"""

import msgspec

from salebell_protocol.events import Position
from salebell_protocol.messages import ServerMessage


class Send(msgspec.Struct, frozen=True):
    """Write a message to the client."""

    message: ServerMessage


class Close(msgspec.Struct, frozen=True):
    """Close the socket. `reason` is for a log, at most 123 bytes (RFC 6455, section 5.5)."""

    code: int
    reason: str


class Attach(msgspec.Struct, frozen=True):
    """Send the store's events after `start`, then the live ones.

    Attributes:
        top: the position that the reading was made at; tells whether it is of the log that the store's others follow.
        start: how far the client has its events: `top`, or its `resume`.
    """

    top: Position
    start: Position


class See(msgspec.Struct, frozen=True):
    """Move the cursor of `uid` forward."""

    store: str
    uid: str
    epoch: str
    offset: int


class Verify(msgspec.Struct, frozen=True):
    """Whose token is this?"""

    token: str

    def __repr__(self) -> str:
        """Without the token: a repr ends up in logs and tracebacks."""
        return "Verify()"


class Open(msgspec.Struct, frozen=True):
    """What does a socket of `uid` start from? From now on the admin's counts belong to this connection too."""

    store: str
    uid: str
    resume: Position | None


class Reread(msgspec.Struct, frozen=True):
    """The position and the count as they are now, for a connection that is open already."""

    store: str
    uid: str


Question = Verify | Open | Reread
Effect = Send | Close | Attach | See | Question
