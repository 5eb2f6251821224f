"""The head of a store's log: what every command and query starts from."""

import sqlite3
from collections.abc import Callable

import msgspec

from salebell_protocol.events import Position


class Head(msgspec.Struct, frozen=True):
    """One row of `stores`, without the name.

    Attributes:
        key: the row's key, which the other tables refer to.
        top: the offset of the last event, 0 before the first.
        last_event: the id of the last event, or "".
        first: the lowest retained offset; `top` + 1 when no event is retained.
    """

    key: int
    epoch: str
    top: int
    last_event: str
    first: int

    @property
    def position(self) -> Position:
        """The top of the log."""
        return Position(self.epoch, self.top, self.last_event)


def head_of(connection: sqlite3.Connection, store: str) -> Head | None:
    """The head, or None for a store that was never heard of."""
    row = connection.execute("SELECT id, epoch, top, last_event, first FROM stores WHERE name = ?", (store,)).fetchone()
    return None if row is None else Head(*row)


def begin(connection: sqlite3.Connection, store: str, new_epoch: Callable[[], str]) -> Head:
    """The head of a store; a store that was never heard of begins here, with an epoch of its own."""
    found = head_of(connection, store)
    if found is not None:
        return found
    epoch = new_epoch()
    key = connection.execute("INSERT INTO stores (name, epoch) VALUES (?, ?)", (store, epoch)).lastrowid or 0
    return Head(key, epoch, 0, "", 1)


def cursor_of(connection: sqlite3.Connection, head: Head, admin: str) -> int | None:
    """Up to where the admin has looked, or None."""
    row = connection.execute("SELECT seen FROM cursors WHERE store = ? AND admin = ?", (head.key, admin)).fetchone()
    return None if row is None else row[0]


def set_cursor(connection: sqlite3.Connection, head: Head, admin: str, seen: int) -> None:
    """Put the admin's cursor at `seen`."""
    row = (head.key, admin, seen)
    connection.execute("INSERT OR REPLACE INTO cursors (store, admin, seen) VALUES (?, ?, ?)", row)


def unread_above(connection: sqlite3.Connection, head: Head, seen: int) -> int:
    """How many sales have their latest `SALE_CREATED` above `seen`; an index alone answers it."""
    count: int = connection.execute(
        "SELECT count(*) FROM sales WHERE store = ? AND latest_created > ?", (head.key, seen)
    ).fetchone()[0]
    return count
