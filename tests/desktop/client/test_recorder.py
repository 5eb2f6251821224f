"""What is kept, and when: with the real cache, and time in the test's hand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from salebell_desktop.cache import CacheFailed, CacheKey
from salebell_desktop.cache.sqlite import SqliteCache
from salebell_desktop.client.recorder import DELAY, RETRY, Recorder
from salebell_desktop.store import Announcement, Desk, SalesStore, Snapshot, Unsaved
from salebell_protocol.messages import Recovery

pytestmark = pytest.mark.plain_asyncio

ANA = CacheKey("ws://localhost:3001", "u1")


class Timers:
    """A clock whose timers fire when they are told to."""

    def __init__(self) -> None:
        self.pending: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> float:
        raise NotImplementedError

    unix = now

    def call_later(self, seconds: float, call: Callable[[], None]) -> "Timer":
        entry = (seconds, call)
        self.pending.append(entry)
        return Timer(lambda: self.pending.remove(entry))

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    def fire(self) -> float:
        """Let the only timer fire; the seconds that it was set to."""
        ((seconds, call),) = self.pending
        self.pending.clear()
        call()
        return seconds


class Timer:
    def __init__(self, cancel: Callable[[], None]) -> None:
        self.cancel = cancel


class Disk:
    """The real cache, with a disk that can be full."""

    def __init__(self, path: Path) -> None:
        self._cache = SqliteCache(path, lambda _: None)
        self.full = False
        self.saves: list[Mapping[str, Unsaved]] = []

    def load(self, key: CacheKey) -> Mapping[str, Snapshot]:
        return self._cache.load(key)

    def save(self, key: CacheKey, changes: Mapping[str, Unsaved]) -> None:
        if self.full:
            raise CacheFailed("database or disk is full")
        self.saves.append(changes)
        self._cache.save(key, changes)

    def forget_store(self, key: CacheKey, store: str) -> None:
        self._cache.forget_store(key, store)

    def forget(self, key: CacheKey) -> None:
        self._cache.forget(key)

    def close(self) -> None:
        self._cache.close()


class Kept:
    def __init__(self, disk: Disk) -> None:
        self.desk = Desk()
        self.disk = disk
        self.timers = Timers()
        self.recorder = Recorder(self.desk, disk, ANA, self.timers)

    def on_disk(self, store: str = "main") -> Snapshot:
        return self.disk.load(ANA)[store]


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    disk = Disk(tmp_path / "cache.db")
    yield Kept(disk)
    disk.close()


def opened(kept: Kept, shop: Any) -> SalesStore:
    store = kept.desk.open("main")
    store.authenticated(shop.success(Recovery.FRESH, 0))
    return store


async def test_a_burst_is_kept_at_once(kept: Kept, shop: Any, until: Any) -> None:
    store = opened(kept, shop)
    for offset in range(1, 1001):
        store.event(shop.event(offset).event)
    assert kept.timers.fire() == DELAY
    await until(lambda: kept.disk.saves)
    assert len(kept.disk.saves) == 1
    assert kept.on_disk().position == shop.position(1000)
    assert kept.timers.pending == []


async def test_the_position_is_kept_after_showing(kept: Kept, shop: Any, until: Any) -> None:
    announced: list[Announcement] = []
    kept.desk.announce_to(announced.append)
    store = opened(kept, shop)
    store.event(shop.event(1).event)
    kept.timers.fire()
    await until(lambda: kept.disk.saves)
    assert kept.on_disk().position == shop.position(0)
    assert kept.on_disk().shown == ()
    kept.desk.shown(announced)
    kept.timers.fire()
    await until(lambda: len(kept.disk.saves) == 2)
    assert kept.on_disk().position == shop.position(1)
    assert kept.on_disk().shown == ("e1",)


async def test_a_full_disk_is_tried_again_with_everything(kept: Kept, shop: Any, until: Any) -> None:
    store = opened(kept, shop)
    store.event(shop.event(1).event)
    kept.disk.full = True
    kept.timers.fire()
    await until(lambda: kept.timers.pending)
    store.event(shop.event(2).event)
    kept.disk.full = False
    assert kept.timers.fire() == RETRY
    await until(lambda: kept.disk.saves)
    assert {sale.id for sale in kept.on_disk().sales} == {"s1", "s2"}
    assert kept.on_disk().shown == ("e1", "e2")


async def test_only_what_failed_is_kept_again(kept: Kept, shop: Any, until: Any) -> None:
    kept.desk.open("outlet")
    opened(kept, shop)
    kept.disk.full = True
    kept.timers.fire()
    await until(lambda: kept.timers.pending)
    kept.disk.full = False
    kept.timers.fire()
    await until(lambda: kept.disk.saves)
    assert list(kept.disk.saves[0]) == ["main"]


async def test_the_end_keeps_what_is_left_although_the_desk_is_cleared(kept: Kept, shop: Any) -> None:
    store = opened(kept, shop)
    store.event(shop.event(1).event)
    kept.recorder.end(keep=True)
    kept.desk.sign_out()
    store.event(shop.event(2).event)
    await kept.recorder.finish()
    assert kept.on_disk().position == shop.position(1)
    assert kept.timers.pending == []


async def test_an_end_without_changes(kept: Kept) -> None:
    kept.recorder.end(keep=True)
    await kept.recorder.finish()
    assert kept.disk.saves == []


async def test_an_end_that_forgets(kept: Kept, shop: Any, until: Any) -> None:
    store = opened(kept, shop)
    kept.timers.fire()
    await until(lambda: kept.disk.saves)
    store.event(shop.event(1).event)
    kept.recorder.end(keep=False)
    await kept.recorder.finish()
    assert kept.disk.load(ANA) == {}


async def test_a_failure_after_the_end_starts_nothing(kept: Kept, shop: Any) -> None:
    opened(kept, shop)
    kept.disk.full = True
    kept.timers.fire()
    kept.recorder.end(keep=True)
    await kept.recorder.finish()
    await asyncio.sleep(0)
    assert kept.timers.pending == []


async def test_a_store_that_was_taken_away(kept: Kept, shop: Any, until: Any) -> None:
    opened(kept, shop)
    kept.timers.fire()
    await until(lambda: kept.disk.saves)
    kept.desk.close("main")
    kept.recorder.forget_store("main")
    await until(lambda: kept.disk.load(ANA) == {})
