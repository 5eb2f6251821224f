"""Sockets: `Dialer` is the contract, `WebsocketDialer` the one that is used.

DialFailure        no socket; the text is a sentence for people
SocketClosed       the socket has ended, with a close code or without one
"""

import ssl
from collections.abc import Callable
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException

from salebell_desktop.client import reach
from salebell_desktop.client.trust import system_trust

OPEN_TIMEOUT = 10.0
"""Seconds for DNS, TCP, TLS and the handshake together."""
CLOSE_TIMEOUT = 0.5
"""Seconds to wait for the other side's close frame; what it has to say is of no interest then."""
MAX_FRAME = 8 * 1024 * 1024
"""A sale is 64 KiB at most; this is for a server that allows more one day."""


class DialFailure(Exception):
    """No socket was opened. The text is a sentence for people.

    Attributes:
        untrusted: the certificate is not trusted; knowing one more certificate authority may help.
    """

    def __init__(self, message: str, *, untrusted: bool = False) -> None:
        super().__init__(message)
        self.untrusted = untrusted


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
        tls: gives the TLS settings, at each `wss` dial.
        open_timeout: seconds a dial may take.
    """

    def __init__(
        self,
        user_agent: str,
        tls: Callable[[], ssl.SSLContext] = system_trust,
        open_timeout: float = OPEN_TIMEOUT,
    ) -> None:
        self._user_agent = user_agent
        self._tls = tls
        self._open_timeout = open_timeout

    async def __call__(self, url: str) -> Socket:
        """See `Dialer`."""
        secure = url.startswith("wss:")
        try:
            connection = await _Connect(
                url,
                ssl=self._tls() if secure else None,
                user_agent_header=self._user_agent,
                compression=None,
                proxy=None,
                open_timeout=self._open_timeout,
                close_timeout=CLOSE_TIMEOUT,
                ping_interval=None,  # the protocol has its own heartbeat
                max_size=MAX_FRAME,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            raise DialFailure(await reach.of_stranger(url) if status == 400 else reach.of_status(status)) from error
        except (InvalidHandshake, WebSocketException) as error:
            hung_up = isinstance(error.__cause__, EOFError)
            raise DialFailure(await reach.of_stranger(url, hung_up=hung_up)) from error
        except OSError as error:
            obstacle = reach.of_network(error, securing=secure)
            raise DialFailure(obstacle.sentence, untrusted=obstacle.untrusted) from error
        return _WebsocketSocket(connection)


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
