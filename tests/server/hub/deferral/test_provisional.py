"""What waits for the log is shown at once, in order, at the pace at which each connection takes it."""

from salebell_server.hub.hub import PAGES, Hub
from salebell_server.hub.member import Stage
from salebell_server.hub.provisional import PAGE
from tests.server.hub.actors import Client, opened
from tests.server.hub.deferral.outage import Outage
from tests.server.hub.stage import StagedLog, StagedPending, settle, until


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
