"""What a log does, in the fewest words: the yardstick for all implementations."""

from collections.abc import Sequence

import msgspec

from salebell_protocol import MAX_REPLAY_EVENTS
from salebell_protocol.events import EventType, Position
from salebell_protocol.messages import Recovery
from salebell_protocol.sales import Sale
from salebell_server.log import Appended, Counted, Draft, Known, Reading, Record, Stale


class Event(msgspec.Struct, frozen=True):
    """An event as it must lie in the log."""

    draft: Draft
    offset: int
    previous: str
    created_before: int | None


class ModelStore:
    """One store's log. Keeps everything; `first` is what an implementation may have trimmed up to."""

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.events: list[Event] = []
        self.first = 1
        self.cursors: dict[str, int] = {}

    @property
    def top(self) -> int:
        return len(self.events)

    def position(self, offset: int) -> Position:
        return Position(self.epoch, offset, self.events[offset - 1].draft.event_id if offset else "")

    def record(self, sale_id: str) -> Record | None:
        mine = [event for event in self.events if event.draft.sale.id == sale_id]
        if not mine:
            return None
        status = next(event for event in reversed(mine) if event.draft.sets_status or event is mine[0])
        return Record(
            sale=mine[-1].draft.sale,
            version=len(mine),
            status_event_id=status.draft.event_id,
            status_offset=status.offset,
        )

    def known(self, event_id: str) -> Known | None:
        found = [event for event in self.events if event.draft.event_id == event_id]
        return Known(event_id, found[0].offset, found[0].draft.digest) if found else None

    def latest_created(self) -> dict[str, int]:
        """By sale, the offset of its last `SALE_CREATED`."""
        return {e.draft.sale.id: e.offset for e in self.events if e.draft.type is EventType.SALE_CREATED}

    def append(self, draft: Draft) -> Appended | Known | Stale:
        known = self.known(draft.event_id)
        if known is not None:
            return known
        record = self.record(draft.sale.id)
        if (record.version if record else 0) != draft.expected_version:
            return Stale()
        rings = draft.type is EventType.SALE_CREATED
        before = self.latest_created().get(draft.sale.id, 0) if rings else None
        self.events.append(Event(draft, self.top + 1, self.position(self.top).event_id, before))
        return Appended(self.top)

    def counted(self, admin: str) -> Counted:
        seen = self.cursors.get(admin, self.top)
        return Counted(sum(offset > seen for offset in self.latest_created().values()), seen, self.top)

    def open(self, admin: str, resume: Position | None) -> Reading:
        if admin not in self.cursors:
            self.cursors[admin] = self.top if resume is None or resume.epoch == self.epoch else 0
        counted = self.counted(admin)
        return Reading(
            position=self.position(self.top),
            unread=counted.count,
            seen=counted.seen,
            recovery=Recovery.FRESH if resume is None else self._recovery(resume),
        )

    def _recovery(self, resume: Position) -> Recovery:
        possible = range(max(self.first - 1, self.top - MAX_REPLAY_EVENTS), self.top + 1)
        same = resume.offset in possible and resume == self.position(resume.offset)
        return Recovery.COMPLETE if same else Recovery.RESET

    def see(self, admin: str, offset: int) -> Counted:
        self.cursors[admin] = max(offset, self.cursors.get(admin, 0))
        return self.counted(admin)

    def trim(self, keep: int) -> None:
        self.first = max(self.first, self.top - keep + 1)

    def sales(self) -> list[Sale]:
        """Newest first, then by id."""
        current = {event.draft.sale.id: event.draft.sale for event in self.events}
        return sorted(current.values(), key=lambda sale: (-sale.created_at.timestamp(), sale.id))


def badge(counted: Counted, events: Sequence[Event]) -> int:
    """What a client that has the reading `counted` shows after these events: the rule of the protocol."""
    return counted.count + sum(
        event.offset > max(counted.as_of, counted.seen) and event.created_before <= counted.seen
        for event in events
        if event.created_before is not None
    )
