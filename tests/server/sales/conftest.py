from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from tests.server.sales.stand import Shop, open_shop


@pytest_asyncio.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Shop, None]:
    async with open_shop(tmp_path) as opened:
        yield opened
