"""What goes wrong with a database file, in words for people."""

import sqlite3
from pathlib import Path

from salebell_server.log import LogUnavailable

_REASONS = {
    sqlite3.SQLITE_PERM: "the database may not be read or written",
    sqlite3.SQLITE_BUSY: "another process holds the database",
    sqlite3.SQLITE_LOCKED: "another process holds the database",
    sqlite3.SQLITE_NOMEM: "out of memory",
    sqlite3.SQLITE_READONLY: "the database cannot be written to",
    sqlite3.SQLITE_IOERR: "the disk refused to read or write",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "the database's locks do not work on this file system",
    sqlite3.SQLITE_NOTADB: "the file is not a database",
}
"""Conditions of the machine, by primary result code (sqlite.org/rescode.html); any other is a fault of ours."""


class DatabaseRefused(Exception):
    """A data directory or database that a program will not run on. Nothing in it was changed.

    Attributes:
        path: the directory or file at fault.
        reason: what is wrong with it and what to do, as the rest of a sentence that starts with the path.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} {reason}")
        self.path = path
        self.reason = reason


def unavailable(error: sqlite3.Error) -> LogUnavailable | None:
    """`error` as the condition of the machine that it stands for; None when it is a fault of ours."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    reason = None if code is None else _REASONS.get(code & 0xFF)
    return None if reason is None else LogUnavailable(f"{reason} ({error})")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether `error` says that the file's content is wrong."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def unusable(error: sqlite3.Error) -> str:
    """A reason to refuse a database that may well be sound."""
    return f"cannot be used now: {unavailable(error) or error}"


def words(error: OSError) -> str:
    """The operating system's own words, without number and path."""
    return (error.strerror or str(error)).lower()
