"""What a session is told, besides the client's messages."""

import msgspec

from salebell_protocol.messages import AuthErrorCode, ErrorCode
from salebell_server.auth import Admin, Verdict
from salebell_server.log import Reading


class Input(msgspec.Struct, frozen=True):
    """Something that happened to a connection."""


class Text(Input, frozen=True):
    """A whole text message came in.

    Attributes:
        payload: its bytes, not yet known to be UTF-8.
        delivered: the offset up to which this connection has given the client its events.
    """

    payload: bytes
    delivered: int = 0


class Binary(Input, frozen=True):
    """A binary message came in; the protocol has none."""


class Overhead(Input, frozen=True):
    """A frame came in that carries no message by itself: a ping, a pong, a part of a message."""


class Looked(Input, frozen=True):
    """The client's `seen`, with its offset filled in. The session makes it of the message by itself.

    Attributes:
        epoch: None for that of this connection.
    """

    epoch: str | None
    offset: int


class Verified(Input, frozen=True):
    """Answers `Verify`: the token is good.

    Attributes:
        stores: all stores that the admin may open, sorted.
    """

    admin: Admin
    stores: tuple[str, ...]


class Refused(Input, frozen=True):
    """Answers `Verify`: the token was refused, or could not be judged."""

    code: AuthErrorCode
    message: str


class Opened(Input, frozen=True):
    """Answers `Open` and `Reread`: what the log says.

    Attributes:
        stores: all stores that the admin may open, sorted; None for those that are known.
    """

    reading: Reading
    stores: tuple[str, ...] | None = None


class Crowded(Input, frozen=True):
    """Answers `Verify` and `Open`: too many failed attempts, or too many sockets of this admin.

    Attributes:
        message: which of the two, for people.
    """

    message: str


class LogFailed(Input, frozen=True):
    """Answers `Verify`, `Open` and `Reread`: the log cannot be read now."""


class LogAway(Input, frozen=True):
    """Answers `Open` and `Reread`: the log cannot be read now; `Restored` follows when it can.

    Attributes:
        offset, event_id: the last event that this connection was sent, or started from. Of no meaning for `Open`.
    """

    offset: int = 0
    event_id: str = ""


class Deferred(Input, frozen=True):
    """The log is away, and nothing of it is sent any more. Ignored where that is known, or an answer will tell.

    Attributes:
        offset, event_id: the last event that this connection was sent, or started from.
    """

    offset: int
    event_id: str


class Restored(Input, frozen=True):
    """The log is back. Ignored where that is no news, and while a token is with the verifier: to be told again."""


class SeeFailed(Input, frozen=True):
    """Answers `See`: `log_unavailable` or `position_ahead`. Success is answered by the log, through the bus."""

    code: ErrorCode


class Judged(Input, frozen=True):
    """What is true of the admin's account now."""

    verdict: Verdict


class Tick(Input, frozen=True):
    """Time has passed; due when `Session.deadline` is reached."""


class Stopped(Input, frozen=True):
    """The server stops."""
