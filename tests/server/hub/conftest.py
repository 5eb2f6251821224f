from collections.abc import AsyncGenerator, Iterator

import pytest
import structlog

from salebell_server.hub.hub import Hub
from tests.server.hub.stage import StagedBus, StagedLog


@pytest.fixture(autouse=True)
def _no_task_fails() -> Iterator[None]:
    """What fails in the background fails the test."""
    with structlog.testing.capture_logs() as logs:
        yield
    assert [entry for entry in logs if entry["event"] == "task_failed"] == []


@pytest.fixture
def log() -> StagedLog:
    return StagedLog(prompt=True)


@pytest.fixture
def bus() -> StagedBus:
    return StagedBus()


@pytest.fixture
async def hub(log: StagedLog, bus: StagedBus) -> AsyncGenerator[Hub, None]:
    made = Hub(log=log, bus=bus, retry=0)
    yield made
    await made.close()
