"""The composition of everything that is stored, in one SQLite database: for a server, and for commands beside it."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from salebell_server.bus.memory import MemoryBus
from salebell_server.cli.context import StartRefused
from salebell_server.log.sqlite.accounts import SqliteAccountStore
from salebell_server.log.sqlite.database import Database, DatabaseRefused
from salebell_server.log.sqlite.keys import SqliteKeyStore
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.settings import Settings


class Embedded:
    """What lies in an open database. See `cli.context.Stored`."""

    def __init__(self, database: Database, bus: MemoryBus) -> None:
        self._database = database
        self.log = SqliteSaleLog(database, bus, lambda: datetime.now(UTC))
        self.keys = SqliteKeyStore(database)
        self.accounts = SqliteAccountStore(database)

    async def faults(self) -> str:
        """See `Stored.faults`."""
        return await self._database.faults()


@asynccontextmanager
async def opened(settings: Settings, bus: MemoryBus, *, serve: bool) -> AsyncGenerator[Embedded, None]:
    """The storage of the data directory; `serve` takes the directory as its only server.

    Raises:
        StartRefused: it cannot be opened.
    """
    database = Database(settings.data_dir, serve=serve)
    try:
        await database.open()
    except DatabaseRefused as error:
        raise StartRefused(str(error)) from None
    try:
        yield Embedded(database, bus)
    finally:
        await database.close()


def for_commands(settings: Settings) -> AbstractAsyncContextManager[Embedded]:
    """The storage for a command, beside a server that may run on it. Raises as `opened` does."""
    return opened(settings, MemoryBus(), serve=False)
