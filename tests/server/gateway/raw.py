"""A client that sends whatever bytes it is told to."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncGenerator
from typing import cast

from tests.server.gateway.stand import PATIENCE

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The answer to KEY (RFC 6455, section 1.3)."""

MASK = b"\x37\xfa\x21\x3d"
"""That of the examples in RFC 6455, section 5.7."""

TEXT, BINARY, CONT, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA


def request(path: str = "/ws", *extra: str, drop: str = "") -> bytes:
    lines = [
        f"GET {path} HTTP/1.1", "Host: shop.example.com", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13", *extra,
    ]  # fmt: skip
    return "\r\n".join([line for line in lines if not drop or not line.startswith(drop)] + ["", ""]).encode()


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, masked: bool = True, rsv: int = 0) -> bytes:
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit, length = 0x80 if masked else 0, len(payload)
    if length < 126:
        head += bytes([bit | length])
    elif length < 65536:
        head += bytes([bit | 126]) + length.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + length.to_bytes(8, "big")
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))


class Raw:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def shake_hands(self) -> None:
        await self.send(request())
        answer = await self.head()
        assert answer.startswith("HTTP/1.1 101")
        assert f"sec-websocket-accept: {ACCEPT}".lower() in answer.lower()
        assert (await self.hear())[1].startswith(b'{"type":"welcome"')

    async def head(self) -> str:
        """The head of an HTTP answer."""
        async with asyncio.timeout(PATIENCE):
            return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def hear(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame, which is whole and not masked."""
        async with asyncio.timeout(PATIENCE):
            first, second = await self.reader.readexactly(2)
            assert first & 0xF0 == 0x80
            assert second & 0x80 == 0
            length = second
            if second == 126:
                length = int.from_bytes(await self.reader.readexactly(2), "big")
            elif second == 127:
                length = int.from_bytes(await self.reader.readexactly(8), "big")
            return first & 0x0F, await self.reader.readexactly(length)

    async def hear_close(self) -> tuple[list[bytes], int]:
        """The text messages until the close frame, and its code."""
        texts: list[bytes] = []
        while True:
            opcode, payload = await self.hear()
            if opcode == CLOSE:
                return texts, int.from_bytes(payload[:2], "big")
            if opcode == TEXT:
                texts.append(payload)

    async def ended(self) -> bool:
        """Whether the server ends the connection, without another byte."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read() == b""

    def stop_reading(self) -> None:
        """Let everything pile up in the kernel's buffers, which are made small, and then at the server."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        cast("asyncio.Transport", self.writer.transport).pause_reading()

    def read_on(self) -> None:
        cast("asyncio.Transport", self.writer.transport).resume_reading()

    def reset(self) -> None:
        """Vanish: the server gets a RST."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@contextlib.asynccontextmanager
async def raw(port: int, *, hands_shaken: bool = True) -> AsyncGenerator[Raw, None]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    connection = Raw(reader, writer)
    try:
        if hands_shaken:
            await connection.shake_hands()
        yield connection
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
