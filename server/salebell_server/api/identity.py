"""Who is asking: producers by their ingest key, admins by their token. Both travel as `Authorization: Bearer`.

The guards run as Litestar's `before_request`, before a body is decoded; its own guards copy their handler each time.
"""

from http import HTTPStatus
from typing import Any

from litestar import Request
from litestar.datastructures import State

from salebell_protocol.messages import AuthErrorCode
from salebell_protocol.names import DEFAULT_STORE
from salebell_server.api.problems import Refusal, challenge
from salebell_server.auth import Admin, TokenVerifier
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
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    async def __call__(self, request: AnyRequest) -> None:
        """Find the key.

        Raises:
            Refusal: 401, there is none, or not one of ours.
            LogUnavailable: the keys cannot be read.
        """
        presented = _bearer(request, "an ingest key")
        key = await self._keys.find(key_hash(presented)) if presented.startswith(KEY_PREFIX) else None
        if key is None:
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                "key_invalid",
                "This is no ingest key of this server, or it was revoked.",
                headers=challenge("invalid_token"),
            )
        request.scope["auth"] = key


class AdminGuard:
    """Lets admins through, and nobody else.

    Args:
        verifier: judges their tokens.
    """

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    async def __call__(self, request: AnyRequest) -> None:
        """Verify the token.

        Raises:
            Refusal: 401, there is none, or an ingest key instead.
            AuthFailure: it was refused, or could not be judged.
        """
        presented = _bearer(request, "an admin's token")
        if presented.startswith(KEY_PREFIX):
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                AuthErrorCode.TOKEN_INVALID,
                "An ingest key only sends sales in; this route needs an admin's token.",
                headers=challenge("invalid_token"),
            )
        request.scope["auth"] = await self._verifier.verify(presented)


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
