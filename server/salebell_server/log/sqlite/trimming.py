"""Retention: forgetting events and sales, a slice at a time, so that nobody waits long for the writer."""

import sqlite3

import msgspec

SLICE_ROWS = 250
"""Rows that one command forgets at the most (a sale with more events than that counts as one): a few milliseconds."""


class Slice(msgspec.Struct, frozen=True):
    """What one command has forgotten.

    Attributes:
        more: whether there may be more to forget.
        recount: whether a count may have changed.
    """

    more: bool
    recount: bool = False


def stores(connection: sqlite3.Connection) -> tuple[tuple[int, str], ...]:
    """Key and name of each store."""
    return tuple(connection.execute("SELECT id, name FROM stores ORDER BY id").fetchall())


def trim_events(connection: sqlite3.Connection, store: int, keep: int, before: int) -> Slice:
    """Forget the content of the oldest retained events; their ids live as long as their sales.

    Args:
        connection: the writer's.
        store: the store's key.
        keep: how many events to retain at the most.
        before: forget what was recorded earlier than this; up to the first event that was not, so that what is
            retained has no gap even where the clock was set back.
    """
    top, first = connection.execute("SELECT top, first FROM stores WHERE id = ?", (store,)).fetchone()
    retained = connection.execute(
        "SELECT offset, recorded FROM events WHERE store = ? AND offset >= ? ORDER BY offset LIMIT ?",
        (store, first, SLICE_ROWS),
    ).fetchall()
    floor = top - keep + 1
    trimmed = first
    for offset, recorded in retained:
        if offset >= floor and recorded >= before:
            break
        trimmed = offset + 1
    if trimmed == first:
        return Slice(more=False)
    connection.execute(
        "UPDATE events SET body = NULL WHERE store = ? AND offset >= ? AND offset < ?", (store, first, trimmed)
    )
    connection.execute("UPDATE stores SET first = ? WHERE id = ?", (trimmed, store))
    return Slice(more=trimmed - first == SLICE_ROWS)


def trim_sales(connection: sqlite3.Connection, store: int, before: int) -> Slice:
    """Forget sales whose last event was recorded earlier than `before`, with their event ids.

    A sale outlives its events: as long as one is retained, its sale is, too. So a retained event's id stays unique,
    and what a replay brings can be looked at.
    """
    seen = connection.execute("SELECT min(seen) FROM cursors WHERE store = ?", (store,)).fetchone()[0]
    old = connection.execute(
        """
        SELECT a.id, a.latest_created FROM sales a JOIN stores s ON s.id = a.store
        WHERE a.store = ? AND a.touched < ? AND a.last_offset < s.first ORDER BY a.touched LIMIT ?
        """,
        (store, before, SLICE_ROWS),
    ).fetchall()
    rows = 0
    recount = False
    for sale, latest_created in old:
        if rows >= SLICE_ROWS:
            return Slice(more=True, recount=recount)
        rows += connection.execute("DELETE FROM events WHERE sale = ?", (sale,)).rowcount
        rows += connection.execute("DELETE FROM sales WHERE id = ?", (sale,)).rowcount
        recount = recount or (seen is not None and latest_created > seen)
    return Slice(more=False, recount=recount)  # a full page of sales has more rows than a slice, and ends above
