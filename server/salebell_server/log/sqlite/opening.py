"""From a path to a database that can be worked with: made, upgraded or refused."""

import os
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from salebell_server.log.sqlite.connection import connect, judge
from salebell_server.log.sqlite.directory import DirectoryLock, hold, make_directory
from salebell_server.log.sqlite.errors import DatabaseRefused, unavailable, words
from salebell_server.log.sqlite.schema import upgrade

DATABASE_NAME = "salebell.db"

_TOOL_PATIENCE = 1.0


def prepare(
    directory: Path,
    lock: DirectoryLock,
    migrations: Sequence[str],
    tables: Collection[str],
    *,
    serve: bool,
    thorough: bool,
) -> Path:
    """Make the directory and its database usable, and return the database's path.

    A server takes the lock and keeps it. A tool takes it only to make or to upgrade the file, so that nobody
    changes tables under a running server.

    Raises:
        DatabaseRefused: they cannot be used. An existing file was left as it was.
    """
    make_directory(directory)
    path = directory / DATABASE_NAME
    if serve:
        hold(directory, lock)
        _make_current(path, migrations, tables)
    elif not _is_current(path, migrations, tables, thorough=thorough):
        if lock.acquire(_TOOL_PATIENCE):
            try:
                _make_current(path, migrations, tables)
            finally:
                lock.release()
        elif not _is_current(path, migrations, tables, thorough=thorough):
            raise DatabaseRefused(directory, f"is served by an older Salebell{lock.holder()}: restart that server")
    return path


def _is_current(path: Path, migrations: Sequence[str], tables: Collection[str], *, thorough: bool) -> bool:
    newest = len(migrations)
    return path.exists() and judge(path, newest=newest, tables=tables, thorough=thorough) == newest


def _make_current(path: Path, migrations: Sequence[str], tables: Collection[str]) -> None:
    newest = len(migrations)
    try:
        if not path.exists():
            _make(path, migrations)
        elif judge(path, newest=newest, tables=tables, thorough=True) < newest:
            with closing(connect(path)) as connection:
                upgrade(connection, migrations)
    except OSError as error:
        raise DatabaseRefused(path.parent, f"cannot be written to: {words(error)}") from None
    except sqlite3.Error as error:
        raise DatabaseRefused(path, f"cannot be made or upgraded: {unavailable(error) or error}") from None


def _make(path: Path, migrations: Sequence[str]) -> None:
    """Make the file under another name first: whatever bears the name is complete, and its owner's alone."""
    draft = path.with_name(f"{path.name}.new")
    for leftover in path.parent.glob(f"{draft.name}*"):
        leftover.unlink()
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(connect(draft)) as connection:
        upgrade(connection, migrations)
        log_ahead(connection)
    draft.replace(path)
    _sync_directory(path.parent)


def log_ahead(connection: sqlite3.Connection) -> None:
    """Put the file in WAL mode, in which reading and writing do not wait for each other.

    Raises:
        sqlite3.OperationalError: the file system does not allow it.
    """
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise sqlite3.OperationalError("this file system cannot hold a write-ahead log")


def _sync_directory(directory: Path) -> None:
    """Make the new name durable; Windows does that by itself, and cannot open directories."""
    if os.name == "nt":
        return
    file = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
