"""Queries about sales: pages, single ones, their history, figures for statistics."""

import sqlite3
from datetime import datetime

import msgspec

from salebell_protocol.events import Event
from salebell_protocol.sales import Sale, SaleStatus
from salebell_protocol.search import words_of
from salebell_server.log import Counted, Figure, Known, Listing, Lookup, Record, SalesQuery, page_marks
from salebell_server.log.instants import from_micros, to_micros
from salebell_server.log.page_marks import PageMark
from salebell_server.log.sqlite.heads import cursor_of, head_of, unread_above

_sales = msgspec.json.Decoder(Sale)
_events = msgspec.json.Decoder(Event)

_RECORD = "SELECT body, version, status_event, status_offset FROM sales WHERE store = ? AND sale_id = ?"


def lookup(connection: sqlite3.Connection, store: str, sale_id: str, event_id: str | None) -> Lookup:
    """What is known of an event id and a sale."""
    head = head_of(connection, store)
    if head is None:
        return Lookup(None, None)
    known = None
    if event_id is not None:
        known = connection.execute(
            "SELECT event_id, offset, digest FROM events WHERE store = ? AND event_id = ?", (head.key, event_id)
        ).fetchone()
    row = connection.execute(_RECORD, (head.key, sale_id)).fetchone()
    record = None
    if row is not None:
        body, version, status_event, status_offset = row
        record = Record(
            sale=_sales.decode(body), version=version, status_event_id=status_event, status_offset=status_offset
        )
    return Lookup(None if known is None else Known(*known), record)


def sale(connection: sqlite3.Connection, store: str, sale_id: str) -> Sale | None:
    """One sale."""
    row = connection.execute(
        "SELECT a.body FROM sales a JOIN stores s ON s.id = a.store WHERE s.name = ? AND a.sale_id = ?",
        (store, sale_id),
    ).fetchone()
    return None if row is None else _sales.decode(row[0])


def history(connection: sqlite3.Connection, store: str, sale_id: str) -> tuple[Event, ...]:
    """The retained events of one sale."""
    rows = connection.execute(
        """
        SELECT e.body FROM stores s
        JOIN sales a ON a.store = s.id AND a.sale_id = ?
        JOIN events e ON e.sale = a.id
        WHERE s.name = ? AND e.body IS NOT NULL ORDER BY e.offset
        """,
        (sale_id, store),
    )
    return tuple(_events.decode(body) for (body,) in rows)


def figures(connection: sqlite3.Connection, store: str, since: datetime) -> tuple[Figure, ...]:
    """What statistics need."""
    rows = connection.execute(
        """
        SELECT a.created_at, a.status, a.currency, a.total FROM sales a JOIN stores s ON s.id = a.store
        WHERE s.name = ? AND a.created_at >= ? ORDER BY a.created_at
        """,
        (store, to_micros(since)),
    )
    return tuple(Figure(from_micros(at), SaleStatus(status), currency, total) for at, status, currency, total in rows)


def unread(connection: sqlite3.Connection, store: str, admin: str) -> Counted:
    """The count from the admin's cursor; without one nothing is unread."""
    head = head_of(connection, store)
    if head is None:
        return Counted(0, 0, 0)
    seen = cursor_of(connection, head, admin)
    if seen is None:
        return Counted(0, head.top, head.top)
    return Counted(unread_above(connection, head, seen), seen, head.top)


def page(connection: sqlite3.Connection, query: SalesQuery, admin: str) -> Listing | None:
    """A page, with count and position of the same snapshot; None for a store that was never heard of.

    Raises:
        BadPageMark: `query.before` is not one of ours.
    """
    below = None if query.before is None else page_marks.read(query.before)
    head = head_of(connection, query.store)
    if head is None:
        return None
    conditions, parameters = _conditions(query, below)
    rows = connection.execute(
        f"""
        SELECT body, created_at, sale_id FROM sales WHERE store = ? {conditions}
        ORDER BY created_at DESC, sale_id LIMIT ?
        """,  # noqa: S608 - the conditions are written below, with their values as parameters
        (head.key, *parameters, query.limit + 1),
    ).fetchall()
    shown = rows[: query.limit]
    return Listing(
        sales=tuple(_sales.decode(body) for body, _, _ in shown),
        next_before=page_marks.write(PageMark(shown[-1][1], shown[-1][2])) if len(rows) > query.limit else None,
        unread=unread(connection, query.store, admin).count,
        position=head.position,
    )


def _conditions(query: SalesQuery, below: PageMark | None) -> tuple[str, list[int | str]]:
    """The filters of a query as SQL, and their values."""
    chosen: list[tuple[str, tuple[int | str, ...]]] = []
    if below is not None:
        at, sale_id = below
        chosen.append(("created_at <= ? AND (created_at < ? OR sale_id > ?)", (at, at, sale_id)))
    if query.since is not None:
        chosen.append(("created_at >= ?", (to_micros(query.since),)))
    if query.until is not None:
        chosen.append(("created_at < ?", (to_micros(query.until),)))
    if query.status is not None:
        chosen.append(("status = ?", (query.status,)))
    if query.channel is not None:
        chosen.append(("channel = ?", (query.channel,)))
    chosen += [("instr(folded, ?) > 0", (word,)) for word in words_of(query.q or "")]
    return "".join(f" AND {sql}" for sql, _ in chosen), [value for _, values in chosen for value in values]
