import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.server.gateway.stand import Stand, running


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "every_loop: run on each kind of event loop that a server may have")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that servers run on; with the mark, asyncio's own too, which they have on Windows."""
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {}
    if sys.platform != "win32":
        import uvloop

        factories["uvloop"] = uvloop.new_event_loop
    if not factories or item.get_closest_marker("every_loop"):
        factories["asyncio"] = asyncio.SelectorEventLoop
    return factories


@pytest.fixture(autouse=True)
def _no_task_fails() -> Iterator[None]:
    """What fails in the background fails the test."""
    with structlog.testing.capture_logs() as logs:
        yield
    assert [entry for entry in logs if entry["event"] == "task_failed"] == []


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncGenerator[Stand, None]:
    async with running(tmp_path / "data") as made:
        yield made
