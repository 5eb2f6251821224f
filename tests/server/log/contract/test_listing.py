"""Pages of sales, search, and figures for statistics."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salebell_protocol.events import Position
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus
from salebell_server.log import BadPageMark, Draft, Figure, Listing, SaleLog, SalesQuery
from tests.server.log.shop import NOON, changed, created, sale
from tests.server.log.stand import append_all


async def ids(log: SaleLog, **query: Any) -> list[str]:
    listing = await log.sales(SalesQuery(store="main", **query), "ana")
    return [found.id for found in listing.sales]


async def pages(log: SaleLog, limit: int, **query: Any) -> list[list[str]]:
    found: list[list[str]] = []
    before: str | None = None
    for _ in range(100):
        listing = await log.sales(SalesQuery(store="main", limit=limit, before=before, **query), "ana")
        found.append([each.id for each in listing.sales])
        before = listing.next_before
        if before is None:
            return found
    raise AssertionError(f"there is no last page: {found[-3:]}")


def minutes(sale_id: str, minute: float, **changes: Any) -> Draft:
    return created(sale_id, created_at=NOON + timedelta(minutes=minute), **changes)


async def test_newest_first_then_by_id(log: SaleLog) -> None:
    await append_all(log, minutes("old", -1), minutes("b", 0), minutes("a", 0), minutes("c", 0), minutes("new", 1))
    assert await ids(log) == ["new", "a", "b", "c", "old"]


async def test_pages_join_without_gap_or_repetition(log: SaleLog) -> None:
    names = [f"s{number:02}" for number in range(23)]
    await append_all(log, *(minutes(name, number // 5) for number, name in enumerate(names)))
    whole = await ids(log, limit=200)
    assert sorted(whole) == names
    for limit in (1, 2, 5, 22, 23, 24):
        found = await pages(log, limit)
        assert [each for page in found for each in page] == whole
        assert all(len(page) == limit for page in found[:-1])
        assert found[-1]


async def test_a_page_goes_on_where_it_was_though_new_sales_came(log: SaleLog) -> None:
    await append_all(log, *(minutes(f"s{number}", number) for number in range(4)))
    first = await log.sales(SalesQuery(store="main", limit=2), "ana")
    await append_all(log, minutes("newest", 9), minutes("older", -9))
    assert [found.id for found in first.sales] == ["s3", "s2"]
    assert await ids(log, before=first.next_before) == ["s1", "s0", "older"]


async def test_times_to_the_microsecond_and_of_all_years(log: SaleLog) -> None:
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    instants = {"first": first, "second": first + tick, "noon": NOON, "noon+": NOON + tick, "last": last}
    await append_all(log, *(created(name, created_at=at) for name, at in instants.items() if "+" not in name))
    await append_all(log, created("noon-after", created_at=NOON + tick))
    assert await pages(log, 2) == [["last", "noon-after"], ["noon", "second"], ["first"]]
    assert await ids(log, since=NOON, until=NOON + tick) == ["noon"]
    assert [figure.created_at for figure in await log.figures("main", first)] == [
        first, first + tick, NOON, NOON + tick, last,
    ]  # fmt: skip


async def test_since_is_included_until_is_not(log: SaleLog) -> None:
    await append_all(log, *(minutes(f"s{number}", number) for number in range(5)))
    since, until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)
    assert await ids(log, since=since) == ["s4", "s3", "s2", "s1"]
    assert await ids(log, until=until) == ["s2", "s1", "s0"]
    assert await ids(log, since=since, until=until) == ["s2", "s1"]
    assert await pages(log, 1, since=since, until=until) == [["s2"], ["s1"]]


async def test_by_status_and_channel_as_they_are_now(log: SaleLog) -> None:
    await append_all(
        log,
        minutes("a", 1, channel="admin"),
        minutes("b", 2, channel="checkout"),
        minutes("c", 3, status=SaleStatus.APPROVED),
        changed("a", "edit", 1, status=SaleStatus.CANCELLED, channel="shopify"),
    )
    assert await ids(log, status=SaleStatus.PENDING) == ["b"]
    assert await ids(log, status=SaleStatus.CANCELLED) == ["a"]
    assert await ids(log, channel="shopify") == ["a"]
    assert await ids(log, channel="checkout", status=SaleStatus.APPROVED) == ["c"]
    assert await ids(log, channel="shop") == []


async def test_a_change_shows(log: SaleLog) -> None:
    moved = NOON + timedelta(days=1)
    await append_all(log, minutes("a", 1), minutes("b", 2), changed("a", "edit", 1, number="#77", created_at=moved))
    assert (await log.sales(SalesQuery(store="main"), "ana")).sales == (
        sale("a", number="#77", created_at=moved),
        sale("b", created_at=NOON + timedelta(minutes=2)),
    )
    assert await ids(log, q="77") == ["a"]


NOTHING: dict[str, Any] = {"number": "", "channel": "", "customer": None, "items": ()}
SHELF: dict[str, dict[str, Any]] = {
    "gomez": {"customer": Customer("Ana GÓMEZ", "")},
    "mail": {"customer": Customer("", "Jürgen@Example.com")},
    "number": {"number": "#10%_42"},
    "channel": {"channel": "Façade"},
    "item": {"items": (Item("Zapatillas", 1, "1"), Item("Weißer Füller ﬁne", 2, "1"))},
    "greek": {"items": (Item("ΟΔΟΣ", 1, "1"),)},
}


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("gómez", ["gomez"]),
        ("GOMEZ", ["gomez"]),
        ("gomez ana", ["gomez"]),
        ("Go\u0301mez", ["gomez"]),
        ("  ana \t gomez ", ["gomez"]),
        ("ana jurgen", []),
        ("jurgen@example", ["mail"]),
        ("JÜRGEN", ["mail"]),
        ("%", ["number"]),
        ("10%_4", ["number"]),
        ("1_%", []),
        ("_", ["number"]),
        ("'", []),
        ("\\", []),
        ("facade", ["channel"]),
        ("weisser fuller", ["item"]),
        ("WEIẞER", ["item"]),
        ("zapatilla fine", ["item"]),
        ("οδος", ["greek"]),
        ("\u0301", ["channel", "gomez", "greek", "item", "mail", "number"]),
        ("", ["channel", "gomez", "greek", "item", "mail", "number"]),
        ("a\0", []),
        ("\ud800", []),
        (" ".join(f"a{number}" for number in range(40_000)), []),
    ],
)
async def test_search(log: SaleLog, q: str, expected: list[str]) -> None:
    await append_all(log, *(created(name, **(NOTHING | fields)) for name, fields in SHELF.items()))
    assert sorted(await ids(log, q=q)) == expected


async def test_search_is_paged_like_everything(log: SaleLog) -> None:
    await append_all(log, *(minutes(f"s{n}", n, number="even" if n % 2 == 0 else "odd") for n in range(9)))
    assert await pages(log, 2, q="EVEN") == [["s8", "s6"], ["s4", "s2"], ["s0"]]


async def test_what_matches_is_found_among_many(log: SaleLog) -> None:
    """More than any one look at the index takes in."""
    number = 1300
    wanted = {1: "needle", 640: "needle", 1299: "needle"}
    drafts = (minutes(f"s{n:04}", n, number=wanted.get(n, "hay")) for n in range(number))
    await asyncio.gather(*(log.append(draft) for draft in drafts))
    assert await ids(log, q="needle") == ["s1299", "s0640", "s0001"]
    assert await pages(log, 1, q="needle") == [["s1299"], ["s0640"], ["s0001"]]
    assert await pages(log, 3, q="needle") == [["s1299", "s0640", "s0001"]]
    assert await ids(log, q="pin") == []
    found = [sale_id for page in await pages(log, 200, channel="checkout") for sale_id in page]
    assert found == [f"s{n:04}" for n in reversed(range(number))]
    assert len(await log.figures("main", NOON)) == number


@pytest.mark.parametrize("mark", ["", "x", "é", "!!!!", "bnVsbA", "WzEsMl0", "WzEsIiJd", "W" * 5000, "WzFlMzAsImEiXQ"])
async def test_a_mark_that_was_never_given_out(log: SaleLog, mark: str) -> None:
    for store in ("main", "nowhere"):
        with pytest.raises(BadPageMark):
            await log.sales(SalesQuery(store=store, before=mark), "ana")


async def test_a_listing_has_count_and_position(log: SaleLog) -> None:
    empty = await log.sales(SalesQuery(store="main"), "ana")
    assert empty == Listing(sales=(), next_before=None, unread=0, position=await log.position("main"))
    await append_all(log, created("a"))
    await log.open("main", "ana", None)
    await append_all(log, created("b"), created("c"))
    listing = await log.sales(SalesQuery(store="main", limit=1, q="a"), "ana")
    assert (listing.unread, listing.position) == (2, Position(empty.position.epoch, 3, "created:c"))


async def test_listing_sets_no_cursor(log: SaleLog) -> None:
    await append_all(log, created("a"))
    assert (await log.sales(SalesQuery(store="main"), "eva")).unread == 0
    await append_all(log, created("b"))
    assert (await log.sales(SalesQuery(store="main"), "eva")).unread == 0
    assert (await log.open("main", "eva", None)).seen == 2


async def test_nothing_of_another_store(log: SaleLog) -> None:
    await append_all(log, created("a", store="other"), created("b"))
    assert await ids(log) == ["b"]
    assert await ids(log, q="checkout") == ["b"]
    assert await log.sale("main", "a") is None
    assert await log.history("main", "a") == ()
    assert len(await log.figures("main", NOON)) == 1


async def test_figures_are_of_all_sales_since_oldest_first(log: SaleLog) -> None:
    await append_all(
        log,
        minutes("c", 2, total="3.00", currency="EUR", status=SaleStatus.APPROVED),
        minutes("b", 1, total="2.00"),
        minutes("a", 0, total="1.00"),
        changed("b", "edit", 1, status=SaleStatus.REFUNDED, total="2.50", created_at=NOON + timedelta(minutes=1)),
    )
    assert await log.figures("main", NOON + timedelta(minutes=1)) == (
        Figure(NOON + timedelta(minutes=1), SaleStatus.REFUNDED, "ARS", "2.50"),
        Figure(NOON + timedelta(minutes=2), SaleStatus.APPROVED, "EUR", "3.00"),
    )
    assert await log.figures("nowhere", NOON) == ()


async def test_the_whole_sale_comes_back(log: SaleLog) -> None:
    await append_all(log, created("a"))
    expected: Sale = sale("a")
    assert (await log.sales(SalesQuery(store="main"), "ana")).sales == (expected,)
