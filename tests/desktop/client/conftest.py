"""Clients, with all that they work with but the server, which is a scripted one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from salebell_desktop.cache.sqlite import SqliteCache
from salebell_desktop.client.address import ServerAddress
from salebell_desktop.client.client import Client
from salebell_desktop.client.clock import SystemClock
from salebell_desktop.client.dialer import WebsocketDialer
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.session import Surroundings
from salebell_desktop.credentials import CredentialStore, CredentialsUnavailable
from salebell_desktop.credentials import Problem as KeyringProblem
from salebell_desktop.credentials.memory import MemoryCredentials
from salebell_desktop.identity import IdentityProvider
from salebell_desktop.identity.local import LocalAccounts
from salebell_desktop.identity.saved import Pin, SavedSignIns
from salebell_desktop.store import Desk
from salebell_protocol.http import Provider
from tests.desktop.client.project import Project
from tests.desktop.client.scripted import PATIENCE, Peer, Route, ScriptedServer, answer
from tests.desktop.client.shop import Shop


class Bench:
    """Clients of a shop, with all that outlasts them: the disk and the keyring."""

    def __init__(self, directory: Path, server: ScriptedServer, project: Project) -> None:
        self.directory = directory
        self.server = server
        self.project = project
        self.credentials: CredentialStore = MemoryCredentials()
        self.noticed: list[str] = []
        self.jitter = 0.0
        self.desk = Desk()
        self._running: list[tuple[Client, SqliteCache]] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def client(self) -> Client:
        """A program that starts: a client with an empty desk."""
        self.desk = Desk()
        cache = SqliteCache(self.directory / "cache.db", self.noticed.append)
        surroundings = Surroundings(
            desk=self.desk, cache=cache, dialer=WebsocketDialer("salebell-desktop/test"), clock=SystemClock(),
            random=lambda: self.jitter, device="test",
        )  # fmt: skip
        client = Client(
            surroundings,
            saved=SavedSignIns(self.directory / "sign-in.json"),
            credentials=self.credentials,
            http=self._http,
            provider=self._provider,
        )
        self._running.append((client, cache))
        return client

    async def stop(self) -> None:
        for client, cache in self._running:
            await client.stop()
            cache.close()
        self._running.clear()

    @staticmethod
    def _http(address: ServerAddress) -> ServerHttp:
        return ServerHttp(address, "salebell-desktop/test")

    def _provider(self, pin: Pin, http: ServerHttp) -> IdentityProvider | None:
        if pin.provider is Provider.LOCAL:
            return LocalAccounts(http)
        return None if pin.firebase is None else self.project.provider(pin.firebase)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def other_shop() -> AsyncIterator[Shop]:
    """Another server, for other admins."""
    server = ScriptedServer()
    await server.start()
    yield Shop(server)
    await server.stop()


@pytest.fixture
def always() -> Callable[..., Route]:
    return answer


@pytest.fixture
def shop(server: ScriptedServer) -> Shop:
    return Shop(server)


@pytest.fixture
def project(shop: Shop) -> Project:
    return Project(shop)


@pytest.fixture
async def bench(server: ScriptedServer, project: Project, tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path, server, project)
    yield bench
    await bench.stop()


class Keyring:
    """A keyring that may be locked or missing.

    Attributes:
        problem: what is the matter with it.
        only: the one entry that it is the matter with, or that is slow; None: all.
    """

    def __init__(self) -> None:
        self.tokens: dict[object, str] = {}
        self.problem: KeyringProblem | None = None
        self.only: object = None
        self._going = asyncio.Event()
        self._going.set()

    @property
    def lasting(self) -> bool:
        return True

    def slow(self) -> None:
        """Answer nothing until `go_on`."""
        self._going.clear()

    def go_on(self) -> None:
        self._going.set()

    async def _use(self, key: object) -> None:
        if self.only in (None, key):
            await self._going.wait()
        if self.problem is not None and self.only in (None, key):
            raise CredentialsUnavailable(self.problem, "The keyring does not open.")

    async def load(self, key: object) -> str | None:
        await self._use(key)
        return self.tokens.get(key)

    async def save(self, key: object, refresh_token: str) -> None:
        await self._use(key)
        self.tokens[key] = refresh_token

    async def forget(self, key: object) -> None:
        await self._use(key)
        self.tokens.pop(key, None)


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


SignedIn = Callable[..., Awaitable[tuple[Client, Peer]]]


@pytest.fixture
def signed_in(bench: Bench, shop: Shop) -> SignedIn:
    """Starts a client and signs it in: the client, and its first socket."""

    async def start(**admitted: Any) -> tuple[Client, Peer]:
        client = bench.client()
        client.start()
        await client.sign_in(bench.address, shop.email, "correct")
        peer, _ = await shop.admit(**admitted)
        async with asyncio.timeout(PATIENCE):
            while not bench.desk.stores:
                await asyncio.sleep(0.005)
        return client, peer

    return start
