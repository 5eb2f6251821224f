"""The file in which a server keeps its copy of the keys and accounts: one row, replaced as a whole."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

FILE_NAME = "copies.db"

_BUSY_SECONDS = 5.0
"""How long to wait for another worker of this server."""

_TABLE = """
CREATE TABLE IF NOT EXISTS copy (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    digest BLOB NOT NULL,                    -- SHA-256 of the content
    content BLOB NOT NULL
)"""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""Codes that speak of what is in the file (sqlite.org/rescode.html): SQLITE_ERROR, that the table is another one."""


class CopyDamaged(Exception):
    """The file holds no copy that can be used; the text says what is wrong with it. `store` makes it anew."""


class CopyFailed(Exception):
    """The file cannot be read or written now; the text says why."""


class CopyFile:
    """A few bytes on disk, for its owner's eyes alone. Every method blocks, and may be called on any thread.

    Guarantees:
        - When `store` returns, the content is on the disk. However it ends, either the content before or the new one is
          there, whole.
        - The workers of one server may use the same file at once.
        - Content that changed on the disk by itself is never returned.

    Args:
        directory: where the file is; it must be there.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE_NAME

    def load(self) -> bytes | None:
        """The content that was stored last; None when there is no file.

        Raises:
            CopyDamaged: it cannot be made out.
            CopyFailed: the file cannot be read now.
        """
        if not self.path.exists():
            return None
        try:
            with closing(self._connect()) as connection:
                row = connection.execute("SELECT digest, content FROM copy").fetchone()
        except sqlite3.Error as error:
            if _is_damage(error):
                raise CopyDamaged(str(error)) from None
            raise CopyFailed(str(error)) from None
        digest, content = row or (None, None)
        if not isinstance(content, bytes) or digest != _digest(content):
            raise CopyDamaged("its content is not what was written")
        return content

    def store(self, content: bytes) -> None:
        """Replace the content; a file that has it already is left alone, and a damaged one is made anew.

        Raises:
            CopyFailed: it could not be written.
        """
        try:
            try:
                self._replace(content)
            except sqlite3.Error as error:
                if not _is_damage(error):
                    raise
                self._remove()
                self._replace(content)
        except sqlite3.Error as error:
            raise CopyFailed(str(error)) from None
        except OSError as error:
            raise CopyFailed((error.strerror or str(error)).lower()) from None

    def _replace(self, content: bytes) -> None:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        row = (_digest(content), content)
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_TABLE)
            if connection.execute("SELECT digest, content FROM copy").fetchone() != row:
                connection.execute("REPLACE INTO copy (id, digest, content) VALUES (1, ?, ?)", row)
            connection.execute("COMMIT")

    def _remove(self) -> None:
        """With the journal first: it would be taken for the next file's."""
        self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(self.path.absolute()))}?mode=rw", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
        )
        try:
            for pragma in ("synchronous = FULL", "fullfsync = ON", "secure_delete = ON", "trusted_schema = OFF"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _is_damage(error: sqlite3.Error) -> bool:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in _DAMAGE
