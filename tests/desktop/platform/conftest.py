"""A message bus of the tests' own."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.needs import need


@pytest.fixture
def bus() -> Iterator[str]:
    """The address of a message bus of our own."""
    need("dbus-daemon")
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    yield daemon.stdout.readline().strip()
    daemon.kill()
    daemon.wait()
    daemon.stdout.close()
