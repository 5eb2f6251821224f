"""Readings, subscriptions and crowds that meet an outage half-way."""

import asyncio

import pytest
import structlog

from salebell_protocol.messages import Recovery, Unread
from salebell_server.hub.channel import Channel
from salebell_server.hub.deferral import BATCH
from salebell_server.hub.hub import RECOUNTS, REOPENINGS, RESYNCS, Hub
from salebell_server.hub.member import Stage
from salebell_server.log import Counted, LogUnavailable
from tests.server.hub.actors import Client, Phase, Started, opened
from tests.server.hub.deferral.outage import EPOCH, Outage, recoveries
from tests.server.hub.stage import StagedBus, StagedLog, StagedPending, settle


async def test_a_count_that_comes_while_the_log_is_read_anew_follows_it(
    hub: Hub, log: StagedLog, bus: StagedBus, outage: Outage
) -> None:
    mine, other = await opened(hub, log), await opened(hub, log, "u2")
    await outage.begin()
    log.prompt = False
    await outage.end()
    log.reads.pop().answer()
    await settle()
    assert {mine.phase, other.phase} == {Phase.REOPENING}
    bus.count("u1", Counted(3, 1, 2))
    assert mine.received == b""
    while log.reads:
        log.reads.pop().answer()
    await settle()
    assert mine.counts() == [Unread(count=3, seen=1, as_of=2)]
    assert isinstance(mine.story[-2], Started)
    assert other.counts() == []


async def test_a_renewal_that_fails_defers_its_socket_alone(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    log.add(2)
    mine, other = await opened(hub, log), await opened(hub, log, "u2")
    log.away = True
    mine.renew()
    await settle()
    log.away = False
    bus.bring(EPOCH, log.add())
    await settle()
    assert (mine.events(), other.events()) == ([], ["g1:3"])
    assert recoveries(mine) == [Recovery.FRESH, None]
    hub.sweep()
    await settle()
    assert recoveries(mine) == [Recovery.FRESH, None, Recovery.COMPLETE]
    assert mine.events() == ["g1:3"]
    assert mine.stage is Stage.LIVE


async def test_a_bus_that_cannot_subscribe_defers_and_is_asked_again_each_second(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    bus.away = True
    client = await opened(hub, log)
    assert recoveries(client) == [None]
    hub.sweep()
    await settle()
    assert client.phase is Phase.DEFERRED
    bus.away = False
    hub.sweep()
    await settle()
    assert recoveries(client) == [None, Recovery.FRESH]
    bus.bring(EPOCH, log.add())
    await settle()
    assert client.events() == ["g1:1"]
    assert bus.subscribed == 1


async def test_a_store_stays_subscribed_while_the_log_is_away(
    hub: Hub, log: StagedLog, bus: StagedBus, outage: Outage
) -> None:
    client = await opened(hub, log)
    await outage.begin()
    assert len(bus.subscribers) == 1
    await outage.end()
    assert bus.subscribed == 1
    await outage.begin()
    client.disconnect()
    await settle()
    assert bus.subscribers == []


async def test_without_an_outbox_a_bus_that_cannot_subscribe_closes(log: StagedLog, bus: StagedBus) -> None:
    hub = Hub(log=log, bus=bus, retry=0)
    bus.away = True
    client = await opened(hub, log)
    assert client.failed
    bus.away = False
    assert (await opened(hub, log)).stage is Stage.LIVE
    await hub.close()


class BrokenBus(StagedBus):
    async def subscribe(self, store: str, subscriber: object) -> None:
        raise ZeroDivisionError


@pytest.mark.parametrize("defers", [False, True])
async def test_a_fault_of_the_bus_keeps_nobody_waiting(log: StagedLog, *, defers: bool) -> None:
    hub = Hub(log=log, bus=BrokenBus(), pending=StagedPending() if defers else None, retry=0)
    with structlog.testing.capture_logs() as logs:
        async with asyncio.timeout(10):
            client = await opened(hub, log)
            await settle()
    assert client.failed is not defers
    assert [entry["event"] for entry in logs] == ["task_failed"]
    await hub.close()


async def test_to_tell_thousands_takes_many_turns(hub: Hub, log: StagedLog) -> None:
    clients = [await opened(hub, log, f"u{number}") for number in range(3 * BATCH)]
    hub.defer()
    hub.defer()
    most = before = 0
    while before < len(clients):
        await asyncio.sleep(0)
        told = sum(client.phase is Phase.DEFERRED for client in clients)
        most, before = max(most, told - before), told
    assert 0 < most <= BATCH


async def test_thousands_that_come_back_ask_the_log_a_few_at_a_time(hub: Hub, log: StagedLog, outage: Outage) -> None:
    clients = [await opened(hub, log, f"u{number}") for number in range(3 * REOPENINGS)]
    await outage.begin()
    log.prompt = False
    await outage.end()
    most = 0
    while not all(client.phase is Phase.OPEN for client in clients):
        await settle()
        most = max(most, len(log.reads))
        for _ in range(len(log.reads)):
            log.reads.pop(0).answer()
    assert most == REOPENINGS
    assert all(client.stage is Stage.LIVE for client in clients)


async def test_nobody_is_kept_in_mind_who_was_brought_on_or_left(hub: Hub, log: StagedLog, outage: Outage) -> None:
    first, second = await opened(hub, log), await opened(hub, log, "u2")
    await outage.begin()
    await outage.keep()
    assert hub.deferred == 2
    second.disconnect()
    assert hub.deferred == 1
    await outage.end()
    assert first.stage is Stage.LIVE
    assert hub.deferred == 0


async def test_a_channel_that_is_away_says_so_at_once(hub: Hub, log: StagedLog) -> None:
    hub.defer()
    channel, member = hub.join(Client(), "main", "u1")
    with pytest.raises(LogUnavailable):
        await channel.opened()
    channel.leave(member)
    await settle()
    assert log.asked == []


async def test_a_bus_that_lost_everything_has_a_few_stores_at_a_time_compared(hub: Hub, log: StagedLog) -> None:
    channels: list[Channel] = []
    clients: list[Client] = []
    for number in range(300):
        client = Client(f"u{number}")
        channel, member = client.place = hub.join(client, f"store-{number}", client.uid)
        await channel.opened()
        channel.attach(member, log.top, log.top)
        channels.append(channel)
        clients.append(client)
    log.add(2)
    log.prompt = False
    for channel in channels:
        channel.missed(channel.store)
    events = counts = 0
    while not all(client.events() and client.counts() for client in clients):
        await settle()
        kinds = [read.kind for read in log.reads]
        events, counts = max(events, len(kinds) - kinds.count("unread")), max(counts, kinds.count("unread"))
        for _ in range(len(log.reads)):
            log.reads.pop(0).answer()
    assert (events, counts) == (RESYNCS, RECOUNTS)
    assert all(client.events() == ["g1:1", "g1:2"] for client in clients)
    assert all(len(client.counts()) == 1 for client in clients)


async def test_a_loss_while_a_store_is_being_opened_is_found(bus: StagedBus) -> None:
    log = StagedLog()
    hub = Hub(log=log, bus=bus, retry=0)
    client = Client()
    opening = asyncio.create_task(client.open(hub, log))
    await settle()
    (position,) = log.reads
    position.look()
    log.add()
    bus.miss()
    log.reads.clear()
    log.prompt = True
    position.answer()
    await opening
    await settle()
    bus.bring(EPOCH, log.add())
    await settle()
    assert log.asked.count("entries") > 0
    assert client.told().position == log.top
    await hub.close()
