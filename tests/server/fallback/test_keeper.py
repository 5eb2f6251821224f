"""The log goes away and comes back: everything that was kept is in it, once, before it is used again."""

import asyncio
import itertools
from pathlib import Path

import pytest
import structlog

from salebell_server.fallback.keeper import BROKEN
from salebell_server.fallback.machine import State
from salebell_server.log import Appended, Draft, LogUnavailable, Lookup
from salebell_server.sales.draining import resolve
from salebell_server.sales.ledger import Ledger
from salebell_server.sales.requests import Receipt
from tests.server.fallback.stand import Stand, creation, no_room, outbox_in, scribble, standing, until


def draft(number: int) -> Draft:
    made = resolve(creation(number), Lookup(known=None, record=None)).draft
    assert made is not None
    return made


async def used(stand: Stand) -> None:
    stand.keeper.link_up()
    assert await stand.keeper.ready_within(10)


async def test_it_begins_away_and_is_used_once_it_was_written_to_and_the_bus_is_connected(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        assert stand.keeper.state is State.DEGRADED
        assert not await stand.keeper.ready_within(0.05)
        with pytest.raises(LogUnavailable, match="not been reached"):
            await stand.shared.append(draft(1))
        await used(stand)
        assert await stand.shared.append(draft(1)) == Appended(1)
        assert stand.told.heard == ["defer", "restore"]


async def test_a_failure_is_told_before_its_caller_hears_of_it(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await used(stand)
        assert await stand.shared.stores() == ("main",)
        stand.log.away = True
        with pytest.raises(LogUnavailable):
            await stand.shared.lookup("main", "s1", None)
        assert stand.told.heard == ["defer", "restore", "defer"]
        assert stand.keeper.away == "it is switched off"
        assert await stand.shared.stores() == ("copied", "main")


async def test_what_was_kept_is_in_the_log_before_it_is_used_again(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await used(stand)
        stand.log.away = True
        with pytest.raises(LogUnavailable):
            await stand.shared.check()
        for number in range(1, 30):
            await stand.outbox.take(creation(number))
            await stand.outbox.take(creation(number, store="other"))
        stand.log.away = False
        assert await stand.keeper.ready_within(10)
        expected = [f"created:s{number}" for number in range(1, 30)]
        assert await stand.ids() == await stand.ids("other") == expected
        assert await stand.outbox.kept(1) == ()
        assert stand.metrics.conflicts == [False] * 58
        assert stand.told.heard[:3] == ["defer", "restore", "defer"]
        assert stand.told.heard[-1] == "restore"
        assert "main: created:s1" in stand.told.heard


async def test_a_write_of_unknown_outcome_is_there_once(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await used(stand)
        stand.log.away = stand.log.lies = True
        with pytest.raises(LogUnavailable):
            await stand.shared.append(draft(1))
        await stand.outbox.take(creation(1))
        stand.log.away = stand.log.lies = False
        assert await stand.keeper.ready_within(10)
        assert await stand.ids() == ["created:s1"]


async def test_what_another_process_left_is_drained_while_all_is_well(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await used(stand)
        await stand.outbox.take(creation(1))
        await until(lambda: stand.metrics.conflicts, "it was drained")
        assert await stand.ids() == ["created:s1"]
        assert stand.keeper.state is State.NORMAL


async def test_a_bus_that_is_silent_puts_the_log_away(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await used(stand)
        stand.keeper.link_down("nothing comes")
        assert stand.keeper.away == "nothing comes"
        assert not await stand.keeper.ready_within(1)
        await used(stand)


async def test_a_log_that_is_not_fit_is_not_used_and_says_why(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:

        def unfit() -> None:
            raise LogUnavailable("it keeps nothing on its disk")

        stand.fit = unfit
        stand.keeper.link_up()
        await until(lambda: stand.keeper.away == "it keeps nothing on its disk", "it says why")
        stand.fit = lambda: None
        await used(stand)


async def test_a_write_that_began_before_a_failure_shows_nothing(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        tried = 0

        def fail_once() -> None:
            nonlocal tried
            tried += 1
            if tried == 1:
                stand.keeper.failed("while it was tried")

        stand.fit = fail_once
        await used(stand)
        assert tried == 2


async def test_what_can_never_come_into_the_log_holds_up_nothing(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await stand.outbox.take(creation(1))
        (kept,) = await stand.outbox.kept(1)
        scribble(tmp_path / "outbox", kept.number)
        await stand.outbox.take(creation(2))
        await used(stand)
        assert await stand.ids() == ["created:s2"]
        assert (await stand.outbox.contents()).aside == 1
        assert stand.metrics.conflicts == [False]


async def test_it_comes_back_however_many_sales_come_in(tmp_path: Path) -> None:
    """Each of them is in the log in the end, kept or not, and a producer's own in the order of its calls."""
    async with standing(tmp_path) as stand:
        ledger = Ledger(stand.shared, intake=stand.outbox)
        receipts: dict[int, list[Receipt]] = {number: [] for number in range(8)}
        stopped = False

        async def produce(producer: int) -> None:
            for number in itertools.count(producer * 100_000):
                if stopped:
                    return
                receipts[producer].append(await ledger.create(draft(number)))

        producers = [asyncio.create_task(produce(producer)) for producer in receipts]
        await until(lambda: len(receipts[0]) > 20, "sales come in")
        await used(stand)
        been = len(receipts[0])
        await until(lambda: len(receipts[0]) > been + 20, "sales go on coming in")
        stopped = True
        await asyncio.gather(*producers)
        everything = [receipt for each in receipts.values() for receipt in each]
        assert {receipt.offset is None for receipt in everything} == {True, False}
        assert stand.keeper.state is State.NORMAL
        assert await stand.outbox.kept(1) == ()
        ids = await stand.ids()
        assert sorted(ids) == sorted(receipt.event_id for receipt in everything)
        for each in receipts.values():
            mine = {receipt.event_id for receipt in each}
            assert [event_id for event_id in ids if event_id in mine] == [receipt.event_id for receipt in each]


async def test_what_others_keep_in_the_same_outbox_is_announced_here_too(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand, outbox_in(tmp_path / "outbox") as theirs:
        await theirs.take(creation(1, store="other"))
        await until(lambda: "other: created:s1" in stand.told.heard, "it is announced")


async def test_a_log_that_goes_away_while_it_is_told_is_away(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await asyncio.gather(*(stand.outbox.take(creation(number)) for number in range(300)))
        stand.log.fails_after = 100
        stand.keeper.link_up()
        await until(lambda: stand.keeper.away == "it is switched off", "it is noticed")
        assert stand.told.heard[-1] != "restore"
        stand.log.fails_after, stand.log.away = None, False
        assert await stand.keeper.ready_within(10)
        assert await stand.ids() == [f"created:s{number}" for number in range(300)]


async def test_a_log_that_fails_what_another_process_left_is_away(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await used(stand)
        stand.log.away = True
        await stand.outbox.take(creation(1))
        await until(lambda: stand.keeper.away == "it is switched off", "it is noticed")


async def test_a_fault_of_ours_is_told_and_tried_again(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:

        def fail() -> None:
            raise ZeroDivisionError

        with structlog.testing.capture_logs() as logs:
            stand.fit = fail
            stand.keeper.link_up()
            await until(lambda: logs, "it is told")
        assert "ZeroDivisionError" in logs[0]["traceback"]
        stand.fit = lambda: None
        assert await stand.keeper.ready_within(10)


async def test_a_drain_that_fails_by_a_fault_of_ours_is_tried_again(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await stand.outbox.take(creation(1))
        stand.metrics.fails = True
        stand.keeper.link_up()
        await until(lambda: stand.keeper.away == BROKEN, "it is noticed")
        stand.metrics.fails = False
        assert await stand.keeper.ready_within(10)
        assert await stand.ids() == ["created:s1"]


async def test_an_outbox_that_fails_is_told_once_and_used_again_when_it_can_be(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        with no_room() as logs:
            with pytest.raises(LogUnavailable, match="the outbox"):
                await stand.outbox.take(creation(1))
            assert stand.outbox.fault
            await until(lambda: any(entry["event"] == "the outbox fails" for entry in logs), "it is told")
        await until(lambda: not stand.outbox.fault, "it is found to work")
        assert [entry["event"] for entry in logs].count("the outbox fails") == 1
        assert not (await stand.outbox.take(creation(1))).duplicate


async def test_transitions_are_told_in_one_line_each(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with standing(tmp_path) as stand:
            await asyncio.gather(*(stand.outbox.take(creation(number)) for number in range(3)))
            await used(stand)
            stand.keeper.failed("refused")
            stand.keeper.failed("refused")
    told = [(entry["event"], entry.get("drained"), entry.get("reason")) for entry in logs]
    assert told == [
        ("the shared log can be written to again; telling it what was kept", None, None),
        ("the shared log is back", 3, None),
        ("the shared log is away", None, "refused"),
    ]
