"""The log goes away, events come to wait for it, and it comes back."""

import asyncio

from salebell_protocol.messages import Recovery
from salebell_server.hub.hub import Hub
from salebell_server.hub.member import Stage
from salebell_server.log import Counted
from tests.server.hub.actors import Client, Phase, opened
from tests.server.hub.deferral.outage import EPOCH, Outage, recoveries
from tests.server.hub.stage import StagedBus, StagedLog, StagedPending, at, settle, until


async def test_who_is_there_is_shown_what_waits_and_then_what_the_log_has(
    hub: Hub, log: StagedLog, bus: StagedBus, outage: Outage
) -> None:
    log.add(3)
    clients = [await opened(hub, log, uid) for uid in ("u1", "u2")]
    bus.bring(EPOCH, log.add())
    await settle()
    await outage.begin()
    waiting = await outage.keep(2)
    assert [client.events() for client in clients] == [["g1:4", *waiting]] * 2
    await outage.end()
    bus.bring(EPOCH, log.add())
    await settle()
    for client in clients:
        assert recoveries(client) == [Recovery.FRESH, None, Recovery.COMPLETE]
        assert client.events() == ["g1:4", *waiting, *waiting, "g1:7"]
        assert client.told().position == log.top
        assert client.stage is Stage.LIVE


async def test_what_was_on_its_way_is_brought_when_the_log_is_back(
    hub: Hub, log: StagedLog, bus: StagedBus, outage: Outage
) -> None:
    client = await opened(hub, log)
    bus.bring(EPOCH, log.add(300, size=20_000))
    await asyncio.sleep(0)
    sent = len(client.events())
    assert 0 < sent < 100
    await outage.begin()
    assert len(client.events()) == sent
    await outage.end()
    await until(lambda: client.delivered == 300)
    assert len(client.events()) == 300
    bus.bring(EPOCH, log.add())
    await settle()
    assert client.told().position == log.top


async def test_nothing_of_the_log_comes_while_it_is_away(
    hub: Hub, log: StagedLog, bus: StagedBus, outage: Outage
) -> None:
    client = await opened(hub, log)
    await outage.begin()
    bus.bring(EPOCH, log.add())
    bus.count("u1", Counted(1, 0, 1))
    bus.recount()
    bus.miss()
    await settle()
    assert client.received == b""
    await outage.end()
    assert client.events() == ["g1:1"]
    assert client.counts() == []


async def test_a_replay_goes_on_where_it_was(hub: Hub, log: StagedLog, outage: Outage) -> None:
    log.add(1000, size=2000)
    client = Client(quiet_room=50_000)
    client.stall()
    await client.open(hub, log, at(log, 0))
    await settle()
    sent = len(client.events())
    assert 0 < sent < 1000
    await outage.begin()
    client.flow()
    await settle()
    assert len(client.events()) == sent
    await outage.end()
    await until(lambda: client.stage is Stage.LIVE)
    assert recoveries(client) == [Recovery.COMPLETE, None, Recovery.COMPLETE]
    assert client.told().position == log.top


async def test_who_was_ahead_of_the_others_is_brought_on_from_there(
    hub: Hub, log: StagedLog, bus: StagedBus, outage: Outage
) -> None:
    first = await opened(hub, log)
    log.add(2)
    log.prompt = False
    ahead = Client("u2")
    opening = asyncio.create_task(ahead.open(hub, log))
    await settle()
    log.reads.pop().answer()
    await opening
    assert ahead.stage is Stage.AHEAD
    await outage.begin()
    log.reads.clear()
    await outage.end()
    log.reads.pop().answer()
    await settle()
    assert [read.kind for read in log.reads] == ["open", "open"]
    bus.bring(EPOCH, log.add())  # while the log is read for both
    await settle()
    log.prompt = True
    for read in log.reads:
        read.answer()
    await settle()
    for client in (first, ahead):
        assert recoveries(client) == [Recovery.FRESH, None, Recovery.COMPLETE]
        assert client.told().position == log.top
        assert client.stage is Stage.LIVE
    assert (first.events(), ahead.events()) == (["g1:1", "g1:2", "g1:3"], ["g1:3"])


async def test_an_outage_that_is_over_at_once_is_told_whole_and_at_once(hub: Hub, log: StagedLog) -> None:
    client = await opened(hub, log)
    hub.defer()
    hub.restore()
    await settle()
    assert recoveries(client) == [Recovery.FRESH, None, Recovery.COMPLETE]


async def test_a_sign_in_without_the_log_is_brought_on_from_its_resume(
    hub: Hub, log: StagedLog, bus: StagedBus, outage: Outage
) -> None:
    log.add(5)
    await outage.begin()
    await outage.keep()
    resumed, fresh = await opened(hub, log, resume=at(log, 2)), await opened(hub, log, "u2")
    await settle()
    assert resumed.events() == fresh.events() == ["w:2"]
    assert bus.subscribed == 0
    await outage.end()
    assert recoveries(resumed) == [None, Recovery.COMPLETE]
    assert resumed.events() == ["w:2", "g1:3", "g1:4", "g1:5", "w:2"]
    assert recoveries(fresh) == [None, Recovery.FRESH]
    assert fresh.events() == ["w:2"]


async def test_a_log_that_came_back_as_another_one_closes_nobody(
    hub: Hub, log: StagedLog, bus: StagedBus, outage: Outage
) -> None:
    log.add(5)
    clients = [await opened(hub, log, uid) for uid in ("u1", "u2")]
    await outage.begin()
    log.replace(2, new_epoch=True)
    await outage.end()
    bus.bring(log.epoch, log.add())
    await settle()
    for client in clients:
        assert client.closed is None
        assert recoveries(client) == [Recovery.FRESH, None, Recovery.RESET]
        assert client.events() == ["g2:3"]


async def test_what_the_log_before_still_answers_does_not_count(hub: Hub, log: StagedLog, outage: Outage) -> None:
    """Reads of all kinds are under way when the log goes away, and are answered when another one is followed."""
    log.add(5)
    live = await opened(hub, log)
    log.prompt = False
    resuming = Client("u2")
    opening = asyncio.create_task(resuming.open(hub, log, at(log, 1)))
    await settle()
    log.reads.pop().answer()
    await opening
    live.renew()
    assert live.place is not None
    live.place[0].doubt()
    newcomer = Client("u3")
    late = asyncio.create_task(newcomer.open(hub, log))
    await settle()
    under_way, log.reads = log.reads, []
    for read in under_way:
        read.look()
    assert sorted(read.kind for read in under_way) == ["entries", "entries", "open", "open"]
    log.prompt = True
    await outage.begin()
    log.replace(0, new_epoch=True)
    log.add(2)
    await outage.end()
    for read in under_way:
        read.answer()
    await late
    for _ in range(2):
        hub.sweep()
        await settle()
    for client in (live, resuming, newcomer):
        assert client.closed is None
        assert client.told().position == log.top
        assert client.stage is Stage.LIVE


async def test_a_channel_that_was_being_opened_is_opened_anew(bus: StagedBus, pending: StagedPending) -> None:
    log = StagedLog()
    hub = Hub(log=log, bus=bus, pending=pending, retry=0)
    outage = Outage(hub, log, bus, pending)
    client = Client()
    opening = asyncio.create_task(client.open(hub, log))
    await settle()
    (before,) = log.reads
    before.look()
    log.reads.clear()
    await outage.begin()
    await opening
    assert client.phase is Phase.DEFERRED
    log.replace(0, new_epoch=True)
    log.add()
    await outage.end()
    before.answer()
    log.prompt = True
    log.reads.pop().answer()
    await settle()
    assert client.told().position == log.top
    assert client.stage is Stage.LIVE
    await hub.close()


async def test_a_log_that_is_away_again_at_once_loses_nothing(
    hub: Hub, log: StagedLog, bus: StagedBus, outage: Outage
) -> None:
    client = await opened(hub, log)
    await outage.begin()
    waiting = await outage.keep(2)
    log.away = False
    hub.restore()
    log.away = True
    hub.defer()
    await settle()
    waiting += await outage.keep()
    assert client.events() == waiting
    assert recoveries(client) == [Recovery.FRESH, None]
    await outage.end()
    hub.sweep()
    await settle()
    bus.bring(EPOCH, log.add())
    await settle()
    assert client.told().position == log.top


async def test_what_still_waits_when_the_log_is_away_anew_is_shown_anew(
    hub: Hub, log: StagedLog, pending: StagedPending, outage: Outage
) -> None:
    """Any `auth_success` but `deferred` empties what a client knows to be provisional."""
    client = await opened(hub, log)
    await outage.begin()
    (waiting,) = await outage.keep()
    log.away = False
    hub.restore()
    await settle()
    assert client.stage is Stage.LIVE
    await outage.begin()
    assert client.events() == [waiting, waiting]
    assert len(pending.kept) == 1
