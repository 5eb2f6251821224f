"""Two devices of one admin, a server and a network that does its worst: the badge and the lists against models.

At every step each device's badge is what the written rule makes of the messages it was given, worked out afresh from
all of them; and whenever everything has arrived, it is the number of unread sales that the server itself counts, and
what is listed is what the server has: in the store down to its floor, in a listing whatever it is to show.
"""

from collections import deque
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from salebell_desktop.store import (
    Announcement,
    Change,
    Listing,
    Order,
    Progress,
    Query,
    Received,
    SalesStore,
    Snapshot,
    SortKey,
    Unsaved,
)
from salebell_desktop.store.changes import SaleChanged, SalesInserted, SalesRemoved, SalesReset
from salebell_desktop.store.listing import PageRequest
from salebell_desktop.store.sort_keys import created_key, sort_key
from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.http import SalesPage
from salebell_protocol.messages import AdminIdentity, AuthSuccess, Recovery, Seen, Unread
from salebell_protocol.sales import Sale, SaleStatus

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
MAX_REPLAY = 12
PAGE = 4
"""Sales a page. A device keeps fewer than three pages of them."""
KEPT = 10
QUERIES = [
    Query(),
    Query(status=SaleStatus.PENDING),
    Query(text="1"),
    Query(since=START + timedelta(minutes=1), until=START + timedelta(minutes=4)),
]
ORDERS = [Order(), Order(), Order(descending=False), Order(SortKey.NUMBER), Order(SortKey.TOTAL, descending=False)]
STATUSES = [SaleStatus.PENDING, SaleStatus.APPROVED]
DEVICES = st.integers(0, 1)
CHANGES = (EventType.SALE_CREATED, EventType.SALE_UPDATED)
RARELY = st.integers(0, 3)


class Server:
    """The log of one store, and the cursor of one admin."""

    def __init__(self) -> None:
        self.epoch = "epoch1"
        self.events: list[Event] = []
        self.cursor: int | None = None
        self.degraded = False
        self.outbox: list[Event] = []
        self.number = 0

    @property
    def top(self) -> Position:
        return Position(self.epoch, len(self.events), self.events[-1].id if self.events else "")

    def known(self) -> dict[str, Sale]:
        """The sales, the outbox's included."""
        return {event.sale.id: event.sale for event in (*self.events, *self.outbox)}

    def listed(self, query: Query = QUERIES[0], order: Order = ORDERS[0]) -> list[Sale]:
        """The sales of the log that match; as `GET /v1/sales` orders them, unless in another order."""
        latest = {event.sale.id: event.sale for event in self.events}
        return sorted(filter(query.matches, latest.values()), key=sort_key(order))

    def page(self, query: Query = QUERIES[0], before: str | None = None) -> SalesPage:
        """An answer of `GET /v1/sales`. Its mark is the sale that it ended with, wherever that stands later."""
        listed = self.listed(query)
        if before is not None:
            micros, sale_id = before.split()
            listed = [sale for sale in listed if created_key(sale) > (int(micros), sale_id)]
        mark = "{} {}".format(*created_key(listed[PAGE - 1])) if len(listed) > PAGE else None
        return SalesPage(sales=tuple(listed[:PAGE]), next_before=mark, unread=0, position=self.top)

    def unread(self) -> int:
        latest = {e.sale.id: e.offset or 0 for e in self.events if e.type is EventType.SALE_CREATED}
        return sum(offset > (self.cursor or 0) for offset in latest.values())

    def write(self, type: EventType, sale: Sale) -> Event:  # noqa: A002
        """Take in a new event: into the log, or into the outbox while degraded."""
        self.number += 1
        event = Event(id=f"id{self.number}", type=type, store="main", occurred_at=START, sale=sale)
        if self.degraded:
            self.outbox.append(event)
            return event
        return self.append(event)

    def append(self, event: Event) -> Event:
        offset = len(self.events) + 1
        created = [e.offset or 0 for e in self.events if e.sale.id == event.sale.id and e.created_before is not None]
        placed = replace(
            event,
            offset=offset,
            previous=self.top.event_id,
            created_before=max(created, default=0) if event.type is EventType.SALE_CREATED else None,
        )
        self.events.append(placed)
        return placed

    def drain(self) -> Event | None:
        """Move the oldest event of the outbox into the log; None when it was there already."""
        event = self.outbox.pop(0)
        return None if any(e.id == event.id for e in self.events) else self.append(event)

    def success(self, recovery: Recovery) -> AuthSuccess:
        deferred = recovery is Recovery.DEFERRED
        return AuthSuccess(
            admin=AdminIdentity("u1", "", ""), store="main", stores=("main",),
            position=None if deferred else self.top, unread=None if deferred else self.unread(),
            seen=None if deferred else self.cursor, expires_at=0, server_time=0, recovery=recovery,
        )  # fmt: skip

    def answer(self, resume: Position | None) -> tuple[AuthSuccess, list[Event]]:
        """What a sign-in is answered with, and the events that follow."""
        if self.cursor is None:
            self.cursor = 0 if resume is not None and resume.epoch != self.epoch else len(self.events)
        if resume is None:
            return self.success(Recovery.FRESH), []
        at = resume.offset
        same = resume.epoch == self.epoch and at <= len(self.events)
        same = same and (at == 0 or self.events[at - 1].id == resume.event_id)
        if not same or len(self.events) - at > MAX_REPLAY:
            return self.success(Recovery.RESET), []
        return self.success(Recovery.COMPLETE), self.events[at:]


class Model:
    """The rule as it is written, from everything that a device was given."""

    def __init__(self, disk: Snapshot) -> None:
        self.count, self.seen, self.as_of = disk.reading.count, disk.reading.seen, disk.reading.as_of
        self.created: list[tuple[int, int, str]] = []
        self.provisional: set[str] = set()
        self.look = None if disk.look is None else disk.look.offset

    def adopt(self, message: AuthSuccess) -> None:
        assert message.position is not None
        assert message.unread is not None
        assert message.seen is not None
        self.provisional.clear()
        if message.recovery is not Recovery.COMPLETE:
            self.created.clear()
            self.look = None
            self.count, self.seen, self.as_of = message.unread, message.seen, message.position.offset
        else:
            self.reading(message.unread, message.seen, message.position.offset)

    def reading(self, count: int, seen: int, as_of: int) -> None:
        if seen >= self.seen and as_of >= self.as_of:
            self.count, self.seen, self.as_of = count, seen, as_of
        if self.look is not None and seen >= self.look:
            self.look = None

    def event(self, event: Event) -> None:
        if event.type is not EventType.SALE_CREATED:
            return
        if event.offset is None:
            self.provisional.add(event.sale.id)
        else:
            self.created.append((event.offset, event.created_before or 0, event.sale.id))
            self.provisional.discard(event.sale.id)

    def looked(self, offset: int | None) -> None:
        self.provisional.clear()
        if offset is not None and offset > (self.seen if self.look is None else self.look):
            self.look = offset

    def badge(self) -> int:
        count, seen, as_of = self.count, self.seen, self.as_of
        if self.look is not None and self.look >= as_of:
            count, seen, as_of = 0, self.look, self.look
        after = sum(offset > max(as_of, seen) and before <= seen for offset, before, _ in self.created)
        unread = {sale_id for offset, _, sale_id in self.created if offset > seen}
        return count + after + len(self.provisional - unread)


class Mirror:
    """A copy of a list's rows, kept by its changes alone."""

    def __init__(self, rows: tuple[Sale, ...]) -> None:
        self.rows = list(rows)

    def follow(self, change: Change) -> None:
        match change:
            case SalesInserted(row=row, sales=sales):
                self.rows[row:row] = sales
            case SaleChanged(row=row, sale=sale):
                assert self.rows[row].id == sale.id
                self.rows[row] = sale
            case SalesRemoved(row=row, count=count):
                del self.rows[row : row + count]
            case SalesReset(sales=sales):
                self.rows = list(sales)
            case _:
                return


class Device:
    """A store, what is on its way to it, and what was done to it."""

    def __init__(self) -> None:
        self.disk = Snapshot()
        self.looking = False
        self.announced: list[str] = []
        self.crashed = False
        self.start()

    def start(self) -> None:
        self.store = SalesStore("main", self.disk, limit=KEPT)
        self.store.announce_to(self.announce)
        self.mirror = Mirror(self.store.sales.newest(KEPT))
        self.store.observe(self.mirror.follow)
        self.show(QUERIES[0], ORDERS[0])
        self.model = Model(self.disk)
        self.connected = False
        self.asked: tuple[Listing, PageRequest, SalesPage | None] | None = None
        self.position: Position | None = None
        self.events: deque[AuthSuccess | Event] = deque()
        self.unreads: deque[Unread] = deque()
        self.look(self.looking)

    def announce(self, announcement: Announcement) -> None:
        self.announced.append(announcement.event.id)
        self.store.shown([announcement.event.id])

    def show(self, query: Query, order: Order) -> None:
        """List these from now on; an answer to what the listing before asked may come yet."""
        self.listing: Listing = self.store.listing(query, order)
        self.listed = Mirror(self.listing.rows.newest(999))
        self.listing.observe(self.listed.follow)

    def look(self, looking: bool) -> None:
        self.looking = looking
        self.store.set_looking(looking)
        self.gaze()

    def gaze(self) -> None:
        if self.looking and not self.store.needs_list:
            self.model.looked(None if self.store.resume is None else self.store.resume.offset)

    def save(self) -> None:
        unsaved = self.store.take_unsaved()
        if unsaved is not None:
            self.disk = saved(self.disk, unsaved)


def saved(disk: Snapshot, unsaved: Unsaved) -> Snapshot:
    kept = {} if unsaved.replaced else {sale.id: sale for sale in disk.sales}
    kept.update((sale.id, sale) for sale in unsaved.sales)
    return Snapshot(
        position=unsaved.position, reading=unsaved.reading, look=unsaved.look, whole=unsaved.whole,
        shown=disk.shown + unsaved.shown, sales=tuple(kept.values()),
    )  # fmt: skip


class Simulation(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.server = Server()
        self.devices = (Device(), Device())
        self.now = 0.0

    # Sales.

    @initialize(before=st.integers(0, 4))
    def history(self, before: int) -> None:
        for _ in range(before):
            self.create()

    @rule()
    def create(self) -> None:
        number = len(self.server.known()) + 1
        at = START + timedelta(minutes=number // 2)
        sale = Sale(
            id=f"s{number}", number="1", status=SaleStatus.PENDING, total="1", currency="EUR", channel="admin",
            created_at=at, updated_at=at,
        )  # fmt: skip
        self.emit(EventType.SALE_CREATED, sale)

    @rule(which=st.integers(0, 50), type=st.sampled_from(CHANGES), status=st.sampled_from(STATUSES), later=RARELY)
    def change(self, which: int, type: EventType, status: SaleStatus, later: int) -> None:  # noqa: A002
        sales = list(self.server.known().values())
        if not sales or (self.server.degraded and type is not EventType.SALE_CREATED):
            return
        sale = sales[which % len(sales)]
        changed = replace(sale, number=str(int(sale.number) + 1), status=status)
        if type is EventType.SALE_CREATED and not later:  # a payment may say anew when it was created
            changed = replace(changed, created_at=START + timedelta(minutes=which % 6))
        self.emit(type, changed)

    def emit(self, type: EventType, sale: Sale) -> None:  # noqa: A002
        event = self.server.write(type, sale)
        for device in self.devices:
            if device.connected:
                self.send(device, event)

    def send(self, device: Device, event: Event) -> None:
        device.events.append(event)
        if event.offset is not None:
            device.position = Position(self.server.epoch, event.offset, event.id)

    # Connections.

    @rule(which=DEVICES)
    def connect(self, which: int) -> None:
        device = self.devices[which]
        if device.connected:
            return
        device.connected = True
        resume = device.store.resume
        if self.server.degraded:
            device.position = resume
            device.events.append(self.server.success(Recovery.DEFERRED))
            device.events.extend(self.server.outbox)
        else:
            self.answer(device, resume)

    def answer(self, device: Device, resume: Position | None) -> None:
        success, missed = self.server.answer(resume)
        device.events.append(success)
        device.position = resume if success.recovery is Recovery.COMPLETE else success.position
        for event in missed:
            self.send(device, event)

    @rule(which=DEVICES)
    def renew(self, which: int) -> None:
        device = self.devices[which]
        if device.connected:
            recovery = Recovery.DEFERRED if self.server.degraded else Recovery.COMPLETE
            device.events.append(self.server.success(recovery))

    @rule(which=DEVICES, luck=RARELY)
    def lose_connection(self, which: int, luck: int) -> None:
        if not luck:
            self.disconnect(which)

    def disconnect(self, which: int) -> None:
        device = self.devices[which]
        device.connected = False
        device.events.clear()
        device.unreads.clear()

    @rule(which=DEVICES, crash=st.booleans(), luck=RARELY)
    def restart(self, which: int, crash: bool, luck: int) -> None:
        if luck:
            return
        device = self.devices[which]
        if crash:
            device.crashed = True
        else:
            device.save()
        self.disconnect(which)
        device.start()

    @rule(which=DEVICES)
    def save(self, which: int) -> None:
        self.devices[which].save()

    # Messages.

    @rule(which=DEVICES, count=st.integers(1, 5))
    def deliver(self, which: int, count: int) -> None:
        device = self.devices[which]
        for _ in range(min(count, len(device.events))):
            message = device.events.popleft()
            if isinstance(message, Event):
                self.deliver_event(device, message)
            else:
                self.deliver_success(device, message)
            device.gaze()
            self.agrees(device)

    def deliver_event(self, device: Device, event: Event) -> None:
        received = device.store.event(event)
        assert received is not Received.OUT_OF_PLACE
        if received is Received.APPLIED:
            device.model.event(event)

    def deliver_success(self, device: Device, message: AuthSuccess) -> None:
        device.store.authenticated(message)
        assert device.store.delayed == (message.recovery is Recovery.DEFERRED)
        if message.position is not None:
            device.model.adopt(message)

    # Counts overtake events and are overtaken by them, but never come before the `auth_success` that they follow.
    @rule(which=DEVICES)
    def deliver_unread(self, which: int) -> None:
        device = self.devices[which]
        opening = any(isinstance(message, AuthSuccess) for message in device.events)
        if device.unreads and not opening:
            message = device.unreads.popleft()
            device.store.unread(message)
            device.model.reading(message.count, message.seen, message.as_of)
            device.gaze()

    @rule(which=DEVICES)
    def load_list(self, which: int) -> None:
        device = self.devices[which]
        if self.server.degraded or not device.connected or not device.store.needs_list:
            return
        device.store.loaded(self.server.page())
        device.gaze()

    # Listing.

    @rule(which=DEVICES, query=st.sampled_from(QUERIES), order=st.sampled_from(ORDERS))
    def show(self, which: int, query: Query, order: Order) -> None:
        device = self.devices[which]
        device.listing.close()
        device.show(query, order)

    @rule(which=DEVICES)
    def ask(self, which: int) -> None:
        """Ask for the next page; the server answers at once, and the answer takes its time."""
        device = self.devices[which]
        if device.asked is None and (request := device.listing.request()) is not None:
            reachable = device.connected and not self.server.degraded
            page = self.server.page(request.query, request.before) if reachable else None
            device.asked = (device.listing, request, page)

    @rule(which=DEVICES, lost=st.booleans())
    def answer_page(self, which: int, lost: bool) -> None:
        device = self.devices[which]
        if device.asked is None:
            return
        listing, request, page = device.asked
        device.asked = None
        if lost or page is None or not listing.took(request, page):
            listing.failed(request, "It was lost.")

    @rule(which=DEVICES, number=st.integers(1, 20))
    def find(self, which: int, number: int) -> None:
        found = [sale for sale in self.server.listed() if sale.id == f"s{number}"]
        device = self.devices[which]
        if found and device.connected and not self.server.degraded and not device.events:
            device.listing.put_found(found[0])

    # Looking.

    @rule(which=DEVICES, looking=st.booleans())
    def look(self, which: int, looking: bool) -> None:
        self.devices[which].look(looking)

    @rule(which=DEVICES, lost=st.booleans())
    def see(self, which: int, lost: bool) -> None:
        """Send the look that is due, if any; it may be lost together with the connection."""
        device = self.devices[which]
        self.now += 1.0
        opening = any(isinstance(message, AuthSuccess) for message in device.events)
        if not device.connected or opening or device.store.seen_due() is None:
            return
        seen = device.store.take_seen(self.now)
        assert seen is not None
        if lost:
            self.disconnect(which)
        else:
            self.server_sees(seen)

    def server_sees(self, seen: Seen) -> None:
        if self.server.degraded or seen.epoch != self.server.epoch:
            return
        assert seen.offset is not None
        assert seen.offset <= len(self.server.events), "position_ahead"
        self.server.cursor = max(self.server.cursor or 0, seen.offset)
        answer = Unread(count=self.server.unread(), seen=self.server.cursor, as_of=len(self.server.events))
        for device in self.devices:
            if device.connected:
                device.unreads.append(answer)

    # Outages.

    @precondition(lambda self: not self.server.degraded)
    @rule(unanswered=st.booleans())
    def degrade(self, unanswered: bool) -> None:
        """The log is lost from sight; perhaps after it took in an event without the server hearing of it."""
        self.server.degraded = True
        for device in self.devices:
            if device.connected:
                device.events.append(self.server.success(Recovery.DEFERRED))
        if unanswered and self.server.events:
            last = self.server.events[-1]
            again = replace(last, offset=None, previous=None, created_before=None)
            if again.type is EventType.SALE_CREATED:
                self.server.outbox.append(again)
                for device in self.devices:
                    if device.connected:
                        self.send(device, again)

    @precondition(lambda self: self.server.outbox)
    @rule()
    def drain(self) -> None:
        """The log takes in an event of the outbox, and those who are at its top hear of it before all is well."""
        top = self.server.top
        placed = self.server.drain()
        for device in self.devices:
            if device.connected and placed is not None and device.position == top:
                self.send(device, placed)

    @precondition(lambda self: self.server.degraded)
    @rule()
    def recover(self) -> None:
        while self.server.outbox:
            self.server.drain()
        self.server.degraded = False
        for device in self.devices:
            if device.connected:
                self.answer(device, device.position)

    @precondition(lambda self: not self.server.degraded)
    @rule(kept=st.integers(0, 30), luck=RARELY)
    def replace_log(self, kept: int, luck: int) -> None:
        """An older copy of the log takes its place, under a new epoch; its cursors with it."""
        if luck:
            return
        self.server.events = self.server.events[: min(kept, len(self.server.events))]
        self.server.epoch = f"epoch{int(self.server.epoch[5:]) + 1}"
        if self.server.cursor is not None:
            self.server.cursor = min(self.server.cursor, len(self.server.events))
        for which in range(len(self.devices)):
            self.disconnect(which)

    # What must hold.

    @invariant()
    def agree(self) -> None:
        for device in self.devices:
            self.agrees(device)

    def agrees(self, device: Device) -> None:
        assert device.store.badge == device.model.badge()
        assert device.mirror.rows == list(device.store.sales.newest(KEPT))
        rows = device.listed.rows
        assert rows == list(device.listing.rows.newest(999))
        assert rows == sorted(rows, key=sort_key(device.listing.order))
        assert len({sale.id for sale in rows}) == len(rows)
        assert all(map(device.listing.query.matches, rows))

    @rule()
    def settle(self) -> None:
        """Everything arrives: then every device shows what the server counts, and lists what it has."""
        if self.server.degraded:
            self.recover()
        for which in range(len(self.devices)):
            self.connect(which)
        for _ in range(3):
            for which, device in enumerate(self.devices):
                self.deliver(which, len(device.events))
                self.load_list(which)
                self.see(which, lost=False)
            for which, device in enumerate(self.devices):
                while device.unreads:
                    self.deliver_unread(which)
        for device in self.devices:
            assert device.store.badge == self.server.unread()
            assert not (device.looking and device.store.badge)
            rows, listed = device.mirror.rows, self.server.listed()
            assert rows == listed[: len(rows)], "none is left out"
            assert len(rows) == len(listed) or device.store.floor is not None
            self.read_whole(device)
            assert device.store.resume == self.server.top
            assert device.crashed or len(device.announced) == len(set(device.announced))
            device.save()

    def read_whole(self, device: Device) -> None:
        listing = device.listing
        device.asked = None
        if listing.progress is Progress.LOADING:
            listing.close()
            device.show(listing.query, listing.order)
            listing = device.listing
        while (request := listing.request()) is not None:
            assert listing.took(request, self.server.page(request.query, request.before))
        assert listing.progress is Progress.WHOLE
        assert listing.in_order
        assert device.listed.rows == self.server.listed(listing.query, listing.order)

    def teardown(self) -> None:
        self.settle()


@pytest.fixture(scope="session")
def simulation() -> type[Simulation]:
    return Simulation
