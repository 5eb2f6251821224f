"""How a refusal is told: which close code follows which error, and in what words."""

from salebell_protocol.close_codes import CloseCode
from salebell_protocol.messages import AuthErrorCode

CLOSES: dict[AuthErrorCode, CloseCode] = {
    AuthErrorCode.TOKEN_INVALID: CloseCode.TOKEN_INVALID,
    AuthErrorCode.TOKEN_EXPIRED: CloseCode.TOKEN_EXPIRED,
    AuthErrorCode.NOT_ADMIN: CloseCode.NOT_ADMIN,
    AuthErrorCode.REVOKED: CloseCode.REVOKED,
    AuthErrorCode.STORE_FORBIDDEN: CloseCode.NOT_ADMIN,
    AuthErrorCode.AUTH_UNAVAILABLE: CloseCode.AUTH_UNAVAILABLE,
    AuthErrorCode.AUTH_TIMEOUT: CloseCode.AUTH_TIMEOUT,
}
"""The close code after each `auth_error`."""

INVALID_TEXT = 1007
"""A text message that is not UTF-8 (RFC 6455, section 7.4.1)."""

NO_TOKEN_IN_TIME = "no auth came in time; send auth first, within 10 seconds"
EXPIRED = "the token has run out; send auth with a fresh one before that"
NO_ANSWER = "the token could not be verified in time; try again later"
ROLE_GONE = "this account is no admin any more"
REVOKED = "this account was disabled, removed or signed out"
STORE_GONE = "this account may not open this store any more"
FLOOD = "too many messages; slow down"
UNAUTHENTICATED = "send auth first"
BINARY = "only text messages are understood"
SILENT = "nothing was heard for 75 seconds"
ANOTHER_STORE = "a renewal keeps the store; open another socket for another store"
ANOTHER_ADMIN = "a renewal keeps the admin; open another socket for another admin"
LOG_UNAVAILABLE = "the log cannot be read now; try again"
LOG_AWAY = "the log is away; what was looked at is to be told when it is back"
AHEAD = "offset lies beyond the top of the log"
STOPPING = "the server stops"


def store_forbidden(store: str | None) -> str:
    """What to tell an admin who may not open `store`, or any store (None)."""
    return "this account may open no store" if store is None else f"this account may not open the store {store}"
