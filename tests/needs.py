"""Tests that need programs of the system: skipped where those are missing, failed where everything must run."""

import os
import shutil
import sys

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
    if os.environ.get("SALEBELL_TEST_EVERYTHING"):
        pytest.fail(reason)
    pytest.skip(reason)
