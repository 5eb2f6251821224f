"""Where the application keeps what it keeps: all of it under directories of the user's own."""

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec
import platformdirs

APPLICATION = "salebell"
VARIABLE = "SALEBELL_DESKTOP_DIR"

_LONGEST_RUNTIME = 40
"""Bytes: a longer one would leave no room for a socket's name."""


class DirectoryRefused(Exception):
    """A directory cannot be used; the text says which and why, for people."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Directories(msgspec.Struct, frozen=True, kw_only=True):
    """The places, created with `create`.

    Attributes:
        settings: what the user chose; small files.
        cache: what can be read from the server again.
        lock: the lock and the socket of the running instance. Mode 0700: who can enter it can bring the window up.
        runtime: a short path for a socket whose own would be too long for the system (108 bytes on Linux).
    """

    settings: Path
    cache: Path
    lock: Path
    runtime: Path

    def create(self) -> "Directories":
        """Make those that are missing, for the user alone.

        Raises:
            DirectoryRefused: one cannot be made or written, or `lock` belongs to somebody else.
        """
        for path in (self.settings, self.cache, self.lock):
            make_private(path)
        return self


def directories(environment: Mapping[str, str]) -> Directories:
    """Everything under `SALEBELL_DESKTOP_DIR`, or under the platform's directories for the user."""
    runtime = _runtime(environment)
    if chosen := environment.get(VARIABLE, "").strip():
        root = Path(chosen).expanduser().absolute()
        return Directories(settings=root / "settings", cache=root / "cache", lock=root / "run", runtime=runtime)
    config = Path(platformdirs.user_config_dir(APPLICATION, appauthor=False, roaming=False))
    cache = Path(platformdirs.user_cache_dir(APPLICATION, appauthor=False))
    data = Path(platformdirs.user_data_dir(APPLICATION, appauthor=False))
    return Directories(settings=config, cache=cache, lock=data / "run", runtime=runtime)


def _runtime(environment: Mapping[str, str]) -> Path:
    """A short path of the user's own: the session's (XDG Base Directory Specification), or one in /tmp."""
    session = environment.get("XDG_RUNTIME_DIR", "")
    if session and len(os.fsencode(session)) <= _LONGEST_RUNTIME:
        return Path(session) / APPLICATION
    if os.name == "posix":
        return Path("/tmp") / f"{APPLICATION}-{os.getuid()}"  # noqa: S108 - `make_private` refuses somebody else's
    return Path(platformdirs.user_runtime_dir(APPLICATION, appauthor=False))


def make_private(path: Path) -> None:
    """Make `path` a directory that only its user can enter.

    Raises:
        DirectoryRefused: it cannot be made or written, or it is somebody else's.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix":
            found = path.stat()
            if found.st_uid != os.getuid():
                raise DirectoryRefused(path, "belongs to another user; choose a directory of your own")
            if stat.S_IMODE(found.st_mode) != 0o700:
                path.chmod(0o700)
    except FileExistsError:
        raise DirectoryRefused(path, "is not a directory") from None
    except OSError as error:
        raise DirectoryRefused(path, f"cannot be made: {error.strerror}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise DirectoryRefused(path, "cannot be written")


def short_name(path: Path) -> str:
    """A name that is as good as unique for `path`, and short."""
    return hashlib.blake2b(os.fsencode(path), digest_size=10).hexdigest()
