"""What answers at an address and is no Salebell, as the HTTP check and the sockets see it: both say the same."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from salebell_desktop.client.address import parse_address
from salebell_desktop.client.dialer import DialFailure, WebsocketDialer
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.reach import ELSEWHERE, NOT_READY, NOT_SALEBELL
from salebell_desktop.connection.reasons import LOST
from salebell_desktop.identity.errors import HttpFailure

pytestmark = pytest.mark.plain_asyncio

_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: closing tells the other side that the connection is broken."""


@asynccontextmanager
async def stranger(words: bytes, *, listens: bool = True, breaks: bool = False) -> AsyncGenerator[str]:
    """A server that says some words, after it has heard somebody out or at once, and hangs up; its address."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if listens:
            await reader.read(4096)
        writer.write(words)
        await writer.drain()
        if breaks:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            writer.transport.abort()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def said_of(address: str) -> set[str]:
    """What the HTTP check and the dialer say."""
    http = ServerHttp(parse_address(address), "test")
    with pytest.raises(HttpFailure) as refused:
        await http.client_config()
    await http.close()
    with pytest.raises(DialFailure) as failure:
        await WebsocketDialer("test")(f"{address}/ws")
    assert not refused.value.untrusted
    assert not failure.value.untrusted
    return {str(refused.value), str(failure.value)}


@pytest.mark.parametrize("listens", [True, False])
@pytest.mark.parametrize("breaks", [True, False])
async def test_one_that_hangs_up(listens: bool, breaks: bool) -> None:
    """As a forwarder does whose server is down."""
    async with stranger(b"", listens=listens, breaks=breaks) as address:
        assert await said_of(address) == {LOST}


@pytest.mark.parametrize(
    ("words", "listens"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", False),
        (b"220 mail.example.com ESMTP\r\n", False),
        (b"-ERR unknown command 'GET'\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", True),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}", True),
    ],
)
async def test_one_that_speaks_of_something_else(words: bytes, listens: bool) -> None:
    async with stranger(words, listens=listens) as address:
        assert await said_of(address) == {NOT_SALEBELL}


@pytest.mark.parametrize(
    ("status", "sentence"), [(b"301 Moved", ELSEWHERE), (b"308 Moved", ELSEWHERE), (b"502 Bad Gateway", NOT_READY)]
)
async def test_one_that_stands_before_another(status: bytes, sentence: str) -> None:
    words = b"HTTP/1.1 " + status + b"\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    async with stranger(words) as address:
        assert await said_of(address) == {sentence}
