"""Bodies of requests: read up to a bound, and decoded into the very Structs that describe them."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from litestar import Request
from litestar.connection.base import AuthT, StateT, UserT
from litestar.types import Receive

from salebell_protocol import codec
from salebell_server.api.problems import Refusal

MAX_BYTES = 64 * 1024
"""Of a body; a sale with hundreds of items fits."""

DRAIN_BYTES = 8 * 1024 * 1024
"""So much of a body that is too large is read and thrown away.

A client that is still sending when its connection closes gets a reset instead of the answer.
"""

SECONDS = 30.0
"""A body has to be there after this time."""

_JSON_TYPES = frozenset(("", "application/json", "text/json", "text/plain"))


class Disconnected(Exception):
    """The client left before its body was complete."""


class JsonRequest(Request[UserT, AuthT, StateT]):
    """A request whose `data` is decoded by our codec: strictly, and refused with the name of the field."""

    async def body(self) -> bytes:
        """The body; an empty one is an empty object, which commands that need nothing accept."""
        return await super().body() or b"{}"

    async def json(self) -> Any:
        """The body as what the handler's `data` is.

        Raises:
            Refusal: 415, it says itself that it is not JSON.
            MalformedMessage: it is not JSON, or not of that shape.
        """
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in _JSON_TYPES and not media_type.endswith("+json"):
            raise Refusal(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body must be JSON: send it with Content-Type: application/json.",
            )
        return codec.decode(await self.body(), self.route_handler.parsed_fn_signature.parameters["data"].annotation)


async def read(headers: Iterable[tuple[bytes, bytes]], receive: Receive, seconds: float = SECONDS) -> bytes:
    """The whole body, which has to be there after so many `seconds`.

    Raises:
        Refusal: it is too large, or does not arrive in time.
        Disconnected: the client left.
    """
    announced, has_body, waiting = 0, False, False
    for name, value in headers:
        if name == b"content-length":
            announced, has_body = int(value), value != b"0"
        elif name == b"transfer-encoding":
            has_body = True
        elif name == b"expect":
            waiting = value.lower() == b"100-continue"
    if not has_body:
        return b""
    if waiting and announced > MAX_BYTES:
        raise _too_large(close=True)  # it has not sent anything yet
    return await _receive_all(announced, receive, seconds)


async def _receive_all(announced: int, receive: Receive, seconds: float) -> bytes:
    body, size, more = bytearray(), 0, True
    try:
        async with asyncio.timeout(seconds):
            while more and size <= DRAIN_BYTES:
                message = await receive()
                if message["type"] != "http.request":
                    raise Disconnected
                chunk = message.get("body", b"")
                more = message.get("more_body", False)
                size += len(chunk)
                if max(size, announced) <= MAX_BYTES:
                    body += chunk
    except TimeoutError:
        if max(size, announced) <= MAX_BYTES:
            raise Refusal(
                HTTPStatus.REQUEST_TIMEOUT,
                "body_timeout",
                f"The body was not complete after {seconds:.0f} seconds.",
                headers={"Connection": "close"},
            ) from None
    if max(size, announced) > MAX_BYTES:
        raise _too_large(close=more)
    return bytes(body)


def _too_large(*, close: bool) -> Refusal:
    return Refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"A body may have {MAX_BYTES // 1024} KiB at the most.",
        headers={"Connection": "close"} if close else None,
    )
