"""How long from a producer's POST to an admin's screen: with one admin connected, with 1,000, and to a real desktop.

A server, a producer that posts at a steady rate, an observer on a socket, and a crowd of other admins that only read,
each a process of its own. Prints milliseconds from sending the POST to the event decoded by the observer, and to the
badge of a real desktop (offscreen). Bar: p99 with the crowd at most 4 times p99 with one admin.

    .venv/bin/python -m bench.post_to_badge
"""

import argparse
import asyncio
import json
import multiprocessing
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

from salebell_protocol import codec
from salebell_protocol.messages import Auth, AuthSuccess, EventMessage
from tests.e2e.programs import Desktop, Server, eventually

SOCKETS_AN_ADMIN = 60
HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def masked(payload: bytes) -> bytes:
    """A client's text frame with the mask 0 (RFC 6455, section 5.2)."""
    length = len(payload)
    head = bytes([0x81, 0x80 | length]) if length < 126 else b"\x81\xfe" + length.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


def crowd(port: int, tokens: list[str], count: int, ready: Event, stop: Event) -> None:
    """Open `count` sockets, and read whatever comes until told to stop."""

    async def sink() -> None:
        loop = asyncio.get_running_loop()
        sockets: list[socket.socket] = []
        for number in range(count):
            sock = socket.create_connection(("127.0.0.1", port))
            sock.sendall(HANDSHAKE.encode())
            received = b""
            while b'"welcome"' not in received:
                received += sock.recv(4096)
            sock.sendall(masked(codec.encode(Auth(token=tokens[number // SOCKETS_AN_ADMIN], store="main"))))
            while b'"auth_success"' not in received:
                received += sock.recv(4096)
            sock.setblocking(False)
            loop.add_reader(sock, sock.recv, 65536)
            sockets.append(sock)
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.1)

    asyncio.run(sink())


@asynccontextmanager
async def crowded(server: Server, tokens: list[str], count: int) -> AsyncGenerator[None, None]:
    """`count` other admins are connected inside the block."""
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    process = context.Process(target=crowd, args=(server.port, tokens, count, ready, stop), daemon=True)
    process.start()
    try:
        await eventually(lambda: ready.is_set() or not process.is_alive(), "the crowd is there", 120)
        if not ready.is_set():
            raise RuntimeError("the crowd could not connect")
        yield
    finally:
        stop.set()
        await asyncio.to_thread(process.join)


@asynccontextmanager
async def observing(server: Server, token: str) -> AsyncGenerator[ClientConnection, None]:
    """A signed-in socket."""
    async with connect(f"ws://127.0.0.1:{server.port}/ws", proxy=None, compression=None) as client:
        await client.send(codec.encode(Auth(token=token, store="main")), text=True)
        while not isinstance(codec.decode_server(await client.recv()), AuthSuccess):
            pass
        yield client


async def measure(server: Server, key: str, token: str, *, seconds: float, rate: float) -> list[float]:
    """Milliseconds from each POST to its event at the observer."""
    sent: dict[str, float] = {}
    took: list[float] = []
    total = int(seconds * rate)

    async def watch(client: ClientConnection) -> None:
        while len(took) < total:
            message = codec.decode_server(await client.recv())
            if isinstance(message, EventMessage):
                took.append((time.perf_counter() - sent[message.event.sale.id]) * 1000)

    async with observing(server, token) as client, server.producer(key) as producer:
        watching = asyncio.create_task(watch(client))
        start = time.perf_counter()
        posts: set[asyncio.Task[httpx.Response]] = set()
        for number in range(total):
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            sale_id = f"{start}-{number}"
            sent[sale_id] = time.perf_counter()
            body = {"sale": {"id": sale_id, "total": "15999.00", "currency": "ARS", "customer": {"name": "María"}}}
            posts.add(asyncio.create_task(producer.post("/v1/sales", json=body)))
        for post in posts:
            assert (await post).status_code == 201
        await asyncio.wait_for(watching, 30)
    return took


async def measure_desktop(server: Server, key: str, email: str, directory: Path, count: int) -> list[float]:
    """Milliseconds from a POST to the badge of a real desktop program."""
    desktop = Desktop(server, directory)
    await desktop.start(email, "--hidden")
    took: list[float] = []
    await eventually(lambda: bool(desktop.badges()), "the desktop is connected")
    async with server.producer(key) as producer:
        for number in range(count):
            before = len(desktop.badges())
            start = time.perf_counter()
            body = {"sale": {"id": f"desktop-{number}", "total": "1", "currency": "ARS"}}
            assert (await producer.post("/v1/sales", json=body)).status_code == 201
            while len(desktop.badges()) == before:
                await asyncio.sleep(0)
            took.append((time.perf_counter() - start) * 1000)
            await asyncio.sleep(0.1)
    await desktop.stop()
    return took


def line(name: str, took: list[float]) -> float:
    """Print a row; its p99."""
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    print(f"{name:<28} n {len(took):>5}   p50 {cuts[49]:7.2f} ms   p99 {cuts[98]:7.2f} ms   max {max(took):7.2f} ms")
    return cuts[98]


async def main(admins: int, seconds: float, rate: float) -> None:
    """Run all three."""
    with tempfile.TemporaryDirectory() as temporary:
        server = Server(Path(temporary) / "server")
        await server.start()
        key = await server.new_key()
        tokens: list[str] = []
        for number in range(1 + (admins - 2) // SOCKETS_AN_ADMIN + 1):
            await server.new_admin(f"admin{number}@shop.example")
            tokens.append((await server.sign_in(f"admin{number}@shop.example"))["id_token"])
        await measure(server, key, tokens[0], seconds=2, rate=rate)
        alone = line("1 admin", await measure(server, key, tokens[0], seconds=seconds, rate=rate))
        async with crowded(server, tokens[1:], admins - 1):
            together = line(f"{admins:,} admins", await measure(server, key, tokens[0], seconds=seconds, rate=rate))
        line(
            "to a desktop's badge", await measure_desktop(server, key, "admin0@shop.example", Path(temporary) / "d", 50)
        )
        print(json.dumps({"p99 with the crowd / with one": round(together / alone, 2), "bar": 4}))
        await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--admins", type=int, default=1000, help="connected at once in the second run; default 1000")
    parser.add_argument("--seconds", type=float, default=10, help="of each run; default 10")
    parser.add_argument("--rate", type=float, default=50, help="sales a second; default 50")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.admins, arguments.seconds, arguments.rate))
