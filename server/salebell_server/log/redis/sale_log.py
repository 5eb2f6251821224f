"""The log of many servers: `SaleLog` on one Redis or Valkey."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

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
    PositionAhead,
    Reading,
    Retention,
    SalesQuery,
    Stale,
)
from salebell_server.log.address import RedisAddress
from salebell_server.log.instants import to_micros
from salebell_server.log.redis import listing, records, resuming, trimming
from salebell_server.log.redis.appending import Appender
from salebell_server.log.redis.client import connect
from salebell_server.log.redis.keys import stores_of_keys
from salebell_server.log.redis.keyspace import PROBE, STORES, store_keys
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.scripts import LOOKUP, POSITION, PROBE_SCRIPT, SEE, UNREAD
from salebell_server.log.redis.wire import channel


def _random_epoch() -> str:
    return secrets.token_urlsafe(12)


class RedisSaleLog:
    """A `SaleLog` in one database of a Redis or Valkey, which any number of servers may share.

    Its scripts publish what they change, as `wire` has it: whoever subscribes to a store's channel hears it.

    A command whose outcome is unknown raises `LogUnavailable` like one that was refused. An append may simply be made
    again: its event id tells whether it was done.

    Args:
        address: where the database is. Nothing is dialled before the first command.
        clock: the time of day, for retention.
        new_epoch: a fresh name for the log of a store that was never heard of.
    """

    def __init__(
        self,
        address: RedisAddress,
        clock: Callable[[], datetime],
        new_epoch: Callable[[], str] = _random_epoch,
    ) -> None:
        self._db = address.db
        self._clock = clock
        self._new_epoch = new_epoch
        # Nobody who reads much keeps an append waiting.
        self._reads = Lane(connect(address, connections=1))
        self._writes = Lane(connect(address, connections=1))
        self._appender = Appender(self._writes, address.db)

    async def close(self) -> None:
        """Finish what was begun, and close the connections. Harmless when they are closed."""
        await asyncio.gather(self._reads.close(), self._writes.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        """See `SaleLog.append`."""
        return await self._appender.append(draft, self._clock(), self._new_epoch())

    async def lookup(self, store: str, sale_id: str, event_id: str | None) -> Lookup:
        """See `SaleLog.lookup`."""
        keys = store_keys(store)
        known, record = await self._reads.call(LOOKUP, (keys.ids, keys.sales), event_id or "", sale_id)
        return Lookup(
            None if known is None else records.known_of(event_id or "", known),
            None if record is None else records.record_of(record),
        )

    async def position(self, store: str) -> Position:
        """See `SaleLog.position`."""
        epoch, top, last = await self._reads.call(POSITION, (store_keys(store).meta,), self._new_epoch())
        return Position(epoch.decode(), int(top), last.decode())

    async def open(self, store: str, admin: str, resume: Position | None) -> Reading:
        """See `SaleLog.open`."""
        return await resuming.reading(self._reads, store, admin, resume, self._new_epoch())

    async def entries(self, store: str, epoch: str, after: int, limit: int) -> tuple[Entry, ...]:
        """See `SaleLog.entries`."""
        return await resuming.entries(self._reads, store, epoch, after, limit)

    async def see(self, store: str, admin: str, epoch: str, offset: int) -> None:
        """See `SaleLog.see`."""
        keys = store_keys(store)
        to = channel(self._db, store)
        top = await self._writes.call(SEE, (keys.meta, keys.latest, keys.cursors), to, admin, epoch, offset)
        if top is not None:
            raise PositionAhead(f"offset {offset} lies beyond the top, {int(top)}")

    async def unread(self, store: str, admin: str) -> Counted:
        """See `SaleLog.unread`."""
        keys = store_keys(store)
        count, seen, top = await self._reads.call(UNREAD, (keys.meta, keys.latest, keys.cursors), admin)
        return Counted(count, int(seen), int(top))

    async def sales(self, query: SalesQuery, admin: str) -> Listing:
        """See `SaleLog.sales`."""
        return await listing.page(self._reads, query, admin, self._new_epoch())

    async def sale(self, store: str, sale_id: str) -> Sale | None:
        """See `SaleLog.sale`."""
        record = await self._reads.command("HGET", store_keys(store).sales, sale_id)
        return None if record is None else records.sale_of(record)

    async def history(self, store: str, sale_id: str) -> tuple[Event, ...]:
        """See `SaleLog.history`."""
        return await resuming.history(self._reads, store, sale_id)

    async def figures(self, store: str, since: datetime) -> tuple[Figure, ...]:
        """See `SaleLog.figures`."""
        return await listing.figures(self._reads, store, since)

    async def stores(self) -> tuple[str, ...]:
        """See `SaleLog.stores`."""
        names, with_keys = await asyncio.gather(self._listed_stores(), stores_of_keys(self._reads))
        tops = await asyncio.gather(*(self._reads.command("HGET", store_keys(name).meta, "top") for name in names))
        begun = (name for name, top in zip(names, tops, strict=True) if int(top or 0) > 0)
        return tuple(sorted({DEFAULT_STORE, *begun, *with_keys}))

    async def trim(self, retention: Retention, now: datetime) -> None:
        """See `SaleLog.trim`."""
        events_before = to_micros(now - timedelta(days=retention.event_days))
        sales_before = to_micros(now - timedelta(days=retention.sale_days))
        for store in await self._listed_stores():
            await trimming.trim_events(self._writes, store, retention.events_per_store, events_before)
            await trimming.trim_sales(self._writes, store, sales_before, channel(self._db, store))

    async def check(self) -> None:
        """See `SaleLog.check`."""
        await self._writes.call(PROBE_SCRIPT, (PROBE,), to_micros(self._clock()))

    async def _listed_stores(self) -> list[str]:
        names: list[bytes] = await self._reads.command("SMEMBERS", STORES)
        return sorted(name.decode() for name in names)
