"""HTTP with anybody, on httpx.

httpx takes longer to import than all the rest of the client: it is imported at the first request, on a thread.
"""

from __future__ import annotations

import asyncio
import importlib
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from salebell_desktop.client import reach
from salebell_desktop.client.trust import system_trust
from salebell_desktop.connection.reasons import LOST, SILENT, UNREACHABLE
from salebell_desktop.identity import Reply
from salebell_desktop.identity.errors import ServerUnreachable

if TYPE_CHECKING:
    import httpx

TIMEOUT = 10.0
"""Seconds for each step of a request: connecting, sending, waiting for an answer."""
PATIENCE = 30.0
"""Seconds for a whole request: a server that answers a byte at a time is no server."""
MAX_ANSWER = 32 * 1024 * 1024
"""Bytes of an answer."""
_HUNG_UP = "disconnected"
"""In what httpx says of a connection that ended before an answer, and not of an answer that is no HTTP."""


class HttpxWeb:
    """A `Web`. No redirect is followed: it would carry a password or a token elsewhere; no proxy is asked.

    Args:
        user_agent: what this program calls itself.
        tls: gives the TLS settings, at each request: the same object until they have changed.
        patience: seconds that a request may take.
    """

    def __init__(
        self, user_agent: str, tls: Callable[[], ssl.SSLContext] = system_trust, patience: float = PATIENCE
    ) -> None:
        self._user_agent = user_agent
        self._tls = tls
        self._patience = patience
        # Where nothing is encrypted there is no certificate to check: no time is lost with reading authorities.
        self._trusting_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._opened: dict[ssl.SSLContext, httpx.AsyncClient] = {}
        self._closed = False

    async def post(self, url: str, content: bytes, headers: dict[str, str]) -> Reply:
        """See `Web.post`."""
        return await self.request("POST", url, headers, content)

    async def request(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        """An answer, whatever its status.

        Raises:
            ServerUnreachable: none. The text is a sentence for people, about an unnamed server.
        """
        client = await self._client(url)
        from httpx import HTTPError, ReadError, RemoteProtocolError, TimeoutException

        try:
            async with (
                asyncio.timeout(self._patience),
                client.stream(method, url, params=params, content=content, headers=headers) as response,
            ):
                return Reply(response.status_code, await _bounded(response))
        # Never with the cause: an error of httpx carries its request, headers and all.
        except (TimeoutError, TimeoutException):
            raise ServerUnreachable(SILENT) from None
        except UnicodeEncodeError:  # a token that somebody gave us, and that is none
            raise ServerUnreachable(UNREACHABLE) from None
        except ReadError:
            sentence = await reach.of_stranger(url, hung_up=True)
        except RemoteProtocolError as error:
            sentence = await reach.of_stranger(url, hung_up=_HUNG_UP in str(error))
        except HTTPError as error:
            sentence, untrusted = _explained(error, url)
            raise ServerUnreachable(sentence, untrusted=untrusted) from None
        raise ServerUnreachable(sentence)

    async def close(self) -> None:
        """See `Web.close`; there are no answers any more."""
        self._closed = True
        opened, self._opened = self._opened, {}
        for client in opened.values():
            await client.aclose()

    async def _client(self, url: str) -> httpx.AsyncClient:
        if not self._opened:
            await asyncio.to_thread(importlib.import_module, "httpx")
        from httpx import AsyncClient

        if self._closed:
            raise ServerUnreachable(UNREACHABLE)
        context = self._tls() if url.startswith("https:") else self._trusting_nobody
        # One for other settings than now may still be answering somebody: it stays until all are closed.
        client = self._opened.get(context)
        if client is None:
            client = self._opened[context] = AsyncClient(
                headers={"User-Agent": self._user_agent},
                verify=context,
                timeout=TIMEOUT,
                follow_redirects=False,
                trust_env=False,
            )
        return client


async def _bounded(response: httpx.Response) -> bytes:
    from httpx import ReadError, RemoteProtocolError

    content = bytearray()
    try:
        async for part in response.aiter_bytes():
            content += part
            if len(content) > MAX_ANSWER:
                raise ServerUnreachable(reach.NOT_SALEBELL)
    except (ReadError, RemoteProtocolError):  # it began as HTTP does, and broke off
        raise ServerUnreachable(LOST) from None
    return bytes(content)


def _explained(error: httpx.HTTPError, url: str) -> tuple[str, bool]:
    from httpx import ConnectError, DecodingError, LocalProtocolError

    if isinstance(error, LocalProtocolError | DecodingError):
        return reach.NOT_SALEBELL, False
    securing = url.startswith("https:") and isinstance(error, ConnectError)
    obstacle = reach.of_network(error, securing=securing)
    return obstacle.sentence, obstacle.untrusted
