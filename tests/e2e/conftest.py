"""A running server, and a loop that is not Qt's."""

import contextlib
import os
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.programs import Server


@pytest.fixture(scope="session", autouse=True)
def _programs_need_no_display() -> Iterator[None]:
    """What a test starts must not open windows on the developer's screen, but where it says so."""
    display = os.environ.pop("DISPLAY", None)
    yield
    if display is not None:
        os.environ["DISPLAY"] = display


@pytest.fixture(autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    """What a failed test did not stop must not trouble the next one."""
    this = psutil.Process()
    before = set(this.children(recursive=True))
    yield
    for process in set(this.children(recursive=True)) - before:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Server, None]:
    """A server that runs on an empty data directory."""
    server = Server(tmp_path / "server")
    await server.start()
    yield server
    await server.stop()
