from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from salebell_server.log import SaleLog
from tests.server.log.stand import OPENERS, Heard, Opener, Stand, servers


@pytest.fixture(scope="session", autouse=True)
def _servers_are_ended() -> Generator[None, None, None]:
    yield
    servers.stop()


@pytest.fixture(params=sorted(OPENERS))
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    return OPENERS[request.param](tmp_path / "log")


@pytest_asyncio.fixture
async def stand(opener: Opener) -> AsyncGenerator[Stand, None]:
    async with opener() as opened:
        yield opened


@pytest.fixture
def log(stand: Stand) -> SaleLog:
    return stand.log


@pytest.fixture
def heard(stand: Stand) -> Heard:
    return stand.heard
