"""Catching up: what was missed, paced by who reads it, and then what happens."""

from salebell_server.hub.hub import PAGES, Hub
from salebell_server.hub.member import Stage
from tests.server.hub.actors import Client, opened
from tests.server.hub.stage import StagedBus, StagedLog, at, settle, until

EPOCH = "epoch-1"


async def test_who_resumes_is_sent_what_was_missed_and_then_what_happens(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    log.add(250)
    client = await opened(hub, log, resume=at(log, 10), room=10**6)
    await settle()
    bus.bring(EPOCH, log.add())
    await settle()
    assert client.events() == [f"g1:{offset}" for offset in range(11, 252)]
    assert client.delivered == 251
    assert client.stage is Stage.LIVE


async def test_a_replay_waits_for_its_connection_and_disturbs_nobody(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    log.add(3000, size=2000)
    other = await opened(hub, log, "u2")
    slow = Client(quiet_room=50_000)
    slow.stall()
    await slow.open(hub, log, at(log, 0))
    for _ in range(5):
        bus.bring(EPOCH, log.add(2))
        await settle()
    sent = len(slow.events())
    assert 0 < sent < 100
    assert slow.stage is Stage.REPLAYING
    assert len(other.events()) == 10
    slow.flow()
    await until(lambda: slow.stage is Stage.LIVE)
    assert slow.events() == [f"g1:{offset}" for offset in range(1, 3011)]
    assert not slow.overrun


async def test_replays_that_are_stuck_hold_up_no_other(hub: Hub, log: StagedLog) -> None:
    log.add(300, size=2000)
    stuck = [Client(f"u{number}", quiet_room=50_000) for number in range(2 * PAGES)]
    for client in stuck:
        client.stall()
        await client.open(hub, log, at(log, 0))
    await settle()
    assert all(client.stage is Stage.REPLAYING for client in stuck)
    other = await opened(hub, log, "other", resume=at(log, 0), room=10**9)
    await until(lambda: other.stage is Stage.LIVE)
    assert len(other.events()) == 300
    for client in stuck:
        client.flow()
    await until(lambda: all(client.stage is Stage.LIVE for client in stuck))
    assert [len(client.events()) for client in stuck] == [300] * len(stuck)


async def test_who_leaves_during_a_replay_is_sent_no_more(hub: Hub, log: StagedLog) -> None:
    log.add(3000)
    slow = Client(quiet_room=20_000)
    slow.stall()
    await slow.open(hub, log, at(log, 0))
    await settle()
    sent = len(slow.events())
    slow.disconnect()
    await settle()
    assert len(slow.events()) == sent


async def test_a_replay_tries_again_when_the_log_cannot_be_read(hub: Hub, log: StagedLog) -> None:
    log.add(3)
    client = await opened(hub, log, resume=at(log, 3))
    late = Client()
    await late.open(hub, log, at(log, 0))
    log.prompt = False
    await settle()
    for _ in range(2):
        log.reads.pop().fail()
        await settle()
    log.reads.pop().answer()
    await settle()
    assert late.events() == ["g1:1", "g1:2", "g1:3"]
    assert client.events() == []


async def test_a_replay_whose_events_were_trimmed_meanwhile_sends_its_client_to_resume(
    hub: Hub, log: StagedLog
) -> None:
    log.add(10)
    other = await opened(hub, log, "u2")
    late = Client()
    await late.open(hub, log, at(log, 2))
    log.trimmed = 5
    await settle()
    assert late.closed is not None
    assert late.closed[0] == 1012
    assert other.closed is None
    assert other.stage is Stage.LIVE


async def test_a_replay_that_finds_the_log_shorter_than_it_was_closes_everybody(hub: Hub, log: StagedLog) -> None:
    log.add(5)
    other = await opened(hub, log, "u2")
    late = Client()
    await late.open(hub, log, at(log, 2))
    log.replace(2, new_epoch=False)
    await settle()
    assert [client.closed and client.closed[0] for client in (late, other)] == [1012, 1012]


async def test_a_live_connection_that_does_not_read_is_too_slow(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    slow, other = await opened(hub, log), await opened(hub, log, "u2")
    slow.stall()
    for _ in range(50):
        bus.bring(EPOCH, log.add())
        await settle()
    assert slow.closed == (4413, "too slow")
    assert len(other.events()) == 50
    again = Client()
    await again.open(hub, log, at(log, len(slow.events())))
    await until(lambda: again.stage is Stage.LIVE)
    assert [*slow.events(), *again.events()] == other.events()


async def test_a_connection_whose_buffer_is_full_does_not_go_live(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    client = Client()
    channel, member = client.place = hub.join(client, "main", "u1")
    member.choked = True
    await channel.opened()
    channel.attach(member, log.top, log.top)
    bus.bring(EPOCH, log.add())
    await settle()
    assert client.events() == []
    member.drain()
    await settle()
    assert client.events() == ["g1:1"]
    assert client.stage is Stage.LIVE
