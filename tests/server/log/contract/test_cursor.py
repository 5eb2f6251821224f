"""Looking at sales: the cursor and the count."""

import asyncio
from itertools import pairwise

import pytest

from salebell_protocol.events import Position
from salebell_server.log import Counted, PositionAhead, SaleLog
from tests.server.log.shop import changed, created, paid
from tests.server.log.stand import Heard, Opener, append_all


@pytest.fixture
async def epoch(log: SaleLog) -> str:
    """Of a log in which ana has seen the first of five events; two sales have rung since, one of them twice."""
    await append_all(log, created("a"))
    await log.open("main", "ana", None)
    await append_all(log, created("b"), paid("a", 1), changed("b", "edit", 1), paid("b", 2))
    return (await log.position("main")).epoch


@pytest.mark.usefixtures("epoch")
async def test_a_sale_counts_once_by_its_latest_creation(log: SaleLog) -> None:
    assert await log.unread("main", "ana") == Counted(2, 1, 5)


@pytest.mark.parametrize(("offset", "count"), [(0, 2), (1, 2), (2, 2), (3, 1), (4, 1), (5, 0)])
async def test_see_counts_from_the_cursor_and_tells(
    log: SaleLog, heard: Heard, epoch: str, offset: int, count: int
) -> None:
    await log.see("main", "ana", epoch, offset)
    expected = Counted(count, max(offset, 1), 5)
    await heard.caught_up()
    assert heard.counts == [("main", "ana", expected)]
    assert await log.unread("main", "ana") == expected


async def test_the_cursor_only_moves_forward(log: SaleLog, heard: Heard, epoch: str) -> None:
    for offset in (3, 2, 3, 0):
        await log.see("main", "ana", epoch, offset)
    await heard.caught_up()
    assert heard.counts == [("main", "ana", Counted(1, 3, 5))] * 4


async def test_another_epoch_is_ignored(log: SaleLog, heard: Heard, epoch: str) -> None:
    await log.see("main", "ana", f"not {epoch}", 5)
    await log.see("main", "ana", f"not {epoch}", 99)
    await log.see("other", "ana", epoch, 1)
    await heard.caught_up()
    assert heard.counts == []
    assert (await log.unread("main", "ana")).seen == 1


async def test_beyond_the_top_is_refused(log: SaleLog, heard: Heard, epoch: str) -> None:
    with pytest.raises(PositionAhead):
        await log.see("main", "ana", epoch, 6)
    await heard.caught_up()
    assert heard.counts == []
    assert (await log.unread("main", "ana")).seen == 1


async def test_each_admin_has_a_cursor(log: SaleLog, heard: Heard, epoch: str) -> None:
    await log.open("main", "eva", Position("of another log", 1, "x"))
    await log.see("main", "eva", epoch, 3)
    await heard.caught_up()
    assert heard.counts == [("main", "eva", Counted(1, 3, 5))]
    assert (await log.unread("main", "ana")).seen == 1


@pytest.mark.usefixtures("epoch")
async def test_an_admin_without_a_cursor_has_nothing_unread(log: SaleLog) -> None:
    assert await log.unread("main", "eva") == Counted(0, 5, 5)
    await append_all(log, created("c"))
    assert await log.unread("main", "eva") == Counted(0, 6, 6)
    assert await log.unread("nowhere", "eva") == Counted(0, 0, 0)


async def test_an_acknowledged_look_is_durable(opener: Opener) -> None:
    async with opener() as first:
        await append_all(first.log, created("a"))
        await first.log.open("main", "ana", None)
        await append_all(first.log, created("b"), created("c"))
        await first.log.see("main", "ana", (await first.log.position("main")).epoch, 2)
    async with opener() as second:
        assert await second.log.unread("main", "ana") == Counted(1, 2, 3)


async def test_looks_of_two_devices_at_once_end_at_the_furthest(log: SaleLog, heard: Heard, epoch: str) -> None:
    await asyncio.gather(*(log.see("main", "ana", epoch, offset) for offset in (2, 5, 3, 4, 1)))
    assert await log.unread("main", "ana") == Counted(0, 5, 5)
    await heard.caught_up()
    seen = [counted.seen for _, _, counted in heard.counts]
    assert len(seen) == 5
    assert all(earlier <= later for earlier, later in pairwise(seen))
