"""The desktop without its windows: the real client, store and cache, for tests that need many of them."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

from salebell_desktop.cache.sqlite import SqliteCache
from salebell_desktop.client.client import Client
from salebell_desktop.client.clock import SystemClock, Timer
from salebell_desktop.client.dialer import WebsocketDialer
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.session import Surroundings
from salebell_desktop.credentials.memory import MemoryCredentials
from salebell_desktop.identity.errors import HttpFailure, IdentityUnavailable
from salebell_desktop.identity.local import LocalAccounts
from salebell_desktop.identity.saved import SavedSignIns
from salebell_desktop.store import Announcement, Desk, LinkState
from tests.e2e.programs import PASSWORD

HURRY = 0.05
"""Waiting between attempts takes this part of its time."""


class HurriedClock(SystemClock):
    """A clock whose timers are early, so that a test need not wait a minute for a reconnect."""

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """See `Clock.call_later`."""
        return asyncio.get_running_loop().call_later(seconds * HURRY, call)


class Device:
    """One device of an admin. What it has shown is kept over restarts, as its cache is.

    Args:
        directory: what it keeps on its disk.
        email: of the account.

    Attributes:
        name: of its directory.
        shown: every notification, in order, over all its starts.
    """

    def __init__(self, directory: Path, email: str) -> None:
        directory.mkdir()
        self.name = directory.name
        self.email = email
        self.shown: list[Announcement] = []
        self._directory = directory
        self._credentials = MemoryCredentials()
        self._runs: tuple[Desk, Client, SqliteCache] | None = None

    @property
    def desk(self) -> Desk:
        """What it would show."""
        assert self._runs is not None
        return self._runs[0]

    async def sign_in(self, url: str) -> None:
        """Sign in, for the first time on this device."""
        self._make()
        assert self._runs is not None
        while True:
            try:
                return await self._runs[1].sign_in(url, self.email, PASSWORD)
            except (HttpFailure, IdentityUnavailable):
                await asyncio.sleep(0.1)

    def start(self) -> None:
        """Start again, signed in as before."""
        self._make()
        assert self._runs is not None
        self._runs[1].start()

    async def stop(self) -> None:
        """End as the program does when it quits."""
        assert self._runs is not None
        (_, client, cache), self._runs = self._runs, None
        await client.stop()
        cache.close()

    async def look(self) -> None:
        """Bring the window to the front for a moment."""
        self.desk.look_at([store.name for store in self.desk.stores])
        await asyncio.sleep(0)
        self.desk.look_at([])

    def connected_at(self, tops: dict[str, int]) -> bool:
        """Whether it is connected to all its stores, and has everything up to these offsets."""
        stores = self.desk.stores
        return bool(stores) and all(
            store.link.state is LinkState.CONNECTED
            and store.resume is not None
            and store.resume.offset == tops[store.name]
            for store in stores
        )

    def _make(self) -> None:
        desk = Desk()
        desk.announce_to(self._announce)
        cache = SqliteCache(self._directory / "sales.db", _refuse)
        client = Client(
            Surroundings(
                desk=desk,
                cache=cache,
                dialer=WebsocketDialer("salebell/test"),
                clock=HurriedClock(),
                random=random.random,
                device=self.name,
            ),
            saved=SavedSignIns(self._directory / "account.json"),
            credentials=self._credentials,
            http=lambda address: ServerHttp(address, "salebell/test"),
            provider=lambda _kind, http: LocalAccounts(http),
        )
        self._runs = desk, client, cache

    def _announce(self, announcement: Announcement) -> None:
        self.shown.append(announcement)
        self.desk.shown([announcement])


def _refuse(notice: str) -> None:
    raise AssertionError(notice)
