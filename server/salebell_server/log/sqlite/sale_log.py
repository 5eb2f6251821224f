"""The embedded log: `SaleLog` on one SQLite file."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from salebell_protocol.events import Event, Position
from salebell_protocol.names import DEFAULT_STORE
from salebell_protocol.sales import Sale
from salebell_server.log import (
    Appended,
    Counted,
    Draft,
    Entry,
    Figure,
    Known,
    Listing,
    Lookup,
    Publisher,
    Reading,
    Retention,
    SalesQuery,
    Stale,
)
from salebell_server.log.instants import to_micros
from salebell_server.log.sqlite import appending, heads, listing, resuming, trimming
from salebell_server.log.sqlite.appending import Moved, Placed
from salebell_server.log.sqlite.database import Command, Database
from salebell_server.log.sqlite.heads import Head
from salebell_server.log.sqlite.trimming import Slice

_Outcome = Placed | Moved | Known | Stale | None


def _random_epoch() -> str:
    return secrets.token_urlsafe(12)


class SqliteSaleLog:
    """A `SaleLog` in an open `Database` that serves its directory.

    Args:
        database: where everything is kept.
        publisher: what hears of events and counts once they are durable; the bus of this process.
        clock: the time of day, for retention.
        new_epoch: a fresh name for the log of a store that was never heard of.
    """

    def __init__(
        self,
        database: Database,
        publisher: Publisher,
        clock: Callable[[], datetime],
        new_epoch: Callable[[], str] = _random_epoch,
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._clock = clock
        self._new_epoch = new_epoch

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        """See `SaleLog.append`."""
        new = appending.prepare(draft, self._clock())
        outcome = await self._database.write(lambda c: appending.append(c, new, self._new_epoch), self._announce)
        return outcome.answer if isinstance(outcome, Placed) else outcome

    async def lookup(self, store: str, sale_id: str, event_id: str | None) -> Lookup:
        """See `SaleLog.lookup`."""
        return await self._database.read(lambda c: listing.lookup(c, store, sale_id, event_id))

    async def position(self, store: str) -> Position:
        """See `SaleLog.position`."""
        head = await self._database.read(lambda c: heads.head_of(c, store))
        return (head or await self._begin(store)).position

    async def open(self, store: str, admin: str, resume: Position | None) -> Reading:
        """See `SaleLog.open`."""
        reading = await self._database.read(lambda c: resuming.reading(c, store, admin, resume))
        if reading is None:
            return await self._database.write(
                lambda c: resuming.first_reading(c, store, admin, resume, self._new_epoch)
            )
        return reading

    async def entries(self, store: str, epoch: str, after: int, limit: int) -> tuple[Entry, ...]:
        """See `SaleLog.entries`."""
        return await self._database.read(lambda c: resuming.entries(c, store, epoch, after, limit))

    async def see(self, store: str, admin: str, epoch: str, offset: int) -> None:
        """See `SaleLog.see`."""
        await self._database.write(lambda c: appending.see(c, store, admin, epoch, offset), self._announce)

    async def unread(self, store: str, admin: str) -> Counted:
        """See `SaleLog.unread`."""
        return await self._database.read(lambda c: listing.unread(c, store, admin))

    async def sales(self, query: SalesQuery, admin: str) -> Listing:
        """See `SaleLog.sales`."""
        page = await self._database.read(lambda c: listing.page(c, query, admin), slow=True)
        while page is None:  # a store that was never heard of: it begins here, since a position has an epoch
            await self._begin(query.store)
            page = await self._database.read(lambda c: listing.page(c, query, admin), slow=True)
        return page

    async def sale(self, store: str, sale_id: str) -> Sale | None:
        """See `SaleLog.sale`."""
        return await self._database.read(lambda c: listing.sale(c, store, sale_id))

    async def history(self, store: str, sale_id: str) -> tuple[Event, ...]:
        """See `SaleLog.history`."""
        return await self._database.read(lambda c: listing.history(c, store, sale_id))

    async def figures(self, store: str, since: datetime) -> tuple[Figure, ...]:
        """See `SaleLog.figures`."""
        return await self._database.read(lambda c: listing.figures(c, store, since), slow=True)

    async def stores(self) -> tuple[str, ...]:
        """See `SaleLog.stores`."""
        names = await self._database.read(
            lambda c: c.execute("SELECT name FROM stores WHERE top > 0 UNION SELECT store FROM ingest_keys").fetchall()
        )
        return tuple(sorted({DEFAULT_STORE, *(name for (name,) in names)}))

    async def trim(self, retention: Retention, now: datetime) -> None:
        """See `SaleLog.trim`."""
        keep = retention.events_per_store
        events_before = to_micros(now - timedelta(days=retention.event_days))
        sales_before = to_micros(now - timedelta(days=retention.sale_days))
        for key, store in await self._database.read(trimming.stores):
            await self._repeat(store, partial(trimming.trim_events, store=key, keep=keep, before=events_before))
            await self._repeat(store, partial(trimming.trim_sales, store=key, before=sales_before))

    async def check(self) -> None:
        """See `SaleLog.check`."""
        await self._database.check()

    async def _begin(self, store: str) -> Head:
        return await self._database.write(lambda c: heads.begin(c, store, self._new_epoch))

    async def _repeat(self, store: str, trim: Command[Slice]) -> None:
        """Trim slice by slice; others write between two of them. However it ends, changed counts are announced."""
        recount = False
        try:
            while True:
                done = await self._database.write(trim)
                recount = recount or done.recount
                if not done.more:
                    return
        finally:
            if recount:
                self._publisher.recount(store)

    def _announce(self, outcomes: Sequence[_Outcome]) -> None:
        """Publish what one commit made durable: each store's events together, then the counts."""
        placed: dict[str, list[Placed]] = {}
        for outcome in outcomes:
            if isinstance(outcome, Placed):
                placed.setdefault(outcome.store, []).append(outcome)
        for store, events in placed.items():
            self._publisher.published(store, events[0].epoch, tuple(event.entry for event in events))
        for outcome in outcomes:
            if isinstance(outcome, Moved):
                self._publisher.counted(outcome.store, outcome.admin, outcome.counted)
