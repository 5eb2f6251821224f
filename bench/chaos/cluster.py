"""Three servers, each with a way of its own to one Redis, behind a balancer."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import httpx

from bench.chaos.balancer import Balancer
from salebell_protocol import codec
from salebell_protocol.events import Event
from salebell_server.log.redis.client import Client, connect
from tests.e2e.invariants import Kept
from tests.e2e.programs import PATIENCE_SECONDS, Server
from tests.proxy import Proxy
from tests.redis_server import RedisServer


class Cluster:
    """The programs under torment; they run while it is entered.

    Args:
        directory: for everything they keep.
        servers: how many.
        chance: decides where a connection goes.
        program: starts a server, with the arguments of `salebell-server`.
    """

    def __init__(self, directory: Path, servers: int, chance: random.Random, program: Sequence[str]) -> None:
        self.redis = RedisServer(directory / "redis")
        self.proxies = [Proxy(("127.0.0.1", self.redis.port)) for _ in range(servers)]
        self.servers: list[Server] = []
        self._directory = directory
        self._program = program
        self._stack = AsyncExitStack()
        self.balancer = Balancer(lambda: [server.port for server in self.servers], chance)

    async def __aenter__(self) -> Self:
        self.redis.start()
        self._stack.callback(self.redis.stop)
        for number, proxy in enumerate(self.proxies):
            self._stack.enter_context(proxy)
            server = Server(
                self._directory / f"server-{number}",
                program=self._program,
                ENABLE_REDIS="true",
                REDIS_HOST="127.0.0.1",
                REDIS_PORT=str(proxy.port),
            )
            await server.start()
            self._stack.push_async_callback(server.kill)
            self.servers.append(server)
        await self._stack.enter_async_context(self.balancer)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def healthy(self) -> None:
        """Return when every server says that all is well."""
        async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(PATIENCE_SECONDS):
            for server in self.servers:
                while (await http.get(f"{server.url}/readyz")).json()["status"] != "ok":
                    await asyncio.sleep(0.1)

    async def kept(self, admins: Mapping[str, str], stores: Sequence[str]) -> Kept:
        """What Redis has in the end, straight from its keys.

        Args:
            admins: the address of each admin, by uid.
            stores: whose logs to read.
        """
        client = connect(self.redis.address)
        try:
            events = {store: await _events(client, store) for store in stores}
            seen: dict[tuple[str, str], int] = {}
            for store in stores:
                cursors = await _cursors(client, store)
                seen |= {(admins[uid.decode()], store): int(offset) for uid, offset in cursors.items()}
        finally:
            await client.aclose()
        return Kept(events, seen)

    async def tops(self, stores: Sequence[str]) -> dict[str, int]:
        """The last offset of each store."""
        client = connect(self.redis.address)
        try:
            return {store: int(await client.execute_command("XLEN", f"salebell:{{{store}}}:log")) for store in stores}
        finally:
            await client.aclose()


async def _cursors(client: Client, store: str) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = await client.execute_command("HGETALL", f"salebell:{{{store}}}:cursors")
    return found


async def _events(client: Client, store: str) -> list[Event]:
    entries: list[tuple[bytes, dict[bytes, bytes]]] = await client.execute_command(
        "XRANGE", f"salebell:{{{store}}}:log", "-", "+"
    )
    return [codec.decode(fields[b"event"], Event) for _, fields in entries]
