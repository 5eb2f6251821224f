from collections.abc import AsyncGenerator, Generator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from structlog.typing import EventDict

from tests.redis_server import RedisServer, redis_server
from tests.server.auth.stand import Time
from tests.server.fallback.copies.site import Site
from tests.server.log.stand import redis_lane


@pytest.fixture
def server(tmp_path: Path) -> Generator[RedisServer, None, None]:
    with redis_server(tmp_path / "valkey") as started:
        yield started


@pytest.fixture
def time() -> Time:
    return Time()


@pytest_asyncio.fixture
async def site(server: RedisServer, tmp_path: Path, time: Time) -> AsyncGenerator[Site, None]:
    async with redis_lane(server.address) as lane:
        made = Site(lane, tmp_path / "here", time)
        with closing(made.passwords):
            yield made


@pytest_asyncio.fixture
async def elsewhere(server: RedisServer, tmp_path: Path, time: Time) -> AsyncGenerator[Site, None]:
    """Another server, with a disk of its own."""
    async with redis_lane(server.address) as lane:
        made = Site(lane, tmp_path / "elsewhere", time)
        with closing(made.passwords):
            yield made


@pytest.fixture
def told() -> Generator[list[EventDict], None, None]:
    with structlog.testing.capture_logs() as captured:
        yield captured
