"""The log goes away, events come to wait for it, and it comes back."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import structlog

from salebell_protocol.messages import Recovery, Unread
from salebell_server.hub.channel import Channel
from salebell_server.hub.deferral import BATCH
from salebell_server.hub.hub import PAGES, RECOUNTS, REOPENINGS, RESYNCS, Hub
from salebell_server.hub.member import Stage
from salebell_server.hub.provisional import PAGE
from salebell_server.log import Counted, LogUnavailable
from tests.server.hub.stage import (
    Client,
    Phase,
    StagedBus,
    StagedLog,
    StagedPending,
    Started,
    WasDeferred,
    at,
    opened,
    settle,
    until,
)

EPOCH = "epoch-1"


@pytest.fixture
def pending() -> StagedPending:
    return StagedPending(prompt=True)


@pytest.fixture
async def hub(log: StagedLog, bus: StagedBus, pending: StagedPending) -> AsyncGenerator[Hub, None]:
    made = Hub(log=log, bus=bus, pending=pending, retry=0)
    yield made
    await made.close()


class Outage:
    """What the keeper of the shared log does."""

    def __init__(self, hub: Hub, log: StagedLog, bus: StagedBus, pending: StagedPending) -> None:
        self._hub, self._log, self._bus, self._pending = hub, log, bus, pending

    async def begin(self) -> None:
        self._log.away = True
        self._hub.defer()
        await settle()

    async def keep(self, count: int = 1, size: int = 0) -> list[str]:
        kept = self._pending.keep(count, size)
        for waiting in kept:
            self._hub.announce("main", waiting)
        await settle()
        return [waiting.event_id for waiting in kept]

    async def end(self) -> None:
        self._log.away = self._bus.away = False
        self._pending.drain(self._log)
        self._hub.restore()
        await settle()


@pytest.fixture
def outage(hub: Hub, log: StagedLog, bus: StagedBus, pending: StagedPending) -> Outage:
    return Outage(hub, log, bus, pending)


def recoveries(client: Client) -> list[Recovery | None]:
    """Its `auth_success` messages, None for a `deferred`."""
    return [
        each.recovery if isinstance(each, Started) else None
        for each in client.story
        if isinstance(each, Started | WasDeferred)
    ]


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


async def test_what_waits_is_read_once_for_all_who_are_there(
    hub: Hub, log: StagedLog, pending: StagedPending, outage: Outage
) -> None:
    clients = [await opened(hub, log, f"u{number}") for number in range(50)]
    for _ in range(2):
        await outage.begin()
        await outage.keep(5)
        await outage.end()
    shown = [event for event in clients[0].events() if event.startswith("w:")]
    assert len(shown) == 20
    assert all(client.events() == clients[0].events() for client in clients)
    assert pending.asked < 30


async def test_an_announcement_out_of_turn_or_lost_changes_nothing(
    hub: Hub, log: StagedLog, pending: StagedPending, outage: Outage
) -> None:
    client = await opened(hub, log)
    await outage.begin()
    first, second, third = pending.keep(3)
    for waiting in (third, first, third):
        hub.announce("main", waiting)
        hub.announce("elsewhere", waiting)
        await settle()
    assert client.events() == [first.event_id, second.event_id, third.event_id]


async def test_thousands_that_wait_are_paced_and_hold_up_nobody(hub: Hub, log: StagedLog, outage: Outage) -> None:
    quick, slow = await opened(hub, log), Client("u2", quiet_room=50_000, live_room=10**9)
    await slow.open(hub, log)
    assert slow.stage is Stage.LIVE
    slow.stall()
    await outage.begin()
    waiting = await outage.keep(20 * PAGE, size=1000)
    await until(lambda: len(quick.events()) == len(waiting))
    late = Client("u3", quiet_room=50_000)
    late.stall()
    await late.open(hub, log)
    await settle()
    for client in (slow, late):
        assert 0 < len(client.events()) < 200
        assert client.closed is None
    waiting += await outage.keep()
    assert quick.events() == waiting
    for client in (slow, late):
        client.flow()
    await until(lambda: slow.events() == late.events() == waiting)
    assert not slow.overrun
    assert not late.overrun
    waiting += await outage.keep()
    assert quick.events() == slow.events() == late.events() == waiting


async def test_members_that_are_stuck_hold_up_no_other(hub: Hub, log: StagedLog, outage: Outage) -> None:
    await outage.begin()
    await outage.keep(3 * PAGE, size=1000)
    stuck = [Client(f"u{number}", quiet_room=50_000) for number in range(2 * PAGES)]
    for client in stuck:
        client.stall()
        await client.open(hub, log)
    await settle()
    other = await opened(hub, log, "other")
    await until(lambda: len(other.events()) == 3 * PAGE)
    assert all(len(client.events()) < 3 * PAGE for client in stuck)


async def test_who_lacks_only_what_the_log_already_has_is_level_with_the_others(
    hub: Hub, log: StagedLog, pending: StagedPending, outage: Outage
) -> None:
    first = await opened(hub, log)
    await outage.begin()
    waiting = await outage.keep(3)
    del pending.kept[1:]
    late = await opened(hub, log, "u2")
    await settle()
    asked = pending.asked
    await settle()
    assert pending.asked == asked
    waiting += await outage.keep()
    assert first.events() == waiting
    assert late.events() == [waiting[0], waiting[-1]]


async def test_what_waits_is_read_again_when_it_could_not_be(
    hub: Hub, log: StagedLog, pending: StagedPending, outage: Outage
) -> None:
    client = await opened(hub, log)
    pending.prompt = False
    await outage.begin()
    pending.keep(2)
    for _ in range(3):
        pending.reads.pop().fail()
        await settle()
    pending.prompt = True
    pending.reads.pop().answer()
    await settle()
    assert client.events() == ["w:2", "w:4"]
    pending.prompt = False
    late = await opened(hub, log, "u2")
    for _ in range(3):
        await settle()
        pending.reads.pop().fail()
    await settle()
    pending.prompt = True
    pending.reads.pop().answer()
    await settle()
    assert late.events() == ["w:2", "w:4"]


async def test_who_leaves_while_catching_up_is_sent_no_more(
    hub: Hub, log: StagedLog, pending: StagedPending, outage: Outage
) -> None:
    await opened(hub, log)
    await outage.begin()
    await outage.keep(2)
    pending.prompt = False
    late = await opened(hub, log, "u2")
    await settle()
    late.disconnect()
    pending.reads.pop().answer()
    await settle()
    assert late.events() == []


async def test_a_provisional_event_never_follows_the_return_of_the_log(
    hub: Hub, log: StagedLog, pending: StagedPending, outage: Outage
) -> None:
    first = await opened(hub, log)
    await outage.begin()
    await outage.keep(2)
    pending.prompt = False
    late = await opened(hub, log, "u2")
    hub.announce("main", pending.keep()[0])
    await settle()
    reads, pending.reads = pending.reads, []
    assert len(reads) == 2
    for read in reads:
        read.look()
    await outage.end()
    for read in reads:
        read.answer()
    await settle()
    assert not first.told().away
    assert late.events() == []
    assert first.told().position == late.told().position == log.top


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
