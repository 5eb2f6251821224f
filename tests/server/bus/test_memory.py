"""The bus of one process brings every publication to the subscribers of its store, and to nobody else."""

import pytest

from salebell_server.bus.memory import MemoryBus
from salebell_server.log import Counted, Entry
from tests.server.bus.listener import Listener

ENTRIES = (Entry(1, "a", "", b"{}"), Entry(2, "b", "a", b"{}"))


def publish_all(bus: MemoryBus, store: str) -> list[tuple[object, ...]]:
    """One of each kind; returns how a listener writes it down."""
    bus.published(store, "epoch", ENTRIES)
    bus.counted(store, "ana", Counted(1, 2, 3))
    bus.recount(store)
    return [
        ("published", store, "epoch", ENTRIES),
        ("counted", store, "ana", Counted(1, 2, 3)),
        ("recount", store),
    ]


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


async def test_all_subscribers_of_a_store_hear_everything_in_order(bus: MemoryBus) -> None:
    first, second = Listener(), Listener()
    await bus.subscribe("main", first)
    await bus.subscribe("main", second)
    told = publish_all(bus, "main")
    assert first.heard == second.heard == told


async def test_nobody_hears_of_another_store(bus: MemoryBus) -> None:
    listener = Listener()
    await bus.subscribe("main", listener)
    publish_all(bus, "other")
    assert listener.heard == []


async def test_one_may_listen_to_several_stores(bus: MemoryBus) -> None:
    listener = Listener()
    await bus.subscribe("main", listener)
    await bus.subscribe("other", listener)
    told = publish_all(bus, "main") + publish_all(bus, "other")
    assert listener.heard == told
    await bus.unsubscribe("main", listener)
    publish_all(bus, "main")
    assert listener.heard == told


async def test_after_unsubscribing_there_is_silence(bus: MemoryBus) -> None:
    gone, stays = Listener(), Listener()
    await bus.subscribe("main", gone)
    await bus.subscribe("main", stays)
    await bus.unsubscribe("main", gone)
    told = publish_all(bus, "main")
    assert (gone.heard, stays.heard) == ([], told)


async def test_unsubscribing_without_a_subscription_is_harmless(bus: MemoryBus) -> None:
    await bus.unsubscribe("main", Listener())
    stays = Listener()
    await bus.subscribe("main", stays)
    await bus.unsubscribe("main", Listener())
    assert publish_all(bus, "main") == stays.heard
