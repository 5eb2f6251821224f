"""The system's keyring, for real: a session bus and gnome-keyring of the test's own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.needs import need

PROGRAMS = ("dbus-run-session", "gnome-keyring-daemon")

_SCRIPT = """
set -eu
if [ -n "${KEYRING_PASSWORD:-}" ]; then
    printf %s "$KEYRING_PASSWORD" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
else
    gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1
fi
unset KEYRING_PASSWORD
exec "$@"
"""


class SecretService:
    """Runs Python in sessions that share one keyring on disk.

    Args:
        home: a directory of its own, for the keyring and the session's sockets.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        for name in ("run", "data", "config"):
            (home / name).mkdir(mode=0o700)

    def run(self, program: str, *, password: str) -> str:
        """What `program` prints, in a session whose keyring was unlocked with `password` ("": left locked)."""
        environment: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DBUS", "XDG", "DISPLAY"))},
            "XDG_RUNTIME_DIR": str(self._home / "run"),
            "XDG_DATA_HOME": str(self._home / "data"),
            "XDG_CONFIG_HOME": str(self._home / "config"),
            "KEYRING_PASSWORD": password,
        }
        done = subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", _SCRIPT, "sh", sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def secret_service(tmp_path: Path) -> SecretService:
    need(*PROGRAMS)
    home = tmp_path / "session"
    home.mkdir(mode=0o700)
    return SecretService(home)
