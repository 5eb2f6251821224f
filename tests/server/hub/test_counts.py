"""Counts: to every socket of the admin in the store, and to nobody else."""

import asyncio

import pytest

from salebell_protocol.messages import Unread
from salebell_server.bus.memory import MemoryBus
from salebell_server.hub.hub import MAX_SOCKETS, Hub, TooManySockets
from salebell_server.hub.member import Stage
from salebell_server.hub.recount import AT_ONCE
from salebell_server.log import Counted
from tests.server.hub.actors import Client, opened
from tests.server.hub.stage import StagedBus, StagedLog, settle


async def test_a_count_goes_to_all_sockets_of_its_admin(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    mine, mine_too, other = [await opened(hub, log, uid) for uid in ("u1", "u1", "u2")]
    bus.count("u1", Counted(3, 4, 9))
    bus.count("nobody", Counted(1, 1, 1))
    assert mine.counts() == mine_too.counts() == [Unread(count=3, seen=4, as_of=9)]
    assert other.counts() == []


async def test_a_count_that_comes_during_the_sign_in_follows_it(bus: StagedBus) -> None:
    log = StagedLog()
    hub = Hub(log=log, bus=bus, retry=0)
    client = Client()
    opening = asyncio.create_task(client.open(hub, log))
    await settle()
    log.reads.pop().answer()
    await settle()
    (reading,) = log.reads
    reading.look()
    bus.count("u1", Counted(5, 1, 1))
    bus.count("u1", Counted(4, 2, 2))
    assert client.received == b""
    reading.answer()
    await opening
    assert client.counts() == [Unread(count=4, seen=2, as_of=2)]
    assert client.stage is Stage.LIVE
    await hub.close()


async def test_counts_that_changed_otherwise_are_read_and_told(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    clients = {uid: await opened(hub, log, uid) for uid in ("u1", "u2")}
    log.counts = {"u1": Counted(1, 2, 3), "u2": Counted(4, 5, 6)}
    bus.recount()
    await settle()
    assert clients["u1"].counts() == [Unread(count=1, seen=2, as_of=3)]
    assert clients["u2"].counts() == [Unread(count=4, seen=5, as_of=6)]


async def test_counts_are_read_a_few_at_a_time_and_once_however_often_it_is_asked(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    clients = [await opened(hub, log, f"u{number}") for number in range(20)]
    log.prompt = False
    log.asked.clear()
    for _ in range(3):
        bus.recount()
    most = 0
    for _ in range(20):
        await settle()
        most = max(most, len(log.reads))
        while log.reads:
            log.reads.pop().answer()
    assert most == AT_ONCE
    assert [len(client.counts()) for client in clients] == [1] * 20
    assert log.asked == ["unread"] * 20


async def test_a_count_that_cannot_be_read_is_tried_again(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    client = await opened(hub, log, "u1")
    log.prompt = False
    bus.recount()
    await settle()
    log.reads.pop().fail()
    await settle()
    assert client.counts() == []
    log.reads.pop().answer()
    await settle()
    assert len(client.counts()) == 1


async def test_an_admin_has_64_sockets_in_a_store_and_no_more(hub: Hub, log: StagedLog) -> None:
    clients = [await opened(hub, log, "u1") for _ in range(MAX_SOCKETS)]
    with pytest.raises(TooManySockets):
        hub.join(Client("u1"), "main", "u1")
    await opened(hub, log, "u2")
    clients[0].disconnect()
    await opened(hub, log, "u1")
    assert MAX_SOCKETS >= 32


async def test_nothing_of_one_store_reaches_another() -> None:
    log, bus = StagedLog(prompt=True), MemoryBus()
    hub = Hub(log=log, bus=bus, retry=0)
    main, north = Client(), Client()
    for client, store in ((main, "main"), (north, "north")):
        channel, member = client.place = hub.join(client, store, "u1")
        await channel.opened()
        channel.attach(member, log.top, log.top)
    bus.published("north", "epoch-1", log.add())
    bus.counted("north", "u1", Counted(1, 0, 1))
    await settle()
    assert main.received == b""
    assert north.events() == ["g1:1"]
    assert len(north.counts()) == 1
    await hub.close()
