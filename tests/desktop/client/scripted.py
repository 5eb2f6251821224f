"""A server that says what a test wants: real sockets and real HTTP on one port of this computer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from salebell_protocol.codec import decode_client, encode
from salebell_protocol.messages import Message

M = TypeVar("M")
PATIENCE = 10.0


class Peer:
    """The server's side of one socket."""

    def __init__(self, protocol: ServerProtocol, writer: asyncio.StreamWriter) -> None:
        self._protocol = protocol
        self._writer = writer
        self.messages: asyncio.Queue[Any] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.deaf = False

    def send(self, *messages: Message) -> None:
        for message in messages:
            self.send_raw(encode(message))

    def send_raw(self, frame: bytes) -> None:
        self._protocol.send_text(frame)
        self.flush()

    def send_binary(self, frame: bytes) -> None:
        self._protocol.send_binary(frame)
        self.flush()

    def close(self, code: int) -> None:
        self._protocol.send_close(code)
        self.flush()

    def drop(self) -> None:
        """Break the connection, as a dead network does."""
        self._writer.transport.abort()

    async def receive(self, wanted: type[M]) -> M:
        """The next message of the client, which must be a `wanted`."""
        async with asyncio.timeout(PATIENCE):
            message = await self.messages.get()
        assert isinstance(message, wanted), message
        return message

    def flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)
            else:
                self._writer.close()

    def feed(self, data: bytes) -> None:
        if self.deaf:
            return
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._protocol.send_response(self._protocol.accept(event))
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.messages.put_nowait(decode_client(bytes(event.data)))
        self.flush()


Answer = tuple[int, msgspec.Struct | None]
Route = Callable[[str, bytes, dict[str, str]], Answer | Awaitable[Answer]]


class ScriptedServer:
    """Accepts sockets at `/ws`, and answers HTTP by `routes`: `"GET /v1/sales"` to a function of query, body, headers.

    Attributes:
        refuse: the status to answer a WebSocket handshake with; None accepts it.
        redirect: where to send everybody; "" nowhere.
        silent: accept connections and say nothing at all.
    """

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.requests: list[str] = []
        self.refuse: int | None = None
        self.redirect = ""
        self.silent = False
        self.dials = 0
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()
        self.peers: list[Peer] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and break what is open; `start` begins again on the same port."""
        if self._server is not None:
            self._server.close()
        for peer in self.peers:
            peer.drop()
        for connection in tuple(self._connections):
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        if self._server is not None:
            await self._server.wait_closed()

    async def peer(self) -> Peer:
        """The next socket that a client opens."""
        async with asyncio.timeout(PATIENCE):
            return await self._peers.get()

    @property
    def waiting(self) -> int:
        """Sockets that were opened, and that no test has asked for yet."""
        return self._peers.qsize()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        if self.silent:
            await asyncio.Event().wait()
        request, *lines = head.decode().split("\r\n")
        method, target, _ = request.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        if headers.get("upgrade") == "websocket" and self.refuse is None and not self.redirect:
            await self._socket(head, reader, writer)
            return False
        path, _, query = target.partition("?")
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append(f"{method} {path}")
        status, content, extra = 404, b"", ""
        if headers.get("upgrade") == "websocket":
            self.dials += 1
            status = self.refuse or 307
        if self.redirect:
            status, extra = 307, f"Location: {self.redirect}{target}\r\n"
        elif route := self.routes.get(f"{method} {path}"):
            answer = route(query, body, headers)
            status, struct = await answer if isinstance(answer, Awaitable) else answer
            content = b"" if struct is None else encode(struct)
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n{extra}\r\n".encode() + content)
        await writer.drain()
        return True

    async def _socket(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dials += 1
        peer = Peer(ServerProtocol(max_size=None), writer)
        self.peers.append(peer)
        peer.feed(head)
        self._peers.put_nowait(peer)
        try:
            while data := await reader.read(65536):
                peer.feed(data)
            peer.feed(b"")
        finally:
            peer.closed.set()


def answer(status: int, content: msgspec.Struct | None = None) -> Route:
    """A route that always answers the same."""

    def give(_query: str, _body: bytes, _headers: dict[str, str]) -> Answer:
        return status, content

    return give
