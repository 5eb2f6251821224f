"""Writing a small file of the user's own so that it is there whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` in place of what is at `path`, for the user alone (mode 0600), and see that it is on the disk.

    Raises:
        OSError: it was not written; what was there before is there still.
    """
    beside = path.with_name(path.name + ".new")
    try:
        beside.unlink(missing_ok=True)
        with open(beside, "xb", opener=_for_nobody_else) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def _for_nobody_else(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
