"""Listings: what a window shows of a store, however pages and events interleave."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from salebell_desktop.store import (
    Change,
    Desk,
    Listing,
    ListingChanged,
    Order,
    Progress,
    Query,
    SaleChanged,
    SalesInserted,
    SalesRemoved,
    SalesReset,
    SalesStore,
    SortKey,
)
from salebell_desktop.store.sort_keys import Key, created_key, sort_key
from salebell_protocol.events import EventType
from salebell_protocol.messages import Recovery
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus
from tests.desktop.store.conftest import START, Facts

APPROVED, PENDING = SaleStatus.APPROVED, SaleStatus.PENDING
ORDERS = [Order(key, descending) for key in SortKey for descending in (True, False)]


@pytest.fixture
def partly(store: SalesStore, facts: Facts) -> SalesStore:
    """Sales of the minutes 8 and 9 are at hand, at offset 5; there are older ones."""
    store.authenticated(facts.success(Recovery.FRESH, 5, seen=5))
    store.loaded(facts.page(facts.sale("s9", 9), facts.sale("s8", 8), offset=5, next_before="m"))
    return store


def ids(listing: Listing) -> list[str]:
    return [sale.id for sale in listing.rows.newest(999)]


class TestPages:
    def test_it_begins_with_what_is_at_hand(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        assert ids(listing) == ["s9", "s8"]
        assert listing.store == "main"
        assert listing.progress is Progress.PARTLY
        assert listing.in_order

    def test_the_first_page_begins_where_that_ends(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        assert request.before is None
        assert request.query.until == START + timedelta(minutes=8, microseconds=1), "others may share the instant"
        assert listing.request() is None, "one at a time"
        assert listing.progress is Progress.LOADING
        assert listing.took(request, facts.page(facts.sale("s8", 8), facts.sale("s7", 7), offset=5, next_before="n"))
        assert ids(listing) == ["s9", "s8", "s7"]
        following = listing.request()
        assert following is not None
        assert following.before == "n"
        listing.took(following, facts.page(facts.sale("s1", 1), offset=5))
        assert listing.progress is Progress.WHOLE
        assert listing.request() is None

    def test_a_bound_of_the_query_holds_too(self, partly: SalesStore) -> None:
        early = START + timedelta(minutes=3)
        request = partly.listing(Query(until=early), Order()).request()
        assert request is not None
        assert request.query.until == early

    def test_the_last_instant_there_is(self, store: SalesStore, facts: Facts) -> None:
        last = replace(facts.sale("z"), created_at=datetime.max.replace(tzinfo=UTC))
        store.authenticated(facts.success(Recovery.FRESH, 5))
        store.loaded(facts.page(last, offset=5, next_before="m"))
        request = store.listing(Query(), Order()).request()
        assert request is not None
        assert request.query.until is None

    def test_a_store_that_has_everything_needs_no_page(self, current: SalesStore) -> None:
        listing = current.listing(Query(), Order())
        assert listing.progress is Progress.WHOLE

    def test_nothing_is_read_before_the_stores_own_list(self, store: SalesStore, facts: Facts) -> None:
        store.authenticated(facts.success(Recovery.FRESH, 5))
        listing = store.listing(Query(), Order())
        assert listing.progress is Progress.PARTLY
        assert listing.request() is None

    def test_a_failure_is_told_and_may_be_tried_again(self, partly: SalesStore) -> None:
        listing = partly.listing(Query(), Order())
        told: list[Change] = []
        listing.observe(told.append)
        request = listing.request()
        assert request is not None
        listing.failed(request, "No.")
        assert (listing.progress, listing.problem) == (Progress.FAILED, "No.")
        assert told == [ListingChanged(store="main")] * 2
        assert listing.request() is not None
        assert listing.problem == ""

    def test_a_page_of_another_log_is_refused(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        assert not listing.took(request, facts.page(offset=1, epoch="second"))
        assert ids(listing) == ["s9", "s8"]

    def test_an_answer_from_before_a_new_list_is_none(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        partly.loaded(facts.page(facts.sale("s9", 9), offset=5, next_before="m"))
        assert listing.took(request, facts.page(facts.sale("s1", 1), offset=5))
        listing.failed(request, "No.")
        assert ids(listing) == ["s9", "s8"]
        assert listing.progress is Progress.PARTLY

    def test_an_empty_page_in_between(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(offset=5, next_before="n"))
        assert listing.progress is Progress.PARTLY

    def test_a_full_one_is_whole(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order(), limit=3)
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(facts.sale("s7", 7), facts.sale("s6", 6), offset=5, next_before="n"))
        assert ids(listing) == ["s9", "s8", "s7"]
        assert listing.progress is Progress.WHOLE

    def test_a_closed_one_takes_nothing_in(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        listing.close()
        listing.close()
        assert listing.took(request, facts.page(facts.sale("s1", 1), offset=5))
        partly.event(facts.event(6, facts.sale("s10", 10)))
        assert ids(listing) == ["s9", "s8"]
        assert listing.request() is None


class TestComplete:
    """Whether what is listed can be told without asking the server."""

    def test_once_it_was_read_to_the_end(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        assert not listing.complete
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(facts.sale("s8", 8), offset=5))
        assert listing.complete
        partly.authenticated(facts.success(Recovery.RESET, 9))
        assert not listing.complete, "something was missed"

    def test_not_when_it_had_no_room(self, current: SalesStore, facts: Facts) -> None:
        listing = current.listing(Query(), Order(), limit=1)
        assert listing.complete
        current.event(facts.event(6, "a"))
        assert listing.progress is Progress.WHOLE
        assert not listing.complete

    def test_not_when_it_follows_nothing_any_more(self, current: SalesStore) -> None:
        listing = current.listing(Query(), Order())
        listing.close()
        assert not listing.complete


class TestEvents:
    def test_a_new_sale_comes_on_top(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        told: list[Change] = []
        end = listing.observe(told.append)
        partly.event(facts.event(6, facts.sale("s10", 10)))
        assert told == [SalesInserted(store="main", row=0, sales=(facts.sale("s10", 10),))]
        end()
        partly.event(facts.event(7, facts.sale("s11", 11)))
        assert len(told) == 1

    def test_what_does_not_match_stays_out_and_leaves(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(status=PENDING), Order())
        told: list[Change] = []
        listing.observe(told.append)
        partly.event(facts.event(6, facts.sale("s10", 10, status=APPROVED)))
        partly.event(facts.event(7, facts.sale("s9", 9, status=APPROVED), type=EventType.SALE_UPDATED))
        assert ids(listing) == ["s8"]
        assert told == [SalesRemoved(store="main", row=0, count=1)]

    def test_a_page_from_before_does_not_bring_it_back(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(status=PENDING), Order())
        request = listing.request()
        assert request is not None
        partly.event(facts.event(6, facts.sale("s8", 8, status=APPROVED), type=EventType.SALE_UPDATED))
        listing.took(request, facts.page(facts.sale("s8", 8), facts.sale("s7", 7), offset=5, next_before="n"))
        assert ids(listing) == ["s9", "s7"]

    def test_nor_does_it_take_away_what_came_back_meanwhile(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(status=PENDING), Order())
        request = listing.request()
        assert request is not None
        partly.event(facts.event(6, facts.sale("s8", 8, status=APPROVED), type=EventType.SALE_UPDATED))
        partly.event(facts.event(7, facts.sale("s8", 8), type=EventType.SALE_UPDATED))
        listing.took(request, facts.page(facts.sale("s8", 8), facts.sale("s7", 7), offset=5, next_before="n"))
        assert ids(listing) == ["s9", "s8", "s7"]

    def test_what_is_heard_between_rows_that_were_kept_stands_there(self, partly: SalesStore, facts: Facts) -> None:
        """The list was read anew: what was listed below it was whole, and what is told since belongs to it."""
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(facts.sale("s8", 8), facts.sale("s2", 2), offset=5, next_before="n"))
        partly.loaded(facts.page(facts.sale("s9", 9), offset=5, next_before="m"))
        partly.event(facts.event(6, facts.sale("s5", 5)))
        assert ids(listing) == ["s9", "s8", "s5", "s2"]
        assert not listing.in_order, "what was missed may stand between them"

    def test_what_changes_below_the_floor_is_there_when_its_page_comes(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        partly.event(facts.event(6, facts.sale("s2", 2, total="99.00"), type=EventType.SALE_UPDATED))
        partly.event(facts.event(7, facts.sale("s1", 1, total="99.00"), type=EventType.SALE_UPDATED))
        assert ids(listing) == ["s9", "s8"], "there are sales in between"
        listing.took(request, facts.page(facts.sale("s3", 3), facts.sale("s2", 2), offset=5, next_before="n"))
        assert ids(listing) == ["s9", "s8", "s3", "s2"]
        assert listing.rows[3].total == "99.00"
        following = listing.request()
        assert following is not None
        listing.took(following, facts.page(offset=7))
        assert ids(listing)[-1] == "s1", "the page was read when it was another sale's turn"

    def test_a_page_that_knows_more_than_was_heard(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        partly.event(facts.event(6, facts.sale("s2", 2, total="50.00"), type=EventType.SALE_UPDATED))
        listing.took(request, facts.page(facts.sale("s2", 2, total="99.00"), offset=9))
        assert listing.rows[2].total == "99.00"

    def test_a_provisional_one_is_listed_too(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        partly.event(facts.event(None, facts.sale("s10", 10), event_id="p"))
        assert ids(listing)[0] == "s10"

    def test_only_so_much_is_remembered_of_what_is_not_listed(
        self, partly: SalesStore, facts: Facts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("salebell_desktop.store.listing._HEARD", 1)
        listing = partly.listing(Query(status=APPROVED), Order())
        request = listing.request()
        assert request is not None
        for offset, name in ((6, "s2"), (7, "s3")):
            partly.event(facts.event(offset, facts.sale(name), type=EventType.SALE_UPDATED))
        page = [facts.sale(name, status=APPROVED) for name in ("s2", "s3")]
        listing.took(request, facts.page(*page, offset=5))
        assert ids(listing) == ["s2"]


class TestMarkedSeen:
    def test_it_is_as_if_the_window_had_been_opened_and_closed(self, facts: Facts) -> None:
        desk = Desk()
        store = desk.open("main")
        store.authenticated(facts.success(Recovery.FRESH, 5, unread=2, seen=3))
        store.loaded(facts.page(offset=5))
        desk.mark_all_seen()
        assert desk.badge == 0
        store.event(facts.event(6, "a"))
        assert desk.badge == 1, "nobody is looking"


class TestLostContinuity:
    """The store reads its list anew: rows stay where they are, and their pages are read again."""

    @pytest.fixture
    def listing(self, partly: SalesStore, facts: Facts) -> Listing:
        """Sales of the minutes 9 to 5 are listed, and the store has lost continuity."""
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(*(facts.sale(f"s{n}", n) for n in (8, 7, 6, 5)), offset=5, next_before="n"))
        partly.authenticated(facts.success(Recovery.RESET, 90))
        return listing

    def test_nobody_loses_their_place(self, listing: Listing, partly: SalesStore, facts: Facts) -> None:
        told: list[Change] = []
        listing.observe(told.append)
        partly.loaded(facts.page(facts.sale("n9", 99), facts.sale("n8", 98), offset=90, next_before="m"))
        assert ids(listing) == ["n9", "n8", "s9", "s8", "s7", "s6", "s5"]
        assert told == [SalesReset(store="main", sales=listing.rows.newest(9)), ListingChanged(store="main")]
        assert not listing.in_order, "there may be others in between"

    def test_pages_confirm_what_is_there(self, listing: Listing, partly: SalesStore, facts: Facts) -> None:
        partly.loaded(facts.page(facts.sale("n9", 99), facts.sale("n8", 98), offset=90, next_before="m"))
        partly.event(facts.event(91, facts.sale("s7", 7, total="70.00"), type=EventType.SALE_UPDATED))
        request = listing.request()
        assert request is not None
        assert request.before is None
        page = [facts.sale("n8", 98), facts.sale("n7", 97), facts.sale("s9", 9), facts.sale("s6", 6)]
        listing.took(request, facts.page(*page, offset=90, next_before="n"))
        assert ids(listing) == ["n9", "n8", "n7", "s9", "s7", "s6", "s5"], "s8 is not there any more"
        assert listing.rows[4].total == "70.00"
        assert not listing.in_order
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(facts.sale("s2", 2), offset=91, next_before="o"))
        assert ids(listing) == ["n9", "n8", "n7", "s9", "s7", "s6", "s2"]
        assert listing.in_order

    def test_a_list_that_is_complete_leaves_nothing_to_confirm(
        self, listing: Listing, partly: SalesStore, facts: Facts
    ) -> None:
        partly.loaded(facts.page(facts.sale("n9", 99), facts.sale("s9", 9), offset=90))
        assert ids(listing) == ["n9", "s9"]
        assert listing.in_order
        assert listing.progress is Progress.WHOLE

    def test_what_the_store_knows_better_is_not_kept(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(status=PENDING), Order())
        partly.authenticated(facts.success(Recovery.RESET, 90))
        partly.loaded(facts.page(facts.sale("s8", 99, status=APPROVED), offset=90, next_before="m"))
        assert ids(listing) == ["s9"]

    def test_offsets_of_another_log_say_nothing(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        partly.event(facts.event(6, facts.sale("s8", 8, total="60.00"), type=EventType.SALE_UPDATED))
        partly.authenticated(facts.success(Recovery.RESET, 1, epoch="second"))
        partly.loaded(facts.page(facts.sale("s9", 9), offset=1, epoch="second", next_before="m"))
        partly.event(facts.event(2, facts.sale("s8", 8, total="2.00"), type=EventType.SALE_UPDATED, previous="e1"))
        assert listing.rows[1].total == "2.00"


class TestWhatIsReadIsKept:
    """A page of all sales makes the store's own list longer, and with that what the cache keeps."""

    def test_down_to_where_it_was_read(self, partly: SalesStore, facts: Facts) -> None:
        partly.take_unsaved()
        told: list[Change] = []
        partly.observe(told.append)
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        partly.event(facts.event(6, facts.sale("s7", 7, total="70.00"), type=EventType.SALE_UPDATED))
        partly.event(facts.event(7, facts.sale("late", 7), type=EventType.SALE_UPDATED))
        page = facts.page(facts.sale("s8", 8), facts.sale("s7", 7), facts.sale("s6", 6), offset=5, next_before="n")
        listing.took(request, page)
        assert partly.sales.newest(9) == listing.rows.newest(9)
        assert [sale.id for sale in partly.sales.newest(9)] == ["s9", "s8", "late", "s7", "s6"]
        assert partly.floor == created_key(facts.sale("s6", 6))
        assert isinstance(told[-1], SalesInserted)
        unsaved = partly.take_unsaved()
        assert unsaved is not None
        assert not unsaved.replaced
        assert {sale.id for sale in unsaved.sales} == {"late", "s7", "s6"}

    def test_an_empty_page_says_nothing(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(offset=5, next_before="n"))
        assert partly.floor == created_key(facts.sale("s8", 8))

    def test_to_the_end(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order(SortKey.TOTAL))
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(facts.sale("s8", 8), facts.sale("s7", 7), offset=5))
        assert partly.floor is None
        assert len(partly.sales) == 3

    def test_not_what_is_searched(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(status=PENDING), Order())
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(facts.sale("s2", 2), offset=5, next_before="n"))
        assert len(listing.rows) == 3
        assert len(partly.sales) == 2

    def test_not_where_something_is_missing_in_between(self, partly: SalesStore, facts: Facts) -> None:
        first, second = partly.listing(Query(), Order()), partly.listing(Query(), Order())
        requests = [first.request(), second.request()]
        assert requests[0] is not None
        assert requests[1] is not None
        first.took(requests[0], facts.page(facts.sale("s7", 7), offset=5, next_before="n"))
        partly.authenticated(facts.success(Recovery.RESET, 6))
        second.took(requests[1], facts.page(facts.sale("s7", 7), facts.sale("s6", 6), offset=5, next_before="n"))
        assert len(partly.sales) == 3, "the list is to be read anew"
        partly.loaded(facts.page(facts.sale("s9", 9), offset=6, next_before="m"))
        partly.event(facts.event(7, facts.sale("s9", 10), type=EventType.SALE_UPDATED))
        assert partly.floor == created_key(facts.sale("s9", 9))

    def test_not_beyond_what_it_has_room_for(self, facts: Facts) -> None:
        store = SalesStore("main", limit=3)
        store.authenticated(facts.success(Recovery.FRESH, 5))
        store.loaded(facts.page(facts.sale("s9", 9), facts.sale("s8", 8), offset=5, next_before="m"))
        listing = store.listing(Query(), Order())
        for marks, names in (("n", (8, 7, 6)), ("o", (5, 4))):
            request = listing.request()
            assert request is not None
            sales = [facts.sale(f"s{n}", n) for n in names]
            listing.took(request, facts.page(*sales, offset=5, next_before=marks))
        assert [sale.id for sale in store.sales.newest(9)] == ["s9", "s8", "s7"]
        assert store.floor == created_key(facts.sale("s7", 7))
        assert len(listing.rows) == 6


class TestMoves:
    """A payment that carries the whole sale may say that it was created at another time."""

    def test_down_below_the_floor(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        partly.take_unsaved()
        partly.event(facts.event(6, facts.sale("s9", 1)))
        assert ids(listing) == ["s8"]
        assert [sale.id for sale in partly.sales.newest(9)] == ["s8"]
        unsaved = partly.take_unsaved()
        assert unsaved is not None
        assert unsaved.replaced, "on disk it stands where it was"
        request = listing.request()
        assert request is not None
        listing.took(request, facts.page(facts.sale("s8", 8), facts.sale("s9", 1), offset=6))
        assert ids(listing) == ["s8", "s9"]

    def test_up_above_it(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        partly.event(facts.event(6, facts.sale("s1", 20)))
        assert ids(listing) == ["s1", "s9", "s8"]
        assert len(partly.sales) == 3


class TestFound:
    def test_a_sale_read_alone_is_shown_where_it_belongs(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        assert listing.put_found(facts.sale("s1", 1))
        assert ids(listing) == ["s9", "s8", "s1"]
        assert listing.put_found(facts.sale("s1", 1))

    def test_it_follows_events_where_it_stands(self, partly: SalesStore, facts: Facts) -> None:
        listing = partly.listing(Query(), Order())
        listing.put_found(facts.sale("s1", 1))
        partly.event(facts.event(6, facts.sale("s1", 1, total="60.00"), type=EventType.SALE_UPDATED))
        assert listing.rows[2].total == "60.00"

    @pytest.mark.parametrize(("minutes", "total"), [(-1, "60.00"), (0, "60.00"), (1, "10.00")])
    def test_what_was_heard_while_it_was_read(self, partly: SalesStore, facts: Facts, minutes: int, total: str) -> None:
        listing = partly.listing(Query(), Order())
        heard = facts.sale("s1", 1, total="60.00")
        partly.event(facts.event(6, heard, type=EventType.SALE_UPDATED))
        found = replace(facts.sale("s1", 1), updated_at=heard.updated_at + timedelta(minutes=minutes))
        assert listing.put_found(found)
        assert listing.rows[2].total == total

    def test_unless_it_does_not_match(self, partly: SalesStore, facts: Facts) -> None:
        assert not partly.listing(Query(status=APPROVED), Order()).put_found(facts.sale("s1", 1))


class TestQuery:
    sold = Sale(
        id="s", number="A-17", status=APPROVED, total="10.00", currency="EUR", channel="web", created_at=START,
        updated_at=START, customer=Customer("María Pérez", "maria@example.com"), items=(Item("Mate", 1, "10.00"),),
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("query", "matches"),
        [
            (Query(), True),
            (Query(status=APPROVED), True),
            (Query(status=PENDING), False),
            (Query(channel="web"), True),
            (Query(channel="admin"), False),
            (Query(since=START), True),
            (Query(since=START + timedelta(microseconds=1)), False),
            (Query(until=START), False),
            (Query(until=START + timedelta(microseconds=1)), True),
            (Query(text="  "), True),
            (Query(text="maria MATE"), True),
            (Query(text="maria yerba"), False),
        ],
    )
    def test_each_condition(self, query: Query, matches: bool) -> None:
        assert query.matches(self.sold) is matches


class TestOrder:
    @pytest.mark.parametrize("order", ORDERS)
    def test_events_keep_it(self, current: SalesStore, facts: Facts, order: Order) -> None:
        listing = current.listing(Query(), order)
        made = sales(12)
        for offset, sold in enumerate(made, 6):
            current.event(facts.event(offset, sold))
        assert listing.rows.newest(99) == tuple(sorted(made, key=sort_key(order)))

    def test_numbers_count(self) -> None:
        assert by(Order(SortKey.NUMBER, descending=False), number=["10", "9", "A-10", "a-9"]) == [
            "9",
            "10",
            "a-9",
            "A-10",
        ]
        assert by(Order(SortKey.NUMBER), number=["10", "9", "1", "A"]) == ["A", "10", "9", "1"]

    def test_amounts_count_within_their_currency(self) -> None:
        made = [
            replace(TestQuery.sold, id=f"s{i}", total=total, currency=currency)
            for i, (total, currency) in enumerate([("9", "EUR"), ("10", "EUR"), ("7", "ARS")])
        ]
        listed = sorted(made, key=sort_key(Order(SortKey.TOTAL)))
        assert [(sale.total, sale.currency) for sale in listed] == [("7", "ARS"), ("10", "EUR"), ("9", "EUR")]

    def test_names_without_case_and_accents(self) -> None:
        names = ["Érica", "ana", "Eva", "Zoe", ""]
        made = [replace(TestQuery.sold, id=f"s{i}", customer=Customer(name)) for i, name in enumerate(names)]
        made.append(replace(TestQuery.sold, id="nobody", customer=None))
        up = sorted(made, key=sort_key(Order(SortKey.CUSTOMER, descending=False)))
        assert [each.customer.name for each in up if each.customer][1:] == ["ana", "Érica", "Eva", "Zoe"]
        down = sorted(made, key=sort_key(Order(SortKey.CUSTOMER)))
        assert [each.customer.name for each in down if each.customer][:4] == ["Zoe", "Eva", "Érica", "ana"]

    def test_one_that_is_read_in_part_is_not_in_order(self, partly: SalesStore) -> None:
        assert not partly.listing(Query(), Order(SortKey.TOTAL)).in_order


def by(order: Order, number: Iterable[str]) -> list[str]:
    made = [replace(TestQuery.sold, id=f"s{i}", number=each) for i, each in enumerate(number)]
    return [sale.number for sale in sorted(made, key=sort_key(order))]


def sales(count: int) -> list[Sale]:
    """Some that differ in everything, some that are equal in what they are sorted by."""
    return [
        Sale(
            id=f"s{n}", number=f"{n * 7 % 5}", status=list(SaleStatus)[n % 4], total=f"{n * 3 % 7}.50",
            currency=("EUR", "ARS")[n % 2], channel=("web", "admin")[n // 2 % 2], customer=Customer(f"c{n % 3}"),
            created_at=START + timedelta(minutes=n * 5 % 6), updated_at=START,
        )
        for n in range(count)
    ]  # fmt: skip


class Mirror:
    """A copy of a listing's rows, kept by its changes alone."""

    def __init__(self, listing: Listing) -> None:
        self.rows = list(listing.rows.newest(999))
        listing.observe(self._apply)

    def _apply(self, change: Change) -> None:
        match change:
            case SalesInserted():
                self.rows[change.row : change.row] = change.sales
            case SaleChanged():
                self.rows[change.row] = change.sale
            case SalesRemoved():
                del self.rows[change.row : change.row + change.count]
            case SalesReset():
                self.rows = list(change.sales)
            case _:
                pass


QUERIES = st.builds(
    Query,
    status=st.sampled_from([None, None, APPROVED, PENDING]),
    text=st.sampled_from(["", "", "x"]),
    since=st.sampled_from([None, None, START + timedelta(minutes=2)]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("event"), st.integers(0, 11), st.sampled_from([APPROVED, PENDING]), st.sampled_from(["x", "y"])
        ),
        st.tuples(st.just("ask")),
        st.tuples(st.just("answer"), st.booleans()),
        st.tuples(st.just("anew")),
    ),
    max_size=40,
)


@given(query=QUERIES, order=st.sampled_from(ORDERS), steps=STEPS, size=st.integers(1, 3))
def test_whatever_happens_it_ends_as_the_server_has_it(query: Query, order: Order, steps: list[Any], size: int) -> None:
    facts, store = Facts(), SalesStore("main", limit=6)
    server = {f"s{n}": facts.sale(f"s{n}", n // 2) for n in range(8)}
    top = 1
    marks: dict[str, Key] = {}

    def answer(asked: Query, before: str | None) -> Any:
        """A mark is a place in the order, as the server's: what changes above it moves it not."""
        place = sort_key(Order())
        found = sorted(filter(asked.matches, server.values()), key=place)
        if before is not None:
            found = [each for each in found if place(each) > marks[before]]
        page = found[:size]
        if len(found) <= size:
            return facts.page(*page, offset=top)
        marks[page[-1].id] = place(page[-1])
        return facts.page(*page, offset=top, next_before=page[-1].id)

    store.authenticated(facts.success(Recovery.FRESH, top))
    store.loaded(answer(Query(), None))
    listing = store.listing(query, order)
    mirror = Mirror(listing)
    request, page = None, None
    for step in steps:
        match step:
            case "event", number, status, text:
                top += 1
                sold = replace(facts.sale(f"s{number}", number // 2, status=status), number=text)
                server[sold.id] = sold
                store.event(facts.event(top, sold))
            case ("ask",):
                if request is None and (request := listing.request()) is not None:
                    page = answer(request.query, request.before)
            case "answer", good:
                if request is not None and page is not None:
                    if good:
                        assert listing.took(request, page)
                    else:
                        listing.failed(request, "No.")
                    request = page = None
            case _:
                store.loaded(answer(Query(), None))
        rows = listing.rows.newest(999)
        assert mirror.rows == list(rows)
        expected = [each for each in sorted(server.values(), key=sort_key(order)) if query.matches(each)]
        assert [each for each in expected if each in rows] == list(rows), "as they are now, in order, each once"
        if order == Order():
            assert list(rows) == expected[: len(rows)], "none is left out"
    if request is not None and page is not None:
        listing.took(request, page)
    while (request := listing.request()) is not None:
        listing.took(request, answer(request.query, request.before))
    assert list(listing.rows.newest(999)) == [
        each for each in sorted(server.values(), key=sort_key(order)) if query.matches(each)
    ]
    assert listing.progress is Progress.WHOLE
