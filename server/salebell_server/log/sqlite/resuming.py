"""What a socket starts from: the position, the count and the recovery, read in one transaction."""

import sqlite3
from collections.abc import Callable

from salebell_protocol import MAX_REPLAY_EVENTS
from salebell_protocol.events import Position
from salebell_protocol.messages import Recovery
from salebell_server.log import Entry, LogDiverged, Reading
from salebell_server.log.sqlite.heads import Head, begin, cursor_of, head_of, set_cursor, unread_above


def reading(connection: sqlite3.Connection, store: str, admin: str, resume: Position | None) -> Reading | None:
    """The reading, or None as long as the store or the admin's cursor is not there: `first_reading` makes them."""
    head = head_of(connection, store)
    seen = None if head is None else cursor_of(connection, head, admin)
    return None if head is None or seen is None else _reading(connection, head, seen, resume)


def first_reading(
    connection: sqlite3.Connection, store: str, admin: str, resume: Position | None, new_epoch: Callable[[], str]
) -> Reading:
    """The reading; a cursor that is not there is put at the top, or at 0 if `resume` names another epoch."""
    head = begin(connection, store, new_epoch)
    seen = cursor_of(connection, head, admin)
    if seen is None:
        seen = head.top if resume is None or resume.epoch == head.epoch else 0
        set_cursor(connection, head, admin, seen)
    return _reading(connection, head, seen, resume)


def entries(connection: sqlite3.Connection, store: str, epoch: str, after: int, limit: int) -> tuple[Entry, ...]:
    """The events after an offset, in order.

    Raises:
        LogDiverged: another epoch, beyond the top, or trimmed.
    """
    head = head_of(connection, store)
    if head is None or head.epoch != epoch:
        raise LogDiverged(f"the log of {store} has another epoch")
    if not head.first <= after + 1 <= head.top + 1:
        raise LogDiverged(f"the log of {store} retains {head.first} to {head.top}, not what follows {after}")
    rows = connection.execute(
        "SELECT offset, event_id, previous, body FROM events WHERE store = ? AND offset > ? ORDER BY offset LIMIT ?",
        (head.key, after, limit),
    )
    return tuple(Entry(*row) for row in rows)


def _reading(connection: sqlite3.Connection, head: Head, seen: int, resume: Position | None) -> Reading:
    return Reading(
        position=head.position,
        unread=unread_above(connection, head, seen),
        seen=seen,
        recovery=_recovery(connection, head, resume),
    )


def _recovery(connection: sqlite3.Connection, head: Head, resume: Position | None) -> Recovery:
    if resume is None:
        return Recovery.FRESH
    missed = head.top - resume.offset
    if resume.epoch != head.epoch or not 0 <= missed <= MAX_REPLAY_EVENTS:
        return Recovery.RESET
    same = resume.event_id == _id_at(connection, head, resume.offset)
    return Recovery.COMPLETE if same else Recovery.RESET


def _id_at(connection: sqlite3.Connection, head: Head, offset: int) -> str | None:
    """The id of the event at `offset`, if all events after it are retained. The event itself may be trimmed."""
    if offset == head.top:
        return head.last_event
    if offset + 1 < head.first:
        return None
    row = connection.execute(
        "SELECT previous FROM events WHERE store = ? AND offset = ?", (head.key, offset + 1)
    ).fetchone()
    return None if row is None else row[0]
