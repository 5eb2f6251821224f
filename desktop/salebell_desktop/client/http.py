"""The server's HTTP API, as far as the desktop uses it.

httpx takes longer to import than all the rest of the client: it is imported at the first request, on a thread.
"""

from __future__ import annotations

import asyncio
import importlib
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from salebell_desktop.client.address import ServerAddress
from salebell_desktop.client.dialer import BAD_CERTIFICATE, NOT_FOUND, NOT_SALEBELL, UNREACHABLE
from salebell_desktop.identity.errors import ServerProblem, ServerUnreachable
from salebell_protocol.codec import decode, encode
from salebell_protocol.errors import ProtocolError
from salebell_protocol.http import ClientConfig, Problem, SalesPage

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

TIMEOUT = 10.0
"""Seconds for each step of a request: connecting, sending, waiting for an answer."""
PATIENCE = 30.0
"""Seconds for a whole request: a server that answers a byte at a time is no server."""
MAX_ANSWER = 32 * 1024 * 1024
PAGE = 200
"""Sales a page, as many as the server gives."""

_SENTENCES = {
    401: "The server does not accept this sign-in.",
    403: "This account may not see that.",
    404: NOT_SALEBELL,
    429: "The server has too many requests just now.",
    503: "The server is not ready just now.",
}
_SERVER_FAILED = "The server failed to answer."


class ServerHttp:
    """Requests to one server. No redirect is followed: it would carry a password or a token elsewhere.

    Args:
        address: of the server.
        user_agent: what this program calls itself.
        tls: gives the TLS settings; the system's certificates by default.
        patience: seconds that a request may take.
    """

    def __init__(
        self,
        address: ServerAddress,
        user_agent: str,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        patience: float = PATIENCE,
    ) -> None:
        self._origin = address.http
        self._user_agent = user_agent
        self._tls = tls
        self._patience = patience
        self._opened: httpx.AsyncClient | None = None
        self._closed = False

    async def client_config(self) -> ClientConfig:
        """How to sign in there. Raises as `post` does."""
        return await self._exchange("GET", "/v1/client-config", ClientConfig)

    async def sales(self, store: str, token: str, before: str | None = None, limit: int = PAGE) -> SalesPage:
        """A page of a store's sales, newest first.

        Args:
            store: its name.
            token: an ID token.
            before: `SalesPage.next_before` of the page above.
            limit: how many, 1 to 200.

        Raises:
            ServerProblem: the server refused; 401 means that the token was not accepted.
            ServerUnreachable: no answer, or none that makes sense.
        """
        asked = {"store": store, "limit": str(limit), **({} if before is None else {"before": before})}
        return await self._exchange("GET", "/v1/sales", SalesPage, params=asked, token=token)

    async def post(self, path: str, body: msgspec.Struct, answer: type[T]) -> T:
        """See `Exchange.post`."""
        return await self._exchange("POST", path, answer, body=body)

    async def tell(self, path: str, body: msgspec.Struct) -> None:
        """See `Exchange.tell`."""
        await self._request("POST", path, body=body)

    async def close(self) -> None:
        """End the connections; there are no answers any more. Harmless when repeated."""
        self._closed = True
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.aclose()

    async def _exchange(
        self,
        method: str,
        path: str,
        answer: type[T],
        *,
        body: msgspec.Struct | None = None,
        params: dict[str, str] | None = None,
        token: str | None = None,
    ) -> T:
        content = await self._request(method, path, body=body, params=params, token=token)
        try:
            return decode(content, answer)
        except ProtocolError:
            raise ServerUnreachable(NOT_SALEBELL) from None

    async def _request(
        self,
        method: str,
        path: str,
        *,
        body: msgspec.Struct | None = None,
        params: dict[str, str] | None = None,
        token: str | None = None,
    ) -> bytes:
        headers = {"Accept": "application/json, application/problem+json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = encode(body)
        client = await self._client()
        from httpx import HTTPError

        try:
            async with (
                asyncio.timeout(self._patience),
                client.stream(method, path, params=params, content=content, headers=headers) as response,
            ):
                return _checked(response.status_code, await _bounded(response))
        except TimeoutError:
            raise ServerUnreachable(UNREACHABLE) from None
        except HTTPError as error:
            # Without the cause: an error of httpx carries its request, headers and all.
            raise ServerUnreachable(_sentence(error)) from None

    async def _client(self) -> httpx.AsyncClient:
        if self._opened is None:
            await asyncio.to_thread(importlib.import_module, "httpx")
        from httpx import AsyncClient

        if self._closed:
            raise ServerUnreachable(UNREACHABLE)
        if self._opened is None:
            self._opened = AsyncClient(
                base_url=self._origin,
                headers={"User-Agent": self._user_agent},
                verify=self._tls() if self._origin.startswith("https:") else False,
                timeout=TIMEOUT,
                follow_redirects=False,
                trust_env=False,
            )
        return self._opened


async def _bounded(response: httpx.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > MAX_ANSWER:
            raise ServerUnreachable(NOT_SALEBELL)
    return bytes(content)


def _checked(status: int, content: bytes) -> bytes:
    """The content of a good answer.

    Raises:
        ServerProblem: it is none.
    """
    if 200 <= status < 300:
        return content
    if 300 <= status < 400:
        raise ServerProblem(status, "", "The server sends elsewhere. Please check its address.")
    try:
        code = decode(content, Problem).code
    except ProtocolError:
        code = ""
    raise ServerProblem(status, code, _SENTENCES.get(status, _SERVER_FAILED))


def _sentence(error: httpx.HTTPError) -> str:
    from httpx import ProtocolError as NotHttp

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return BAD_CERTIFICATE
        if type(cause).__name__ == "gaierror":
            return NOT_FOUND
        cause = cause.__cause__ or cause.__context__
    return NOT_SALEBELL if isinstance(error, NotHttp) else UNREACHABLE
