"""Every error as `application/problem+json` (RFC 9457), whoever raised it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from salebell_protocol import codec
from salebell_protocol.errors import MalformedMessage
from salebell_protocol.http import Problem
from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import AuthFailure
from salebell_server.log import BadPageMark, LogUnavailable
from salebell_server.sales.errors import SaleRefused, UnknownSale

MEDIA_TYPE = "application/problem+json"

RETRY_SECONDS = 2
"""What `Retry-After` says when a part that is needed is away."""

INVALID = "invalid_request"
INTERNAL = "internal_error"

_log = structlog.stdlib.get_logger(__name__)

_CODES = {
    HTTPStatus.BAD_REQUEST: INVALID,
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
"""Of what the framework refuses by itself."""

_NAMES = {"idempotency_key": "Idempotency-Key"}
"""What clients call a parameter, where our name for it is another."""

_UNAUTHENTICATED = {AuthErrorCode.TOKEN_INVALID, AuthErrorCode.TOKEN_EXPIRED, AuthErrorCode.REVOKED}


class Refusal(Exception):
    """An answer that is a problem.

    Attributes:
        problem: what the client is told.
        headers: to send with it.
    """

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(title=status.phrase, status=status, code=code, detail=detail, field=field)
        self.headers: Mapping[str, str] = headers or {}


def challenge(error: str | None = None) -> dict[str, str]:
    """The header of a 401 (RFC 6750, section 3); without an `error` where nothing was presented."""
    return {"WWW-Authenticate": 'Bearer realm="salebell"' + ("" if error is None else f', error="{error}"')}


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    refusal = as_refusal(error)
    if refusal is None:
        _log.error("request failed", method=request.method, path=request.url.path, exc_info=error)
        refusal = internal_error()
    return Response(
        codec.encode(refusal.problem),
        status_code=refusal.problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(refusal.headers),
    )


def internal_error() -> Refusal:
    """Our own fault; the reason is in the log and nowhere else."""
    return Refusal(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        INTERNAL,
        "The server failed to answer. A retry with the same event id is safe.",
    )


def as_refusal(error: Exception) -> Refusal | None:
    """What to tell the client; None for a fault of our own."""
    match error:
        case Refusal():
            return error
        case MalformedMessage():
            return _malformed(error)
        case SaleRefused():
            status = HTTPStatus.NOT_FOUND if isinstance(error, UnknownSale) else HTTPStatus.CONFLICT
            return Refusal(status, error.code, str(error))
        case AuthFailure():
            return _unauthorised(error)
        case LogUnavailable():
            return _away("log_unavailable", f"The log cannot be used now: {error}. Nothing was acknowledged.")
        case BadPageMark():
            return _malformed(MalformedMessage("before", "must be the next_before of a page of this list"))
        case ValidationException():
            return _malformed(_parameter(error))
        case HTTPException() if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _http(error)
        case _:
            return None


def _malformed(error: MalformedMessage) -> Refusal:
    detail = str(error) if error.field else f"The body {error.reason}"
    if not error.field and not error.reason.startswith("is "):
        detail = f"The body: {error.reason}"
    return Refusal(HTTPStatus.BAD_REQUEST, INVALID, f"{detail}.", field=error.field or None)


def _away(code: str, detail: str) -> Refusal:
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, code, detail, headers={"Retry-After": str(RETRY_SECONDS)})


def _unauthorised(error: AuthFailure) -> Refusal:
    if error.code is AuthErrorCode.AUTH_UNAVAILABLE:
        return _away(error.code, str(error))
    if error.code in _UNAUTHENTICATED:
        return Refusal(HTTPStatus.UNAUTHORIZED, error.code, str(error), headers=challenge("invalid_token"))
    return Refusal(HTTPStatus.FORBIDDEN, error.code, str(error), headers=challenge("insufficient_scope"))


def _parameter(error: ValidationException) -> MalformedMessage:
    """Litestar's complaint about a parameter in our words; it never sees bodies, see `bodies`."""
    first = cast("dict[str, str]", error.extra[0]) if isinstance(error.extra, list) and error.extra else {}
    name = first.get("key", "")
    reason = codec.malformed(msgspec.ValidationError(first.get("message", "lacks a parameter"))).reason
    return MalformedMessage(_NAMES.get(name, name), reason)


def _http(error: HTTPException) -> Refusal:
    status = HTTPStatus(error.status_code)
    details = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not know that method; see the header Allow.",
    }
    return Refusal(
        status,
        _CODES.get(status, INVALID),
        details.get(status, f"{status.phrase}."),
        headers={name: value for name, value in (error.headers or {}).items() if name.lower() != "content-type"},
    )
