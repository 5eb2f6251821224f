"""The proxy does to a connection what tests ask of it, and nothing else."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.proxy import Proxy, Replies, message_channel
from tests.redis_server import RedisServer, redis_server

PATIENCE_SECONDS = 10.0
PONG = b"+PONG\r\n"


class Wire:
    """A connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def says(self, command: str, answer: bytes) -> None:
        self._writer.write(command.encode() + b"\r\n")
        await self.hears(answer)

    def send(self, command: str) -> None:
        self._writer.write(command.encode() + b"\r\n")

    async def hears(self, answer: bytes) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await self._reader.readexactly(len(answer)) == answer

    async def ends(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await self._reader.read() == b""


@asynccontextmanager
async def dialled(port: int) -> AsyncGenerator[Wire, None]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


@pytest.fixture
def server(tmp_path: Path) -> Generator[RedisServer, None, None]:
    with redis_server(tmp_path / "valkey") as started:
        yield started


@pytest.fixture
def proxy(server: RedisServer) -> Generator[Proxy, None, None]:
    with Proxy(("127.0.0.1", server.port)) as entered:
        yield entered


def subscribed(channel: str, count: int = 1) -> bytes:
    return f"*3\r\n$9\r\nsubscribe\r\n${len(channel)}\r\n{channel}\r\n:{count}\r\n".encode()


def message(channel: str, text: str) -> bytes:
    return f"*3\r\n$7\r\nmessage\r\n${len(channel)}\r\n{channel}\r\n${len(text)}\r\n{text}\r\n".encode()


async def test_everything_comes_through_in_both_directions(proxy: Proxy) -> None:
    async with dialled(proxy.port) as wire:
        text = "x" * 60_000
        await wire.says(f"SET key {text}", b"+OK\r\n")
        await wire.says("GET key", f"$60000\r\n{text}\r\n".encode())
        assert proxy.connections == 1


async def test_an_end_is_passed_on(proxy: Proxy) -> None:
    async with dialled(proxy.port) as wire:
        await wire.says("QUIT", b"+OK\r\n")
        await wire.ends()


async def test_when_the_target_is_gone_connections_end(proxy: Proxy, server: RedisServer) -> None:
    async with dialled(proxy.port) as wire:
        await wire.says("PING", PONG)
        server.kill()
        await wire.ends()
    async with dialled(proxy.port) as wire:
        await wire.ends()


async def test_drop_closes_and_refuses_until_healed(proxy: Proxy) -> None:
    async with dialled(proxy.port) as wire:
        await wire.says("PING", PONG)
        proxy.drop()
        await wire.ends()
    assert proxy.connections == 0
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", proxy.port)
    proxy.heal()
    async with dialled(proxy.port) as wire:
        await wire.says("PING", PONG)


async def test_reset_breaks_what_is_connected_and_takes_new_connections(proxy: Proxy) -> None:
    async with dialled(proxy.port) as wire:
        await wire.says("PING", PONG)
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            await wire.hears(PONG)
    async with dialled(proxy.port) as wire:
        await wire.says("PING", PONG)


async def test_delay_makes_answers_late_and_keeps_their_order(proxy: Proxy) -> None:
    async with dialled(proxy.port) as wire:
        await wire.says("PING", PONG)
        proxy.delay(0.2)
        started = time.monotonic()
        wire.send("PING")
        wire.send("ECHO second")
        await wire.hears(PONG + b"$6\r\nsecond\r\n")
        assert time.monotonic() - started >= 0.2


async def test_a_black_hole_swallows_both_directions_and_keeps_connections_open(
    proxy: Proxy, server: RedisServer
) -> None:
    async with dialled(proxy.port) as before:
        await before.says("SET key before", b"+OK\r\n")
        proxy.blackhole()
        before.send("SET key swallowed")
        async with dialled(proxy.port) as during:
            during.send("SET key swallowed")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await during.ends()
            server.kill()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await before.ends()
            server.start()
            assert server.command("GET", "key") == b"$6\r\nbefore\r\n"
            assert proxy.connections == 2


async def test_what_was_in_the_black_hole_stays_half_open_when_it_is_healed(proxy: Proxy) -> None:
    async with dialled(proxy.port) as before:
        await before.says("PING", PONG)
        proxy.blackhole()
        proxy.heal()
        async with dialled(proxy.port) as after:
            await after.says("PING", PONG)
        before.send("PING")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await before.ends()


async def test_discard_loses_whole_messages_of_the_channels_named(proxy: Proxy, server: RedisServer) -> None:
    async with dialled(proxy.port) as wire:
        await wire.says("SUBSCRIBE lossy", subscribed("lossy"))
        await wire.says("SUBSCRIBE sound", subscribed("sound", 2))
        proxy.discard(lambda channel: channel == b"lossy")
        for text in ("one\r\n$3\r\n", "two"):
            server.command("PUBLISH", "lossy", text)
            server.command("PUBLISH", "sound", text)
        await wire.hears(message("sound", "one\r\n$3\r\n") + message("sound", "two"))
        assert proxy.discarded == 2
        proxy.heal()
        server.command("PUBLISH", "lossy", "three")
        await wire.hears(message("lossy", "three"))


async def test_discard_messages_loses_some_of_those_of_stores_and_no_beat(proxy: Proxy, server: RedisServer) -> None:
    async with dialled(proxy.port) as wire:
        await wire.says("SUBSCRIBE salebell:0:{main}", subscribed("salebell:0:{main}"))
        await wire.says("SUBSCRIBE salebell:0:beat:a", subscribed("salebell:0:beat:a", 2))
        proxy.discard_messages(0.5, random.Random(1))
        expected = b""
        dice = random.Random(1)
        for number in range(40):
            server.command("PUBLISH", "salebell:0:{main}", str(number))
            server.command("PUBLISH", "salebell:0:beat:a", str(number))
            if dice.random() >= 0.5:
                expected += message("salebell:0:{main}", str(number))
            expected += message("salebell:0:beat:a", str(number))
        await wire.hears(expected)
        assert 0 < proxy.discarded < 40


def test_replies_are_cut_wherever_the_stream_was_cut() -> None:
    whole = [
        b"+OK\r\n",
        b"*2\r\n*1\r\n$3\r\na\r\n\r\n*-1\r\n",
        b":5\r\n",
        b"$-1\r\n",
        b"*0\r\n",
        b"$0\r\n\r\n",
        b"-ERR x\r\n",
    ]
    stream = b"".join(whole)
    for size in range(1, len(stream) + 1):
        replies = Replies()
        cut = [reply for at in range(0, len(stream), size) for reply in replies.feed(stream[at : at + size])]
        assert cut == whole


def test_only_messages_have_a_channel() -> None:
    assert message_channel(message("some\r\nchannel", "text")) == b"some\r\nchannel"
    assert message_channel(subscribed("channel")) is None
    assert message_channel(b"+OK\r\n") is None
