"""Subscribers and watchers that write down what they hear."""

import asyncio
from collections.abc import Callable

from salebell_server.log import Counted, Entry

PATIENCE_SECONDS = 20.0


async def eventually(condition: Callable[[], object], what: str) -> None:
    """Return once it is so."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(what) from None


class Listener:
    """A subscriber.

    Attributes:
        heard: all calls, in order.
        offsets: of the events.
    """

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []
        self.offsets: list[int] = []

    def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
        self.offsets += (entry.offset for entry in entries)
        self.heard.append(("published", store, epoch, entries))

    def counted(self, store: str, admin: str, counted: Counted) -> None:
        self.heard.append(("counted", store, admin, counted))

    def recount(self, store: str) -> None:
        self.heard.append(("recount", store))

    def missed(self, store: str) -> None:
        self.heard.append(("missed", store))

    @property
    def misses(self) -> int:
        return sum(told[0] == "missed" for told in self.heard)


class Watcher:
    """A watcher of the link."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def link_up(self) -> None:
        self.told.append("up")

    def link_down(self, reason: str) -> None:
        self.told.append(f"down: {reason}")

    @property
    def up(self) -> bool:
        return self.told[-1:] == ["up"]

    @property
    def down(self) -> bool:
        return self.told[-1:] not in ([], ["up"])
