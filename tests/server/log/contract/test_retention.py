"""What is forgotten, and what is not."""

import asyncio

from salebell_protocol.events import Position
from salebell_server.log import (
    Appended,
    Counted,
    Known,
    LogDiverged,
    Lookup,
    Retention,
    SaleLog,
    SalesQuery,
)
from tests.server.log.shop import changed, created, digest, paid
from tests.server.log.stand import Heard, Stand, append_all

EVERYTHING = 10_000


async def retained(log: SaleLog, store: str = "main") -> list[int]:
    """The offsets of the events that are still there."""
    position = await log.position(store)
    for after in range(position.offset + 1):
        try:
            return [entry.offset for entry in await log.entries(store, position.epoch, after, EVERYTHING)]
        except LogDiverged:
            continue
    raise AssertionError("not even what comes after the top can be asked for")


async def test_events_by_number_in_each_store(stand: Stand) -> None:
    await append_all(stand.log, *(created(f"s{n}") for n in range(7)), created("a", store="other"))
    await stand.log.trim(Retention(events_per_store=7), stand.time.now)
    assert await retained(stand.log) == [1, 2, 3, 4, 5, 6, 7]
    await stand.log.trim(Retention(events_per_store=3), stand.time.now)
    assert await retained(stand.log) == [5, 6, 7]
    assert await retained(stand.log, "other") == [1]


async def test_events_by_age(stand: Stand) -> None:
    for day in range(5):
        await append_all(stand.log, created(f"s{day}"))
        stand.time.passes(days=1)
    await stand.log.trim(Retention(event_days=3), stand.time.now)
    assert await retained(stand.log) == [3, 4, 5]


async def test_age_is_when_it_was_recorded(stand: Stand) -> None:
    """A producer may send in what happened long ago, and expects it to arrive."""
    stand.time.passes(days=500)
    await append_all(stand.log, created("a"))
    await stand.log.trim(Retention(), stand.time.now)
    assert await retained(stand.log) == [1]
    assert await stand.log.sale("main", "a") is not None


async def test_what_is_retained_has_no_gap_though_the_clock_was_set_back(stand: Stand) -> None:
    for days in (0, 100, -100, 100):
        stand.time.passes(days=days)
        await append_all(stand.log, created(f"s{(await stand.log.position('main')).offset}"))
    await stand.log.trim(Retention(), stand.time.now)
    assert await retained(stand.log) == [2, 3, 4]


async def test_more_than_a_slice_is_forgotten(stand: Stand) -> None:
    await asyncio.gather(*(stand.log.append(created(f"s{n}")) for n in range(1200)))
    await stand.log.trim(Retention(events_per_store=100), stand.time.now)
    assert await retained(stand.log) == list(range(1101, 1201))
    stand.time.passes(days=366)
    await stand.log.trim(Retention(), stand.time.now)
    assert await retained(stand.log) == []
    assert (await stand.log.sales(SalesQuery(store="main"), "ana")).sales == ()


async def test_the_log_goes_on_where_it_was(stand: Stand) -> None:
    await append_all(stand.log, created("a"), created("b"))
    epoch = (await stand.log.position("main")).epoch
    stand.time.passes(days=800)
    await stand.log.trim(Retention(), stand.time.now)
    assert await stand.log.position("main") == Position(epoch, 2, "created:b")
    assert await append_all(stand.log, created("c")) == [3]
    entry = (await stand.log.entries("main", epoch, 2, 9))[0]
    assert entry.previous == "created:b"


async def test_a_trimmed_event_is_known_as_long_as_its_sale(stand: Stand) -> None:
    await append_all(stand.log, created("a"), created("b"))
    stand.time.passes(days=300)
    await stand.log.trim(Retention(), stand.time.now)
    assert await stand.log.append(created("a")) == Known("created:a", 1, digest("created:a"))
    lookup = await stand.log.lookup("main", "a", "created:a")
    assert lookup.known is not None
    assert lookup.record is not None
    assert (await stand.log.sale("main", "a")) == created("a").sale
    assert await stand.log.history("main", "a") == ()


async def test_a_forgotten_sale_is_gone_with_its_ids(stand: Stand) -> None:
    await append_all(stand.log, created("a"), created("b"), paid("b", 1))
    stand.time.passes(days=366)
    await append_all(stand.log, created("c"))
    await stand.log.trim(Retention(), stand.time.now)
    for event_id in ("created:a", "paid:b"):
        assert await stand.log.lookup("main", "a", event_id) == Lookup(None, None)
    assert [sale.id for sale in (await stand.log.sales(SalesQuery(store="main"), "ana")).sales] == ["c"]
    assert await stand.log.append(created("a")) == Appended(5)


async def test_a_sale_lives_from_its_last_event(stand: Stand) -> None:
    await append_all(stand.log, created("a"), created("b"))
    stand.time.passes(days=200)
    await append_all(stand.log, changed("a", "edit", 1))
    stand.time.passes(days=200)
    await stand.log.trim(Retention(), stand.time.now)
    assert await stand.log.sale("main", "a") is not None
    assert await stand.log.sale("main", "b") is None
    assert await stand.log.append(created("a")) == Known("created:a", 1, digest("created:a"))


async def test_a_sale_outlives_its_events(stand: Stand) -> None:
    """Whatever the limits: what a replay brings can be looked at, and its id stays taken."""
    await append_all(stand.log, created("a"))
    stand.time.passes(days=10)
    await stand.log.trim(Retention(event_days=90, sale_days=1), stand.time.now)
    assert await retained(stand.log) == [1]
    assert await stand.log.sale("main", "a") is not None
    stand.time.passes(days=81)
    await stand.log.trim(Retention(event_days=90, sale_days=1), stand.time.now)
    assert await stand.log.sale("main", "a") is None


async def test_a_count_that_changes_is_told(stand: Stand, heard: Heard) -> None:
    await append_all(stand.log, created("a"))
    await stand.log.open("main", "ana", None)
    await append_all(stand.log, created("b"), created("c", store="other"))
    await stand.log.open("other", "ana", None)
    stand.time.passes(days=366)
    await append_all(stand.log, created("d"))
    assert (await stand.log.unread("main", "ana")).count == 2
    await stand.log.trim(Retention(), stand.time.now)
    assert await stand.log.unread("main", "ana") == Counted(1, 1, 3)
    await heard.caught_up()
    assert heard.recounts == ["main"]
    await stand.log.trim(Retention(), stand.time.now)
    await heard.caught_up()
    assert heard.recounts == ["main"]


async def test_forgetting_what_all_have_seen_is_not_told(stand: Stand, heard: Heard) -> None:
    await append_all(stand.log, created("a"))
    await stand.log.open("main", "ana", None)
    stand.time.passes(days=366)
    await stand.log.trim(Retention(), stand.time.now)
    assert await stand.log.sale("main", "a") is None
    await heard.caught_up()
    assert heard.recounts == []


async def test_trimming_events_leaves_the_count(stand: Stand, heard: Heard) -> None:
    await stand.log.open("main", "ana", None)
    await append_all(stand.log, *(created(f"s{n}") for n in range(5)))
    await stand.log.trim(Retention(events_per_store=1), stand.time.now)
    assert await stand.log.unread("main", "ana") == Counted(5, 0, 5)
    await heard.caught_up()
    assert heard.recounts == []


async def test_appends_go_on_while_it_trims(stand: Stand) -> None:
    await asyncio.gather(*(stand.log.append(created(f"s{n}")) for n in range(2000)))
    trimming = asyncio.create_task(stand.log.trim(Retention(events_per_store=10), stand.time.now))
    during = 0
    while not trimming.done():
        await append_all(stand.log, created(f"during{during}"))
        during += 1
    await trimming
    assert during > 1  # between two slices at the least
    await stand.log.trim(Retention(events_per_store=10), stand.time.now)
    assert await retained(stand.log) == list(range(2000 + during - 9, 2000 + during + 1))
