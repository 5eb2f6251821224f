"""The outbox: what was acknowledged while the shared log could not be reached, on this machine's disk.

One SQLite database in a directory of its own, shared by all workers of a server.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from salebell_protocol import codec
from salebell_protocol.events import Event, EventType
from salebell_protocol.sales import SaleStatus
from salebell_server.hub.pending import Waiting
from salebell_server.log import LogUnavailable
from salebell_server.log.instants import from_micros, to_micros
from salebell_server.log.sqlite.database import Announce, Command, Database
from salebell_server.log.sqlite.directory import DirectoryLock
from salebell_server.log.sqlite.errors import DatabaseRefused
from salebell_server.sales.errors import EventIdConflict, SaleExists
from salebell_server.sales.intake import Deferred, Kind
from salebell_server.sales.requests import Receipt

MIGRATIONS: tuple[str, ...] = (
    """
CREATE TABLE commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,    -- never used again
    store TEXT NOT NULL,
    event_id TEXT NOT NULL,
    sale_id TEXT NOT NULL,
    approves INTEGER NOT NULL,                   -- whether the sale is approved by it
    digest BLOB NOT NULL,
    kept_at INTEGER NOT NULL,                    -- microseconds since 1970
    command BLOB NOT NULL,                       -- the JSON of the Deferred
    event BLOB NOT NULL,                         -- the JSON of the provisional Event
    fault TEXT                                   -- why it can never be told to the log; null while it waits
);
CREATE UNIQUE INDEX commands_by_event ON commands (store, event_id) WHERE fault IS NULL;
CREATE INDEX commands_by_sale ON commands (store, sale_id) WHERE fault IS NULL;
CREATE INDEX commands_waiting ON commands (store, number) WHERE fault IS NULL;
CREATE INDEX commands_aside ON commands (number) WHERE fault IS NOT NULL;

CREATE TABLE probe (                             -- one row, written to find out whether anything can be
    id INTEGER PRIMARY KEY CHECK (id = 1),
    writes INTEGER NOT NULL,
    content BLOB NOT NULL
);
INSERT INTO probe VALUES (1, 0, '');
""",
)
TABLES = frozenset({"commands", "probe"})

DRAIN_LOCK = "draining"

MAX_NUMBER = 2**63 - 1

T = TypeVar("T")


class OutboxUnavailable(LogUnavailable):
    """This machine's disk cannot be read or written now. It says nothing of the shared log."""

    def __init__(self, error: LogUnavailable) -> None:
        super().__init__(f"the outbox on this server's disk cannot be used: {error}")


def database_in(directory: Path) -> Database:
    """The outbox's database. Its `open` refuses a file that is damaged, another program's or a newer Salebell's."""
    return Database(directory, serve=False, migrations=MIGRATIONS, tables=TABLES, thorough=True)


class Kept(msgspec.Struct, frozen=True):
    """One command that waits."""

    number: int
    store: str
    sale_id: str
    command: bytes


class Contents(msgspec.Struct, frozen=True):
    """What the outbox holds.

    Attributes:
        waiting: how many commands wait.
        oldest: since when the first of them does.
        aside: how many can never be told to the log.
    """

    waiting: int
    oldest: datetime | None
    aside: int


class _Placed(msgspec.Struct, frozen=True):
    """A command that was taken in just now."""

    store: str
    waiting: Waiting


class Outbox:
    """Implements `Intake` for producers and `Pending` for the hub. Any number of tasks and processes may use it.

    Every method may raise `OutboxUnavailable`: the disk is full, or failing.

    Args:
        database: open, with `MIGRATIONS`.
        clock: the time, in UTC.

    Attributes:
        announce: told, on the event loop, of each command once it is durable and before its `take` returns.
        fault: why nothing could be kept when it was last tried; "" when it could.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.announce: Callable[[str, Waiting], None] = _nobody
        self.fault = ""
        self._database = database
        self._clock = clock
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def take(self, command: Deferred) -> Receipt:
        """See `Intake.take`."""
        event = codec.encode(
            Event(
                id=command.event_id,
                type=EventType.SALE_CREATED,
                store=command.store,
                occurred_at=command.occurred_at,
                sale=command.sale,
            )
        )
        body, now = msgspec.json.encode(command), to_micros(self._clock())
        self._in_flight += 1
        self._idle.clear()
        try:
            outcome = await self._write(lambda c: _take(c, command, body, event, now), self._placed)
        except OutboxUnavailable as error:
            self.fault = str(error)
            raise
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()
        self.fault = ""
        if isinstance(outcome, str):
            return Receipt(event_id=outcome, offset=None, duplicate=True)
        return Receipt(event_id=command.event_id, offset=None, duplicate=False)

    async def idle(self) -> None:
        """Return when no `take` is under way in this process."""
        await self._idle.wait()

    async def check(self) -> None:
        """Find out whether anything can be kept, by writing as much as a command may need."""
        try:
            await self._database.check()
        except LogUnavailable as error:
            unavailable = OutboxUnavailable(error)
            self.fault = str(unavailable)
            raise unavailable from None
        self.fault = ""

    async def waiting(self, store: str, after: int, limit: int) -> tuple[Waiting, ...]:
        """See `Pending.waiting`."""
        rows = await self._read(
            lambda c: c.execute(
                "SELECT number, event_id, event FROM commands WHERE store = ? AND number > ? AND fault IS NULL "
                "ORDER BY number LIMIT ?",
                (store, after, limit),
            ).fetchall()
        )
        return tuple(Waiting(*row) for row in rows)

    async def last(self) -> int:
        """The highest number that there is; 0 when there is none."""
        number: int | None = await self._read(lambda c: c.execute("SELECT max(number) FROM commands").fetchone()[0])
        return number or 0

    async def newest(self, after: int) -> tuple[int, tuple[str, ...]]:
        """The highest number so far, and the stores for which something was taken in with a number above `after`."""
        rows = await self._read(
            lambda c: c.execute(
                "SELECT max(number), store FROM commands WHERE number > ? GROUP BY store", (after,)
            ).fetchall()
        )
        return max((number for number, _ in rows), default=after), tuple(store for _, store in rows)

    async def kept(self, limit: int, upto: int = MAX_NUMBER) -> tuple[Kept, ...]:
        """The first commands that wait, with numbers up to `upto`, in order."""
        rows = await self._read(
            lambda c: c.execute(
                "SELECT number, store, sale_id, command FROM commands WHERE fault IS NULL AND number <= ? "
                "ORDER BY number LIMIT ?",
                (upto, limit),
            ).fetchall()
        )
        return tuple(Kept(*row) for row in rows)

    async def forget(self, number: int) -> bool:
        """The log has it. False when it waited no more: another process was faster."""
        return await self._write(
            lambda c: c.execute("DELETE FROM commands WHERE number = ? AND fault IS NULL", (number,)).rowcount > 0
        )

    async def set_aside(self, number: int, fault: str) -> bool:
        """It can never be told to the log: keep it for whoever looks into it, and let the others pass.

        From then on its event id and its sale are as unknown here as if it had never been taken. False when it waited
        no more.
        """
        return await self._write(
            lambda c: (
                c.execute("UPDATE commands SET fault = ? WHERE number = ? AND fault IS NULL", (fault, number)).rowcount
                > 0
            )
        )

    async def contents(self) -> Contents:
        """How much it holds."""
        waiting, oldest, aside = await self._read(
            lambda c: c.execute(
                "SELECT (SELECT count(*) FROM commands WHERE fault IS NULL), "
                "(SELECT kept_at FROM commands WHERE fault IS NULL ORDER BY number LIMIT 1), "
                "(SELECT count(*) FROM commands WHERE fault IS NOT NULL)"
            ).fetchone()
        )
        return Contents(waiting, None if oldest is None else from_micros(oldest), aside)

    @contextmanager
    def turn(self) -> Generator[bool, None, None]:
        """Whether it is this process's turn to drain, inside the block, and no other's. It ends with the process."""
        lock = DirectoryLock(self._database.path.parent, DRAIN_LOCK)
        try:
            mine = lock.acquire(0)
        except DatabaseRefused:
            mine = False
        try:
            yield mine
        finally:
            lock.release()

    async def _write(self, command: Command[T], announce: Announce[T] | None = None) -> T:
        try:
            return await self._database.write(command, announce)
        except LogUnavailable as error:
            raise OutboxUnavailable(error) from None

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await self._database.read(query)
        except LogUnavailable as error:
            raise OutboxUnavailable(error) from None

    def _placed(self, outcomes: Sequence[_Placed | str]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, _Placed):
                self.announce(outcome.store, outcome.waiting)


def _take(connection: sqlite3.Connection, command: Deferred, body: bytes, event: bytes, now: int) -> _Placed | str:
    """Keep a command; the event id of the waiting one that it repeats, if any."""
    known = connection.execute(
        "SELECT digest FROM commands WHERE store = ? AND event_id = ? AND fault IS NULL",
        (command.store, command.event_id),
    ).fetchone()
    if known is not None:
        if known[0] != command.digest:
            raise EventIdConflict(command.event_id)
        return command.event_id
    others = connection.execute(
        "SELECT event_id, approves FROM commands WHERE store = ? AND sale_id = ? AND fault IS NULL ORDER BY number",
        (command.store, command.sale.id),
    ).fetchall()
    if command.kind is Kind.CREATION and others:
        raise SaleExists(command.sale.id)
    for event_id, approves in others:
        if approves:
            return str(event_id)
    number = connection.execute(
        "INSERT INTO commands (store, event_id, sale_id, approves, digest, kept_at, command, event) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            command.store,
            command.event_id,
            command.sale.id,
            command.sale.status is SaleStatus.APPROVED,
            command.digest,
            now,
            body,
            event,
        ),
    ).lastrowid
    return _Placed(command.store, Waiting(number or 0, command.event_id, event))


def _nobody(_store: str, _waiting: Waiting) -> None:
    """Nobody hears."""
