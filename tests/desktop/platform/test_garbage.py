"""Garbage is collected on Qt's thread alone."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from salebell_desktop.platform.garbage import GarbageCollector


class Loop:
    """Something that only the cyclic collector can free, and that remembers where it was freed."""

    def __init__(self, freed_in: list[int]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: freed_in.append(threading.get_ident()))


@pytest.fixture
def collector() -> Iterator[GarbageCollector]:
    was_enabled = gc.isenabled()
    collector = GarbageCollector()
    collector.start()
    yield collector
    collector.stop()
    gc.unfreeze()
    (gc.enable if was_enabled else gc.disable)()


def allocate_much(kept: list[list[object]]) -> None:
    kept.extend([] for _ in range(20_000))


def test_no_other_thread_collects(collector: GarbageCollector) -> None:
    freed_in: list[int] = []
    Loop(freed_in)
    kept: list[list[object]] = []
    thread = threading.Thread(target=allocate_much, args=(kept,))
    thread.start()
    thread.join()
    assert freed_in == []
    collector.check()
    assert freed_in == [threading.get_ident()]


def test_it_looks_by_itself(collector: GarbageCollector) -> None:
    timers = collector.findChildren(QObject)
    assert [timer.property("active") for timer in timers] == [True]
    collector.stop()
    assert gc.isenabled()
    assert [timer.property("active") for timer in timers] == [False]


def test_nothing_is_done_where_nothing_is_due(collector: GarbageCollector) -> None:
    gc.collect()
    freed_in: list[int] = []
    Loop(freed_in)
    assert collector.check() == 0
    assert freed_in == []
