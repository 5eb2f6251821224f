"""One store of the signed-in admin: its sales, its badge, its place in the log, its connection."""

from collections.abc import Collection, Iterable
from enum import Enum, auto

from salebell_desktop.store.announcement import Announcement, Announcer
from salebell_desktop.store.badge import Badge, Reading
from salebell_desktop.store.changes import (
    BadgeChanged,
    Change,
    LinkChanged,
    ListStateChanged,
    LookDue,
    SaleHeard,
    SaveDue,
)
from salebell_desktop.store.feed import Feed, Observer, Unsubscribe
from salebell_desktop.store.link import Link, LinkState
from salebell_desktop.store.listing import LIMIT as LISTING_LIMIT
from salebell_desktop.store.listing import Listing
from salebell_desktop.store.looks import Look, Looks
from salebell_desktop.store.query import Order, Query
from salebell_desktop.store.sales_list import LIMIT, SalesList, join
from salebell_desktop.store.shown import ShownEvents
from salebell_desktop.store.snapshot import Snapshot
from salebell_desktop.store.sort_keys import created_key
from salebell_desktop.store.unsaved import Unsaved, UnsavedParts
from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.http import SalesPage
from salebell_protocol.messages import AuthSuccess, Recovery, Seen, Unread
from salebell_protocol.sales import Sale

SIGNED_OUT = Link(state=LinkState.SIGNED_OUT, since=0.0)


class ListState(Enum):
    """Whether the list can be trusted to hold the newest sales."""

    STALE = auto()
    """From the cache, or continuity was lost: it waits for the server."""
    LOADING = auto()
    """It is being read from the server."""
    CURRENT = auto()
    """Every sale up to the store's position is in it, the oldest ones aside."""
    FAILED = auto()
    """Reading it failed, for the reason in `list_problem`; it is tried again."""


class Received(Enum):
    """What became of an event."""

    APPLIED = auto()
    REPEATED = auto()
    """It was known already."""
    OUT_OF_PLACE = auto()
    """Events are missing before it: nothing changed, and the connection has to resume."""


class SalesStore:
    """What is known of one store. The client writes it, views observe it and say when the admin looks.

    It is told the time, in unix seconds, and never asks for it. Reading it is cheap.

    Args:
        name: the store.
        snapshot: what the cache kept of it.
        feed: where to tell changes; the desk's, for a store of a desk.
        limit: how many sales to keep in memory.
    """

    def __init__(
        self, name: str, snapshot: Snapshot | None = None, feed: Feed | None = None, limit: int = LIMIT
    ) -> None:
        kept = snapshot or Snapshot()
        self.name = name
        self._feed = feed or Feed()
        self._announcer: Announcer | None = None
        self._sales = SalesList(name, kept.sales, limit)
        self._position = kept.position
        self._whole = kept.whole
        self._badge = Badge(kept.reading)
        self._looks = Looks(kept.look)
        self._shown = ShownEvents(kept.shown)
        self._placed = ShownEvents()
        self._unplaced: set[str] = set()
        self._waiting: dict[str, Position | None] = {}
        self._link = SIGNED_OUT
        self._delayed = False
        self._looking = False
        self._closed = False
        self._away = True
        self._caught_up = 0
        self._list_state, self._list_problem = ListState.STALE, ""
        self._floor = created_key(self._sales[len(self._sales) - 1]) if len(self._sales) else None
        self._adopted = 0
        self._changes: list[Change] = []
        self._unsaved = UnsavedParts()
        self._set_look()
        self._told_badge = self.badge

    # What views read.

    @property
    def badge(self) -> int:
        """How many sales the admin has not looked at."""
        return self._badge.count

    @property
    def sales(self) -> SalesList:
        """The sales, newest first: `len(sales)`, `sales[row]`, `sales.row_of(id)`. To be read only."""
        return self._sales

    @property
    def link(self) -> Link:
        """The connection."""
        return self._link

    @property
    def delayed(self) -> bool:
        """The server cannot reach its shared log: new sales still arrive, counts may lag."""
        return self._delayed

    @property
    def list_state(self) -> ListState:
        """Whether the list holds the newest sales."""
        return self._list_state

    @property
    def list_problem(self) -> str:
        """Why reading the list failed, as a sentence for people; "" when it did not."""
        return self._list_problem

    @property
    def floor(self) -> tuple[int, str] | None:
        """A `created_key` down to which the list has every sale, and below which none. None: it has all there are."""
        return self._floor

    def listing(self, query: Query, order: Order, limit: int = LISTING_LIMIT) -> Listing:
        """The sales that match `query`, in `order`. Whoever made it closes it."""
        return Listing(self, query, order, limit)

    def observe(self, observer: Observer) -> Unsubscribe:
        """Tell `observer` every change of this store from now on. The answer ends it."""
        return self._feed.observe(lambda change: observer(change) if change.store == self.name else None)

    # What views say.

    def set_looking(self, looking: bool) -> None:
        """The admin is looking: the sales window shows this store, and is visible and active.

        Everything that has arrived is looked at at once, and so is what arrives until it is set to False.
        """
        self._looking = looking
        self._gaze()
        self._tell()

    def mark_seen(self) -> None:
        """All that has arrived counts as looked at, as if the window had been opened and closed."""
        looking, self._looking = self._looking, True
        self._gaze()
        self._looking = looking
        self._tell()

    def shown(self, event_ids: Iterable[str]) -> None:
        """The announcements of these events were shown (or purposely not): the position may be saved past them."""
        for event_id in event_ids:
            if event_id in self._waiting:
                del self._waiting[event_id]
                self._unsaved.shown.append(event_id)
                self._save_due()
        self._tell()

    # What the client says.

    def announce_to(self, announcer: Announcer | None) -> None:
        """Give announcements to `announcer`, which sees to it that `shown` is called for each of them.

        Without an announcer they count as shown at once.
        """
        self._announcer = announcer

    def close(self) -> None:
        """Fall silent: nothing that still happens to this store is told to anybody.

        What was asked for before may come in yet, and another account may have a store of the same name by then.
        """
        self._closed = True

    def set_link(self, link: Link) -> None:
        """The connection changed. Anything but CONNECTED begins a time in which sales may be missed."""
        if link.state is not LinkState.CONNECTED:
            self._away = True
        if link != self._link:
            self._link = link
            self._changes.append(LinkChanged(store=self.name))
        self._tell()

    def authenticated(self, message: AuthSuccess) -> None:
        """The server signed this device in, or renewed that, or says again where the log stands.

        Whether the list has to be read over HTTP then is told by `needs_list`.
        """
        if message.position is None or message.unread is None or message.seen is None:
            self._set_delayed(delayed=True)
            self._send_look_again()
            self._tell()
            return
        top = message.position
        if self._away or self._delayed:
            self._caught_up = top.offset
        self._away = False
        self._set_delayed(delayed=False)
        self._distrust_provisional()
        reading = Reading(message.unread, message.seen, top.offset)
        continued = self._position is not None and self._position.epoch == top.epoch
        if message.recovery is Recovery.COMPLETE and continued:
            self._badge.update(reading)
            self._badge.forget_provisional()
            self._looks.acknowledge(message.seen)
            if self._whole and self._list_state is ListState.STALE:
                self._set_list_state(ListState.CURRENT)
        else:
            self._adopt(top, reading)
        self._send_look_again()
        self._save_due()
        self._set_look()
        self._gaze()
        self._tell()

    def event(self, event: Event) -> Received:
        """An event arrived."""
        received = self._provisional(event) if event.offset is None else self._confirmed(event, event.offset)
        if received is not Received.APPLIED:
            return received
        announcement = self._announcement(event)
        self._gaze()
        self._save_due()
        try:
            self._tell()
        finally:
            if announcement is not None and self._announcer is not None:
                self._feed.give(announcement, self._announcer)
        return received

    def unread(self, message: Unread) -> None:
        """The server counted."""
        self._badge.update(Reading(message.count, message.seen, message.as_of))
        self._looks.acknowledge(message.seen)
        self._set_look()
        self._save_due()
        self._tell()

    def seen_due(self) -> float | None:
        """When `take_seen` has something to send, on its clock; None when there is nothing."""
        return self._looks.due()

    def take_seen(self, now: float) -> Seen | None:
        """The `seen` to send now, or None. To be asked on a signed-in connection only.

        Args:
            now: seconds of a clock that only goes forward (unlike the other times here).
        """
        return self._looks.take(now)

    @property
    def resume(self) -> Position | None:
        """How far this device has seen the log: what to resume from."""
        return self._position

    @property
    def needs_list(self) -> bool:
        """Whether the newest sales have to be read over HTTP: continuity was lost, or there never was a list."""
        return not self._whole

    def loading(self) -> None:
        """The newest sales are being read over HTTP."""
        self._set_list_state(ListState.LOADING)
        self._tell()

    def loading_failed(self, problem: str) -> None:
        """They could not be read, because of `problem`."""
        self._set_list_state(ListState.FAILED, problem)
        self._tell()

    def loaded(self, page: SalesPage) -> bool:
        """The first page was read. False when it is of another log, or of an earlier time, than this store follows."""
        if not self._fits(page) or page.position.offset < self._adopted:
            return False
        floor = None if page.next_before is None or not page.sales else created_key(page.sales[-1])
        self._changes.extend(self._sales.replace(page.sales, page.position.offset, floor))
        self._set_floor(floor)
        self._whole = True
        self._unsaved.replace(self._sales)
        self._save_due()
        self._set_list_state(ListState.CURRENT)
        self._gaze()
        self._tell()
        return True

    def extend(self, sales: Iterable[Sale], page: SalesPage, above: tuple[int, str]) -> None:
        """A listing of all sales has read on: keep what it read, if that is where this list ends and it has room.

        Args:
            sales: those of the page, and what came to be among them meanwhile.
            page: what was read.
            above: the listing's floor before: the page begins there.
        """
        if self.needs_list or self._floor is None or self._floor < above or self._sales.full:
            return
        changes: list[Change] = []
        for sale in sales:
            join(changes, self._sales.put(sale, page.position.offset))
        if page.next_before is None:
            self._set_floor(None)
        elif page.sales:
            self._set_floor(created_key(page.sales[-1]))
        self._change_sales(changes)
        self._save_due()
        self._tell()

    # What the cache keeps.

    @property
    def settled(self) -> Position | None:
        """The position up to which everything was shown, not merely received."""
        waiting = [position for position in self._waiting.values() if position is not None]
        return min(waiting, key=lambda position: position.offset) if waiting else self._position

    def take_unsaved(self) -> Unsaved | None:
        """What to save now; None when nothing changed since it was last asked."""
        parts = self._unsaved
        if not parts.dirty:
            return None
        self._unsaved = UnsavedParts()
        return Unsaved(
            position=self.settled,
            reading=self._badge.reading,
            look=self._looks.pending,
            whole=self._whole,
            shown=tuple(parts.shown),
            sales=tuple(parts.sales.values()),
            replaced=parts.replaced,
        )

    def save_all(self) -> None:
        """What was saved before is gone: `take_unsaved` gives everything next."""
        self._unsaved.replace(self._sales)
        self._unsaved.shown = [event_id for event_id in self._shown if event_id not in self._waiting]
        self._save_due()
        self._tell()

    def _adopt(self, top: Position, reading: Reading) -> None:
        self._position = top
        self._adopted = top.offset
        self._waiting = dict.fromkeys(self._waiting)
        self._placed = ShownEvents()
        self._badge.adopt(reading)
        self._looks.drop()
        self._sales.forget_offsets()
        self._whole = False
        self._set_list_state(ListState.STALE)

    def _distrust_provisional(self) -> None:
        """What the list has of provisional events may never have come into the log: it is to be read anew."""
        if self._unplaced:
            self._unplaced.clear()
            self._whole = False
            self._set_list_state(ListState.STALE)

    def _confirmed(self, event: Event, offset: int) -> Received:
        position = self._position
        if position is None:
            return Received.OUT_OF_PLACE
        if offset <= position.offset:
            same = offset < position.offset or event.id == position.event_id
            return Received.REPEATED if same else Received.OUT_OF_PLACE
        if offset != position.offset + 1 or event.previous != position.event_id:
            return Received.OUT_OF_PLACE
        if event.created_before is not None:
            self._badge.confirmed(event.sale.id, offset, event.created_before)
        self._placed.add(event.id)
        if event.id in self._waiting:
            self._waiting[event.id] = position
        self._position = Position(position.epoch, offset, event.id)
        self._hear(event.sale, offset)
        return Received.APPLIED

    def _provisional(self, event: Event) -> Received:
        if event.id in self._unplaced or event.id in self._placed:
            return Received.REPEATED
        self._unplaced.add(event.id)
        if event.type is EventType.SALE_CREATED:
            self._badge.provisional(event.sale.id)
        self._hear(event.sale, None)
        return Received.APPLIED

    def _hear(self, sale: Sale, offset: int | None) -> None:
        """Keep what an event told, unless it is older than the list goes: the list has no holes."""
        if not self._below(sale):
            self._change_sales(self._sales.put(sale, offset))
            self._set_floor(self._floor)
        elif sale.id in self._sales:
            # It was created earlier than was thought, and there may be others in between.
            self._changes.extend(self._sales.remove(sale.id))
            self._unsaved.replace(self._sales)
        self._changes.append(SaleHeard(store=self.name, sale=sale, offset=offset))

    def _below(self, sale: Sale) -> bool:
        return self._floor is not None and created_key(sale) > self._floor

    def _set_floor(self, floor: tuple[int, str] | None) -> None:
        """A full list has let go of what was older than its last row."""
        self._floor = created_key(self._sales[len(self._sales) - 1]) if self._sales.full else floor

    def _announcement(self, event: Event) -> Announcement | None:
        if event.type is not EventType.SALE_CREATED or not self._shown.add(event.id):
            return None
        if self._announcer is None:
            self._unsaved.shown.append(event.id)
            return None
        offset = event.offset
        before = None
        if offset is not None and self._position is not None:
            before = Position(self._position.epoch, offset - 1, event.previous or "")
        self._waiting[event.id] = before
        return Announcement(store=self.name, event=event, missed=offset is not None and offset <= self._caught_up)

    def _gaze(self) -> None:
        """While the admin looks, what has arrived is looked at; but never a list that lacks what was missed."""
        if not self._looking or not self._whole:
            return
        self._badge.forget_provisional()
        position = self._position
        if position is None:
            return
        pending = self._looks.pending
        if position.offset > (self._badge.seen if pending is None else pending.offset):
            if self._looks.due() is None:
                self._changes.append(LookDue(store=self.name))
            self._looks.add(Look(position.epoch, position.offset))
            self._save_due()
            self._set_look()

    def _send_look_again(self) -> None:
        self._looks.send_again()
        if self._looks.pending is not None:
            self._changes.append(LookDue(store=self.name))

    def _save_due(self) -> None:
        if not self._unsaved.dirty:
            self._unsaved.dirty = True
            self._changes.append(SaveDue(store=self.name))

    def _set_look(self) -> None:
        pending = self._looks.pending
        self._badge.looked(None if pending is None else pending.offset)

    def _fits(self, page: SalesPage) -> bool:
        return self._position is None or self._position.epoch == page.position.epoch

    def _change_sales(self, changes: Collection[Change]) -> None:
        self._changes.extend(changes)
        self._unsaved.note(changes)

    def _set_delayed(self, *, delayed: bool) -> None:
        if delayed != self._delayed:
            self._delayed = delayed
            self._changes.append(LinkChanged(store=self.name))

    def _set_list_state(self, state: ListState, problem: str = "") -> None:
        if (state, problem) != (self._list_state, self._list_problem):
            self._list_state, self._list_problem = state, problem
            self._changes.append(ListStateChanged(store=self.name))

    def _tell(self) -> None:
        if self._closed:
            self._changes.clear()
            return
        badge = self.badge
        if badge != self._told_badge:
            self._told_badge = badge
            self._changes.append(BadgeChanged(store=self.name, count=badge))
        changes, self._changes = self._changes, []
        self._feed.tell(changes)
