"""Around everything else: how large and how many requests may be, one spelling a path, safe headers, the figures."""

import re
from collections.abc import Callable
from http import HTTPStatus
from time import perf_counter
from typing import cast

from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPResponseStartEvent,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
    WebSocketReceiveMessage,
)

from salebell_protocol import codec
from salebell_server.api import bodies
from salebell_server.api.problems import MEDIA_TYPE, Refusal

MAX_RUNNING = 1000
"""Requests to the API that may be at work at once: they hold 64 KiB each, and the log's queue."""

UNMATCHED = "unmatched"
"""The route of a request that has none."""

_SAFE_HEADERS = ((b"x-content-type-options", b"nosniff"),)
_NO_STORE = (b"cache-control", b"no-store")

_EXACT = re.compile(rb"/|(/[^/%]+)+|/v1/sales/([^/%]|%(?!2[Ff]))+(/[^/%]+)?")
"""How paths are spelled; encoded is at most a sale's id, whose colons many clients encode.

The framework is content with `//metrics`, `/metrics/` and `/%6detrics` as well, and would answer them past a proxy that
hides `/metrics`.
"""

_NOT_FOUND = Refusal(HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this address.")
_OVERLOADED = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "overloaded",
    "The server has all the requests that it can take.",
    headers={"Retry-After": "1"},
)

Answered = Callable[[str, str, int, float], None]
"""Told method, route template, status and seconds of each answer."""


class Edge:
    """An ASGI application around another, which gets each body whole: a bound is easier kept here than there.

    Args:
        application: what it protects.
        answered: told of each request.
        max_running: how many requests to `/v1/` may be at work at once.
    """

    def __init__(self, application: ASGIApp, answered: Answered, max_running: int = MAX_RUNNING) -> None:
        self._application = application
        self._answered = answered
        self._max_running = max_running
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the application."""
        if scope["type"] != ScopeType.HTTP:
            await self._application(scope, receive, send)
            return
        started = perf_counter()
        status = 0

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _make_safe(message)
            await send(message)

        try:
            await self._answer(scope, receive, send_safely)
        finally:
            route = str(cast("dict[str, object]", scope).get("path_template", UNMATCHED))
            self._answered(scope["method"], route, status, perf_counter() - started)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        counts = scope["path"].startswith("/v1/")
        try:
            # Whoever is slow to send a body must not take the place of those who have sent theirs.
            body = await bodies.read(scope["headers"], receive)
            if not _EXACT.fullmatch(scope["raw_path"]):
                raise _NOT_FOUND
            if counts and self._running >= self._max_running:
                raise _OVERLOADED
            self._running += counts
            try:
                await self._application(scope, _with_body(body, receive), send)
            finally:
                self._running -= counts
        except Refusal as refusal:
            await _send(refusal, send)
        except bodies.Disconnected:
            pass  # nobody is there to be answered


def _with_body(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the whole body first."""
    given = False

    async def receive_again() -> HTTPReceiveMessage | WebSocketReceiveMessage:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _make_safe(start: HTTPResponseStartEvent) -> None:
    headers = list(start["headers"])
    headers += _SAFE_HEADERS
    if not any(name.lower() == b"cache-control" for name, _ in headers):
        headers.append(_NO_STORE)
    start["headers"] = headers


async def _send(refusal: Refusal, send: Send) -> None:
    body = codec.encode(refusal.problem)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        *((name.lower().encode(), value.encode()) for name, value in refusal.headers.items()),
    ]
    await send({"type": "http.response.start", "status": refusal.problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
