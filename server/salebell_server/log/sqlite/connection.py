"""How a connection is set up, and how an existing file is judged before anything touches it."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from salebell_server.log.sqlite.errors import DatabaseRefused, is_damage, unusable, words
from salebell_server.log.sqlite.schema import APPLICATION_ID, version_of

BUSY_MILLISECONDS = 5_000
"""How long to wait for another process (a command-line tool beside the server) to finish its transaction."""

CHECKPOINT_PAGES = 4_000
"""16 MiB: small enough to copy within tens of milliseconds, large enough that hot pages are copied once for many."""

_WAL_LIMIT_BYTES = 64 * 1024 * 1024
_CACHE_KIB = 16 * 1024
_HEADER_BYTES = 100
_THOROUGH_BYTES = 64 * 1024 * 1024
"""A file up to this size is checked page by page when a server starts, which takes tenths of a second; a larger one
only when `doctor` asks for it. Header and tables are always looked at."""

_PRAGMAS = (
    "synchronous = FULL",
    "fullfsync = ON",  # macOS: fsync alone does not reach the disk
    "checkpoint_fullfsync = ON",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "temp_store = MEMORY",  # savepoints keep what they may undo in memory: a quarter less time for an append
    f"cache_size = -{_CACHE_KIB}",
    f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    f"journal_size_limit = {_WAL_LIMIT_BYTES}",
)


def connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """A connection without implicit transactions, that any one thread at a time may use.

    Args:
        path: the database file.
        mode: `rw`, or `ro`, which changes nothing (sqlite.org/uri.html).
    """
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        timeout=BUSY_MILLISECONDS / 1000,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def judge(path: Path, *, newest: int, tables: Collection[str], thorough: bool) -> int:
    """Whether the existing file at `path` is a sound database of ours; leaves it and its directory as they were.

    Args:
        path: the database file.
        newest: the newest version of the schema that this program knows.
        tables: what a whole file has at least.
        thorough: whether to look at every page, if the file is not too large for that.

    Returns:
        The version of its schema, at most `newest`.

    Raises:
        DatabaseRefused: it is not.
    """
    try:
        with path.open("r+b") as file:  # SQLite would be content with a file that may only be read
            header = file.read(_HEADER_BYTES)
        size = path.stat().st_size
        journal = path.with_name(f"{path.name}-wal")
        pending = journal.exists() and journal.stat().st_size > 0
    except OSError as error:
        raise DatabaseRefused(path, f"cannot be read and written to: {words(error)}") from None
    _judge_header(path, header, newest)
    # A connection that may write would, when closed, move what is pending into the file.
    try:
        with closing(connect(path, mode="ro" if pending else "rw")) as connection:
            version = _judge_version(path, version_of(connection), newest)
            _judge_pages(path, connection, tables, thorough=thorough and size <= _THOROUGH_BYTES)
    except sqlite3.Error as error:
        raise DatabaseRefused(path, _damaged(str(error)) if is_damage(error) else unusable(error)) from None
    return version


def _judge_header(path: Path, header: bytes, newest: int) -> None:
    """Look at the header (sqlite.org/fileformat2.html, section 1.3) before SQLite does."""
    if not header:
        raise DatabaseRefused(path, "is empty: remove it, or restore a backup")
    if header[:16] != b"SQLite format 3\0":
        raise DatabaseRefused(path, "is not a database: remove it, or restore a backup")
    page_size = int.from_bytes(header[16:18], "big")
    if len(header) < _HEADER_BYTES or page_size & (page_size - 1) or header[21:24] != bytes((64, 32, 32)):
        raise DatabaseRefused(path, _damaged("its header is torn"))
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise DatabaseRefused(path, "is the database of another program: choose another SALEBELL_DATA_DIR")
    _judge_version(path, int.from_bytes(header[60:64], "big"), newest)


def _judge_version(path: Path, version: int, newest: int) -> int:
    if version < 1:
        raise DatabaseRefused(path, _damaged("it has no version"))
    if version > newest:
        reason = f"was written by a newer Salebell (schema {version}, this one knows {newest}): upgrade"
        raise DatabaseRefused(path, reason)
    return version


def _judge_pages(path: Path, connection: sqlite3.Connection, tables: Collection[str], *, thorough: bool) -> None:
    found_tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not found_tables.issuperset(tables):
        raise DatabaseRefused(path, _damaged("tables are missing"))
    if thorough and (found := faults(connection, quick=True)):
        raise DatabaseRefused(path, _damaged(found))


def faults(connection: sqlite3.Connection, *, quick: bool) -> str:
    """What is wrong with the file, page by page; "" when nothing is. `quick` leaves out the indexes' content."""
    pragma = "quick_check" if quick else "integrity_check"
    rows = connection.execute(f"PRAGMA {pragma}(3)").fetchall()
    text = "; ".join(str(row[0]).replace("\n", "; ") for row in rows)
    return "" if text == "ok" else text


def _damaged(what: str) -> str:
    return f"is damaged ({what}): restore a backup"
