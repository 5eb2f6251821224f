"""Events and counts over real sockets: to whom they should go, all of them, once."""

import asyncio

import pytest

from salebell_protocol.events import Position
from salebell_protocol.messages import ErrorCode, ErrorMessage, EventMessage, Recovery, Seen, Unread
from salebell_server.gateway.metrics import SocketState
from salebell_server.log import Counted
from tests.server.gateway.raw import TEXT, frame, raw
from tests.server.gateway.stand import Stand, until


@pytest.mark.every_loop
async def test_an_event_reaches_every_admin_of_its_store(stand: Stand) -> None:
    async with stand.signed_in("ana") as ana, stand.signed_in("eva") as eva, stand.signed_in("eva") as eva_too:
        ids = await stand.sell(5)
        for client in (ana, eva, eva_too):
            assert await client.hear_events(5) == ids
    assert stand.figures.events == 15


async def test_an_event_tells_its_place(stand: Stand) -> None:
    async with stand.signed_in() as client:
        await stand.sell(2)
        first, second = await client.hear(), await client.hear()
        assert isinstance(first, EventMessage)
        assert isinstance(second, EventMessage)
        assert (first.event.offset, first.event.previous, first.event.created_before) == (1, "", 0)
        assert (second.event.offset, second.event.previous) == (2, first.event.id)


async def test_nothing_of_a_store_reaches_another(stand: Stand) -> None:
    async with stand.signed_in("ana", "main") as main, stand.signed_in("ana", "north") as north:
        theirs = await stand.sell(2, "north")
        await north.say(Seen())
        ours = await stand.sell(1, "main")
        assert await main.hear_events(1) == ours
        messages = [await north.hear() for _ in range(3)]
        assert [message.event.id for message in messages if isinstance(message, EventMessage)] == theirs
        assert any(isinstance(message, Unread) for message in messages)


async def test_looking_on_one_device_is_told_on_all_of_the_admin_and_to_nobody_else(stand: Stand) -> None:
    async with stand.signed_in("ana") as desk, stand.signed_in("ana") as laptop, stand.signed_in("eva") as eva:
        await stand.sell(3)
        for client in (desk, laptop, eva):
            await client.hear_events(3)
        await desk.say(Seen(epoch=desk.position.epoch, offset=2))
        for client in (desk, laptop):
            assert await client.hear() == Unread(count=1, seen=2, as_of=3)
        ids = await stand.sell()
        assert await eva.hear_events(1) == ids


async def test_seen_means_what_this_connection_was_given(stand: Stand) -> None:
    async with stand.signed_in("ana") as desk, stand.signed_in("ana") as laptop:
        await stand.sell(2)
        await desk.hear_events(2)
        await laptop.hear_events(2)
        await desk.say(Seen())
        assert await desk.hear() == Unread(count=0, seen=2, as_of=2)
        await desk.say(Seen(offset=1))
        assert await desk.hear() == Unread(count=0, seen=2, as_of=2)


async def test_seen_beyond_the_top_is_refused_and_changes_nothing(stand: Stand) -> None:
    async with stand.signed_in() as client:
        await stand.sell(2)
        await client.hear_events(2)
        await client.say(Seen(offset=3))
        error = await client.hear()
        assert isinstance(error, ErrorMessage)
        assert error.code is ErrorCode.POSITION_AHEAD
        await client.say(Seen(offset=1))
        assert await client.hear() == Unread(count=1, seen=1, as_of=2)


async def test_seen_of_another_epoch_is_ignored(stand: Stand) -> None:
    async with stand.signed_in() as client:
        await stand.sell(2)
        await client.hear_events(2)
        await client.say(Seen(epoch="another", offset=2))
        await client.say(Seen(epoch="another"))
        await client.say(Seen(offset=1))
        assert await client.hear() == Unread(count=1, seen=1, as_of=2)


async def test_seen_while_the_log_cannot_be_written_is_told(stand: Stand) -> None:
    async with stand.signed_in() as client:
        stand.log.down = True
        await client.say(Seen())
        error = await client.hear()
        assert isinstance(error, ErrorMessage)
        assert error.code is ErrorCode.LOG_UNAVAILABLE
        stand.log.down = False
        await client.say(Seen())
        assert await client.hear() == Unread(count=0, seen=0, as_of=0)


async def test_a_seen_that_was_sent_counts_even_when_its_sender_is_gone(stand: Stand) -> None:
    async with stand.signed_in("ana") as desk, stand.signed_in("ana") as laptop:
        await stand.sell(2)
        await laptop.hear_events(2)
        await desk.say(Seen(offset=2))
        await desk.connection.close()
        assert await laptop.hear() == Unread(count=0, seen=2, as_of=2)


async def test_a_client_that_comes_back_is_sent_what_it_missed(stand: Stand) -> None:
    async with stand.signed_in() as client:
        start = client.position
    ids = await stand.sell(30)
    async with stand.signed_in(resume=start) as client:
        assert client.success is not None
        assert client.success.recovery is Recovery.COMPLETE
        assert client.position.offset == 30
        assert await client.hear_events(30) == ids
        await client.say(Seen())
        assert await client.hear() == Unread(count=0, seen=30, as_of=30)


@pytest.mark.parametrize(
    "resume", [Position("another", 2, "created:2"), Position("", 5, "created:5"), Position("", 2, "created:1")]
)
async def test_a_client_that_cannot_be_brought_on_starts_again(stand: Stand, resume: Position) -> None:
    await stand.sell(3)
    epoch = (await stand.log.position("main")).epoch
    resume = Position(resume.epoch or epoch, resume.offset, resume.event_id)
    async with stand.signed_in(resume=resume) as client:
        assert client.success is not None
        assert client.success.recovery is Recovery.RESET
        ids = await stand.sell()
        assert await client.hear_events(1) == ids


async def test_five_thousand_missed_events_come_in_order_while_new_ones_happen(stand: Stand) -> None:
    async with stand.signed_in() as client:
        start = client.position
    missed = await stand.sell(5000)
    async with stand.signed_in("eva") as witness, stand.signed_in(resume=start) as client:
        assert client.success is not None
        assert client.success.recovery is Recovery.COMPLETE
        heard: list[str] = []
        live: list[str] = []
        while len(heard) < 5000 + len(live) or len(live) < 100:
            heard += await client.hear_events(50 if len(heard) < 4950 else 1)
            if len(live) < 100:
                live += await stand.sell()
        assert heard == missed + live
        assert await witness.hear_events(len(live)) == live


async def test_a_client_that_does_not_read_is_too_slow_and_loses_nothing(stand: Stand) -> None:
    token = stand.verifier.knows("slow", "ana", "main")
    async with stand.signed_in("eva") as witness, raw(stand.port) as slow:
        await slow.send(frame(TEXT, b'{"type":"auth","token":"%b"}' % token.encode()))
        success = (await slow.hear())[1]
        assert b"auth_success" in success
        slow.stop_reading()
        sold: list[str] = []
        while SocketState.CLOSING not in stand.figures.sockets:
            sold += await stand.sell(20, size=30_000)
            assert await witness.hear_events(20) == sold[-20:]
            assert len(sold) < 5000
        slow.read_on()
        texts, code = await slow.hear_close()
        assert code == 4413
        received = [text.partition(b'"id":"')[2].partition(b'"')[0].decode() for text in texts]
        assert received == sold[: len(received)]
        assert len(received) < len(sold)
        epoch = witness.position.epoch
        resume = Position(epoch, len(received), received[-1] if received else "")
        async with stand.signed_in("ana", "main", resume) as again:
            assert await again.hear_events(len(sold) - len(received)) == sold[len(received) :]
            ids = await stand.sell()
            assert await again.hear_events(1) == ids


async def test_a_replay_to_a_client_that_does_not_read_waits_and_fills_no_memory(stand: Stand) -> None:
    await stand.sell(1000, size=20_000)
    epoch = (await stand.log.position("main")).epoch
    token = stand.verifier.knows("slow", "ana", "main")
    resume = b'{"epoch":"%b","offset":0,"event_id":""}' % epoch.encode()
    async with raw(stand.port) as slow:
        await slow.send(frame(TEXT, b'{"type":"auth","token":"%b","resume":%b}' % (token.encode(), resume)))
        await slow.hear()
        slow.stop_reading()
        # Until nothing moves any more; should that be judged too early, the rest of the test is as good.
        before = -1
        while stand.figures.events > before:
            before = stand.figures.events
            await asyncio.sleep(0.3)
        assert before < 1000
        async with stand.signed_in("eva") as witness:
            ids = await stand.sell()
            assert await witness.hear_events(1) == ids
        slow.read_on()
        texts = [(await slow.hear())[1] for _ in range(1001)]
        offsets = [int(text.rpartition(b'"offset":')[2].partition(b",")[0]) for text in texts]
        assert offsets == list(range(1, 1002))
    await until(lambda: sum(stand.figures.sockets.values()) == 0)
    assert 4413 not in stand.figures.codes


async def test_counts_for_a_client_that_never_reads_are_bounded_too(stand: Stand) -> None:
    await stand.sell(100, size=30_000)
    epoch = (await stand.log.position("main")).epoch
    token = stand.verifier.knows("slow", "ana", "main")
    resume = b'{"epoch":"%b","offset":0,"event_id":""}' % epoch.encode()
    async with raw(stand.port) as slow:
        slow.stop_reading()
        await slow.send(frame(TEXT, b'{"type":"auth","token":"%b","resume":%b}' % (token.encode(), resume)))
        told = 0
        while SocketState.CLOSING not in stand.figures.sockets:
            for _ in range(1000):
                stand.bus.counted("main", "ana", Counted(told, 0, told))
                told += 1
            await asyncio.sleep(0)
            assert told < 1_000_000
        slow.read_on()
        assert (await slow.hear_close())[1] == 4413


async def test_a_count_that_changed_by_retention_is_told(stand: Stand) -> None:
    async with stand.signed_in() as client:
        await stand.sell(2)
        await client.hear_events(2)
        stand.bus.recount("main")
        assert await client.hear() == Unread(count=2, seen=0, as_of=2)
