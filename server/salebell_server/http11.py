"""HTTP/1.1 as uvicorn speaks it, with the bounds that it lacks."""

import asyncio
from array import array
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 15.0
"""How long and how slow the head of a request may be: longer than any honest one."""

ANSWER_SECONDS = 30.0
"""Within this time a client has to take at least a part of what waits for it."""


class Http11(HttpToolsProtocol):
    """uvicorn's HTTP, for clients that may be slow, hostile or ahead of their time.

    - The head of a request may be `HEAD_BYTES` long and take `HEAD_SECONDS`; beyond that the connection is closed.
    - A client that takes nothing of an answer for `ANSWER_SECONDS` is cut off.
    - An offer of another protocol than websocket is ignored (RFC 9110, section 7.8), and the request answered.
    - A trailer is no header (RFC 9110, section 6.5.1): it may bring neither a key nor a client's address.

    Attributes:
        head_without_offer: what the parser is to read instead of the head that it has just read; None: nothing.
    """

    answer_seconds = ANSWER_SECONDS

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.parser = _Parser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's own
        self._head_is_complete = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._unsent = 0
        self._unsent_since = 0.0
        self._unsent_timer: asyncio.TimerHandle | None = None
        self.head_without_offer: bytes | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.BaseProtocol.connection_made`."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BaseProtocol.connection_lost`."""
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """The connection becomes a socket."""
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def _stop_waiting(self) -> None:
        self._stop_awaiting_head()
        if self._unsent_timer is not None:
            self._unsent_timer.cancel()
            self._unsent_timer = None

    # Requests.

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol.data_received`."""
        super().data_received(data)
        self._head_bytes = 0 if self._head_is_complete else self._head_bytes + len(data)
        if self._head_bytes > HEAD_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._await_head()
        self.head_without_offer = None
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        if not self._head_is_complete:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        if self.parser.should_upgrade() and not self._should_upgrade():
            self.head_without_offer = self._without_offer()
        if self.head_without_offer is not None:
            return
        self._head_is_complete = True
        self._stop_awaiting_head()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is complete."""
        if self.head_without_offer is None:
            super().on_message_complete()

    def _without_offer(self) -> bytes | None:
        """The head that was read, without the offer that the parser stops at; None if it offers nothing."""
        kept = [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        if len(kept) == len(self.headers):
            return None
        version = self.parser.get_http_version().encode()
        return b"%b %b HTTP/%b\r\n%b\r\n" % (self.parser.get_method(), self.url, version, b"".join(kept))

    def _await_head(self) -> None:
        self._stop_awaiting_head()
        self._head_is_complete = False
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _stop_awaiting_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self.transport.close()

    # Answers. What is closed stays open until all is sent: who reads nothing would keep it for ever.

    def on_response_complete(self) -> None:
        """All of an answer was written, though perhaps not sent."""
        super().on_response_complete()
        self._await_reading()

    def pause_writing(self) -> None:
        """See `asyncio.BaseProtocol.pause_writing`."""
        super().pause_writing()
        self._await_reading()

    def _await_reading(self) -> None:
        self._unsent = self.transport.get_write_buffer_size()
        self._unsent_since = self.loop.time()
        if self._unsent and self._unsent_timer is None:
            self._unsent_timer = self.loop.call_later(self.answer_seconds, self._look_at_reading)

    def _look_at_reading(self) -> None:
        self._unsent_timer = None
        late = self._unsent_since + self.answer_seconds
        if self.transport.get_write_buffer_size() != self._unsent:
            self._await_reading()
        elif self._unsent and self.loop.time() < late:
            self._unsent_timer = self.loop.call_at(late, self._look_at_reading)
        elif self._unsent:
            self.transport.abort()


class _Parser(httptools.HttpRequestParser):
    """A parser that does not stop at an offer that its connection ignores.

    llhttp takes the rest of the connection for the other protocol, and reads no body. It is told the head once more,
    without the offer, and goes on behind it.
    """

    def __init__(self, connection: Http11) -> None:
        super().__init__(connection)
        self._connection = connection

    def feed_data(self, data: "bytes | bytearray | memoryview | array[int]") -> None:
        """See `httptools.HttpParser.feed_data`."""
        rest = memoryview(data)
        while True:
            try:
                super().feed_data(rest)
            except httptools.HttpParserUpgrade as stopped:
                head = self._connection.head_without_offer
                if head is None:
                    raise
                rest = rest[stopped.args[0] :]
                super().feed_data(head)
            else:
                return
