"""Sockets: `Dialer` is the contract, `WebsocketDialer` the one that is used.

DialFailure        no socket; the text is a sentence for people
SocketClosed       the socket has ended, with a close code or without one
"""

import ssl
from collections.abc import Callable
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException

OPEN_TIMEOUT = 10.0
"""Seconds for DNS, TCP, TLS and the handshake together."""
CLOSE_TIMEOUT = 0.5
"""Seconds to wait for the other side's close frame; what it has to say is of no interest then."""
MAX_FRAME = 8 * 1024 * 1024
"""A sale is 64 KiB at most; this is for a server that allows more one day."""

BAD_CERTIFICATE = "The server's certificate is not trusted on this computer."
NOT_SALEBELL = "Something else than Salebell answers at this address."
NOT_FOUND = "There is no server of that name, or this computer is offline."
UNREACHABLE = "The server cannot be reached."


class DialFailure(Exception):
    """No socket was opened. The text is a sentence for people."""


class SocketClosed(Exception):
    """The socket has ended.

    Attributes:
        code: the close code that came; None when the connection broke without one.
    """

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}" if code is not None else "broken")
        self.code = code


class Socket(Protocol):
    """An open connection of text frames."""

    async def receive(self) -> str | bytes:
        """The next frame.

        Raises:
            SocketClosed: there will be none.
        """
        ...

    async def send(self, frame: str) -> None:
        """Send a text frame.

        Raises:
            SocketClosed: it cannot be sent.
        """
        ...

    async def close(self) -> None:
        """Close, and wait for it, but not long. Raises nothing."""
        ...


class Dialer(Protocol):
    """Opens sockets."""

    async def __call__(self, url: str) -> Socket:
        """A socket to `url`, within a bounded time.

        Raises:
            DialFailure: there is none.
        """
        ...


class _Connect(connect):
    """Follows no redirect: the token would go wherever it leads."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebsocketDialer:
    """Dials with the `websockets` library.

    Args:
        user_agent: what this program calls itself.
        tls: gives the TLS settings; the system's certificates by default. Called at the first `wss` dial only.
        open_timeout: seconds a dial may take.
    """

    def __init__(
        self,
        user_agent: str,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        open_timeout: float = OPEN_TIMEOUT,
    ) -> None:
        self._user_agent = user_agent
        self._tls = tls
        self._context: ssl.SSLContext | None = None
        self._open_timeout = open_timeout

    async def __call__(self, url: str) -> Socket:
        """See `Dialer`."""
        context = None
        if url.startswith("wss:"):
            context = self._context = self._context or self._tls()
        try:
            connection = await _Connect(
                url,
                ssl=context,
                user_agent_header=self._user_agent,
                compression=None,
                proxy=None,
                open_timeout=self._open_timeout,
                close_timeout=CLOSE_TIMEOUT,
                ping_interval=None,  # the protocol has its own heartbeat
                max_size=MAX_FRAME,
            )
        except ssl.SSLCertVerificationError as error:
            raise DialFailure(BAD_CERTIFICATE) from error
        except InvalidStatus as error:
            busy = error.response.status_code in (429, 500, 502, 503, 504)
            raise DialFailure(UNREACHABLE if busy else NOT_SALEBELL) from error
        except (InvalidHandshake, WebSocketException) as error:
            raise DialFailure(NOT_SALEBELL) from error
        except (OSError, TimeoutError) as error:
            raise DialFailure(sentence_for(error)) from error
        return _WebsocketSocket(connection)


def sentence_for(error: OSError) -> str:
    """The sentence for an error of the network."""
    return NOT_FOUND if type(error).__name__ == "gaierror" else UNREACHABLE


class _WebsocketSocket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise SocketClosed(_code(closed)) from None

    async def send(self, frame: str) -> None:
        try:
            await self._connection.send(frame)
        except ConnectionClosed as closed:
            raise SocketClosed(_code(closed)) from None

    async def close(self) -> None:
        await self._connection.close()


def _code(closed: ConnectionClosed) -> int | None:
    return closed.rcvd.code if closed.rcvd is not None else None
