from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from salebell_server.log.redis.sale_log import RedisSaleLog
from tests.redis_server import RedisServer, redis_server
from tests.server.log.stand import Time


@pytest.fixture
def server(tmp_path: Path) -> Generator[RedisServer, None, None]:
    """A Valkey of the test's own, to be killed and meddled with."""
    with redis_server(tmp_path / "valkey") as started:
        yield started


@pytest_asyncio.fixture
async def log(server: RedisServer) -> AsyncGenerator[RedisSaleLog, None]:
    async with RedisSaleLog(server.address, Time().clock) as opened:
        yield opened
