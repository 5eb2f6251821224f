"""The composition of everything that is stored, in one SQLite database: for a server, and for commands beside it."""

import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from salebell_server.bus.memory import MemoryBus
from salebell_server.cli.context import StartRefused
from salebell_server.hub.pending import Audience, Pending
from salebell_server.log.findings import Finding, Report, Severity
from salebell_server.log.sqlite.accounts import SqliteAccountStore
from salebell_server.log.sqlite.database import Database, DatabaseRefused
from salebell_server.log.sqlite.keys import SqliteKeyStore
from salebell_server.log.sqlite.opening import DATABASE_NAME
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.readiness import LogReadiness, ReadinessSource
from salebell_server.sales.intake import Intake
from salebell_server.settings import Settings


class Embedded:
    """What lies in an open database. See `cli.context.Stored`, and `app.Storage`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.bus = MemoryBus()
        self.log = SqliteSaleLog(database, self.bus, lambda: datetime.now(UTC))
        self.keys = SqliteKeyStore(database)
        self.accounts = SqliteAccountStore(database)
        self.intake: Intake | None = None
        self.pending: Pending | None = None
        self.readiness: ReadinessSource = LogReadiness(self.log, time.monotonic)
        self.windows = None

    async def begin(self, audience: Audience) -> None:
        """See `Storage.begin`. The log is here, and never away."""

    async def examine(self) -> Report:
        """See `Stored.examine`."""
        faults = await self._database.faults()
        if faults:
            return Report((Finding("database", Severity.FATAL, f"damaged ({faults}): restore a backup"),))
        return Report((Finding("database", Severity.FINE, "every page is sound"),))


@asynccontextmanager
async def opened(settings: Settings, *, serve: bool, create: bool = True) -> AsyncGenerator[Embedded, None]:
    """The storage of the data directory; `serve` takes the directory as its only server.

    Raises:
        StartRefused: it cannot be opened; or, without `create`, there is none yet.
    """
    if not create and not (settings.data_dir / DATABASE_NAME).exists():
        raise StartRefused(f"{settings.data_dir} holds no database yet: start a server, or correct SALEBELL_DATA_DIR")
    database = Database(settings.data_dir, serve=serve)
    try:
        await database.open()
    except DatabaseRefused as error:
        raise StartRefused(str(error)) from None
    try:
        yield Embedded(database)
    finally:
        await database.close()


def for_commands(settings: Settings, *, create: bool) -> AbstractAsyncContextManager[Embedded]:
    """The storage for a command, beside a server that may run on it. Raises as `opened` does."""
    return opened(settings, serve=False, create=create)
