"""The shared log as the rest of the server sees it: used while all is well, else away at once."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from salebell_protocol.events import Event, Position
from salebell_protocol.sales import Sale
from salebell_server.log import (
    Appended,
    Counted,
    Draft,
    Entry,
    Figure,
    Known,
    Listing,
    LogUnavailable,
    Lookup,
    Reading,
    Retention,
    SaleLog,
    SalesQuery,
    Stale,
)

T = TypeVar("T")


class Guard(Protocol):
    """Knows whether the log is used."""

    @property
    def away(self) -> str | None:
        """Why the log is not used now; None when it is."""
        ...

    def failed(self, reason: str) -> None:
        """A command failed."""
        ...


class Gate(Guard, Protocol):
    """A guard that may keep commands waiting for a moment."""

    async def clear(self) -> None:
        """Return at once, unless the log is just about to be used again: then, when it is, or is not."""
        ...


class SharedLog:
    """A `SaleLog` that raises `LogUnavailable` without asking while `gate` says that the log is away.

    A command that fails is told to the gate before its caller hears of it: whoever handles the failure finds the
    server in its new state.

    Args:
        log: the shared log itself.
        gate: knows whether it is used.
        known_stores: the stores to name while it is away, besides those that it named last.
    """

    def __init__(self, log: SaleLog, gate: Gate, known_stores: Callable[[], tuple[str, ...]]) -> None:
        self._log = log
        self._gate = gate
        self._known_stores = known_stores
        self._stores: tuple[str, ...] = ()

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        """See `SaleLog.append`."""
        return await self._guarded(lambda: self._log.append(draft))

    async def lookup(self, store: str, sale_id: str, event_id: str | None) -> Lookup:
        """See `SaleLog.lookup`."""
        return await self._guarded(lambda: self._log.lookup(store, sale_id, event_id))

    async def position(self, store: str) -> Position:
        """See `SaleLog.position`."""
        return await self._guarded(lambda: self._log.position(store))

    async def open(self, store: str, admin: str, resume: Position | None) -> Reading:
        """See `SaleLog.open`."""
        return await self._guarded(lambda: self._log.open(store, admin, resume))

    async def entries(self, store: str, epoch: str, after: int, limit: int) -> tuple[Entry, ...]:
        """See `SaleLog.entries`."""
        return await self._guarded(lambda: self._log.entries(store, epoch, after, limit))

    async def see(self, store: str, admin: str, epoch: str, offset: int) -> None:
        """See `SaleLog.see`."""
        await self._guarded(lambda: self._log.see(store, admin, epoch, offset))

    async def unread(self, store: str, admin: str) -> Counted:
        """See `SaleLog.unread`."""
        return await self._guarded(lambda: self._log.unread(store, admin))

    async def sales(self, query: SalesQuery, admin: str) -> Listing:
        """See `SaleLog.sales`."""
        return await self._guarded(lambda: self._log.sales(query, admin))

    async def sale(self, store: str, sale_id: str) -> Sale | None:
        """See `SaleLog.sale`."""
        return await self._guarded(lambda: self._log.sale(store, sale_id))

    async def history(self, store: str, sale_id: str) -> tuple[Event, ...]:
        """See `SaleLog.history`."""
        return await self._guarded(lambda: self._log.history(store, sale_id))

    async def figures(self, store: str, since: datetime) -> tuple[Figure, ...]:
        """See `SaleLog.figures`."""
        return await self._guarded(lambda: self._log.figures(store, since))

    async def stores(self) -> tuple[str, ...]:
        """See `SaleLog.stores`; while the log is away, those that are known."""
        try:
            self._stores = await self._guarded(self._log.stores)
        except LogUnavailable:
            return tuple(sorted({*self._stores, *self._known_stores()}))
        return self._stores

    async def trim(self, retention: Retention, now: datetime) -> None:
        """See `SaleLog.trim`."""
        await self._guarded(lambda: self._log.trim(retention, now))

    async def check(self) -> None:
        """See `SaleLog.check`."""
        await self._guarded(self._log.check)

    async def _guarded(self, command: Callable[[], Awaitable[T]]) -> T:
        await self._gate.clear()
        reason = self._gate.away
        if reason is not None:
            raise LogUnavailable(reason)
        try:
            return await command()
        except LogUnavailable as error:
            self._gate.failed(str(error))
            raise
