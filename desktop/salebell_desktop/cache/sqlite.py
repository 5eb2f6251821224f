"""The cache in one SQLite file.

WAL with `synchronous=NORMAL`: a commit waits for no disk, and after a power cut the file is what it was some commits
ago (sqlite.org/wal.html, "Performance Considerations"). That repeats a notification at worst. Secrets are not in it,
but the shop's sales are: the file is readable by its user alone.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from salebell_desktop.cache import KEPT_SALES, CacheFailed, CacheKey
from salebell_desktop.store import Look, Reading, Snapshot, Unsaved
from salebell_desktop.store.shown import REMEMBERED
from salebell_protocol.events import Position
from salebell_protocol.sales import Sale

SCHEMA_VERSION = 1
_FILES = ("", "-wal", "-shm")
"""What the names of the database's files end in."""

_SCHEMA = """
CREATE TABLE stores (
    id INTEGER PRIMARY KEY,
    server TEXT NOT NULL,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    state BLOB NOT NULL,
    UNIQUE (server, uid, name)
);
CREATE TABLE sales (
    store INTEGER NOT NULL REFERENCES stores ON DELETE CASCADE,
    id TEXT NOT NULL,
    created_at REAL NOT NULL,
    sale BLOB NOT NULL,
    PRIMARY KEY (store, id)
) WITHOUT ROWID;
CREATE INDEX sales_by_creation ON sales (store, created_at);
CREATE TABLE shown (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    store INTEGER NOT NULL REFERENCES stores ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    UNIQUE (store, event_id)
);
CREATE INDEX shown_by_store ON shown (store, number);
"""


class _State(msgspec.Struct, frozen=True, kw_only=True):
    position: Position | None
    reading: Reading
    look: Look | None
    whole: bool


class SqliteCache:
    """A `Cache` in a file.

    It never keeps the program from starting: a file that is damaged, of a newer version or not to be read is set
    aside, and where no file can be written, the cache lasts as long as the program.

    Args:
        path: of the file; its directory exists.
        noticed: told once, in words for a log, when it had to do without the file that was there.
    """

    def __init__(self, path: Path, noticed: Callable[[str], None]) -> None:
        self._path = path
        self._noticed = noticed
        self._turn = threading.Lock()
        self._connection = self._open()

    def load(self, key: CacheKey) -> Mapping[str, Snapshot]:
        """See `Cache.load`."""
        with self._turn:
            return self._load(key)

    def save(self, key: CacheKey, changes: Mapping[str, Unsaved]) -> None:
        """See `Cache.save`."""
        with self._writing():
            for name, unsaved in changes.items():
                self._save_store(key, name, unsaved)

    def forget_store(self, key: CacheKey, store: str) -> None:
        """See `Cache.forget_store`."""
        with self._writing():
            self._connection.execute(
                "DELETE FROM stores WHERE server = ? AND uid = ? AND name = ?", (key.server, key.uid, store)
            )

    def forget(self, key: CacheKey) -> None:
        """See `Cache.forget`."""
        with self._writing():
            self._connection.execute("DELETE FROM stores WHERE server = ? AND uid = ?", (key.server, key.uid))
        # Deleted rows are overwritten in the file, but are still in the log beside it until that is cut off; and a file
        # that was set aside may have them as well.
        with self._turn, suppress(sqlite3.Error, OSError):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            for suffix in _FILES:
                self._broken(suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """See `Cache.close`."""
        with self._turn:
            self._connection.close()

    # Rows.

    def _load(self, key: CacheKey) -> Mapping[str, Snapshot]:
        snapshots: dict[str, Snapshot] = {}
        try:
            stores = self._connection.execute(
                "SELECT id, name, state FROM stores WHERE server = ? AND uid = ? ORDER BY id", (key.server, key.uid)
            ).fetchall()
            for store, name, state in stores:
                snapshots[name] = self._snapshot(store, msgspec.json.decode(state, type=_State))
        except (sqlite3.Error, msgspec.DecodeError, UnicodeError) as error:
            self._start_again(f"the cache cannot be read ({error})")
            return {}
        return snapshots

    def _snapshot(self, store: int, state: _State) -> Snapshot:
        sales = self._connection.execute("SELECT sale FROM sales WHERE store = ?", (store,))
        shown = self._connection.execute("SELECT event_id FROM shown WHERE store = ? ORDER BY number", (store,))
        return Snapshot(
            position=state.position,
            reading=state.reading,
            look=state.look,
            whole=state.whole,
            shown=tuple(event_id for (event_id,) in shown),
            sales=tuple(_sales.decode(sale) for (sale,) in sales),
        )

    def _save_store(self, key: CacheKey, name: str, unsaved: Unsaved) -> None:
        state = _State(position=unsaved.position, reading=unsaved.reading, look=unsaved.look, whole=unsaved.whole)
        ((store,),) = self._connection.execute(
            """
            INSERT INTO stores (server, uid, name, state) VALUES (?, ?, ?, ?)
            ON CONFLICT (server, uid, name) DO UPDATE SET state = excluded.state RETURNING id
            """,
            (key.server, key.uid, name, msgspec.json.encode(state)),
        ).fetchall()
        if unsaved.replaced:
            self._connection.execute("DELETE FROM sales WHERE store = ?", (store,))
        newest = sorted(unsaved.sales, key=lambda sale: sale.created_at)[-KEPT_SALES:]
        self._connection.executemany(
            "INSERT OR REPLACE INTO sales VALUES (?, ?, ?, ?)",
            [(store, sale.id, sale.created_at.timestamp(), msgspec.json.encode(sale)) for sale in newest],
        )
        self._connection.execute(
            """
            DELETE FROM sales WHERE store = ?1 AND id IN (
                SELECT id FROM sales WHERE store = ?1 ORDER BY created_at DESC, id LIMIT -1 OFFSET ?2
            )
            """,
            (store, KEPT_SALES),
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO shown (store, event_id) VALUES (?, ?)",
            [(store, event_id) for event_id in unsaved.shown],
        )
        self._connection.execute(
            """
            DELETE FROM shown WHERE store = ?1 AND number <= (
                SELECT number FROM shown WHERE store = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2
            )
            """,
            (store, REMEMBERED),
        )

    # The file.

    @contextmanager
    def _writing(self) -> Generator[None]:
        with self._turn:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.commit()
            except BaseException as error:
                with suppress(sqlite3.Error):
                    self._connection.rollback()
                if not isinstance(error, sqlite3.Error):
                    raise
                if not isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError):
                    self._start_again(f"the cache is damaged ({error})")
                raise CacheFailed(str(error)) from error

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(self._path)
        except (sqlite3.Error, _Foreign, OSError) as error:
            return self._without(f"the cache cannot be used ({error})")

    def _broken(self, suffix: str) -> Path:
        return self._path.with_name(f"{self._path.name}.broken{suffix}")

    def _start_again(self, reason: str) -> None:
        self._connection.close()
        self._connection = self._without(reason)

    def _without(self, reason: str) -> sqlite3.Connection:
        """A connection to an empty cache in place of the one that is there."""
        try:
            for suffix in _FILES:
                file = self._path.with_name(self._path.name + suffix)
                if file.exists():
                    file.replace(self._broken(suffix))
            connection = _connect(self._path)
        except (sqlite3.Error, _Foreign, OSError):
            self._noticed(f"{reason}; what it would remember is forgotten when the program ends")
            return _connect(None)
        self._noticed(f"{reason}; it was set aside as {self._path.name}.broken")
        return connection


class _Foreign(Exception):
    """A file of a newer version, or not of this program."""


def _connect(path: Path | None) -> sqlite3.Connection:
    """The cache in `path`, created if need be; in memory without one.

    Raises:
        sqlite3.Error, OSError: it cannot be opened, or is damaged.
        _Foreign: it is of another version.
    """
    if path is not None:
        # Created by us, so that its mode is right before there is anything in it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(
        ":memory:" if path is None else path, isolation_level=None, check_same_thread=False, timeout=2.0
    )
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    if version == 0:
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    elif version != SCHEMA_VERSION:
        raise _Foreign(f"it is of version {version}, not {SCHEMA_VERSION}")
    ((verdict,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


_sales = msgspec.json.Decoder(Sale)
