from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from tests.server.auth.stand import Stand, standing


@pytest_asyncio.fixture
async def stand(tmp_path: Path) -> AsyncGenerator[Stand, None]:
    async with standing(tmp_path) as made:
        yield made
