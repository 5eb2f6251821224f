"""What tests need of the system: skipped where it is missing, failed where everything must run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

DESKTOP_SESSION = (
    "Xvfb",
    "openbox",
    "dbus-daemon",
    "dbus-send",
    "dunst",
    "import",
    "trayer",
    "xdotool",
    "xfce4-panel",
    "xprop",
)


def need(*programs: str) -> None:
    """Skip the test unless these are installed; with SALEBELL_TEST_EVERYTHING set, fail it."""
    missing = [program for program in programs if shutil.which(program) is None]
    if sys.platform == "linux" and not missing:
        return
    reason = f"not installed: {', '.join(missing)} (scripts/system-packages)" if missing else "needs Linux"
    _lack(reason)


@contextmanager
def small_disk(place: Path) -> Generator[Path, None, None]:
    """A file system of 8 MiB, mounted at `place` inside the block; only root may do that."""
    need("mount", "umount")
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        _lack("this user may not mount a file system")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def _lack(reason: str) -> NoReturn:
    if os.environ.get("SALEBELL_TEST_EVERYTHING"):
        pytest.fail(reason)
    pytest.skip(reason)
