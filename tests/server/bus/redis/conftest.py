import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from salebell_server.bus.redis.bus import RedisBus
from tests.proxy import Proxy
from tests.redis_server import RedisServer, redis_binary, redis_server
from tests.server.bus.listener import Listener, Watcher, eventually

SILENCE_SECONDS = 0.8
COMPARE_SECONDS = 0.2


class Station:
    """A bus, and a watcher of its link."""

    def __init__(self, bus: RedisBus) -> None:
        self.bus = bus
        self.watcher = bus.watcher = Watcher()

    async def listening(self, store: str = "main") -> Listener:
        listener = Listener()
        await self.bus.subscribe(store, listener)
        return listener


class Shop:
    """Publishes in the way of the log's scripts."""

    def __init__(self, server: RedisServer, store: str = "main", db: int = 0) -> None:
        self._server = server
        self._store = store
        self._channel = f"salebell:{db}:{{{store}}}"
        self.change = 0
        self.offset = 0

    def sells(self, times: int = 1) -> None:
        """Append events, and publish them in one go."""
        messages: list[str] = []
        for _ in range(times):
            self.change += 1
            self.offset += 1
            previous = f"id{self.offset - 1}" if self.offset > 1 else ""
            messages.append(f"E\ne\n{self.change}\n{self.offset}\nid{self.offset}\n{previous}\n{{}}")
        self._publish(*messages)

    def counts(self) -> None:
        """Publish the count of an admin whose uid is odd."""
        self.change += 1
        self._publish(f"C\ne\n{self.change}\n4\n2\n{self.offset}\nana\nof two lines")

    def recounts(self) -> None:
        self.change += 1
        self._publish(f"R\ne\n{self.change}")

    def sets_counter(self, change: int, epoch: str = "e") -> None:
        self._server.command("HSET", f"salebell:{{{self._store}}}:meta", "epoch", epoch, "change", str(change))

    def _publish(self, *messages: str) -> None:
        self.sets_counter(self.change)
        script = "for _, message in ipairs(ARGV) do redis.call('PUBLISH', KEYS[1], message) end"
        self._server.command("EVAL", script, "1", self._channel, *messages)


@asynccontextmanager
async def stationed(
    server: RedisServer,
    *,
    port: int | None = None,
    db: int = 0,
    instance: str = "a",
    silence: float = SILENCE_SECONDS,
    compare: float = COMPARE_SECONDS,
    connected: bool = True,
) -> AsyncGenerator[Station, None]:
    """A bus that is connected, through `port` if given."""
    address = replace(server.address, port=port or server.port, db=db)
    station = Station(RedisBus(address, instance, time.monotonic, silence=silence, compare=compare))
    station.bus.start()
    try:
        if connected:
            await eventually(lambda: station.watcher.up, "the link is up")
        yield station
    finally:
        await station.bus.close()


@pytest.fixture(autouse=True)
async def _no_task_is_left() -> AsyncGenerator[None, None]:
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.fixture
def server(tmp_path: Path) -> Generator[RedisServer, None, None]:
    """A Valkey of the test's own."""
    with redis_server(tmp_path / "valkey") as started:
        yield started


@pytest.fixture(params=["valkey", "redis"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[RedisServer, None, None]:
    """A Valkey, and then the system's Redis."""
    with redis_server(tmp_path / "server", program=redis_binary() if request.param == "redis" else None) as started:
        yield started


@pytest.fixture
def proxy(server: RedisServer) -> Generator[Proxy, None, None]:
    with Proxy(("127.0.0.1", server.port)) as entered:
        yield entered
