from collections.abc import AsyncGenerator

import pytest

from salebell_server.hub.hub import Hub
from tests.server.hub.deferral.outage import Outage
from tests.server.hub.stage import StagedBus, StagedLog, StagedPending


@pytest.fixture
def pending() -> StagedPending:
    return StagedPending(prompt=True)


@pytest.fixture
async def hub(log: StagedLog, bus: StagedBus, pending: StagedPending) -> AsyncGenerator[Hub, None]:
    made = Hub(log=log, bus=bus, pending=pending, retry=0)
    yield made
    await made.close()


@pytest.fixture
def outage(hub: Hub, log: StagedLog, bus: StagedBus, pending: StagedPending) -> Outage:
    return Outage(hub, log, bus, pending)
