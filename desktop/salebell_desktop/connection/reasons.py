"""Why a connection failed, ended or was refused, as sentences for people."""

from salebell_protocol.close_codes import CloseCode
from salebell_protocol.messages import AuthErrorCode

UNREACHABLE = "The server cannot be reached."
LOST = "The connection to the server was lost."
SILENT = "The server does not answer."
GAP = "The server skipped a sale; asking it again."
SIGN_IN_AGAIN = "Please sign in again."
NEWER_SERVER = "This server needs a newer version of Salebell."
ROLE_GONE = "This account is not an admin any more. Please ask whoever runs your server."

_BY_CODE: dict[int, str] = {
    CloseCode.GOING_AWAY: "The server is restarting.",
    CloseCode.SERVICE_RESTART: "The server is restarting.",
    CloseCode.TOO_BIG: "The server refused a message of this program as too large. Please report this.",
    CloseCode.PROTOCOL_ERROR: "The server did not understand this program. Please install its latest version.",
    CloseCode.TOKEN_INVALID: "The server does not accept this sign-in. Please sign in again.",
    CloseCode.NOT_ADMIN: "This account is not an admin of this shop.",
    CloseCode.AUTH_TIMEOUT: "Signing in took too long.",
    CloseCode.TOO_SLOW: "This computer fell behind; catching up.",
    CloseCode.TOKEN_EXPIRED: "The sign-in has run out and is being renewed.",
    CloseCode.REVOKED: "This account was disabled, or signed out everywhere. Please sign in again.",
    CloseCode.TOO_MANY: "The server has too many connections or attempts; waiting before the next one.",
    CloseCode.AUTH_UNAVAILABLE: "The server cannot check the sign-in just now.",
}


def closed(code: int | None, error: AuthErrorCode | None = None) -> str:
    """The sentence for a close code, made more precise by the `auth_error` before it."""
    if code == CloseCode.NOT_ADMIN and error is AuthErrorCode.STORE_FORBIDDEN:
        return "This account may not open this store."
    if code == CloseCode.NOT_ADMIN and error is AuthErrorCode.NOT_ADMIN:
        return ROLE_GONE
    return _BY_CODE.get(code, LOST) if code is not None else LOST
