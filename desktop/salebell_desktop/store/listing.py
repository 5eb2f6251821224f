"""The sales that a window lists: those of one store that match a query, in an order, as far back as was asked for.

A listing begins with what the store has at hand, follows what the store hears, and is completed by pages of
`GET /v1/sales`, which the client reads when it is asked to. However pages and events interleave, no sale goes back in
time, none is listed twice, and none is left out between two others: what is older than the floor, down to which
everything is known, waits until the floor has come down to it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Protocol

import msgspec
from msgspec.structs import replace

from salebell_desktop.store.changes import Change, ListingChanged, SaleHeard, SalesReset
from salebell_desktop.store.feed import Feed, Observer, Unsubscribe
from salebell_desktop.store.query import Order, Query
from salebell_desktop.store.sales_list import NEWEST_FIRST, SalesList, join
from salebell_desktop.store.sort_keys import created_key
from salebell_protocol.events import Position
from salebell_protocol.http import SalesPage
from salebell_protocol.sales import Sale

LIMIT = 100_000
"""How many sales a listing holds at most."""

_HEARD = 20_000
"""So many sales that are not listed are remembered as they were last heard of."""
_LAST = datetime.max.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Progress(Enum):
    """How far the listing is read."""

    PARTLY = auto()
    """There may be older sales: ask for more."""
    LOADING = auto()
    """They are being read."""
    WHOLE = auto()
    """Every sale that matches is in it (up to its limit)."""
    FAILED = auto()
    """Reading failed, for the reason in `problem`; asking for more tries again."""


class PageRequest(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What to ask the server for.

    Attributes:
        before: `SalesPage.next_before` of the page above; None for the first.
    """

    query: Query
    before: str | None


class Source(Protocol):
    """The store, as far as a listing knows it."""

    @property
    def name(self) -> str:
        """The store's name."""
        ...

    @property
    def sales(self) -> SalesList:
        """The newest sales, without holes down to `floor`."""
        ...

    @property
    def floor(self) -> tuple[int, str] | None:
        """See `SalesStore.floor`."""
        ...

    @property
    def needs_list(self) -> bool:
        """The store's own list is to be read anew: a `SalesReset` follows."""
        ...

    @property
    def resume(self) -> Position | None:
        """How far the log was heard."""
        ...

    def observe(self, observer: Observer) -> Unsubscribe:
        """See `SalesStore.observe`."""
        ...


class Listing:
    """See the module. Made by `SalesStore.listing`; to be ended by `close` when no window shows it.

    Args:
        source: the store.
        query: which of its sales.
        order: how they are sorted.
        limit: how many at most.
    """

    def __init__(self, source: Source, query: Query, order: Order, limit: int = LIMIT) -> None:
        self.query = query
        self.order = order
        self._source = source
        self._limit = limit
        self._feed = Feed()
        self._asked: PageRequest | None = None
        self._before: str | None = None
        self._progress, self._problem = Progress.PARTLY, ""
        self._begin()
        self._end = source.observe(self._heard_of)

    @property
    def store(self) -> str:
        """The name of the store."""
        return self._source.name

    @property
    def rows(self) -> SalesList:
        """The sales: `len(rows)`, `rows[row]`, `rows.row_of(id)`. To be read only."""
        return self._rows

    @property
    def progress(self) -> Progress:
        """How far it is read."""
        return self._progress

    @property
    def problem(self) -> str:
        """Why reading failed, as a sentence for people; "" when it did not."""
        return self._problem

    @property
    def in_order(self) -> bool:
        """Whether the rows at hand are the first ones of the order, however much is still to be read."""
        return self.order == NEWEST_FIRST or self._progress is Progress.WHOLE

    def observe(self, observer: Observer) -> Unsubscribe:
        """Tell `observer` every change from now on. The answer ends it."""
        return self._feed.observe(observer)

    def close(self) -> None:
        """Follow the store no more, and take nothing in. Harmless when repeated."""
        self._end()
        self._asked = None
        self._progress = Progress.WHOLE

    def put_found(self, sale: Sale) -> bool:
        """Show a sale that was read alone, wherever it stands, if it matches: whether it is listed now."""
        if sale.id not in self._rows and self.query.matches(sale):
            self._feed.tell(self._rows.put(sale, 0))
        return sale.id in self._rows

    # What the client says.

    def request(self) -> PageRequest | None:
        """What to read next: `took` or `failed` follows. None when there is nothing to read, or not now."""
        if self._progress in (Progress.LOADING, Progress.WHOLE) or self._source.needs_list:
            return None
        query = self.query
        if self._before is None and self._floor is not None:
            query = replace(query, until=self._until(self._floor))
        self._asked = PageRequest(query=query, before=self._before)
        self._set_progress(Progress.LOADING)
        return self._asked

    def took(self, request: PageRequest, page: SalesPage) -> bool:
        """A page came. False, and nothing changed, when it is of another log than the store's."""
        if request is not self._asked:
            return True
        position = self._source.resume
        if position is not None and position.epoch != page.position.epoch:
            return False
        changes: list[Change] = []
        self._before = page.next_before
        if page.next_before is None:
            self._floor = None
        elif page.sales:
            self._floor = created_key(page.sales[-1])
        for sale in page.sales:
            join(changes, self._put_read(sale, page.position.offset))
        join(changes, self._put_waiting())
        self._asked = None
        self._feed.tell(changes)
        self._set_progress(Progress.WHOLE if self._before is None or self._rows.full else Progress.PARTLY)
        return True

    def failed(self, request: PageRequest, problem: str) -> None:
        """It could not be read, because of `problem`, a sentence for people."""
        if request is self._asked:
            self._asked = None
            self._set_progress(Progress.FAILED, problem)

    def _begin(self) -> None:
        source = self._source
        self._before = None
        self._floor = source.floor
        self._heard: dict[str, tuple[Sale, int]] = {}
        known = source.sales.newest(len(source.sales))
        self._rows = SalesList(source.name, filter(self.query.matches, known), self._limit, self.order)
        self._asked = None
        self._progress = Progress.WHOLE if self._floor is None and not source.needs_list else Progress.PARTLY
        self._problem = ""

    def _until(self, floor: tuple[int, str]) -> datetime | None:
        """The page begins with the sales of the floor's very instant: several may share it."""
        lowest = self._source.sales.get(floor[-1])
        bound = self.query.until
        if lowest is None or lowest.created_at == _LAST:
            return bound
        until = lowest.created_at + _MICROSECOND
        return until if bound is None else min(until, bound)

    def _heard_of(self, change: Change) -> None:
        if isinstance(change, SaleHeard):
            self._feed.tell(self._put_heard(change.sale, change.offset))
        elif isinstance(change, SalesReset):
            self._begin()
            self._feed.tell(
                [
                    SalesReset(store=self.store, sales=self._rows.newest(len(self._rows))),
                    ListingChanged(store=self.store),
                ]
            )

    def _put_heard(self, sale: Sale, offset: int | None) -> Iterable[Change]:
        listed = sale.id in self._rows
        if self.query.matches(sale) and (listed or self._within(sale)):
            return self._rows.put(sale, offset)
        self._heard.pop(sale.id, None)
        self._heard[sale.id] = (sale, offset or 0)
        if len(self._heard) > _HEARD:
            del self._heard[next(iter(self._heard))]
        return self._rows.remove(sale.id)

    def _put_read(self, sale: Sale, as_of: int) -> Iterable[Change]:
        heard = self._heard.pop(sale.id, None)
        if heard is not None and heard[1] >= as_of:
            # The page was read before that was heard.
            return self._put_heard(*heard)
        return self._rows.put(sale, as_of) if self.query.matches(sale) else ()

    def _put_waiting(self) -> list[Change]:
        """What was heard of sales that lay below the floor, and do so no more."""
        risen = [each for each in self._heard.values() if self._within(each[0]) and self.query.matches(each[0])]
        changes: list[Change] = []
        for sale, offset in risen:
            del self._heard[sale.id]
            changes.extend(self._rows.put(sale, offset))
        return changes

    def _within(self, sale: Sale) -> bool:
        return self._floor is None or created_key(sale) <= self._floor

    def _set_progress(self, progress: Progress, problem: str = "") -> None:
        self._progress, self._problem = progress, problem
        self._feed.tell([ListingChanged(store=self.store)])
