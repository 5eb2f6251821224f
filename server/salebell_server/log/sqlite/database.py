"""The database of a data directory: one writer, several readers, and the lock of the server that owns it."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

import structlog

from salebell_server.log import LogUnavailable
from salebell_server.log.sqlite.connection import connect, faults
from salebell_server.log.sqlite.courtesy import Courtesy
from salebell_server.log.sqlite.directory import DirectoryLock
from salebell_server.log.sqlite.errors import DatabaseRefused, unusable, words
from salebell_server.log.sqlite.opening import log_ahead, prepare
from salebell_server.log.sqlite.readers import Readers
from salebell_server.log.sqlite.schema import MIGRATIONS, TABLES, version_of
from salebell_server.log.sqlite.writer import Announce, Command, Job, Writer

__all__ = ["Announce", "Command", "Database", "DatabaseRefused"]

T = TypeVar("T")

_logger = structlog.get_logger(__name__)

PROBE_BYTES = 64 * 1024
"""What a check writes: more than an event needs, so that a disk on which it fits is not full."""


class _Running(NamedTuple):
    """What an open database consists of.

    Attributes:
        quick: reads what payments and sign-ins wait for.
        slow: reads what may take as long as the store is large; kept apart, so that nothing quick waits for it.
    """

    writer: Writer
    quick: Readers
    slow: Readers
    courtesy: Courtesy


class Database:
    """The SQLite file of a data directory, for one event loop.

    `write` and `read` may be called by any number of tasks at once. Both raise `LogUnavailable` when the file cannot
    be written or read now (a full disk, an I/O error, a closed database), for a reason that names no path; a later
    call may succeed.

    Args:
        directory: the data directory; made, with a database, when it is not there.
        serve: whether to hold the directory as its only server. Command-line tools pass False: they may write keys
            and accounts while a server runs, and must not append events.
        migrations: what the schema consists of.
        tables: what a file that is whole has at least.
        thorough: whether to look for damage at `open` although it does not serve, as far as the file is not too large.
    """

    def __init__(
        self,
        directory: Path,
        *,
        serve: bool,
        migrations: Sequence[str] = MIGRATIONS,
        tables: Collection[str] = TABLES,
        thorough: bool = False,
    ) -> None:
        self._directory = directory
        self._serve = serve
        self._migrations = migrations
        self._tables = tables
        self._thorough = serve or thorough
        self._lock = DirectoryLock(directory)
        self._path = directory
        self._identity = (0, 0)
        self._running: _Running | None = None

    @property
    def path(self) -> Path:
        """The database file; the directory until `open`."""
        return self._path

    async def open(self) -> None:
        """Take the directory and open its database.

        Raises:
            DatabaseRefused: another server holds it; it cannot be written to; its database is damaged, of another
                program or of a newer Salebell. An existing file was left as it was.
        """
        loop = asyncio.get_running_loop()
        try:
            writer = await asyncio.to_thread(self._open, loop)
        except BaseException:
            self._lock.release()
            raise
        self._running = _Running(writer, Readers(self._connect), Readers(self._connect), Courtesy(loop))

    async def close(self) -> None:
        """Finish what was submitted, close the file and let go of the directory. Harmless when it is not open."""
        running, self._running = self._running, None
        if running is not None:
            await running.quick.close()
            await running.slow.close()
            await running.writer.close()
            self._lock.release()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def write(self, command: Command[T], announce: Announce[T] | None = None) -> T:
        """Run `command(connection)` on the writer's thread and return its result once it is durable.

        Commands that wait at the same time share one transaction; each has a savepoint of its own, so one that
        raises is undone alone, and `write` raises the same. Commands run in the order of the calls. They must not
        begin, commit or roll back, and must be short: they hold up all others.

        Args:
            command: what to do. It is done even if the caller is cancelled meanwhile.
            announce: called on the event loop once the batch is durable and before any of its calls returns, with
                the results of all its commands that named the same function, in order. Must not raise.

        Raises:
            LogUnavailable: nothing of it was done.
        """
        running = self._opened()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        running.writer.submit(Job(command, announce, future))
        return await _attended(running.courtesy, future)

    async def read(self, query: Callable[[sqlite3.Connection], T], *, slow: bool = False) -> T:
        """Run `query(connection)` on a reader's thread, on one snapshot of the database; it cannot write.

        It sees everything whose `write` has returned before the call.

        Args:
            query: what to find out.
            slow: whether it may take long: it then waits for others that do, and nobody else waits for it.

        Raises:
            LogUnavailable: the file cannot be read now.
        """
        running = self._opened()
        readers = running.slow if slow else running.quick
        return await _attended(running.courtesy, readers.read(query))

    async def check(self) -> None:
        """Return once a write was durable that takes at least the room of an ordinary event.

        Raises:
            LogUnavailable: with the reason, when it was not.
        """
        await self.write(_probe)

    async def faults(self) -> str:
        """What is wrong with the file, every page and index looked at; "" when nothing is. Takes seconds a GiB."""
        return await self.read(lambda connection: faults(connection, quick=False), slow=True)

    def _opened(self) -> _Running:
        if self._running is None:
            raise LogUnavailable("the database is closed")
        return self._running

    def _open(self, loop: asyncio.AbstractEventLoop) -> Writer:
        self._path = prepare(
            self._directory, self._lock, self._migrations, self._tables, serve=self._serve, thorough=self._thorough
        )
        try:
            self._identity = self._identify()
            return Writer(self._connect_to_write, self._still_there, loop, self._note)
        except LogUnavailable as error:
            raise DatabaseRefused(self._path, f"cannot be used now: {error}") from None
        except sqlite3.Error as error:
            raise DatabaseRefused(self._path, unusable(error)) from None

    def _identify(self) -> tuple[int, int]:
        """Device and number of the file that has the database's name.

        Raises:
            LogUnavailable: there is none.
        """
        try:
            found = self._path.stat()
        except OSError as error:
            raise LogUnavailable(f"the database cannot be found: {words(error)}") from None
        return found.st_dev, found.st_ino

    def _note(self, reason: str | None) -> None:
        """Tell the operator, and nobody else, which file it is: a `LogUnavailable` is told to strangers."""
        if reason is None:
            _logger.info("database_works_again", path=str(self._path))
        else:
            _logger.error("database_fails", path=str(self._path), reason=reason)

    def _still_there(self) -> None:
        """Refuse to write into a file that was moved away: it would be gone with the process."""
        if self._identify() != self._identity:
            raise LogUnavailable("the database was replaced by another file: restart the server")

    def _connect_to_write(self) -> sqlite3.Connection:
        connection = self._connect()
        try:
            log_ahead(connection)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self._path)
        try:
            version = version_of(connection)
        except sqlite3.Error:
            connection.close()
            raise
        if version != len(self._migrations):
            connection.close()
            raise LogUnavailable("the database was upgraded by a newer Salebell: restart with that version")
        return connection


async def _attended(courtesy: Courtesy, work: Awaitable[T]) -> T:
    """Wait for work of another thread, and let it have its turns."""
    courtesy.began()
    try:
        return await work
    finally:
        courtesy.ended()


def _probe(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE probe SET writes = writes + 1, content = zeroblob(?)", (PROBE_BYTES,))
