"""Verifying Firebase's ID tokens with firebase-admin, on a thread of their own.

What is checked: https://firebase.google.com/docs/auth/admin/verify-id-tokens#verify_id_tokens_using_a_third-party_jwt_library
"""

import asyncio
import base64
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

import firebase_admin
import msgspec
import structlog
from firebase_admin import auth
from firebase_admin._token_gen import TokenVerifier as AdminVerifier
from firebase_admin.exceptions import FirebaseError, InvalidArgumentError
from google.auth.exceptions import TransportError
from google.auth.transport import Request, Response

from salebell_protocol.messages import AuthErrorCode
from salebell_protocol.names import UnixTime
from salebell_protocol.text import plain
from salebell_server.auth import AuthFailure
from salebell_server.auth.batches import Batches, Crowded
from salebell_server.auth.firebase import FirebaseUnavailable
from salebell_server.auth.firebase.certificates import Certificates, UnknownKey
from salebell_server.auth.judging import MAX_TOKEN_CHARACTERS, failure, invalid
from salebell_server.auth.project import EMULATOR_VARIABLE

SKEW_SECONDS = 10
"""How far this server's clock and Google's may differ."""

VERIFIED_TOGETHER = 16
"""Tokens for which the thread is called once: calling it costs as much as verifying one. It takes some milliseconds,
in which the event loop has its turns."""

WAITING = 4096
"""Tokens that may wait for the thread: less than a second's worth."""

_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
"""Three segments in base64url, without padding (RFC 7515, section 3.1). An emulator's has an empty signature."""

_logger = structlog.get_logger(__name__)


class IdToken(msgspec.Struct, frozen=True, kw_only=True):
    """What a genuine token says.

    Attributes:
        email: "" for somebody who has none.
        name: "" for somebody who has none.
        issued_at: in unix seconds.
        expires_at: in unix seconds.
        claims: all claims.
    """

    uid: str
    email: str
    name: str
    issued_at: int
    expires_at: int
    claims: Mapping[str, Any]


class _Header(msgspec.Struct):
    alg: Literal["RS256"]
    kid: Annotated[str, msgspec.Meta(min_length=1)]


class _Claims(msgspec.Struct):
    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    iat: UnixTime
    exp: UnixTime
    email: Any = None
    name: Any = None


_header = msgspec.json.Decoder(_Header)


class Tokens:
    """Verifies ID tokens for one project. Works until `close`, on one event loop.

    Guarantees:
        - What is no token, or names no key of Google's, is refused without the thread.
        - However many tokens there are to verify, the event loop has its turns, and a bounded number waits.
        - No failure has any part of a token in it.

    Args:
        app: of the project.
        certificates: None for an emulator, which signs nothing. With certificates no unsigned token is ever accepted,
            whatever is in the environment.
        clock: the time, in UTC. firebase-admin has one of its own besides: the system's.
    """

    def __init__(
        self, app: firebase_admin.App, certificates: Certificates | None, clock: Callable[[], datetime]
    ) -> None:
        self._certificates = certificates
        self._clock = clock
        self._verifier = AdminVerifier(app)
        self._verifier.request = _Nothing() if certificates is None else _AtHand(certificates)
        # More threads would be slower: they would wait for each other.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="salebell-tokens")
        self._batches: Batches[str, Mapping[str, Any]] = Batches(
            self._elsewhere, most=VERIFIED_TOGETHER, at_once=1, room=WAITING
        )

    def close(self) -> None:
        """Let go of the thread, without waiting for it."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def verify(self, token: str) -> IdToken:
        """What `token` says, if Firebase signed it for this project, and it is good by the clock.

        Raises:
            AuthFailure: `token_invalid`, `token_expired` or `auth_unavailable`.
        """
        _check_form(token)
        if self._certificates is not None:
            await self._need_key(token, self._certificates)
        try:
            claims = await self._batches.put(token)
        except (Crowded, RuntimeError):  # too many wait, or the system gives no thread
            raise failure(AuthErrorCode.AUTH_UNAVAILABLE) from None
        return _checked(claims, self._clock().timestamp())

    async def _need_key(self, token: str, certificates: Certificates) -> None:
        segment = token.partition(".")[0]
        try:
            kid = _header.decode(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))).kid
            await certificates.need(kid)
        except (ValueError, msgspec.DecodeError, RecursionError):
            raise invalid("its header is wrong") from None
        except UnknownKey:
            raise invalid("its key is none of Google's") from None
        except FirebaseUnavailable:
            raise failure(AuthErrorCode.AUTH_UNAVAILABLE) from None

    async def _elsewhere(self, tokens: Sequence[str]) -> Sequence[Mapping[str, Any] | Exception]:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: [self._verified(token) for token in tokens]
        )

    def _verified(self, token: str) -> Mapping[str, Any] | Exception:
        """The claims of a token, or its refusal. Runs on the thread."""
        if self._certificates is not None and EMULATOR_VARIABLE in os.environ:
            return failure(AuthErrorCode.AUTH_UNAVAILABLE)
        try:
            return self._verifier.verify_id_token(token, clock_skew_seconds=SKEW_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever a hostile token does to a library, it is refused
            return refusal_of(error)


def refusal_of(error: Exception) -> AuthFailure:
    """What an exception of firebase-admin, or of what it is built on, says about a token.

    Its text is not given on: it may hold the token.
    """
    match error:
        case auth.ExpiredIdTokenError():
            return failure(AuthErrorCode.TOKEN_EXPIRED)
        case auth.RevokedIdTokenError() | auth.UserDisabledError() | auth.UserNotFoundError():
            return failure(AuthErrorCode.REVOKED)  # of a token that was looked up, which is not done here today
        case InvalidArgumentError() | ValueError() | TypeError() | RecursionError():
            return invalid("it was not issued by Firebase for this project, or is not valid yet")
        case FirebaseError() | TransportError() | OSError():
            return failure(AuthErrorCode.AUTH_UNAVAILABLE)
        case _:
            _logger.warning("verifying a token of Firebase's failed in an unknown way", error=type(error).__name__)
            return invalid("it cannot be understood")


def _check_form(token: str) -> None:
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise invalid("it is too long")
    if not _FORM.fullmatch(token):
        raise invalid("its form is wrong")


def _checked(claims: Mapping[str, Any], now: float) -> IdToken:
    """The claims as they must be. firebase-admin checks no times with an emulator, and few types at all."""
    try:
        known = msgspec.convert(claims, _Claims)
    except msgspec.ValidationError:
        raise invalid("its claims are wrong") from None
    if not known.sub.isprintable():
        raise invalid("its claims are wrong")
    if known.iat > now + SKEW_SECONDS:
        raise invalid("it is not valid yet")
    if now >= known.exp + SKEW_SECONDS:
        raise failure(AuthErrorCode.TOKEN_EXPIRED, known.sub)
    return IdToken(
        uid=known.sub,
        email=_text(known.email),
        name=_text(known.name),
        issued_at=known.iat,
        expires_at=known.exp,
        claims=claims,
    )


def _text(claim: object) -> str:
    return plain(claim) if isinstance(claim, str) else ""


class _Content(Response):
    """An answer that is at hand."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def status(self) -> int:
        return HTTPStatus.OK

    @property
    def headers(self) -> Mapping[str, str]:
        return {}

    @property
    def data(self) -> bytes:
        return self._content


class _AtHand(Request):
    """Gives firebase-admin our certificates, whatever it asks for: it asks for nothing else."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates

    def __call__(self, *_: object, **__: object) -> Response:
        return _Content(self._certificates.content)


class _Nothing(Request):
    """Where firebase-admin needs no certificates. If it asks all the same, it is not talking to an emulator."""

    def __call__(self, *_: object, **__: object) -> Response:
        raise ConnectionError("no certificates")
