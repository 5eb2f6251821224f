"""HTTP/1.1 below the API: offers that are ignored, and clients that read nothing."""

import asyncio
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import uvicorn
from uvicorn.server import ServerState

from salebell_server.http11 import Http11

BODY = b'{"sale":{"id":"s-1"}}'
OFFER = (
    b"POST /v1/sales?x=%20y HTTP/1.1\r\n"
    b"Host: shop.example.com\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n"
    b"X-Padded:  a  b \t\r\n"
    b"X-Empty:\r\n"
)
WITH_LENGTH = OFFER + b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
IN_CHUNKS = OFFER + b"Transfer-Encoding: chunked\r\n\r\n5\r\n%b\r\n%x\r\n%b\r\n0\r\nX-Trailer: 1\r\n\r\n" % (
    BODY[:5], len(BODY) - 5, BODY[5:],
)  # fmt: skip
NEXT = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closed = False
        self.aborted = asyncio.Event()
        self.unsent: Callable[[], int] = lambda: 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted.set()

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return self.unsent()

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Kept:
    """An ASGI application that keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes, dict[bytes, bytes], bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        asked = (scope["method"], scope["path"], scope["query_string"], dict(scope["headers"]), body)
        self.asked.append(asked)
        answer = msgspec.json.encode(len(self.asked))
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(answer))]}
        )
        await send({"type": "http.response.body", "body": answer})


def connected(application: Any, wire: Wire) -> tuple[Http11, ServerState]:
    state = ServerState()
    connection = Http11(uvicorn.Config(application, lifespan="off", log_config=None), state, {})
    connection.connection_made(wire)
    return connection, state


async def asked(*pieces: bytes) -> Kept:
    """What an application is asked by a connection on which these bytes come in, one piece after the other."""
    application, wire = Kept(), Wire()
    connection, state = connected(application, wire)
    for piece in pieces:
        connection.data_received(piece)
    while state.tasks:
        await asyncio.gather(*state.tasks)
        await asyncio.sleep(0)  # for the next in line
    assert wire.written.count(b"HTTP/1.1 200 OK\r\n") == len(application.asked)
    connection.connection_lost(None)
    return application


class TestAnOfferOfAnotherProtocol:
    @pytest.mark.parametrize("request_bytes", [WITH_LENGTH, IN_CHUNKS])
    async def test_is_ignored_wherever_the_bytes_are_split(self, request_bytes: bytes) -> None:
        stream = request_bytes + NEXT
        for split in range(len(stream) + 1):
            first, second = (await asked(stream[:split], stream[split:])).asked
            method, path, query, headers, body = first
            assert (method, path, query, body) == ("POST", "/v1/sales", b"x=%20y", BODY)
            assert headers[b"x-padded"].strip() == b"a  b"
            assert headers[b"x-empty"] == b""
            assert headers[b"host"] == b"shop.example.com"
            assert b"x-trailer" not in headers
            assert second[:2] == ("GET", "/healthz")

    async def test_is_ignored_byte_by_byte(self) -> None:
        application = await asked(*(bytes([byte]) for byte in WITH_LENGTH + NEXT))
        assert [(method, body) for method, _, _, _, body in application.asked] == [("POST", BODY), ("GET", b"")]

    async def test_is_ignored_as_often_as_it_is_made(self) -> None:
        offers = OFFER + b"\r\n"
        application = await asked(offers * 2000)
        assert len(application.asked) == 2000

    @pytest.mark.parametrize("offer", [b"h2c", b"websocket2", b"TLS/1.0, h2c", b"h2c, websocket"])
    async def test_may_be_of_any_protocol(self, offer: bytes) -> None:
        application = await asked(WITH_LENGTH.replace(b": h2c", b": " + offer))
        assert [body for _, _, _, _, body in application.asked] == [BODY]

    async def test_needs_no_connection_header_to_be_ignored(self) -> None:
        application = await asked(WITH_LENGTH.replace(b"Upgrade, HTTP2-Settings", b"keep-alive"))
        assert [body for _, _, _, _, body in application.asked] == [BODY]

    async def test_does_not_make_a_tunnel_of_connect(self) -> None:
        application, wire = Kept(), Wire()
        connection, _ = connected(application, wire)
        connection.data_received(OFFER.replace(b"POST /v1/sales?x=%20y", b"CONNECT example.com:443") + b"\r\n" + NEXT)
        connection.connection_lost(None)
        assert not application.asked
        assert wire.closed


class Impatient(Http11):
    answer_seconds = 0.05


class TestAnAnswerThatIsNotRead:
    async def test_is_waited_for_as_long_as_something_is_taken(self) -> None:
        wire = Wire()
        left = iter([6, *(size for size in range(5, -1, -1) for _ in range(2))])  # each is asked for twice
        sizes: list[int] = []

        def unsent() -> int:
            sizes.append(next(left))
            return sizes[-1]

        wire.unsent = unsent
        connection = Impatient(uvicorn.Config(Kept(), lifespan="off", log_config=None), ServerState(), {})
        connection.connection_made(wire)
        connection.pause_writing()
        async with asyncio.timeout(20):
            while sizes[-1:] != [0]:
                await asyncio.sleep(0.01)
        assert not wire.aborted.is_set()
        connection.connection_lost(None)

    async def test_is_given_up_when_nothing_is_taken(self) -> None:
        wire = Wire()
        wire.unsent = lambda: 5
        connection = Impatient(uvicorn.Config(Kept(), lifespan="off", log_config=None), ServerState(), {})
        connection.connection_made(wire)
        connection.pause_writing()
        await asyncio.wait_for(wire.aborted.wait(), 20)
        connection.connection_lost(None)


LARGE = 32 * 1024 * 1024


async def large(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LARGE)]})
    await send({"type": "http.response.body", "body": bytes(LARGE)})


@asynccontextmanager
async def listening(protocol: type[Http11]) -> AsyncGenerator[tuple[int, ServerState], None]:
    state = ServerState()
    config = uvicorn.Config(large, lifespan="off", log_config=None, timeout_keep_alive=1)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], state


async def nobody_is_left(protocol: type[Http11], keep_alive: str) -> None:
    """Ask, read nothing, and wait until the server has let go."""
    loop = asyncio.get_running_loop()
    async with listening(protocol) as (port, state):
        with socket.socket() as client:
            client.settimeout(0)
            await loop.sock_connect(client, ("127.0.0.1", port))
            await loop.sock_sendall(
                client, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: %b\r\n\r\n" % keep_alive.encode()
            )
            async with asyncio.timeout(20):
                while not state.total_requests or state.connections:
                    await asyncio.sleep(0.01)


@pytest.mark.parametrize("keep_alive", ["keep-alive", "close"])
async def test_who_reads_nothing_is_cut_off(keep_alive: str) -> None:
    await nobody_is_left(Impatient, keep_alive)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop for Windows")
@pytest.mark.parametrize("keep_alive", ["keep-alive", "close"])
def test_who_reads_nothing_is_cut_off_on_uvloop_too(keep_alive: str) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(nobody_is_left(Impatient, keep_alive))


async def test_who_reads_on_gets_all() -> None:
    async with listening(Http11) as (port, state):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        assert len(await asyncio.wait_for(reader.readexactly(LARGE), 20)) == LARGE
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(20):
            while state.connections:
                await asyncio.sleep(0.01)
