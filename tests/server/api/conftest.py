from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from tests.server.api.stand import Service, serving


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Service, None]:
    async with serving(tmp_path) as service:
        yield service
