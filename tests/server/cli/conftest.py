from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.server.api.stand import Service, serving
from tests.server.cli.stand import Run, caller, commands_environment


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def environment(directory: Path) -> dict[str, str]:
    return commands_environment(directory)


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Calls `salebell-server` in this process."""
    return caller(environment)


@pytest_asyncio.fixture
async def api(directory: Path) -> AsyncGenerator[Service, None]:
    """A server on the data directory of the commands."""
    async with serving(directory) as service:
        yield service
