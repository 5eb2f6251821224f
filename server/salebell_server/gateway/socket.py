"""One WebSocket, without its meaning: bytes in and out, frames put together, the closing handshake.

`Socket` is the `asyncio.Protocol` that uvicorn constructs when a request asks for a WebSocket. It feeds websockets'
Sans-I/O `ServerProtocol`, which knows RFC 6455; what is sent goes to the transport directly. What the messages mean
is the subclass's.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from salebell_protocol import MAX_CLIENT_FRAME_BYTES
from salebell_protocol.close_codes import CloseCode

QUIET_BUFFER = 64 * 1024
"""Bytes that may wait to be sent before `pause_writing` is called, unless the subclass says otherwise."""

MAX_BUFFER = 1024 * 1024
"""Bytes that may wait at the most; beyond that the client is too slow (4413)."""

READ_BYTES = 4096
"""What is parsed at a time: a client that floods is stopped after a few hundred frames, not after a whole read."""

CLOSE_SECONDS = 5.0
"""How long the client may take to answer a close frame (RFC 6455, section 7.1.1: a bounded wait)."""

SLOW_CLOSE_SECONDS = 10.0
"""The same for one that was too slow, and has much to read before it."""

STOP_SECONDS = 1.5
"""The same when the server stops."""

CLOSING_BYTES = 32 * 1024
"""What is read from a client that was told to go; then no more until the time is over."""

NO_STATUS = 1005
NO_CLOSE_FRAME = 1006
APPLICATION_CODES = 3000
"""Codes from here on are the applications' (RFC 6455, section 7.4.2)."""

_UNANSWERED = (CloseCode.PROTOCOL_ERROR, CloseCode.TOO_MANY)
"""Closes that do not wait for an answer: what such a client sends is not even parsed (RFC 6455, section 7.1.7)."""

# websockets logs each frame at DEBUG, and an `auth` holds a token: this logger never lets that through.
_wire = logging.getLogger(__name__ + ".wire")
_wire.setLevel(logging.ERROR)


class Phase(Enum):
    """Where a WebSocket stands."""

    CONNECTING = auto()
    OPEN = auto()
    CLOSING = auto()
    """A close frame was sent or received; nothing is sent any more."""
    CLOSED = auto()


class Socket(asyncio.Protocol, ABC):
    """A server's WebSocket. uvicorn constructs it, makes the connection and feeds it the request.

    Attributes:
        deadline: loop seconds; when it is reached, `expire` is due. The subclass sets it while the phase is OPEN.
        phase: read-only.
    """

    __slots__ = ("_closing_bytes", "_fragments", "_server_state", "_transport", "_ws", "deadline", "phase")

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._server_state = server_state
        self._ws = ServerProtocol(max_size=MAX_CLIENT_FRAME_BYTES, logger=_wire)
        self._fragments: list[bytes] | None = None
        self._closing_bytes = CLOSING_BYTES
        self.deadline = float("inf")
        self.phase = Phase.CONNECTING

    # What the subclass does.

    @abstractmethod
    def now(self) -> float:
        """Loop seconds."""
        ...

    @abstractmethod
    def refuse(self, request: Request) -> Response | None:
        """The answer to a request that may not become a socket."""
        ...

    @abstractmethod
    def accepted(self) -> bytes:
        """The socket is open. Returns the first frames to send."""
        ...

    @abstractmethod
    def text(self, payload: bytes) -> None:
        """A whole text message came in, perhaps after the close: then it is to be ignored, as what follows here."""
        ...

    @abstractmethod
    def binary(self) -> None:
        """A binary message came in, or begins."""
        ...

    @abstractmethod
    def overhead(self) -> None:
        """A ping, a pong or a part of a message came in."""
        ...

    @abstractmethod
    def closing(self) -> None:
        """The closing handshake has begun, from either side: nothing can be sent any more."""
        ...

    @abstractmethod
    def ended(self, code: int) -> None:
        """The socket is gone, after it was open.

        Args:
            code: of the close frame that was sent; 1006 when there was none, 1005 when the client made one up.
        """
        ...

    # What the subclass uses.

    @property
    def transport(self) -> asyncio.Transport:
        """The connection underneath."""
        return self._transport

    @property
    def is_open(self) -> bool:
        """Whether anything can be sent."""
        return self.phase is Phase.OPEN

    def reject(self, status: HTTPStatus, text: str) -> Response:
        """An answer that refuses a request."""
        return self._ws.reject(status, text)

    def write(self, frames: bytes) -> None:
        """Send whole frames. Too much that waits closes the socket; after the close nothing is sent."""
        if self.phase is not Phase.OPEN:
            return
        if self._transport.get_write_buffer_size() > MAX_BUFFER:
            self.close(CloseCode.TOO_SLOW, "too slow")
            return
        self._transport.write(frames)

    def close(self, code: int, reason: str) -> None:
        """Send a close frame and wait for the answer, for a bounded time. Harmless when it was done."""
        if self.phase is not Phase.OPEN:
            return
        if self._ws.state is State.OPEN:
            if code in _UNANSWERED:
                self._ws.fail(code, reason)
            else:
                self._ws.send_close(code, reason)
        self._begin_closing(SLOW_CLOSE_SECONDS if code == CloseCode.TOO_SLOW else CLOSE_SECONDS)
        self._send_pending()

    def expire(self) -> None:
        """The time for the closing handshake is over. The subclass does more while the phase is OPEN."""
        self._transport.abort()

    def shutdown(self) -> None:
        """The server stops (called by uvicorn): the closing handshake gets less time. The subclass begins it."""
        if self.phase is Phase.CONNECTING:
            self._transport.close()
        self.deadline = min(self.deadline, self.now() + STOP_SECONDS)

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol.connection_made`."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=QUIET_BUFFER)
        self._server_state.connections.add(cast("Any", self))

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol.data_received`."""
        for start in range(0, len(data), READ_BYTES):
            if self._ws.eof_sent:
                return  # What comes after the end is dropped unread.
            part = data[start : start + READ_BYTES]
            if self.phase is Phase.CLOSING:
                self._closing_bytes -= len(part)
                if self._closing_bytes < 0:
                    self._transport.pause_reading()
                    return
            self._ws.receive_data(part)
            self._take_events()

    def eof_received(self) -> None:
        """See `asyncio.Protocol.eof_received`. A client that says no more is gone: the transport closes itself."""
        if self.phase is Phase.OPEN:
            self._begin_closing(CLOSE_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BaseProtocol.connection_lost`."""
        self._server_state.connections.discard(cast("Any", self))
        if self.phase is Phase.OPEN:
            self._begin_closing(0)
        if self.phase is Phase.CLOSING:
            self.phase = Phase.CLOSED
            self.ended(self._close_code())
        # The library's parser holds its protocol and is held by it: let both go at once, not when the collector comes.
        self._ws.parser.close()

    def _close_code(self) -> int:
        sent = self._ws.close_sent
        if sent is None:
            return NO_CLOSE_FRAME
        if self._ws.close_rcvd_then_sent and sent.code >= APPLICATION_CODES:
            return NO_STATUS  # A client may make up two thousand codes, and each would be a figure of its own.
        return int(sent.code)

    # What is received.

    def _take_events(self) -> None:
        for event in self._ws.events_received():
            if isinstance(event, Frame):
                self._take_frame(event)
            elif isinstance(event, Request):
                self._shake_hands(event)
        if self._ws.state is not State.OPEN and self.phase is Phase.OPEN:
            # A close frame came, or what came is no WebSocket traffic and the library has said so.
            self._begin_closing(CLOSE_SECONDS)
        self._send_pending()

    def _shake_hands(self, request: Request) -> None:
        response = self.refuse(request) or self._ws.accept(request)
        self._ws.send_response(response)
        if self._ws.state is State.OPEN:
            self.phase = Phase.OPEN
            self._transport.write(b"".join((*self._ws.data_to_send(), self.accepted())))

    def _take_frame(self, frame: Frame) -> None:
        payload = bytes(frame.data)
        match frame.opcode:
            case Opcode.TEXT if frame.fin:
                self.text(payload)
            case Opcode.TEXT:
                self._fragments = [payload]
                self.overhead()
            case Opcode.CONT if self._fragments is not None:
                self._fragments.append(payload)
                if frame.fin:
                    whole, self._fragments = b"".join(self._fragments), None
                    self.text(whole)
                else:
                    self.overhead()
            case Opcode.BINARY:
                self.binary()
            case _:
                self.overhead()

    # What is sent.

    def _begin_closing(self, seconds: float) -> None:
        self.phase = Phase.CLOSING
        self.deadline = self.now() + seconds
        self.closing()

    def _send_pending(self) -> None:
        for chunk in self._ws.data_to_send():
            if chunk:
                self._transport.write(chunk)
            elif self.phase is Phase.CLOSING and self._ws.close_rcvd is None:
                # Said goodbye without waiting for the answer. Closing now could reset the connection under the
                # close frame, if the client is still sending; so only our half ends.
                if self._transport.can_write_eof():
                    self._transport.write_eof()
            else:
                self._transport.close()
