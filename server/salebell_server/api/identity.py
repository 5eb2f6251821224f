"""Who is asking: producers by their ingest key, admins by their token. Both travel as `Authorization: Bearer`.

The guards run as Litestar's `before_request`, before a body is decoded; its own guards copy their handler each time.

A good key or token is good whatever others at its address did: only what fails is counted, and told to wait.
"""

from http import HTTPStatus
from typing import Any

from litestar import Request
from litestar.datastructures import State

from salebell_protocol.errors import MalformedMessage
from salebell_protocol.messages import AuthErrorCode
from salebell_protocol.names import DEFAULT_STORE
from salebell_server.api.problems import Refusal, challenge
from salebell_server.auth import Admin, AuthFailure, TokenVerifier
from salebell_server.auth.rate import FailureLimit
from salebell_server.log.keys import KEY_PREFIX, IngestKey, KeyStore, key_hash

AnyRequest = Request[Any, Any, Any]
ProducerRequest = Request[None, IngestKey, State]
"""A request that `ProducerGuard` let through: `auth` is the key."""
AdminRequest = Request[None, Admin, State]
"""A request that `AdminGuard` let through: `auth` is the admin."""


class ProducerGuard:
    """Lets producers through, and nobody else.

    Args:
        keys: the ingest keys there are.
        failures: counts wrong keys by address.
    """

    def __init__(self, keys: KeyStore, failures: FailureLimit) -> None:
        self._keys = keys
        self._failures = failures

    async def __call__(self, request: AnyRequest) -> None:
        """Find the key.

        Raises:
            Refusal: 401, there is none, or not one of ours; 429, as often before.
            MalformedMessage: the request bears two event ids.
            LogUnavailable: the keys cannot be read.
        """
        presented = _bearer(request, "an ingest key")
        key = await self._keys.find(key_hash(presented)) if presented.startswith(KEY_PREFIX) else None
        if key is None:
            await _count_failure(request, self._failures)
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                "key_invalid",
                "This is no ingest key of this server, or it was revoked.",
                headers=challenge("invalid_token"),
            )
        if len(request.headers.getall("idempotency-key", [])) > 1:
            raise MalformedMessage("Idempotency-Key", "must be given once")
        request.scope["auth"] = key


class AdminGuard:
    """Lets admins through, and nobody else.

    Args:
        verifier: judges their tokens.
        failures: counts wrong tokens by address, and those of a known account by account too.
    """

    def __init__(self, verifier: TokenVerifier, failures: FailureLimit) -> None:
        self._verifier = verifier
        self._failures = failures

    async def __call__(self, request: AnyRequest) -> None:
        """Verify the token.

        Raises:
            Refusal: 401, there is none, or an ingest key instead; 429, a wrong one as often before.
            AuthFailure: it was refused, or could not be judged.
        """
        presented = _bearer(request, "an admin's token")
        if presented.startswith(KEY_PREFIX):
            await _count_failure(request, self._failures)
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                AuthErrorCode.TOKEN_INVALID,
                "An ingest key only sends sales in; this route needs an admin's token.",
                headers=challenge("invalid_token"),
            )
        try:
            request.scope["auth"] = await self._verifier.verify(presented)
        except AuthFailure as failure:
            if not failure.is_innocent:
                await _count_failure(request, self._failures, failure.subject)
            raise


def allowed_store(admin: Admin, asked: str | None) -> str:
    """The store that an admin's request is about: by default `main` if it is the admin's, else the first.

    Raises:
        Refusal: 403, it is not one of the admin's.
    """
    store = asked
    if store is None and admin.stores is not None and DEFAULT_STORE not in admin.stores:
        store = min(admin.stores, default=None)
    elif store is None:
        store = DEFAULT_STORE
    if store is None or not admin.may_open(store):
        raise Refusal(
            HTTPStatus.FORBIDDEN,
            AuthErrorCode.STORE_FORBIDDEN,
            "You are no admin of that store." if asked else "You are no admin of any store.",
            headers=challenge("insufficient_scope"),
        )
    return store


def address_of(request: AnyRequest) -> str:
    """The client's, as uvicorn found it out: behind a trusted proxy it is the one that the proxy names."""
    return "" if request.client is None else request.client.host


async def _count_failure(request: AnyRequest, failures: FailureLimit, subject: str = "") -> None:
    """Note that the client has shown what is no good.

    Raises:
        Refusal: 429, it has done so too often.
    """
    wait = await failures.failed(address_of(request), subject)
    if wait:
        raise Refusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            "rate_limited",
            "Too many wrong keys or tokens came from this address. Wait before trying again.",
            headers={"Retry-After": str(wait)},
        )


def _bearer(request: AnyRequest, needed: str) -> str:
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    presented = presented.strip()
    if scheme.lower() != "bearer" or not presented:
        raise Refusal(
            HTTPStatus.UNAUTHORIZED,
            "unauthenticated",
            f"This route needs {needed}: send it as Authorization: Bearer …",
            headers=challenge(),
        )
    return presented
