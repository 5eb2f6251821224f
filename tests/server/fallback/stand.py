"""A shared log that can be taken away, an outbox, and a keeper between them."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncGenerator, Callable, Collection, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog
from msgspec.structs import replace
from structlog.typing import EventDict

from salebell_protocol.sales import Sale, SaleStatus
from salebell_server.bus.memory import MemoryBus
from salebell_server.fallback.drain import Drain
from salebell_server.fallback.keeper import Keeper
from salebell_server.fallback.outbox import Outbox, database_in
from salebell_server.fallback.shared_log import SharedLog
from salebell_server.hub.pending import Waiting
from salebell_server.log import Appended, Draft, Known, LogUnavailable, Lookup, Stale
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.sales.intake import Deferred, Kind
from tests.server.log.shop import NOON
from tests.server.log.stand import all_entries


def now() -> datetime:
    return datetime.now(UTC)


class Switchable(SqliteSaleLog):
    """A log that is away when the test says so."""

    away = False
    lies = False
    """Whether what it refuses is done all the same: a write of unknown outcome."""

    fails_after: int | None = None
    """Appends after which it is away."""

    chokes_on: Collection[str] = ()
    """Event ids that it can do nothing with."""

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        if draft.event_id in self.chokes_on:
            raise ZeroDivisionError
        if self.lies:
            await super().append(draft)
        if self.fails_after is not None:
            self.away = self.fails_after == 0
            self.fails_after = max(0, self.fails_after - 1)
        self._refuse()
        return await super().append(draft)

    async def lookup(self, store: str, sale_id: str, event_id: str | None) -> Lookup:
        self._refuse()
        return await super().lookup(store, sale_id, event_id)

    async def stores(self) -> tuple[str, ...]:
        self._refuse()
        return await super().stores()

    async def check(self) -> None:
        self._refuse()
        await super().check()

    def _refuse(self) -> None:
        if self.away:
            raise LogUnavailable("it is switched off")


class Told:
    """An audience that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def defer(self) -> None:
        self.heard.append("defer")

    def restore(self) -> None:
        self.heard.append("restore")

    def announce(self, store: str, waiting: Waiting) -> None:
        self.heard.append(f"{store}: {waiting.event_id}")


class Drained:
    """Counts what was drained."""

    fails = False

    def __init__(self) -> None:
        self.conflicts: list[bool] = []

    def drained(self, *, conflict: bool) -> None:
        self.conflicts.append(conflict)
        if self.fails:
            raise ZeroDivisionError


def creation(number: int = 1, *, store: str = "main", event_id: str = "", digest: bytes = b"digest") -> Deferred:
    sale_id = f"s{number}"
    return Deferred(
        store=store,
        event_id=event_id or f"created:{sale_id}",
        kind=Kind.CREATION,
        occurred_at=NOON,
        sale=Sale(
            id=sale_id,
            number=sale_id,
            status=SaleStatus.PENDING,
            total="1.00",
            currency="ARS",
            channel="web",
            created_at=NOON,
            updated_at=NOON,
        ),
        digest=digest,
    )


def payment(number: int = 1, event_id: str = "") -> Deferred:
    made = creation(number)
    return replace(
        made,
        event_id=event_id or f"paid:s{number}",
        kind=Kind.PAYMENT,
        sale=replace(made.sale, status=SaleStatus.APPROVED),
    )


@asynccontextmanager
async def outbox_in(directory: Path) -> AsyncGenerator[Outbox, None]:
    async with database_in(directory) as database:
        yield Outbox(database, now)


class Stand:
    """Everything, put together as the composition root does it."""

    def __init__(self, log: Switchable, outbox: Outbox) -> None:
        self.log = log
        self.outbox = outbox
        self.told = Told()
        self.metrics = Drained()
        self.fit: Callable[[], None] = lambda: None
        self.keeper = Keeper(
            log=log,
            outbox=outbox,
            drain=Drain(outbox, log, self.metrics),
            prepared=self._prepared,
            monotonic=asyncio.get_running_loop().time,
        )
        self.keeper.audience = self.told
        self.shared = SharedLog(log, self.keeper, lambda: ("copied",))

    async def _prepared(self) -> None:
        self.fit()

    async def ids(self, store: str = "main") -> list[str]:
        """What the log has, in order."""
        return [entry.event_id for entry in await all_entries(self.log, store)]


@asynccontextmanager
async def standing(directory: Path) -> AsyncGenerator[Stand, None]:
    async with Database(directory / "log", serve=True) as database, outbox_in(directory / "outbox") as outbox:
        stand = Stand(Switchable(database, MemoryBus(), now), outbox)
        stand.keeper.start()
        yield stand
        await stand.keeper.close()


def scribble(directory: Path, number: int) -> None:
    """Make a command of the outbox in `directory` unreadable, as no version of ours would write it."""
    with closing(sqlite3.connect(directory / "salebell.db")) as connection, connection:
        connection.execute("UPDATE commands SET command = '{}' WHERE number = ?", (number,))


@contextmanager
def no_room() -> Generator[list[EventDict], None, None]:
    """No file of this process may grow (EFBIG; Python ignores SIGXFSZ). What it logs is put in the list."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with structlog.testing.capture_logs() as logs:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield logs
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def until(condition: Callable[[], object], what: str) -> None:
    try:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(what) from None
