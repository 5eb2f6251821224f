"""What a session wants done, in the order given.

    Send       write a message; an Answer is what an `auth` is answered when it is good
    Close      start the closing handshake; nothing is sent after it
    Enter      the connection is an admin's from now on
    Attach     let the store's events follow, from an offset on
    Postpone   let what waits for the log follow, until the log is back
    See        move the admin's cursor; failure is answered by `SeeFailed`
    Question   find something out, and tell the session:
        Verify     answered by Verified, Refused, Crowded or LogFailed
        Open       answered by Opened, Crowded, LogAway or LogFailed
        Reread     answered by Opened, LogAway or LogFailed

At most one question is open at a time, and it is the last effect of its list.
"""

import msgspec

from salebell_protocol.events import Position
from salebell_protocol.messages import ServerMessage


class Send(msgspec.Struct, frozen=True):
    """Write a message to the client."""

    message: ServerMessage


class Answer(Send, frozen=True):
    """Write the `auth_success` that a sign-in or a renewal is answered."""


class Close(msgspec.Struct, frozen=True):
    """Close the socket. `reason` is for a log, at most 123 bytes (RFC 6455, section 5.5)."""

    code: int
    reason: str


class Enter(msgspec.Struct, frozen=True):
    """The connection is signed in: it is one of the admin's from now on. Once a session."""


class Attach(msgspec.Struct, frozen=True):
    """Send the store's events after `start`, then the live ones.

    Attributes:
        top: the position that the reading was made at; tells whether it is of the log that the store's others follow.
        start: how far the client has its events: `top`, or its `resume`.
    """

    top: Position
    start: Position


class Postpone(msgspec.Struct, frozen=True):
    """Send what waits for the log, provisionally, then what comes to wait; no event of the log until `Attach`."""


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
Effect = Send | Close | Enter | Attach | Postpone | See | Question
