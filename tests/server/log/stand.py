"""A log under test, whatever it is built on, with time in the test's hands and an ear on its bus."""

import asyncio
import itertools
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from msgspec.structs import replace

from salebell_protocol.events import Position
from salebell_server.bus.memory import MemoryBus
from salebell_server.log import Appended, Counted, Draft, Entry, SaleLog
from salebell_server.log.address import RedisAddress
from salebell_server.log.keys import KeyStore
from salebell_server.log.redis import wire
from salebell_server.log.redis.client import connect, line
from salebell_server.log.redis.keys import RedisKeyStore
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.sale_log import RedisSaleLog
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.keys import SqliteKeyStore
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from tests.redis_server import RedisServer, redis_binary, valkey_binary
from tests.server.log.shop import NOON

PATIENCE_SECONDS = 10.0


class Time:
    """The time of day."""

    def __init__(self) -> None:
        self.now = NOON

    def clock(self) -> datetime:
        return self.now

    def passes(self, **units: float) -> None:
        self.now += timedelta(**units)


class Heard:
    """A subscriber that keeps what it hears, in order."""

    def __init__(self) -> None:
        self.publications: list[tuple[str, str, tuple[Entry, ...]]] = []
        self.counts: list[tuple[str, str, Counted]] = []
        self.recounts: list[str] = []
        self.misses: list[str] = []

    def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
        self.publications.append((store, epoch, entries))

    def counted(self, store: str, admin: str, counted: Counted) -> None:
        self.counts.append((store, admin, counted))

    def recount(self, store: str) -> None:
        self.recounts.append(store)

    def missed(self, store: str) -> None:
        self.misses.append(store)

    async def caught_up(self) -> None:
        """Return once all is heard that was published before the call. A bus of one process is never behind."""

    def entries(self, store: str = "main") -> list[Entry]:
        return [entry for name, _, entries in self.publications if name == store for entry in entries]


class HeardFromRedis(Heard):
    """Hears what the scripts publish."""

    def __init__(self, address: RedisAddress, stores: Sequence[str]) -> None:
        super().__init__()
        self._speaker = connect(address)
        self._line = line(address)
        self._stores = {wire.channel(address.db, store): store for store in stores}
        self._marks = itertools.count(1)
        self._marked = asyncio.Condition()
        self._last_mark = 0

    @classmethod
    @asynccontextmanager
    async def listening(cls, address: RedisAddress, stores: Sequence[str]) -> AsyncGenerator["HeardFromRedis", None]:
        heard = cls(address, stores)
        await heard._line.connect()
        await heard._line.send_command("SUBSCRIBE", "marks", *heard._stores)
        listener = asyncio.create_task(heard._listen())
        try:
            await heard.caught_up()
            yield heard
        finally:
            listener.cancel()
            with suppress(asyncio.CancelledError):
                await listener
            await heard._line.disconnect()
            await heard._speaker.aclose()

    async def caught_up(self) -> None:
        """What one connection is published comes in the order of publication, whatever the channel."""
        mark = next(self._marks)
        async with asyncio.timeout(PATIENCE_SECONDS), self._marked:
            while not await self._speaker.execute_command("PUBLISH", "marks", mark):
                await asyncio.sleep(0.01)  # it is not subscribed yet
            await self._marked.wait_for(lambda: self._last_mark >= mark)

    async def _listen(self) -> None:
        while True:
            kind, channel, content = await self._line.read_response(timeout=math.inf, disconnect_on_error=True)
            if kind != b"message":
                continue
            if channel == b"marks":
                async with self._marked:
                    self._last_mark = int(content)
                    self._marked.notify_all()
            else:
                self._hear(self._stores[channel.decode()], wire.parse(content))

    def _hear(self, store: str, message: wire.Published | wire.Looked | wire.Recount) -> None:
        match message:
            case wire.Published(epoch, _, entry):
                self.published(store, epoch, (entry,))
            case wire.Looked(_, _, admin, counted):
                self.counted(store, admin, counted)
            case wire.Recount():
                self.recount(store)


class Stand(NamedTuple):
    """An open log, and what belongs to it."""

    log: SaleLog
    keys: KeyStore
    heard: Heard
    time: Time


Opener = Callable[[], AbstractAsyncContextManager[Stand]]
"""Opens the same log again and again, one after the other: what was durable is there again."""


def sqlite_opener(directory: Path, *stores: str) -> Opener:
    """An embedded log in `directory`, with an ear on `stores` (default: `main` and `other`)."""

    @asynccontextmanager
    async def open_log() -> AsyncGenerator[Stand, None]:
        async with Database(directory, serve=True) as database:
            bus, heard, time = MemoryBus(), Heard(), Time()
            for store in stores or ("main", "other"):
                await bus.subscribe(store, heard)
            yield Stand(SqliteSaleLog(database, bus, time.clock), SqliteKeyStore(database), heard, time)

    return open_log


class Servers:
    """One Redis of each kind for all the tests of a process."""

    def __init__(self) -> None:
        self._programs = {"redis": redis_binary, "valkey": valkey_binary}
        self._running: dict[str, RedisServer] = {}

    def get(self, name: str) -> RedisServer:
        if name not in self._running:
            program = self._programs[name]()
            self._running[name] = RedisServer(Path(mkdtemp(prefix=f"salebell-{name}-")), program=program).start()
        return self._running[name]

    def stop(self) -> None:
        for server in self._running.values():
            server.stop()
            server.empty()
        self._running.clear()


servers = Servers()


@asynccontextmanager
async def redis_lane(address: RedisAddress) -> AsyncGenerator[Lane, None]:
    """What carries the commands of everything that lies beside a log."""
    lane = Lane(connect(address, connections=1))
    try:
        yield lane
    finally:
        await lane.close()


def redis_opener(server: RedisServer, *stores: str) -> Opener:
    """A log that is alone on `server`, with an ear on `stores` (default: `main` and `other`)."""
    server.command("FLUSHALL")
    address = replace(server.address, db=1)

    @asynccontextmanager
    async def open_log() -> AsyncGenerator[Stand, None]:
        time = Time()
        async with (
            HeardFromRedis.listening(address, stores or ("main", "other")) as heard,
            RedisSaleLog(address, time.clock) as log,
            redis_lane(address) as lane,
        ):
            yield Stand(log, RedisKeyStore(lane), heard, time)

    return open_log


OPENERS: dict[str, Callable[[Path], Opener]] = {
    "redis": lambda _: redis_opener(servers.get("redis")),
    "sqlite": sqlite_opener,
    "valkey": lambda _: redis_opener(servers.get("valkey")),
}
"""Every log there is: the contract suite runs on each of them."""


async def append_all(log: SaleLog, *drafts: Draft) -> list[int]:
    """Append one after the other; the offsets."""
    offsets: list[int] = []
    for draft in drafts:
        outcome = await log.append(draft)
        assert isinstance(outcome, Appended), (draft, outcome)
        offsets.append(outcome.offset)
    return offsets


async def all_entries(log: SaleLog, store: str = "main", after: int = 0, limit: int = 1000) -> list[Entry]:
    """Everything after an offset, page by page."""
    epoch = (await log.position(store)).epoch
    found: list[Entry] = []
    while page := await log.entries(store, epoch, found[-1].offset if found else after, limit):
        found += page
    return found


def position_of(epoch: str, entry: Entry) -> Position:
    """Where somebody is who has seen everything up to `entry`."""
    return Position(epoch, entry.offset, entry.event_id)
