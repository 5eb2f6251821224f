"""What each failure of Google, or of the way to it, means: as a cause, and in words that name no secret."""

import re
from collections.abc import Iterator
from http import HTTPStatus

import msgspec
import requests
import urllib3
from firebase_admin.exceptions import FirebaseError
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError

from salebell_server.auth.firebase import Cause, FirebaseUnavailable

_SENTENCES = {
    Cause.UNREACHABLE: "Firebase cannot be reached from this machine",
    Cause.TIMED_OUT: "Firebase did not answer in time",
    Cause.OVERLOADED: "Firebase cannot answer at the moment",
    Cause.KEY_REFUSED: "Google does not accept the service account's key: it was deleted, or is another account's",
    Cause.CLOCK_WRONG: "Google accepts nothing that this machine signs, because its clock is wrong",
    Cause.FORBIDDEN: (
        "the service account may not do this in this project: it must be one of the project's, and have the role "
        "Firebase Authentication Admin"
    ),
    Cause.API_DISABLED: "the Identity Toolkit API is not enabled in this project",
    Cause.NO_AUTHENTICATION: "Authentication was never set up in this project: do it in the Firebase console",
    Cause.NO_PROJECT: "Firebase knows no project with this id",
    Cause.UNEXPECTED: "Firebase gave an answer that cannot be understood",
}

_CODES = {
    "CONFIGURATION_NOT_FOUND": Cause.NO_AUTHENTICATION,
    "INSUFFICIENT_PERMISSION": Cause.FORBIDDEN,
    "PROJECT_NOT_FOUND": Cause.NO_PROJECT,
    "INVALID_PROJECT_ID": Cause.NO_PROJECT,
    "TOO_MANY_ATTEMPTS_TRY_LATER": Cause.OVERLOADED,
    "QUOTA_EXCEEDED": Cause.OVERLOADED,
}
"""What Identity Toolkit answers as the first word of `error.message`
(cloud.google.com/identity-platform/docs/error-codes)."""

_STATUSES = {
    401: Cause.KEY_REFUSED,
    403: Cause.FORBIDDEN,
    404: Cause.NO_PROJECT,
    408: Cause.TIMED_OUT,
    429: Cause.OVERLOADED,
}

_NOT_ENABLED = re.compile(r"SERVICE_DISABLED|accessNotConfigured|has not been used in project")
"""The reason in an `ErrorInfo` when an API is not enabled (cloud.google.com/apis/design/errors#error_info), and how
older answers say it."""

_CLOCK = re.compile(r"timeframe|\biat\b|\bexp\b")
"""Google's words for an assertion from another time: "Token must be a short-lived token (60 minutes) and in a
reasonable timeframe. Check your iat and exp values in the JWT claim."""


class _Problem(msgspec.Struct, frozen=True):
    message: str = ""


class _Answer(msgspec.Struct, frozen=True):
    """What Identity Toolkit answers when it refuses."""

    error: _Problem


def understood(error: BaseException) -> FirebaseUnavailable:
    """What `error`, raised by firebase-admin or beneath it, means. Its own text may hold anything, and is not used."""
    cause = _cause(error)
    return FirebaseUnavailable(_SENTENCES[cause], cause)


def error_code(error: FirebaseError) -> str:
    """The first word of what Identity Toolkit answered, such as `USER_NOT_FOUND`; "" when it said none."""
    if error.http_response is None:
        return ""
    try:
        answer = msgspec.json.decode(error.http_response.content, type=_Answer)
    except (ValueError, RecursionError):  # of JSON, or of UTF-8
        return ""
    return answer.error.message.split(":")[0].strip()


def _cause(error: BaseException) -> Cause:
    match error:
        case TimeoutError():
            return Cause.TIMED_OUT
        case RefreshError():
            return _refresh_cause(error)
        case TransportError():
            return _network_cause(error)
        case FirebaseError():
            return _network_cause(error) if error.http_response is None else _answer_cause(error)
        case requests.exceptions.RequestException():
            return _network_cause(error)
        case GoogleAuthError():
            return Cause.KEY_REFUSED
        case _:
            return Cause.UNEXPECTED


def _refresh_cause(error: RefreshError) -> Cause:
    """Of the exchange of the service account's signature for an access token (RFC 7523, section 3.1)."""
    text = " ".join(str(part) for part in error.args)
    if _CLOCK.search(text):
        return Cause.CLOCK_WRONG
    return Cause.OVERLOADED if getattr(error, "retryable", False) else Cause.KEY_REFUSED


def _network_cause(error: BaseException) -> Cause:
    chain = tuple(_beneath(error))
    if any(map(_is_timeout, chain)):
        return Cause.TIMED_OUT
    if any(map(_is_disconnection, chain)):
        return Cause.UNREACHABLE
    return Cause.UNEXPECTED


def _is_timeout(error: BaseException) -> bool:
    # A connection that was not made at all is one of urllib3's time-outs too.
    timeouts = (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    return isinstance(error, timeouts) and not isinstance(error, urllib3.exceptions.NewConnectionError)


def _is_disconnection(error: BaseException) -> bool:
    if isinstance(error, requests.exceptions.RequestException):  # each is an OSError, also that something is no JSON
        return isinstance(error, requests.exceptions.ConnectionError)
    return isinstance(error, (OSError, urllib3.exceptions.ProtocolError))


def _answer_cause(error: FirebaseError) -> Cause:
    response = error.http_response
    if response is None:
        return Cause.UNEXPECTED
    known = _CODES.get(error_code(error))
    if known is not None:
        return known
    if response.status_code == HTTPStatus.FORBIDDEN and _NOT_ENABLED.search(response.text):
        return Cause.API_DISABLED
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Cause.OVERLOADED
    return _STATUSES.get(response.status_code, Cause.UNEXPECTED)


def _beneath(error: BaseException) -> Iterator[BaseException]:
    """`error` and all that led to it: causes, contexts, and what requests and urllib3 carry along as arguments."""
    ahead: list[object] = [error]
    seen: set[int] = set()
    while ahead:
        link = ahead.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        ahead += [link.__cause__, link.__context__, getattr(link, "cause", None), getattr(link, "reason", None)]
        ahead += link.args
