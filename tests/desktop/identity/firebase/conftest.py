"""The real Auth emulator, fakes for what it cannot do, and HTTP to them."""

import ssl
from collections.abc import AsyncGenerator, Generator

import pytest

from salebell_desktop.client.web import HttpxWeb
from salebell_desktop.identity import Reply
from salebell_desktop.identity.endpoints import Endpoints, emulated
from salebell_desktop.identity.errors import ServerUnreachable
from salebell_desktop.identity.firebase import FirebaseAccounts
from salebell_protocol.http import FirebaseConfig
from tests.firebase.emulator import API_KEY, PROJECT, AuthEmulator, auth_emulator
from tests.firebase.oauth import GooglePages, google_pages

CONFIG = FirebaseConfig(project_id=PROJECT, api_key=API_KEY)


class Scripted:
    """A `Web` that answers what it is told."""

    def __init__(self, status: int = 200, content: bytes = b"{}") -> None:
        self.reply: Reply | None = Reply(status, content)
        self.asked: list[tuple[str, bytes, dict[str, str]]] = []

    async def post(self, url: str, content: bytes, headers: dict[str, str]) -> Reply:
        self.asked.append((url, content, headers))
        if self.reply is None:
            raise ServerUnreachable("The server cannot be reached.")
        return self.reply

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="session")
def running() -> Generator[AuthEmulator, None, None]:
    with auth_emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: AuthEmulator) -> AuthEmulator:
    running.clear()
    return running


@pytest.fixture
async def web() -> AsyncGenerator[HttpxWeb, None]:
    web = HttpxWeb("salebell/test", ssl.create_default_context)
    yield web
    await web.close()


@pytest.fixture
def endpoints(emulator: AuthEmulator) -> Endpoints:
    return emulated(emulator.host)


@pytest.fixture
def accounts(web: HttpxWeb, endpoints: Endpoints) -> FirebaseAccounts:
    return FirebaseAccounts(web, CONFIG, endpoints)


@pytest.fixture
def google() -> Generator[GooglePages, None, None]:
    with google_pages() as pages:
        yield pages
