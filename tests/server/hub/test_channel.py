"""Following a store: the bus where it can be trusted, the log where it cannot."""

import asyncio

import pytest

from salebell_protocol.events import Position
from salebell_server.hub.channel import WRITE_BYTES
from salebell_server.hub.hub import Hub
from salebell_server.hub.member import Stage
from salebell_server.log import LogUnavailable
from tests.server.hub.actors import Client, opened
from tests.server.hub.stage import StagedBus, StagedLog, at, settle, until

EPOCH = "epoch-1"


async def test_an_event_reaches_every_live_connection_in_the_same_bytes(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    clients = [await opened(hub, log, uid) for uid in ("u1", "u1", "u2")]
    bus.bring(EPOCH, log.add())
    await settle()
    assert [client.events() for client in clients] == [["g1:1"]] * 3
    first = clients[0].writes[0]
    assert all(client.writes == [first] and client.writes[0] is first for client in clients)


async def test_events_that_are_ready_together_share_one_write(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    client = await opened(hub, log)
    bus.bring(EPOCH, log.add(2))
    bus.bring(EPOCH, log.add(3))
    await settle()
    assert len(client.events()) == 5
    assert len(client.writes) == 1


async def test_a_burst_is_spread_over_turns_so_that_who_keeps_up_is_not_too_slow(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    client = await opened(hub, log)
    bus.bring(EPOCH, log.add(1000, size=2000))
    await settle()
    await until(lambda: client.delivered == 1000)
    assert len(client.events()) == 1000
    assert len(client.writes) > 10
    assert max(map(len, client.writes)) <= WRITE_BYTES + 3000


async def test_a_publication_while_the_channel_opens_is_not_lost(bus: StagedBus) -> None:
    log = StagedLog()
    hub = Hub(log=log, bus=bus, retry=0)
    client = Client()
    task = asyncio.create_task(client.open(hub, log))
    await settle()
    (position,) = log.reads
    position.look()
    bus.bring(EPOCH, log.add())
    log.reads.clear()
    log.prompt = True
    position.answer()
    await settle()
    assert task.done()
    assert client.stage is Stage.LIVE
    assert client.delivered == 1
    await hub.close()


async def test_a_reading_ahead_of_the_bus_waits_for_it_without_asking_the_log(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    first = await opened(hub, log)
    news = log.add(2)
    client = Client()
    opening = asyncio.create_task(client.open(hub, log))
    await asyncio.sleep(0)
    bus.bring(EPOCH, news)
    await opening
    await settle()
    assert client.stage is Stage.LIVE
    assert (client.events(), first.events()) == ([], ["g1:1", "g1:2"])
    assert "entries" not in log.asked


async def test_a_reading_ahead_of_a_bus_that_lost_it_brings_the_others_along(hub: Hub, log: StagedLog) -> None:
    first = await opened(hub, log)
    log.add(2)
    log.prompt = False
    client = Client()
    opening = asyncio.create_task(client.open(hub, log))
    await settle()
    log.reads.pop().answer()
    await opening
    assert client.stage is Stage.AHEAD
    await settle()
    assert log.asked[-1] == "entries"
    log.reads.pop().answer()
    await settle()
    assert client.stage is Stage.LIVE
    assert (client.events(), first.events()) == ([], ["g1:1", "g1:2"])


async def test_who_leaves_while_ahead_is_sent_nothing_any_more(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    first = await opened(hub, log)
    news = log.add(2)
    log.prompt = False
    client = Client()
    opening = asyncio.create_task(client.open(hub, log))
    await settle()
    log.reads.pop().answer()
    await opening
    assert client.stage is Stage.AHEAD
    client.disconnect()
    bus.bring(EPOCH, (*news, *log.add()))
    await settle()
    assert client.stage is Stage.GONE
    assert (client.events(), len(first.events())) == ([], 3)


async def test_a_gap_is_read_from_the_log(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    client = await opened(hub, log)
    log.add(3)
    bus.bring(EPOCH, log.add())
    await settle()
    assert client.events() == ["g1:1", "g1:2", "g1:3", "g1:4"]


async def test_what_is_repeated_is_not_sent_again(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    client = await opened(hub, log)
    news = log.add(3)
    bus.bring(EPOCH, news)
    bus.bring(EPOCH, news[1:])
    bus.bring(EPOCH, (*news, *log.add()))
    bus.bring(EPOCH, ())
    await settle()
    assert client.events() == ["g1:1", "g1:2", "g1:3", "g1:4"]


async def test_a_log_that_cannot_be_read_is_tried_again(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    client = await opened(hub, log)
    log.add()
    log.prompt = False
    bus.bring(EPOCH, log.add())
    await settle()
    for _ in range(3):
        log.reads.pop().fail()
        await settle()
    log.reads.pop().answer()
    await settle()
    assert client.events() == ["g1:1", "g1:2"]


async def test_an_event_that_the_log_never_had_is_not_looked_for_for_ever(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    client = await opened(hub, log)
    other = StagedLog()
    bus.bring(EPOCH, other.add(3)[2:])
    await settle()
    asked = len(log.asked)
    await settle()
    assert len(log.asked) == asked
    bus.bring(EPOCH, log.add())
    await settle()
    assert client.events() == ["g1:1"]
    assert client.closed is None


async def test_a_word_about_another_epoch_closes_nobody_when_the_log_is_the_same(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    log.add()
    client = await opened(hub, log)
    bus.bring("epoch-0", log.add())
    await settle()
    assert client.closed is None
    assert client.events() == ["g1:2"]


async def test_what_happens_while_the_log_is_looked_at_is_not_taken_for_another_log(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    first = await opened(hub, log)
    log.prompt = False
    bus.bring("epoch-0", StagedLog().add())
    await settle()
    log.reads.pop().answer()
    await settle()
    (position,) = log.reads
    position.look()
    news = log.add()
    log.reads.clear()
    log.prompt = True
    newcomer = await opened(hub, log)
    assert newcomer.stage is Stage.AHEAD
    position.answer()
    await settle()
    assert newcomer.stage is Stage.LIVE
    bus.bring(EPOCH, news)
    await settle()
    assert (first.events(), newcomer.events()) == (["g1:1"], [])
    assert first.closed is newcomer.closed is None


@pytest.mark.parametrize(
    ("keep", "new_epoch", "added", "brought"),
    [
        pytest.param(0, True, 1, 1, id="a new epoch"),
        pytest.param(3, False, 3, 1, id="the next event follows another one"),
        pytest.param(4, False, 1, 1, id="another event at the same place"),
        pytest.param(3, False, 4, 1, id="a gap, and what fills it follows another one"),
    ],
)
async def test_another_log_closes_everybody_who_followed_the_one_before(
    hub: Hub, log: StagedLog, bus: StagedBus, keep: int, new_epoch: bool, added: int, brought: int
) -> None:
    log.add(5)
    clients = [await opened(hub, log, uid) for uid in ("u1", "u2")]
    log.replace(keep, new_epoch=new_epoch)
    bus.bring(log.epoch, log.add(added)[-brought:])
    await settle()
    assert [client.closed and client.closed[0] for client in clients] == [1012, 1012]
    assert [client.events() for client in clients] == [[], []]
    assert bus.subscribers == []


async def test_a_log_that_was_set_back_is_found_out_by_a_word_about_another_epoch(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    log.add(5)
    client = await opened(hub, log)
    log.replace(4, new_epoch=False)
    bus.bring("epoch-0", log.add(1))
    await settle()
    assert client.closed is not None
    assert client.closed[0] == 1012


async def test_a_log_that_was_set_back_is_found_out_by_its_next_event(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    log.add(5)
    client = await opened(hub, log)
    log.replace(1, new_epoch=False)
    bus.bring(EPOCH, log.add())
    await settle()
    assert client.closed is not None
    assert client.closed[0] == 1012


async def test_a_newcomer_that_reads_another_log_shows_that_it_was_replaced(hub: Hub, log: StagedLog) -> None:
    log.add(5)
    first = await opened(hub, log)
    log.replace(4, new_epoch=False)
    log.add(1)
    newcomer = await opened(hub, log)
    assert [client.closed and client.closed[0] for client in (first, newcomer)] == [1012, 1012]
    again = await opened(hub, log)
    assert again.stage is Stage.LIVE


async def test_a_newcomer_that_reads_another_epoch_shows_that_it_was_replaced(hub: Hub, log: StagedLog) -> None:
    first = await opened(hub, log)
    log.replace(0, new_epoch=True)
    newcomer = await opened(hub, log)
    assert [client.closed and client.closed[0] for client in (first, newcomer)] == [1012, 1012]


async def test_a_newcomer_whose_reading_was_of_another_log_is_sent_away_when_its_place_is_reached(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    first = await opened(hub, log)
    lost = log.add()
    newcomer = Client("u2")
    opening = asyncio.create_task(newcomer.open(hub, log))
    await asyncio.sleep(0)
    log.replace(0, new_epoch=False)
    bus.bring(EPOCH, log.add())
    await opening
    await settle()
    assert newcomer.start.event_id == lost[0].event_id
    assert newcomer.closed is not None
    assert newcomer.closed[0] == 1012
    assert first.events() == ["g2:1"]


async def test_a_newcomer_that_resumes_from_an_event_that_the_others_do_not_have_is_sent_away(
    hub: Hub, log: StagedLog
) -> None:
    log.add()
    first = await opened(hub, log)
    log.replace(0, new_epoch=False)
    log.add(3)
    newcomer = await opened(hub, log, resume=at(log, 1))
    assert newcomer.closed is not None
    assert newcomer.closed[0] == 1012
    assert first.stage is Stage.LIVE


async def test_what_was_on_its_way_when_the_log_was_replaced_is_not_sent(
    hub: Hub, log: StagedLog, bus: StagedBus
) -> None:
    client = await opened(hub, log)
    assert client.place is not None
    bus.bring(EPOCH, log.add())
    assert not client.place[0].compare(Position("epoch-2", 1, "g2:1"))
    await settle()
    assert client.events() == []


async def test_everybody_who_waits_hears_that_the_log_cannot_be_read(bus: StagedBus) -> None:
    log = StagedLog()
    hub = Hub(log=log, bus=bus, retry=0)
    clients = [Client(), Client()]
    opening = [asyncio.create_task(client.open(hub, log)) for client in clients]
    await settle()
    log.reads.pop().fail()
    await asyncio.gather(*opening)
    assert [client.failed for client in clients] == [True, True]
    await settle()
    assert bus.subscribers == []
    log.prompt = True
    again = await opened(hub, log)
    assert again.stage is Stage.LIVE
    await hub.close()


async def test_a_store_is_followed_as_long_as_somebody_is_there(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    first, second = await opened(hub, log), await opened(hub, log, "u2")
    assert bus.subscribed == 1
    first.disconnect()
    first.disconnect()
    await settle()
    assert len(bus.subscribers) == 1
    second.disconnect()
    await settle()
    assert bus.subscribers == []
    third = await opened(hub, log)
    bus.bring(EPOCH, log.add())
    await settle()
    assert third.events() == ["g1:1"]
    assert first.events() == []


async def test_leaving_while_the_channel_opens_leaves_nothing_behind(bus: StagedBus) -> None:
    log = StagedLog()
    hub = Hub(log=log, bus=bus, retry=0)
    client = Client()
    opening = asyncio.create_task(client.open(hub, log))
    await settle()
    client.disconnect()
    log.reads.pop().answer()
    await opening
    await settle()
    assert client.failed
    assert bus.subscribers == []
    await hub.close()


async def test_the_last_to_leave_ends_what_is_being_read(hub: Hub, log: StagedLog, bus: StagedBus) -> None:
    client = await opened(hub, log)
    assert client.place is not None
    channel, member = client.place
    log.add()
    log.prompt = False
    bus.bring(EPOCH, log.add())
    await settle()
    client.disconnect()
    channel.leave(member)
    log.reads.pop().answer()
    await settle()
    assert (log.reads, client.events(), bus.subscribers) == ([], [], [])


async def test_a_reading_for_somebody_who_has_left_is_ignored(hub: Hub, log: StagedLog) -> None:
    client = await opened(hub, log)
    assert client.place is not None
    channel, member = client.place
    other = await opened(hub, log, "u2")
    client.disconnect()
    channel.attach(member, log.top, log.top)
    assert member.stage is Stage.GONE
    assert other.stage is Stage.LIVE


async def test_an_opened_channel_that_is_over_says_so(hub: Hub, log: StagedLog) -> None:
    client = await opened(hub, log)
    assert client.place is not None
    client.disconnect()
    with pytest.raises(LogUnavailable):
        await client.place[0].opened()
