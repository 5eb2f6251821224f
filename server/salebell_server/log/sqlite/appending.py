"""Commands that change a store: appending an event, moving a cursor."""

import sqlite3
from collections.abc import Callable
from datetime import datetime

import msgspec

from salebell_protocol import codec
from salebell_protocol.events import Event, EventType
from salebell_protocol.search import folded_text
from salebell_server.log import Appended, Counted, Draft, Entry, Known, PositionAhead, Stale
from salebell_server.log.instants import to_micros
from salebell_server.log.sqlite.heads import begin, cursor_of, head_of, set_cursor, unread_above


class Prepared(msgspec.Struct, frozen=True):
    """A draft with all that can be worked out before the writer's turn: its thread is the one that all wait for."""

    draft: Draft
    recorded: int
    created_at: int
    folded: str
    sale: bytes
    event: bytes


class Placed(msgspec.Struct, frozen=True):
    """An event that was appended, for publication."""

    store: str
    epoch: str
    entry: Entry

    @property
    def answer(self) -> Appended:
        """What the caller of `append` gets."""
        return Appended(self.entry.offset)


class Moved(msgspec.Struct, frozen=True):
    """An admin has looked; for publication."""

    store: str
    admin: str
    counted: Counted


def prepare(draft: Draft, now: datetime) -> Prepared:
    """Encode what `append` will store."""
    event = Event(id=draft.event_id, type=draft.type, store=draft.store, occurred_at=draft.occurred_at, sale=draft.sale)
    return Prepared(
        draft=draft,
        recorded=to_micros(now),
        created_at=to_micros(draft.sale.created_at),
        folded=folded_text(draft.sale),
        sale=codec.encode(draft.sale),
        event=codec.encode(event),
    )


LOOK = """
SELECT s.id, s.epoch, s.top, s.last_event, e.offset, e.digest, a.id, a.version, a.latest_created
FROM stores s
LEFT JOIN events e ON e.store = s.id AND e.event_id = ?
LEFT JOIN sales a ON a.store = s.id AND a.sale_id = ?
WHERE s.name = ?
"""
_CREATE_SALE = """
INSERT INTO sales (store, sale_id, version, last_offset, latest_created, touched, status_event, status_offset,
    status, created_at, currency, total, channel, folded, body)
VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_CHANGE_SALE = """
UPDATE sales SET version = version + 1, last_offset = ?, latest_created = ?, touched = ?,
    status_event = coalesce(?, status_event), status_offset = coalesce(?, status_offset),
    status = ?, created_at = ?, currency = ?, total = ?, channel = ?, folded = ?, body = ?
WHERE id = ?
"""
_CREATE_EVENT = """
INSERT INTO events (store, offset, event_id, sale, recorded, digest, previous, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_RAISE_TOP = "UPDATE stores SET top = ?, last_event = ? WHERE id = ?"


def append(connection: sqlite3.Connection, new: Prepared, new_epoch: Callable[[], str]) -> Placed | Known | Stale:
    """Give the event its place, or say why it gets none. Five statements: this is what throughput hangs on."""
    draft = new.draft
    look = (draft.event_id, draft.sale.id, draft.store)
    row = connection.execute(LOOK, look).fetchone()
    if row is None:
        begin(connection, draft.store, new_epoch)
        row = connection.execute(LOOK, look).fetchone()
    store, epoch, top, previous, known, digest, sale, version, created_before = row
    if known is not None:
        return Known(draft.event_id, known, digest)
    if (version or 0) != draft.expected_version:
        return Stale()
    offset = top + 1
    created_before = created_before or 0
    rings = draft.type is EventType.SALE_CREATED
    body = codec.confirmed(new.event, offset, previous, created_before if rings else None)
    latest_created = offset if rings else created_before
    sale = _keep_sale(connection, new, store, sale, offset, latest_created)
    event = (store, offset, draft.event_id, sale, new.recorded, draft.digest, previous, body)
    connection.execute(_CREATE_EVENT, event)
    connection.execute(_RAISE_TOP, (offset, draft.event_id, store))
    return Placed(draft.store, epoch, Entry(offset, draft.event_id, previous, body))


def _keep_sale(
    connection: sqlite3.Connection, new: Prepared, store: int, key: int | None, offset: int, latest_created: int
) -> int:
    """Write the sale as the event leaves it; returns its key."""
    draft, sale = new.draft, new.draft.sale
    state = (sale.status, new.created_at, sale.currency, sale.total, sale.channel, new.folded, new.sale)
    if key is None:
        places = (store, sale.id, offset, latest_created, new.recorded, draft.event_id, offset)
        return connection.execute(_CREATE_SALE, places + state).lastrowid or 0
    status = (draft.event_id, offset) if draft.sets_status else (None, None)
    connection.execute(_CHANGE_SALE, (offset, latest_created, new.recorded, *status, *state, key))
    return key


def see(connection: sqlite3.Connection, store: str, admin: str, epoch: str, offset: int) -> Moved | None:
    """Move the admin's cursor forward, and count from it; None for another epoch.

    Raises:
        PositionAhead: `offset` lies beyond the top.
    """
    head = head_of(connection, store)
    if head is None or head.epoch != epoch:
        return None
    if offset > head.top:
        raise PositionAhead(f"offset {offset} lies beyond the top, {head.top}")
    seen = cursor_of(connection, head, admin)
    if seen is None or offset > seen:
        seen = offset
        set_cursor(connection, head, admin, seen)
    return Moved(store, admin, Counted(unread_above(connection, head, seen), seen, head.top))
