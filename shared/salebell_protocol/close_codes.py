"""WebSocket close codes, named by what the client should do next."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Codes that the server closes a socket with (RFC 6455, section 7.4.2: 4000-4999 are the application's)."""

    GOING_AWAY = 1001
    """The server stops, or its log was replaced: reconnect with jitter, resume."""
    TOO_BIG = 1009
    """A frame over 16 KiB: stop, report."""
    SERVICE_RESTART = 1012
    """The server stops, or its log was replaced: reconnect with jitter, resume."""
    PROTOCOL_ERROR = 4400
    """Stop and report: asking again would fail again."""
    TOKEN_INVALID = 4401
    """One forced refresh of the token, then the sign-in window."""
    NOT_ADMIN = 4403
    """Not an admin of this store: stop and say so."""
    AUTH_TIMEOUT = 4408
    """No `auth` in time: reconnect with backoff."""
    TOO_SLOW = 4413
    """The client reads too slowly: reconnect with backoff, resume; nothing is lost."""
    TOKEN_EXPIRED = 4419
    """Refresh the token and reconnect at once, once; then backoff."""
    REVOKED = 4423
    """The account is disabled or revoked: forget the stored token, sign-in window."""
    TOO_MANY = 4429
    """Too many attempts, messages or connections: a long backoff."""
    AUTH_UNAVAILABLE = 4503
    """The identity provider cannot be reached: backoff, keep the credentials."""
