from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.server.auth.stand import Stand, standing
from tests.server.log.stand import servers


@pytest.fixture(scope="session", autouse=True)
def _servers_are_ended() -> Generator[None, None, None]:
    yield
    servers.stop()


@pytest_asyncio.fixture
async def stand(tmp_path: Path) -> AsyncGenerator[Stand, None]:
    async with standing(tmp_path) as made:
        yield made
