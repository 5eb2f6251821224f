import asyncio
from typing import Any

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve

from salebell_desktop.client.dialer import DialFailure, SocketClosed, WebsocketDialer
from salebell_protocol.messages import Ping, Pong

pytestmark = pytest.mark.plain_asyncio


@pytest.fixture
def dial() -> WebsocketDialer:
    return WebsocketDialer("salebell-desktop/test")


async def test_frames_come_and_go(dial: WebsocketDialer, server: Any) -> None:
    socket = await dial(server.url)
    peer = await server.peer()
    await socket.send('{"type":"ping"}')
    assert await peer.receive(Ping) == Ping()
    peer.send(Pong(id=7))
    assert await socket.receive() == '{"type":"pong","id":7}'
    await socket.close()
    await asyncio.wait_for(peer.closed.wait(), 5)


@pytest.mark.parametrize("code", [1001, 4401])
async def test_the_code_of_the_server_is_told(dial: WebsocketDialer, server: Any, code: int) -> None:
    socket = await dial(server.url)
    (await server.peer()).close(code)
    with pytest.raises(SocketClosed) as caught:
        await socket.receive()
    assert caught.value.code == code
    with pytest.raises(SocketClosed) as caught:
        await socket.send("late")
    assert caught.value.code == code


async def test_a_broken_connection_has_none(dial: WebsocketDialer, server: Any) -> None:
    socket = await dial(server.url)
    (await server.peer()).drop()
    with pytest.raises(SocketClosed) as caught:
        await socket.receive()
    assert caught.value.code is None


async def test_closing_a_dead_link_does_not_take_long(dial: WebsocketDialer, server: Any) -> None:
    socket = await dial(server.url)
    peer = await server.peer()
    peer.deaf = True
    async with asyncio.timeout(3):
        await socket.close()


async def test_nobody_there(dial: WebsocketDialer, server: Any) -> None:
    await server.stop()
    with pytest.raises(DialFailure, match=r"no server is listening there\."):
        await dial(server.url)


async def test_a_name_that_nobody_has(dial: WebsocketDialer) -> None:
    with pytest.raises(DialFailure, match="no server of that name"):
        await dial("ws://no-such-shop.invalid/ws")


async def test_a_server_that_says_nothing(server: Any) -> None:
    server.silent = True
    with pytest.raises(DialFailure, match=r"does not answer\."):
        await WebsocketDialer("test", open_timeout=0.1)(server.url)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (200, "Something else than Salebell"),
        (400, "Something else than Salebell"),
        (404, "Something else than Salebell"),
        (429, "too many requests"),
        (500, "failed to answer"),
        (503, "not ready just now"),
    ],
)
async def test_something_else_that_answers(dial: WebsocketDialer, server: Any, status: int, sentence: str) -> None:
    server.refuse = status
    with pytest.raises(DialFailure, match=sentence):
        await dial(server.url)


async def test_no_redirect_is_followed(dial: WebsocketDialer, server: Any) -> None:
    """Another port would get the token."""
    reached = asyncio.Event()

    async def elsewhere(_: ServerConnection) -> None:
        reached.set()

    async with serve(elsewhere, "127.0.0.1", 0) as other:
        server.redirect = f"http://127.0.0.1:{_port(other)}"
        with pytest.raises(DialFailure, match="sends elsewhere"):
            await dial(server.url)
    assert not reached.is_set()


async def test_words_that_are_no_http(dial: WebsocketDialer) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP\r\n")
        writer.close()

    other = await asyncio.start_server(babble, "127.0.0.1", 0)
    with pytest.raises(DialFailure, match="Something else than Salebell"):
        await dial(f"ws://127.0.0.1:{other.sockets[0].getsockname()[1]}/ws")
    other.close()
    await other.wait_closed()


def _port(server: Server) -> int:
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port
