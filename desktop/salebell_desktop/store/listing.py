"""The sales that a window lists: those of one store that match a query, in an order, as far back as was asked for.

A listing begins with what the store has at hand, follows what the store hears, and is completed by pages of
`GET /v1/sales`, which the client reads when it is asked to. However pages and events interleave, no sale goes back in
time, none is listed twice, and none is left out between two others: what is older than the floor, down to which
everything is known, waits until the floor has come down to it.

When the store lost continuity and read its list anew, the listing keeps its older rows, that nobody loses their place,
and is read from the floor down again: a row that its page does not confirm goes.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol

import msgspec
from msgspec.structs import replace

from salebell_desktop.store.changes import Change, ListingChanged, SaleHeard, SalesReset
from salebell_desktop.store.feed import Feed, Observer, Unsubscribe
from salebell_desktop.store.query import Order, Query
from salebell_desktop.store.sales_list import NEWEST_FIRST, SalesList, join
from salebell_desktop.store.sort_keys import created_key, instant_of
from salebell_protocol.events import Position
from salebell_protocol.http import SalesPage
from salebell_protocol.sales import Sale

LIMIT = 100_000
"""How many sales a listing holds at most."""

_HEARD = 20_000
"""So many sales that are not listed are remembered as they were last heard of, until a page that knows better came."""
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = (-(10**30), "")
"""A floor above every sale there can be."""


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

    def extend(self, sales: Iterable[Sale], page: SalesPage, above: tuple[int, str]) -> None:
        """See `SalesStore.extend`."""
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
        self._floor = source.floor
        self._reached = _NOTHING if source.floor is None and source.needs_list else source.floor
        self._kept: set[str] = set()
        self._rows = SalesList(source.name, (), limit, order)
        self._begin()
        self._following = True
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
        return (self.order == NEWEST_FIRST or self._progress is Progress.WHOLE) and not self._rereading

    @property
    def complete(self) -> bool:
        """Whether `rows` are all the sales that match, and stay so: nothing is known to the server alone."""
        return self._following and self._floor is None and not self._source.needs_list and not self._rows.full

    def observe(self, observer: Observer) -> Unsubscribe:
        """Tell `observer` every change from now on. The answer ends it."""
        return self._feed.observe(observer)

    def close(self) -> None:
        """Follow the store no more, and take nothing in. Harmless when repeated."""
        self._end()
        self._following = False
        self._asked = None
        self._progress = Progress.WHOLE

    def put_found(self, sale: Sale) -> bool:
        """Show a sale that was read alone, wherever it stands, if it matches: whether it is listed now."""
        if sale.id not in self._rows:
            heard = self._heard.get(sale.id)
            # An event may have told of it while it was being read.
            sale, offset = (sale, 0) if heard is None or heard[0].updated_at < sale.updated_at else heard
            if self.query.matches(sale):
                self._feed.tell(self._rows.put(sale, offset))
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
        self._before, above = page.next_before, self._floor
        if page.next_before is None:
            self._floor = None
        elif page.sales:
            self._floor = created_key(page.sales[-1])
        self._reached = _lower(self._reached, self._floor)
        for sale in page.sales:
            join(changes, self._put_read(sale, page.position.offset))
        risen = self._take_risen(page.position.offset)
        for sale, offset in risen:
            changes.extend(self._rows.put(sale, offset))
        changes.extend(self._drop_unconfirmed())
        self._asked = None
        self._feed.tell(changes)
        if above is not None and self.query == Query():
            ids = [sale.id for sale in (*page.sales, *(sale for sale, _ in risen))]
            read = [sale for sale in map(self._rows.get, ids) if sale is not None and self._within(sale)]
            self._source.extend(read, page, above)
        ended = self._before is None or (self._rows.full and not self._kept)
        self._set_progress(Progress.WHOLE if ended else Progress.PARTLY)
        return True

    def failed(self, request: PageRequest, problem: str) -> None:
        """It could not be read, because of `problem`, a sentence for people."""
        if request is self._asked:
            self._asked = None
            self._set_progress(Progress.FAILED, problem)

    def _begin(self) -> None:
        """List what the store has, and of what was listed before what is older than that."""
        source = self._source
        self._before = None
        self._floor = source.floor
        if not source.needs_list:
            self._reached = _lower(self._reached, self._floor)
        self._heard: dict[str, tuple[Sale, int]] = {}
        older = [sale for sale in self._listed if not self._within(sale) and sale.id not in source.sales]
        known = filter(self.query.matches, source.sales.newest(len(source.sales)))
        self._rows = SalesList(source.name, (*older, *known), self._limit, self.order)
        self._kept = {sale.id for sale in older}
        self._to_confirm = deque(sorted(created_key(sale) for sale in older))
        self._asked = None
        self._progress = Progress.WHOLE if self._floor is None and not source.needs_list else Progress.PARTLY
        self._problem = ""

    @property
    def _listed(self) -> tuple[Sale, ...]:
        return self._rows.newest(len(self._rows))

    def _until(self, floor: tuple[int, str]) -> datetime | None:
        """The page begins with the sales of the floor's very instant: several may share it."""
        bound = self.query.until
        try:
            until = instant_of(floor) + _MICROSECOND
        except OverflowError:
            return bound
        return until if bound is None else min(until, bound)

    def _heard_of(self, change: Change) -> None:
        if isinstance(change, SaleHeard):
            self._feed.tell(self._put_heard(change.sale, change.offset))
        elif isinstance(change, SalesReset):
            self._begin()
            self._feed.tell(
                [
                    SalesReset(store=self.store, sales=self._listed),
                    ListingChanged(store=self.store),
                ]
            )

    def _put_heard(self, sale: Sale, offset: int | None) -> Iterable[Change]:
        self._kept.discard(sale.id)
        self._heard.pop(sale.id, None)
        if self.query.matches(sale) and (self._within(sale) or self._was_reached(sale) or self._stands_alone(sale.id)):
            return self._rows.put(sale, offset)
        if self._progress is not Progress.WHOLE:
            self._heard[sale.id] = (sale, offset or 0)
            if len(self._heard) > _HEARD:
                del self._heard[next(iter(self._heard))]
        return self._rows.remove(sale.id)

    def _put_read(self, sale: Sale, as_of: int) -> Iterable[Change]:
        self._kept.discard(sale.id)
        heard = self._heard.pop(sale.id, None)
        if heard is not None and heard[1] >= as_of:
            # The page was read before that was heard.
            return self._put_heard(*heard)
        return self._rows.put(sale, as_of) if self.query.matches(sale) else ()

    def _take_risen(self, as_of: int) -> list[tuple[Sale, int]]:
        """What was heard of sales that lay below the floor, and do so no more.

        Of the rest, what the page was read after need not be remembered: the pages that follow know it.
        """
        risen: list[tuple[Sale, int]] = []
        later: dict[str, tuple[Sale, int]] = {}
        for sale_id, (sale, offset) in self._heard.items():
            if self._within(sale) and self.query.matches(sale):
                risen.append((sale, offset))
            elif offset > as_of:
                later[sale_id] = (sale, offset)
        self._heard = later
        return risen

    def _drop_unconfirmed(self) -> list[Change]:
        """Rows that were kept and lie above the floor now, but were in none of the pages down to it, are none."""
        changes: list[Change] = []
        while self._to_confirm and (self._floor is None or self._to_confirm[0] <= self._floor):
            sale_id = self._to_confirm.popleft()[-1]
            if sale_id in self._kept:
                self._kept.remove(sale_id)
                changes.extend(self._rows.remove(sale_id))
        return changes

    def _stands_alone(self, sale_id: str) -> bool:
        """Whether a sale is listed although it lies below the floor: kept from before, or found."""
        sale = self._rows.get(sale_id)
        return sale is not None and not self._within(sale)

    @property
    def _rereading(self) -> bool:
        """Whether rows below the floor were kept from before, and there may be sales between them that nobody told."""
        return self._floor is not None and (self._reached is None or self._reached > self._floor)

    def _was_reached(self, sale: Sale) -> bool:
        """Whether the rows once went down to where `sale` stands: what is heard of it stands among them now."""
        return self._reached is None or created_key(sale) <= self._reached

    def _within(self, sale: Sale) -> bool:
        return self._floor is None or created_key(sale) <= self._floor

    def _set_progress(self, progress: Progress, problem: str = "") -> None:
        self._progress, self._problem = progress, problem
        self._feed.tell([ListingChanged(store=self.store)])


def _lower(one: tuple[int, str] | None, other: tuple[int, str] | None) -> tuple[int, str] | None:
    """The lower one of two floors."""
    return None if one is None or other is None else max(one, other)
