"""The log: the ordered, durable list of each store's events, and the state that follows from it.

`SaleLog` is the contract. Every implementation passes the same suite, `tests/server/log/contract`.
"""

from datetime import datetime
from typing import Protocol

import msgspec

from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.messages import Recovery
from salebell_protocol.sales import Sale, SaleStatus


class LogError(Exception):
    """What can go wrong with a log.

    LogError
    ├── LogUnavailable    it cannot be read or written now
    ├── PositionAhead     somebody has seen more than there is
    ├── LogDiverged       the epoch changed, or the entries asked for are not there: resume from the start
    └── BadPageMark       a `before` that this log never gave out
    """


class LogUnavailable(LogError):
    """The log cannot be read or written now (a full disk, a dead server). Nothing was acknowledged.

    Where the log is another program's, what was asked for may have been done all the same, or may yet be. Every command
    may therefore be repeated: an append is known by its event id, and everything else has the same effect again.
    """


class PositionAhead(LogError):
    """A cursor beyond the top of the log."""


class LogDiverged(LogError):
    """What was asked for is no longer in this log."""


class BadPageMark(LogError):
    """The mark of a page that was never given out."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event before the log has given it a place.

    Attributes:
        sale: the sale as the event leaves it.
        digest: of the request that asked for it; tells a retry from another request under the same id.
        expected_version: the version of the sale that `sale` was derived from; 0 when there must be none yet.
        sets_status: whether this event gave the sale its status.
    """

    store: str
    event_id: str
    type: EventType
    occurred_at: datetime
    sale: Sale
    digest: bytes
    expected_version: int
    sets_status: bool


class Known(msgspec.Struct, frozen=True):
    """An event that the log already has, under the id that was asked for."""

    event_id: str
    offset: int
    digest: bytes


class Appended(msgspec.Struct, frozen=True):
    """The event is durable, at `offset`."""

    offset: int


class Stale(msgspec.Struct, frozen=True):
    """The sale is not at the expected version any more (or exists, when none was expected): look it up again."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The current state of one sale.

    Attributes:
        version: 1 at creation, one more with each event.
        status_event_id: the event that gave the sale its status.
        status_offset: the offset of that event.
    """

    sale: Sale
    version: int
    status_event_id: str
    status_offset: int


class Lookup(msgspec.Struct, frozen=True):
    """One atomic look at an event id and a sale id of a store."""

    known: Known | None
    record: Record | None


class Entry(msgspec.Struct, frozen=True):
    """One event as the log keeps it. `event` is the JSON of the confirmed Event."""

    offset: int
    event_id: str
    previous: str
    event: bytes


class Counted(msgspec.Struct, frozen=True):
    """The unread count of one admin, the cursor it counts from, and the offset up to which it counts."""

    count: int
    seen: int
    as_of: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a signed-in socket starts from: one atomic reading.

    Attributes:
        position: top of the log.
        recovery: `fresh`, `complete` or `reset`; never `deferred`.
    """

    position: Position
    unread: int
    seen: int
    recovery: Recovery


class SalesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which sales of a store to list, newest first by `created_at`, then by id.

    Attributes:
        limit: how many at the most, 1 to 200.
        before: `Listing.next_before` of the page above.
        q: free text; each of its words is found somewhere in number, customer, channel and item names, whatever the
            case and the accents.
        since, until: bounds of `created_at`, the upper one excluded.
    """

    store: str
    limit: int = 50
    before: str | None = None
    status: SaleStatus | None = None
    channel: str | None = None
    q: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One page, with the unread count and the top of the log, both of one instant.

    Each sale is as it was at that instant or as it became since: what `position` includes is in it.
    """

    sales: tuple[Sale, ...]
    next_before: str | None
    unread: int
    position: Position


class Figure(msgspec.Struct, frozen=True, gc=False):
    """What statistics need of one sale."""

    created_at: datetime
    status: SaleStatus
    currency: str
    total: str


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How much is kept: events by age and by number a store, sales by the age of their last event.

    Age counts from when an event was appended. A sale is kept at least as long as its events.
    """

    event_days: int = 90
    events_per_store: int = 100_000
    sale_days: int = 365


class Publisher(Protocol):
    """What hears of what happens to a log. Called on the event loop; must not block or raise."""

    def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
        """Events that became durable, in offset order."""
        ...

    def counted(self, store: str, admin: str, counted: Counted) -> None:
        """The answer to a `seen` of this admin, for all of the admin's sockets."""
        ...

    def recount(self, store: str) -> None:
        """Counts may have changed otherwise (retention): every admin's is to be read and sent again."""
        ...


class SaleLog(Protocol):
    """A log that any number of tasks may use at once.

    Guarantees:
        - `append` returns `Appended` only once the event is durable. Each event is published on the bus once, in offset
          order, never before it is durable and at the latest when `append` returns; several may come together.
        - Within an epoch offsets are dense and event ids unique; an offset's event never changes. Event ids are
          known as long as their sale is kept, longer than the event itself.
        - The event, the state of its sale, and the sale's latest `SALE_CREATED` change together or not at all.
        - Cursors only move forward, and are durable when `see` returns.
        - A command that is refused changes nothing, and no other command that was committed with it.
        - Nothing of one store is ever answered for another.

    Every method may raise `LogUnavailable`.
    """

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        """Make an event durable. An event id that is known wins over a version that is stale."""
        ...

    async def lookup(self, store: str, sale_id: str, event_id: str | None) -> Lookup:
        """What the log knows of an event id and a sale."""
        ...

    async def position(self, store: str) -> Position:
        """The top of a store's log."""
        ...

    async def open(self, store: str, admin: str, resume: Position | None) -> Reading:
        """What a socket of `admin` starts from.

        An admin without a cursor gets one here: at the top, or at 0 when `resume` names another epoch.
        `recovery` is `complete` when the log still has every event after `resume`, at most 10,000 of them, and the
        event at `resume.offset` is the one that `resume` names.
        """
        ...

    async def entries(self, store: str, epoch: str, after: int, limit: int) -> tuple[Entry, ...]:
        """The events after an offset, in order, at most `limit`; empty at the top.

        Raises:
            LogDiverged: another epoch, the event after `after` was trimmed, or `after` lies beyond the top.
        """
        ...

    async def see(self, store: str, admin: str, epoch: str, offset: int) -> None:
        """Move an admin's cursor forward to `offset`, and publish the count, whether it moved or not.

        Another epoch is ignored: nothing moves, nothing is published.

        Raises:
            PositionAhead: `offset` lies beyond the top.
        """
        ...

    async def unread(self, store: str, admin: str) -> Counted:
        """The admin's count; (0, top, top) without a cursor. Sets none."""
        ...

    async def sales(self, query: SalesQuery, admin: str) -> Listing:
        """A page of sales. None is listed twice; one whose `created_at` changes meanwhile may be missing.

        Raises:
            BadPageMark: `query.before` is not one of ours.
        """
        ...

    async def sale(self, store: str, sale_id: str) -> Sale | None:
        """One sale, or None."""
        ...

    async def history(self, store: str, sale_id: str) -> tuple[Event, ...]:
        """The retained events of one sale, oldest first."""
        ...

    async def figures(self, store: str, since: datetime) -> tuple[Figure, ...]:
        """What statistics need of the sales created since then, oldest first."""
        ...

    async def stores(self) -> tuple[str, ...]:
        """Every store with an event or an ingest key, and `main`; sorted."""
        ...

    async def trim(self, retention: Retention, now: datetime) -> None:
        """Forget what is too old or too much. Publishes `recount` for each store in which counts may have changed."""
        ...

    async def check(self) -> None:
        """Return when the log can be written to right now; raise `LogUnavailable` with the reason otherwise."""
        ...
