"""What a socket starts from, and how it gets what it missed."""

import asyncio

import pytest

from salebell_protocol import MAX_REPLAY_EVENTS
from salebell_protocol.events import Position
from salebell_protocol.messages import Recovery
from salebell_server.log import LogDiverged, Reading, Retention, SaleLog
from tests.server.log.shop import changed, created
from tests.server.log.stand import Stand, all_entries, append_all, position_of


async def test_an_empty_log_has_a_position_that_stays(log: SaleLog) -> None:
    position = await log.position("main")
    assert position == Position(position.epoch, 0, "")
    assert await log.position("main") == position
    reading = await log.open("main", "ana", None)
    assert reading == Reading(position=position, unread=0, seen=0, recovery=Recovery.FRESH)
    await append_all(log, created("a"))
    assert await log.position("main") == Position(position.epoch, 1, "created:a")


async def test_stores_have_epochs_of_their_own(log: SaleLog) -> None:
    assert (await log.position("main")).epoch != (await log.position("other")).epoch


async def test_without_resume_it_is_fresh_at_the_top(log: SaleLog) -> None:
    await append_all(log, created("a"), created("b"))
    reading = await log.open("main", "ana", None)
    assert reading == Reading(position=await log.position("main"), unread=0, seen=2, recovery=Recovery.FRESH)


async def test_the_first_sign_in_with_another_epoch_has_seen_nothing(log: SaleLog) -> None:
    await append_all(log, created("a"), created("b"), changed("b", "edit", 1))
    reading = await log.open("main", "ana", Position("of another log", 9, "x"))
    assert (reading.recovery, reading.seen, reading.unread) == (Recovery.RESET, 0, 2)
    assert (await log.unread("main", "ana")).seen == 0


async def test_the_first_sign_in_with_the_same_epoch_has_seen_all(log: SaleLog) -> None:
    await append_all(log, created("a"), created("b"))
    first = (await all_entries(log))[0]
    reading = await log.open("main", "ana", position_of((await log.position("main")).epoch, first))
    assert (reading.recovery, reading.seen, reading.unread) == (Recovery.COMPLETE, 2, 0)


async def test_a_later_sign_in_keeps_the_cursor(log: SaleLog) -> None:
    await append_all(log, created("a"))
    await log.open("main", "ana", None)
    await append_all(log, created("b"), created("c"))
    for resume in (None, Position("of another log", 9, "x"), await log.position("main")):
        reading = await log.open("main", "ana", resume)
        assert (reading.seen, reading.unread, reading.position.offset) == (1, 2, 3)


async def test_every_position_of_the_log_is_complete(log: SaleLog) -> None:
    await append_all(log, *(created(f"s{n}") for n in range(5)))
    epoch = (await log.position("main")).epoch
    entries = await all_entries(log)
    for position in (Position(epoch, 0, ""), *(position_of(epoch, entry) for entry in entries)):
        reading = await log.open("main", "ana", position)
        assert reading.recovery is Recovery.COMPLETE
        missed = await log.entries("main", epoch, position.offset, 100)
        assert list(missed) == entries[position.offset :]


async def test_a_diverged_position_is_reset(log: SaleLog) -> None:
    await append_all(log, created("a"), created("b"))
    epoch = (await log.position("main")).epoch
    wrong = [
        Position(epoch, 1, "created:b"),
        Position(epoch, 2, "created:a"),
        Position(epoch, 3, "created:c"),
        Position("of another log", 1, "created:a"),
        Position("of another log", 0, ""),
    ]
    for position in wrong:
        assert (await log.open("main", "ana", position)).recovery is Recovery.RESET


async def test_too_far_behind_is_reset(log: SaleLog) -> None:
    epoch = (await log.position("main")).epoch
    for start in range(0, MAX_REPLAY_EVENTS, 1000):
        await asyncio.gather(*(log.append(created(f"s{n}")) for n in range(start, start + 1000)))
    nothing = Position(epoch, 0, "")
    assert (await log.open("main", "ana", nothing)).recovery is Recovery.COMPLETE
    await append_all(log, created("one more"))
    assert (await log.open("main", "ana", nothing)).recovery is Recovery.RESET
    first = (await log.entries("main", epoch, 0, 1))[0]
    assert (await log.open("main", "ana", position_of(epoch, first))).recovery is Recovery.COMPLETE


async def test_a_trimmed_position_is_complete_while_nothing_after_it_is_gone(stand: Stand) -> None:
    log = stand.log
    await append_all(log, *(created(f"s{n}") for n in range(6)))
    epoch = (await log.position("main")).epoch
    entries = await all_entries(log)
    await log.trim(Retention(events_per_store=3), stand.time.now)
    recoveries = [(await log.open("main", "ana", position_of(epoch, entry))).recovery for entry in entries]
    assert recoveries == [Recovery.RESET] * 2 + [Recovery.COMPLETE] * 4
    renamed = Position(epoch, 3, "another")
    assert (await log.open("main", "ana", renamed)).recovery is Recovery.RESET


async def test_the_top_is_complete_when_all_events_are_trimmed(stand: Stand) -> None:
    log = stand.log
    await append_all(log, created("a"), created("b"))
    position = await log.position("main")
    stand.time.passes(days=91)
    await log.trim(Retention(), stand.time.now)
    assert await log.position("main") == position
    assert (await log.open("main", "ana", position)).recovery is Recovery.COMPLETE
    behind = Position(position.epoch, 1, "created:a")
    assert (await log.open("main", "ana", behind)).recovery is Recovery.RESET
    assert await log.entries("main", position.epoch, 2, 10) == ()
    await append_all(log, created("c"))
    assert [entry.offset for entry in await log.entries("main", position.epoch, 2, 10)] == [3]


async def test_entries_come_in_pages(log: SaleLog) -> None:
    await append_all(log, *(created(f"s{n}") for n in range(5)))
    epoch = (await log.position("main")).epoch
    assert [entry.offset for entry in await log.entries("main", epoch, 1, 2)] == [2, 3]
    assert [entry.offset for entry in await log.entries("main", epoch, 3, 2)] == [4, 5]
    assert await log.entries("main", epoch, 5, 2) == ()


async def test_entries_that_are_not_in_this_log(stand: Stand) -> None:
    log = stand.log
    await append_all(log, *(created(f"s{n}") for n in range(5)))
    epoch = (await log.position("main")).epoch
    await log.trim(Retention(events_per_store=3), stand.time.now)
    assert [entry.offset for entry in await log.entries("main", epoch, 2, 9)] == [3, 4, 5]
    for store, of, after in (
        ("main", epoch, 1),
        ("main", epoch, 0),
        ("main", epoch, 6),
        ("main", "other", 5),
        ("other", epoch, 0),
    ):
        with pytest.raises(LogDiverged):
            await log.entries(store, of, after, 9)


async def test_admins_and_stores_are_told_apart(log: SaleLog) -> None:
    await append_all(log, created("a"))
    await log.open("main", "ana", None)
    await append_all(log, created("b"), created("a", store="other"))
    assert (await log.open("main", "ana", None)).unread == 1
    assert (await log.open("main", "eva", None)).unread == 0
    assert (await log.open("other", "ana", None)).seen == 1
