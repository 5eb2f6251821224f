"""The data directory: made for its owner alone, and held by one server at a time."""

import contextlib
import os
import sys
import time
from pathlib import Path

from salebell_server.log.sqlite.errors import DatabaseRefused, words

LOCK_NAME = "lock"

SERVER_PATIENCE = 2.0
"""Seconds that a server waits for the lock: a command-line tool holds it while it makes or upgrades the file."""

_POLL_SECONDS = 0.05
_LOCKED_BYTE = 1 << 30
"""Windows keeps others from reading what is locked, so the locked byte lies far behind the holder's number."""


def make_directory(directory: Path) -> None:
    """Make `directory`, readable by its owner alone, unless it is there.

    Raises:
        DatabaseRefused: it cannot be made, or something else has that name.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise DatabaseRefused(directory, "is not a directory: choose another SALEBELL_DATA_DIR") from None
    except OSError as error:
        raise DatabaseRefused(directory, f"cannot be made: {words(error)}") from None


class DirectoryLock:
    """The right to serve a data directory, or to make and upgrade its database.

    The operating system lets go of it when the holder ends, however it ends. The file `lock` stays, and names the
    last holder.

    Args:
        directory: where it lies.
        name: of the file; another one is another right.
    """

    def __init__(self, directory: Path, name: str = LOCK_NAME) -> None:
        self._path = directory / name
        self._file: int | None = None

    def acquire(self, seconds: float) -> bool:
        """Take the lock, waiting for it up to `seconds`; False when somebody else keeps it.

        Raises:
            DatabaseRefused: the directory cannot be written to.
        """
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DatabaseRefused(self._path.parent, f"cannot be written to: {words(error)}") from None
        try:
            held = _take(file, seconds)
        except OSError as error:
            os.close(file)
            raise DatabaseRefused(self._path, f"cannot be locked: {words(error)}") from None
        if held:
            self._file = file
            _sign(file)
        else:
            os.close(file)
        return held

    def holder(self) -> str:
        """Who holds the lock, as far as the file tells: " (process 4242)", or nothing."""
        try:
            text = self._path.read_text("ascii").strip()
        except (OSError, UnicodeError):
            return ""
        return f" (process {text})" if text.isdecimal() else ""

    def release(self) -> None:
        """Let go. Harmless when it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def hold(directory: Path, lock: DirectoryLock) -> None:
    """Take `directory` for a server, which keeps the lock.

    Raises:
        DatabaseRefused: another server has it.
    """
    if not lock.acquire(SERVER_PATIENCE):
        reason = f"is in use by another server{lock.holder()}: stop it, or choose another SALEBELL_DATA_DIR"
        raise DatabaseRefused(directory, reason)


def _take(file: int, seconds: float) -> bool:
    for attempt in range(max(1, round(seconds / _POLL_SECONDS))):
        if attempt:
            time.sleep(_POLL_SECONDS)
        if _lock(file):
            return True
    return False


def _sign(file: int) -> None:
    """Leave the holder's number; it is only a courtesy, so a full disk does not matter."""
    with contextlib.suppress(OSError):
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, f"{os.getpid()}\n".encode())


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
