"""A log under test, whatever it is built on, with time in the test's hands and an ear on its bus."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from salebell_protocol.events import Position
from salebell_server.bus.memory import MemoryBus
from salebell_server.log import Appended, Counted, Draft, Entry, SaleLog
from salebell_server.log.keys import KeyStore
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.keys import SqliteKeyStore
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from tests.server.log.shop import NOON


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

    def entries(self, store: str = "main") -> list[Entry]:
        return [entry for name, _, entries in self.publications if name == store for entry in entries]


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


OPENERS: dict[str, Callable[[Path], Opener]] = {"sqlite": sqlite_opener}
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
