"""A log, a bus and an outbox whose timing the test decides."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from salebell_protocol.events import Event, Position
from salebell_protocol.messages import Recovery
from salebell_protocol.sales import Sale
from salebell_server.bus import Subscriber
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
