"""The messages of the socket: one JSON object a text frame, told apart by `type`. Unknown fields are ignored."""

from enum import StrEnum
from typing import Annotated

import msgspec

from salebell_protocol.events import Event, Position
from salebell_protocol.names import Count, Epoch, StoreName, UnixTime, Upto

Token = Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]
Device = Annotated[str, msgspec.Meta(max_length=100)]
PingId = Annotated[str, msgspec.Meta(max_length=100)] | Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]


class AuthErrorCode(StrEnum):
    """Why a sign-in on the socket failed."""

    TOKEN_INVALID = "token_invalid"
    TOKEN_EXPIRED = "token_expired"
    NOT_ADMIN = "not_admin"
    REVOKED = "revoked"
    STORE_FORBIDDEN = "store_forbidden"
    AUTH_UNAVAILABLE = "auth_unavailable"
    AUTH_TIMEOUT = "auth_timeout"


class ErrorCode(StrEnum):
    """What was wrong with a client's message."""

    MALFORMED = "malformed"
    UNKNOWN_TYPE = "unknown_type"
    NOT_AUTHENTICATED = "not_authenticated"
    RATE_LIMITED = "rate_limited"
    LOG_UNAVAILABLE = "log_unavailable"
    POSITION_AHEAD = "position_ahead"


class Recovery(StrEnum):
    """What an `auth_success` means for a client that asked to resume."""

    FRESH = "fresh"
    """No `resume` was given: adopt `position`."""
    COMPLETE = "complete"
    """The missed events follow, in order, before any live one."""
    RESET = "reset"
    """Continuity is lost: adopt `position`, reload the list over HTTP."""
    DEFERRED = "deferred"
    """The shared log cannot be reached: keep what is known; provisional events follow."""


class AdminIdentity(msgspec.Struct, frozen=True):
    """Who is signed in."""

    uid: str
    email: str
    name: str


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every message has in common: the field `type`."""


class Welcome(Message, frozen=True, tag="welcome"):
    """The server's first word. `heartbeat` and `auth_timeout` are in seconds."""

    protocol: int
    server: str
    heartbeat: int
    auth_timeout: int


class AuthSuccess(Message, frozen=True, tag="auth_success"):
    """Signed in. `position`, `unread` and `seen` are one atomic reading; null when `recovery` is `deferred`.

    Attributes:
        position: top of the store's log.
        unread: distinct sales whose latest `SALE_CREATED` lies above `seen`.
        seen: the admin's cursor.
        stores: all stores that this admin may open.

    Raises:
        ValueError: a reading is missing without `deferred`, or present with it.
    """

    admin: AdminIdentity
    store: StoreName
    stores: tuple[StoreName, ...]
    position: Position | None
    unread: Count | None
    seen: Upto | None
    expires_at: UnixTime
    server_time: UnixTime
    recovery: Recovery

    def __post_init__(self) -> None:
        missing = [self.position is None, self.unread is None, self.seen is None]
        if any(missing) if self.recovery is not Recovery.DEFERRED else not all(missing):
            raise ValueError("position, unread and seen are null exactly when recovery is deferred")


class AuthExpiring(Message, frozen=True, tag="auth_expiring"):
    """The token runs out soon: send `auth` again with a fresh one."""

    expires_at: UnixTime


class AuthError(Message, frozen=True, tag="auth_error"):
    """The sign-in failed; the close code follows."""

    code: AuthErrorCode
    message: str


class EventMessage(Message, frozen=True, tag="event"):
    """One event. The same bytes go to every admin of the store."""

    event: Event


class Unread(Message, frozen=True, tag="unread"):
    """The unread count of this admin, counted up to the offset `as_of`."""

    count: Count
    seen: Upto
    as_of: Upto


class Pong(Message, frozen=True, tag="pong", omit_defaults=True):
    """Answers a `ping`, with its `id` if it had one."""

    id: PingId | None = None


class ErrorMessage(Message, frozen=True, tag="error"):
    """A client's message was refused. `message` is for a log, `code` for a program."""

    code: ErrorCode
    message: str


class Auth(Message, frozen=True, tag="auth", omit_defaults=True):
    """Sign in; sent again, renew on the open socket."""

    token: Token
    store: StoreName | None = None
    resume: Position | None = None
    device: Device | None = None

    def __repr__(self) -> str:
        """Without the token: a repr ends up in logs and tracebacks."""
        return f"Auth(store={self.store!r}, resume={self.resume!r}, device={self.device!r})"


class Ping(Message, frozen=True, tag="ping", omit_defaults=True):
    """Heartbeat."""

    id: PingId | None = None


class Seen(Message, frozen=True, tag="seen", omit_defaults=True):
    """The admin has looked at the sales up to `offset`; default: the position this connection has given."""

    epoch: Epoch | None = None
    offset: Upto | None = None


ClientMessage = Auth | Ping | Seen
ServerMessage = Welcome | AuthSuccess | AuthExpiring | AuthError | EventMessage | Unread | Pong | ErrorMessage
