"""Waiting for a browser to come back: one answer, on a port of this computer (RFC 8252, section 7.3)."""

import asyncio
import html
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

import msgspec

HOST = "127.0.0.1"
"""Not `localhost`, which other interfaces may answer to (RFC 8252, section 8.3)."""

READ_SECONDS = 5.0
"""A browser on this computer sends its request at once."""

MAX_REQUEST = 16 * 1024
MAX_VISITORS = 32
"""Connections at once; whoever comes beyond it is turned away."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser shows at the end, in the user's language.

    Attributes:
        language: of the texts (BCP 47).
    """

    language: str = "en"
    signed_in: str = "You can close this page and go back to Salebell."
    not_signed_in: str = "You did not sign in. You can close this page and go back to Salebell."


class Loopback:
    """Listens inside an `async with`, for one answer.

    Only a `GET /` whose parameters `accepts` takes is the answer; everybody else gets an error and changes nothing. No
    request is ever written to a log: it has the answer in it.

    Args:
        accepts: whether these parameters are the answer that is waited for.
        page: what the browser is shown.
    """

    def __init__(self, accepts: Callable[[Mapping[str, str]], bool], page: Page) -> None:
        self._accepts = accepts
        self._page = page
        self._server: asyncio.Server | None = None
        self._visitors: set[asyncio.Task[None]] = set()
        self._answer: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        """Listen on a port that the system chooses."""
        self._server = await asyncio.start_server(self._visited, HOST, 0, limit=MAX_REQUEST)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Listen no more, and send away who is there."""
        if self._server is not None:
            self._server.close()
        for visitor in self._visitors:
            visitor.cancel()
        if self._visitors:
            await asyncio.wait(self._visitors)
        self._answer.cancel()

    @property
    def url(self) -> str:
        """Where it listens."""
        if self._server is None:
            raise RuntimeError("not listening")
        return f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    async def answer(self) -> Mapping[str, str]:
        """The parameters that the browser brought."""
        return await self._answer

    async def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._visitors) >= MAX_VISITORS:
            writer.close()
            return
        self._visitors.add(task)
        try:
            # Whatever a visitor does, it is no reason to wait no longer for the browser.
            with suppress(OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(READ_SECONDS):
                    await self._serve(reader, writer)
        finally:
            self._visitors.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, target, _ = (await reader.readuntil(b"\n")).decode("ascii").split(maxsplit=2)
        while (await reader.readuntil(b"\n")).strip():
            pass  # the headers
        path, _, query = target.partition("?")
        parameters = dict(parse_qsl(query))
        if method != "GET" or path != "/":
            status, text = HTTPStatus.NOT_FOUND, ""
        elif not self._accepts(parameters):
            status, text = HTTPStatus.BAD_REQUEST, ""
        else:
            status = HTTPStatus.OK
            text = self._page.not_signed_in if "error" in parameters else self._page.signed_in
        writer.write(_response(status, self._page.language, text))
        await writer.drain()
        if status is HTTPStatus.OK and not self._answer.done():
            self._answer.set_result(parameters)


def _response(status: HTTPStatus, language: str, text: str) -> bytes:
    body = (
        f'<!doctype html><html lang="{html.escape(language)}"><meta charset="utf-8"><title>Salebell</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        "<style>body{font:18px/1.5 system-ui,sans-serif;max-width:28em;margin:20vh auto;padding:0 1em;"
        f"text-align:center}}</style><h1>Salebell</h1><p>{html.escape(text or status.phrase)}</p></html>"
    ).encode()
    head = (
        f"HTTP/1.1 {int(status)} {status.phrase}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )
    return "".join(f"{line}\r\n" for line in (*head, "")).encode() + body
