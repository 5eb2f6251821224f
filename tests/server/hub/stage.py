"""A log, a bus and an outbox whose timing the test decides, and connections that remember what they were sent."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from enum import Enum, auto
from typing import Any, NamedTuple, TypeVar

import msgspec

from salebell_protocol.codec import decode_server
from salebell_protocol.events import Event, Position
from salebell_protocol.messages import Recovery, ServerMessage, Unread
from salebell_protocol.sales import Sale
from salebell_server.auth import Verdict
from salebell_server.bus import Subscriber
from salebell_server.hub.channel import Channel
from salebell_server.hub.hub import Hub
from salebell_server.hub.member import Member, Stage
from salebell_server.hub.pending import Waiting
from salebell_server.log import (
    Appended,
    Counted,
    Draft,
    Entry,
    Figure,
    Known,
    Listing,
    LogDiverged,
    LogUnavailable,
    Lookup,
    Reading,
    Retention,
    SaleLog,
    SalesQuery,
    Stale,
)

T = TypeVar("T")
STORE = "main"


class Read:
    """A question to the log: it is looked up at one moment, and answered at a later one."""

    def __init__(self, kind: str, look: Callable[[], Any]) -> None:
        self.kind = kind
        self._look = look
        self._result: Any = None
        self.looked = False
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def look(self) -> None:
        if not self.looked:
            self.looked = True
            try:
                self._result = self._look()
            except LogDiverged as error:
                self._result = error

    def answer(self) -> None:
        self.look()
        if self.future.done():
            return
        if isinstance(self._result, Exception):
            self.future.set_exception(self._result)
        else:
            self.future.set_result(self._result)

    def fail(self) -> None:
        if not self.future.done():
            self.future.set_exception(LogUnavailable("switched off"))


class UnaskedLog(SaleLog):
    """What a hub never asks of a log."""

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        raise NotImplementedError

    async def lookup(self, store: str, sale_id: str, event_id: str | None) -> Lookup:
        raise NotImplementedError

    async def see(self, store: str, admin: str, epoch: str, offset: int) -> None:
        raise NotImplementedError

    async def sales(self, query: SalesQuery, admin: str) -> Listing:
        raise NotImplementedError

    async def sale(self, store: str, sale_id: str) -> Sale | None:
        raise NotImplementedError

    async def history(self, store: str, sale_id: str) -> tuple[Event, ...]:
        raise NotImplementedError

    async def figures(self, store: str, since: datetime) -> tuple[Figure, ...]:
        raise NotImplementedError

    async def stores(self) -> tuple[str, ...]:
        raise NotImplementedError

    async def trim(self, retention: Retention, now: datetime) -> None:
        raise NotImplementedError

    async def check(self) -> None:
        raise NotImplementedError


class StagedLog(UnaskedLog):
    """One store's log in memory. Its reads wait in `reads` until the test answers them, unless `prompt`.

    While it is `away` every new read fails at once.
    """

    def __init__(self, *, prompt: bool = False) -> None:
        self.prompt = prompt
        self.away = False
        self.epoch = "epoch-1"
        self.events: list[Entry] = []
        self.trimmed = 0
        self.generation = 1
        self.reads: list[Read] = []
        self.counts: dict[str, Counted] = {}
        self.asked: list[str] = []

    @property
    def top(self) -> Position:
        last = self.events[-1] if self.events else None
        return Position(self.epoch, len(self.events), last.event_id if last else "")

    def add(self, count: int = 1, size: int = 0) -> tuple[Entry, ...]:
        """Make events durable. Their bytes are a valid Event, `size` bytes longer than need be."""
        return tuple(self.put(f"g{self.generation}:{len(self.events) + 1}", size) for _ in range(count))

    def put(self, event_id: str, size: int = 0) -> Entry:
        """Make an event durable."""
        offset = len(self.events) + 1
        previous = self.events[-1].event_id if self.events else ""
        entry = Entry(offset, event_id, previous, event_json(offset, event_id, previous, size))
        self.events.append(entry)
        return entry

    def replace(self, keep: int, *, new_epoch: bool) -> None:
        """Another log takes its place, with the first `keep` events."""
        self.generation += 1
        del self.events[keep:]
        if new_epoch:
            self.epoch = f"epoch-{self.generation}"

    async def position(self, store: str) -> Position:
        return await self._read("position", lambda: self.top)

    async def open(self, store: str, admin: str, resume: Position | None) -> Reading:
        return await self._read("open", lambda: self._reading(resume))

    async def entries(self, store: str, epoch: str, after: int, limit: int) -> tuple[Entry, ...]:
        return await self._read("entries", lambda: self._page(epoch, after, limit))

    async def unread(self, store: str, admin: str) -> Counted:
        return await self._read("unread", lambda: self.counts.get(admin, Counted(0, 0, 0)))

    def _reading(self, resume: Position | None) -> Reading:
        recovery = Recovery.FRESH
        if resume is not None:
            known = resume.offset <= len(self.events) and resume.epoch == self.epoch
            same = known and (resume.offset == 0 or self.events[resume.offset - 1].event_id == resume.event_id)
            recovery = Recovery.COMPLETE if same and resume.offset >= self.trimmed else Recovery.RESET
        return Reading(position=self.top, unread=0, seen=0, recovery=recovery)

    def _page(self, epoch: str, after: int, limit: int) -> tuple[Entry, ...]:
        if epoch != self.epoch or after < self.trimmed:
            raise LogDiverged(STORE)
        return tuple(self.events[after : after + limit])

    async def _read(self, kind: str, look: Callable[[], T]) -> T:
        self.asked.append(kind)
        if self.away:
            raise LogUnavailable("away")
        read = Read(kind, look)
        if self.prompt:
            read.answer()
        else:
            self.reads.append(read)
        result: T = await read.future
        return result


class StagedPending:
    """What waits for the log. Its reads wait in `reads` until the test answers them, unless `prompt`."""

    def __init__(self, *, prompt: bool = False) -> None:
        self.prompt = prompt
        self.kept: list[Waiting] = []
        self.reads: list[Read] = []
        self.asked = 0
        self._number = 0

    def keep(self, count: int = 1, size: int = 0) -> tuple[Waiting, ...]:
        """Let events come to wait. Other stores have every second number."""
        made: list[Waiting] = []
        for _ in range(count):
            self._number += 2
            event_id = f"w:{self._number}"
            made.append(Waiting(self._number, event_id, event_json(None, event_id, "", size)))
        self.kept += made
        return tuple(made)

    def drain(self, log: StagedLog) -> tuple[Entry, ...]:
        """Tell the log everything that waits."""
        told = tuple(log.put(waiting.event_id) for waiting in self.kept)
        self.kept.clear()
        return told

    async def waiting(self, store: str, after: int, limit: int) -> tuple[Waiting, ...]:
        assert store == STORE
        self.asked += 1
        read = Read("waiting", lambda: tuple(each for each in self.kept if each.number > after)[:limit])
        if self.prompt:
            await asyncio.sleep(0)
            read.answer()
        else:
            self.reads.append(read)
        result: tuple[Waiting, ...] = await read.future
        return result


class StagedBus:
    """Keeps what it is told until the test brings it. Subscribes nobody while it is `away`."""

    def __init__(self) -> None:
        self.away = False
        self.subscribers: list[Subscriber] = []
        self.subscribed = 0

    async def subscribe(self, store: str, subscriber: Subscriber) -> None:
        if self.away:
            raise LogUnavailable("away")
        self.subscribed += 1
        self.subscribers.append(subscriber)

    async def unsubscribe(self, store: str, subscriber: Subscriber) -> None:
        if subscriber in self.subscribers:
            self.subscribers.remove(subscriber)

    def bring(self, epoch: str, entries: tuple[Entry, ...]) -> None:
        for subscriber in tuple(self.subscribers):
            subscriber.published(STORE, epoch, entries)

    def count(self, admin: str, counted: Counted) -> None:
        for subscriber in tuple(self.subscribers):
            subscriber.counted(STORE, admin, counted)

    def recount(self) -> None:
        for subscriber in tuple(self.subscribers):
            subscriber.recount(STORE)

    def miss(self) -> None:
        for subscriber in tuple(self.subscribers):
            subscriber.missed(STORE)


class Phase(Enum):
    """Where a client stands, as the gateway's sessions do."""

    OPENING = auto()
    OPEN = auto()
    RENEWING = auto()
    DEFERRED = auto()
    REOPENING = auto()


class Started(NamedTuple):
    """An `auth_success` with a position: the client has its events up to `start`."""

    recovery: Recovery
    start: Position


class WasDeferred(NamedTuple):
    """An `auth_success` without."""


class Client:
    """A connection as the hub sees it, on a transport that the test can stall."""

    def __init__(self, uid: str = "u1", *, quiet_room: int = 600, live_room: int = 6000) -> None:
        self.uid = uid
        self.place: tuple[Channel, Member] | None = None
        self.received = b""
        self.writes: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.failed = False
        self.overrun = False
        self.story: list[Started | WasDeferred | bytes] = []
        self.phase = Phase.OPENING
        self.asks: set[asyncio.Task[None]] = set()
        self._epoch = ""
        self._resume: Position | None = None
        self._waiting = 0
        self._stalled = False
        self._choked = False
        self._room = self._quiet_room = quiet_room
        self._live_room = live_room

    # As the gateway and its sessions do it.

    async def open(self, hub: Hub, log: SaleLog, resume: Position | None = None) -> None:
        self.place = hub.join(self, STORE, self.uid)
        self._hub, self._log, self._resume = hub, log, resume
        await self._ask()

    async def _ask(self) -> None:
        assert self.place is not None
        channel, member = self.place
        try:
            await channel.opened()
            reading = await self._log.open(STORE, self.uid, self._resume)
        except LogUnavailable:
            self._not_read()
            return
        complete = self._resume is not None and reading.recovery is Recovery.COMPLETE
        start = self._resume if self._resume is not None and complete else reading.position
        self.phase, self._epoch, self._resume = Phase.OPEN, reading.position.epoch, None
        self.story.append(Started(reading.recovery, start))
        channel.attach(member, reading.position, start)

    def _not_read(self) -> None:
        assert self.place is not None
        channel, member = self.place
        if not self._hub.defers:
            self.failed = True
            self.close(1012, "log failed")
            return
        channel.suspend(member)
        if self.phase is Phase.RENEWING:
            self._resume = Position(self._epoch, member.behind, member.behind_id)
        if self.phase is not Phase.REOPENING:
            self.story.append(WasDeferred())
        self.phase = Phase.DEFERRED
        channel.postpone(member)

    async def _reopen(self) -> None:
        assert self.place is not None
        async with self._hub.reopenings:
            self.place[0].reopen(self.place[1])
            await self._ask()

    async def _reread(self) -> None:
        assert self.place is not None
        channel, member = self.place
        try:
            reading = await self._log.open(STORE, self.uid, None)
        except LogUnavailable:
            self._not_read()
            return
        if member.stage is Stage.AWAY:
            self._not_read()
        elif channel.compare(reading.position):
            self.phase = Phase.OPEN

    def renew(self) -> None:
        if self.phase is Phase.OPEN:
            self.phase = Phase.RENEWING
            self._pursue(self._reread())

    def _pursue(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.asks.add(task)

    def disconnect(self) -> None:
        self.close(1000, "")

    # The outlet.

    def write(self, frames: bytes) -> None:
        assert self.closed is None, "written after the close"
        # A count may come at any time; events wait until there is room.
        self.overrun = self.overrun or (self._choked and b'"type":"event"' in frames)
        self.writes.append(frames)
        self.story.append(frames)
        self.received += frames
        if self._stalled:
            self._waiting += len(frames)
            self._check_room()

    def live(self) -> Callable[[bytes], None]:
        assert not self._choked
        self._room = self._live_room
        return self.write

    def paced(self) -> None:
        self._room = self._quiet_room
        self._check_room()

    def deferred(self, offset: int, event_id: str) -> None:
        if self.phase is Phase.OPEN and self.place is not None:
            self.phase = Phase.DEFERRED
            self._resume = Position(self._epoch, offset, event_id)
            self.story.append(WasDeferred())
            self.place[0].postpone(self.place[1])

    def restored(self) -> None:
        if self.phase is Phase.DEFERRED:
            self.phase = Phase.REOPENING
            self._pursue(self._reopen())

    def close(self, code: int, reason: str) -> None:
        if self.closed is None:
            self.closed = code, reason
            if self.place:
                self.place[0].leave(self.place[1])
            for task in self.asks:
                task.cancel()

    def judged(self, verdict: Verdict) -> None:
        raise AssertionError("nobody is judged here")

    # The transport.

    def stall(self) -> None:
        self._stalled = True

    def flow(self) -> None:
        self._stalled, self._waiting = False, 0
        if self._choked:
            self._choked = False
            if self.place:
                self.place[1].drain()

    def _check_room(self) -> None:
        if self._waiting > self._room and not self._choked and self.place:
            self._choked = True
            self.place[0].choke(self.place[1])

    # What the test looks at.

    @property
    def stage(self) -> Stage:
        assert self.place is not None
        return self.place[1].stage

    @property
    def delivered(self) -> int:
        assert self.place is not None
        return self.place[0].delivered(self.place[1])

    @property
    def start(self) -> Position:
        """What it started from, first."""
        return next((each.start for each in self.story if isinstance(each, Started)), Position("none", 0, ""))

    def told(self) -> "Told":
        """What its client knows by what it was sent; every message must follow from those before."""
        told = Told()
        for each in self.story:
            match each:
                case Started():
                    told.started(each)
                case WasDeferred():
                    told.deferred()
                case bytes():
                    for payload in payloads(each):
                        message = msgspec.json.decode(payload)
                        if message["type"] == "event":
                            told.event(message["event"])
        return told

    def messages(self) -> list[ServerMessage]:
        return [decode_server(payload) for payload in payloads(self.received)]

    def events(self) -> list[str]:
        """The ids of the events that it was sent."""
        found: list[str] = []
        for payload in payloads(self.received):
            message: dict[str, Any] = msgspec.json.decode(payload)
            if message["type"] == "event":
                found.append(message["event"]["id"])
        return found

    def counts(self) -> list[Unread]:
        return [message for message in self.messages() if isinstance(message, Unread)]


class Told:
    """A client: its position, and what it was shown."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.away = False
        self.provisional: list[int] = []
        """The numbers of the waiting events that it was shown since the log went away."""

    def started(self, started: Started) -> None:
        if started.recovery is Recovery.COMPLETE and self.position is not None:
            assert started.start == self.position, "brought on from elsewhere than where it was"
        self.position = started.start
        self.away = False
        self.provisional.clear()

    def deferred(self) -> None:
        assert not self.away, "told twice"
        self.away = True

    def event(self, event: dict[str, Any]) -> None:
        if "offset" not in event:
            number = int(event["id"].removeprefix("w:"))
            assert self.away, "provisional, and the log is there"
            assert number > max(self.provisional, default=0), "provisional twice, or out of order"
            self.provisional.append(number)
            return
        assert not self.away, "of a log that is away"
        assert self.position is not None
        assert event["offset"] == self.position.offset + 1, "a gap, or twice"
        assert event["previous"] == self.position.event_id, "of another log"
        self.position = Position(self.position.epoch, event["offset"], event["id"])


def payloads(received: bytes) -> list[bytes]:
    """The payloads of a server's text frames."""
    found: list[bytes] = []
    at = 0
    while at < len(received):
        assert received[at] == 0x81
        length, at = received[at + 1], at + 2
        if length == 126:
            length, at = int.from_bytes(received[at : at + 2], "big"), at + 2
        elif length == 127:
            length, at = int.from_bytes(received[at : at + 8], "big"), at + 8
        found.append(received[at : at + length])
        at += length
    return found


def event_json(offset: int | None, event_id: str, previous: str, size: int) -> bytes:
    """The JSON of an Event; of a provisional one when it has no offset."""
    event: dict[str, Any] = {
        "id": event_id, "type": "SALE_CREATED", "store": STORE, "occurred_at": "2026-01-01T00:00:00Z",
        "sale": {
            "id": event_id, "number": "x" * min(size, 100), "status": "approved", "total": "1", "currency": "ARS",
            "channel": "admin", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "items": [{"name": "y" * 500, "quantity": 1, "unit_price": "1"}] * (size // 500),
        },
    }  # fmt: skip
    if offset is not None:
        event |= {"offset": offset, "previous": previous, "created_before": 0}
    return msgspec.json.encode(event)


async def opened(hub: Hub, log: StagedLog, uid: str = "u1", resume: Position | None = None, room: int = 600) -> Client:
    """A client that has joined the store."""
    client = Client(uid, quiet_room=room)
    await client.open(hub, log, resume)
    return client


def at(log: StagedLog, offset: int) -> Position:
    """The position at an offset of the log."""
    return Position(log.epoch, offset, log.events[offset - 1].event_id if offset else "")


async def settle() -> None:
    """Let everything happen that needs nobody else."""
    for _ in range(12):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    """Let things happen until `condition` holds; fail when it never does."""
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")
