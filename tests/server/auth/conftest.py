from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.firebase.emulator import PROJECT, AuthEmulator, auth_emulator
from tests.server.auth.stand import Stand, standing
from tests.server.cli.stand import commands_environment
from tests.server.log.stand import servers


@pytest.fixture(scope="session", autouse=True)
def _servers_are_ended() -> Generator[None, None, None]:
    yield
    servers.stop()


@pytest_asyncio.fixture
async def stand(tmp_path: Path) -> AsyncGenerator[Stand, None]:
    async with standing(tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def running_emulator() -> Generator[AuthEmulator, None, None]:
    with auth_emulator() as running:
        yield running


@pytest.fixture
def emulator(running_emulator: AuthEmulator, monkeypatch: pytest.MonkeyPatch) -> AuthEmulator:
    """The emulator without users, and firebase-admin told of it."""
    running_emulator.clear()
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", running_emulator.host)
    return running_emulator


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The data directory of commands."""
    return tmp_path / "data"


@pytest.fixture
def environment(directory: Path) -> dict[str, str]:
    """Of commands."""
    return commands_environment(directory)


@pytest.fixture
def firebase_environment(environment: dict[str, str], emulator: AuthEmulator) -> dict[str, str]:
    """Of commands for the users in the emulator."""
    return {
        **environment,
        "FIREBASE_PROJECT_ID": PROJECT,
        "FIREBASE_AUTH_EMULATOR_HOST": emulator.host,
        "SALEBELL_ALLOW_EMULATOR": "1",
    }
