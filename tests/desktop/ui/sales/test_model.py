from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Desk, Listing, Order, Query, SaleHeard, SortKey
from salebell_desktop.ui.format import Format
from salebell_desktop.ui.sales.columns import Column
from salebell_desktop.ui.sales.model import SalesModel
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus
from tests.desktop.ui.stage import NOON, Shop, sale

ROLE = Qt.ItemDataRole


class Shown:
    """A model that follows a shop, and that Qt's own tester watches for broken promises."""

    def __init__(
        self,
        shop: Shop,
        words: Words,
        query: Query = Query(),  # noqa: B008 - frozen
        order: Order = Order(),  # noqa: B008 - frozen
        *,
        watched: bool = True,
    ) -> None:
        self.asked: list[Listing] = []
        self.model = SalesModel(words, lambda: NOON, self.asked.append)
        if watched:
            self.tester = QAbstractItemModelTester(self.model, QAbstractItemModelTester.FailureReportingMode.Warning)
        self.unhear = shop.store.observe(
            lambda change: self.model.hear(change.sale.id) if isinstance(change, SaleHeard) else None
        )
        self.listing = shop.store.listing(query, order)
        self.model.show(self.listing)

    def end(self) -> None:
        self.unhear()
        self.listing.close()

    @property
    def ids(self) -> list[str]:
        rows = [self.model.sale(row) for row in range(self.model.rowCount())]
        return [shown.id for shown in rows if shown is not None]

    def text(self, row: int, column: Column, role: Qt.ItemDataRole = ROLE.DisplayRole) -> str:
        found: str = self.model.data(self.model.index(row, column), role)
        return found


@pytest.fixture
def shown(shop: Shop, words: Words) -> Iterator[Shown]:
    made = Shown(shop, words)
    yield made
    made.end()


class Told:
    """What a model tells its views."""

    def __init__(self, model: SalesModel) -> None:
        self.inserted: list[tuple[int, int]] = []
        self.removed: list[tuple[int, int]] = []
        self.changed: list[tuple[int, int]] = []
        self.resets = 0
        self.arrived: list[str] = []
        model.rowsInserted.connect(self._rows_inserted)
        model.rowsRemoved.connect(self._rows_removed)
        model.dataChanged.connect(self._data_changed)
        model.modelReset.connect(self._reset)
        model.arrived.connect(self.arrived.extend)

    def _rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.inserted.append((first, last))

    def _rows_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.removed.append((first, last))

    def _data_changed(self, top: QModelIndex, bottom: QModelIndex) -> None:
        self.changed.append((top.row(), bottom.row()))

    def _reset(self) -> None:
        self.resets += 1


def test_it_begins_with_what_the_store_has(shown: Shown) -> None:
    assert shown.ids == ["s5", "s4", "s3", "s2", "s1"]


def test_cells_say_what_the_user_reads(shown: Shown, shop: Shop) -> None:
    shop.ring(sale(6, number="", customer=Customer("", "x@example.com"), total="5", currency="USD"))
    items = tuple(Item(name, 1, "1.00") for name in ("Mate", "Yerba", "Termo", "Tapa", "Bolsa", "Taza"))
    shop.ring(sale(7, customer=None, status=SaleStatus.CANCELLED, items=items))
    shown.model.flush()

    assert [shown.text(2, column) for column in Column] == [
        "100005",
        "María Pérez",
        "maria@example.com",
        "",
        "checkout",
        "Approved",
        "$\u00a015.999,00",
        "9:05\u202fa.\u00a0m.",
    ]
    assert shown.text(1, Column.NUMBER) == "s6"
    assert shown.text(1, Column.CUSTOMER) == "x@example.com"
    assert shown.text(0, Column.CUSTOMER) == shown.text(0, Column.EMAIL) == ""
    assert shown.text(0, Column.ITEMS) == "Mate, Yerba, Termo, Tapa, Bolsa, …"
    assert shown.text(0, Column.STATUS, ROLE.AccessibleTextRole) == "Cancelled"


def test_columns_have_titles_and_sides(shown: Shown) -> None:
    horizontal = Qt.Orientation.Horizontal
    titles = [shown.model.headerData(column, horizontal) for column in Column]
    sides = [shown.model.headerData(column, horizontal, ROLE.TextAlignmentRole) for column in Column]

    assert titles == ["Number", "Customer", "E-mail", "Items", "Channel", "Status", "Total", "Time \u25be"]
    right = [bool(side & Qt.AlignmentFlag.AlignRight) for side in sides]
    assert right == [False, False, False, False, False, False, True, True]
    assert shown.model.headerData(0, Qt.Orientation.Vertical) is None
    assert shown.model.headerData(99, horizontal) is None


def test_a_tooltip_takes_nobodys_name_for_markup(shown: Shown, shop: Shop) -> None:
    shop.ring(sale(6, customer=Customer("<b>Bobby</b> & Co", "")))
    shown.model.flush()

    assert shown.text(0, Column.CUSTOMER, ROLE.ToolTipRole) == "<span>&lt;b&gt;Bobby&lt;/b&gt; &amp; Co</span>"
    assert "2026" in shown.text(0, Column.TIME, ROLE.ToolTipRole)


def test_a_new_sale_is_one_insertion_on_top(shown: Shown, shop: Shop) -> None:
    told = Told(shown.model)

    shop.ring(sale(6))
    assert not told.inserted
    shown.model.flush()

    assert told.inserted == [(0, 0)]
    assert told.arrived == ["s6"]
    assert shown.ids[:2] == ["s6", "s5"]


def test_a_change_is_a_change_of_its_row(shown: Shown, shop: Shop) -> None:
    told = Told(shown.model)

    shop.update(sale(3, status=SaleStatus.REFUNDED))
    shown.model.flush()

    assert told.changed == [(2, 2)]
    assert (told.inserted, told.resets, told.arrived) == ([], 0, [])
    assert shown.text(2, Column.STATUS) == "Refunded"


def test_what_comes_fast_is_shown_by_itself_as_a_batch(qtbot: QtBot, shown: Shown, shop: Shop) -> None:
    told = Told(shown.model)

    for number in range(6, 16):
        shop.ring(sale(number))
    qtbot.waitUntil(lambda: shown.model.rowCount() == 15)

    assert told.arrived == [f"s{number}" for number in range(15, 5, -1)]


def test_ten_thousand_at_once_are_one_insertion_that_keeps_the_rest(shown: Shown, shop: Shop) -> None:
    told = Told(shown.model)

    for number in range(6, 10_006):
        shop.ring(sale(number))
    shop.update(sale(4, status=SaleStatus.REFUNDED))
    shown.model.flush()

    assert told.inserted == [(0, 9_999)]
    assert told.changed == [(1, 1)]
    assert (told.resets, told.removed) == (0, [])
    assert shown.ids[:2] == ["s10005", "s10004"]
    assert len(shown.ids) == 10_005
    assert len(told.arrived) == 10_000


def test_many_in_many_places_are_another_list(shop: Shop, words: Words) -> None:
    shop.load([sale(number, customer=Customer(f"{number:03d}", "")) for number in range(99, 0, -1)])
    shown = Shown(shop, words, order=Order(SortKey.CUSTOMER, descending=False))
    told = Told(shown.model)

    for number in range(100, 200):
        shop.ring(sale(number, customer=Customer(f"{number - 100:03d} again", "")))
    shop.update(sale(7, customer=Customer("zoe", "")))
    shop.update(sale(8, total="8.00", customer=Customer("008", "")))
    shown.model.flush()

    assert (told.inserted, told.removed, told.resets) == ([], [], 1)
    assert shown.ids == [each.id for each in shown.listing.rows.newest(200)]
    assert shown.ids[-1] == "s7"
    assert set(told.arrived) == {"s7", *(f"s{number}" for number in range(100, 200))}
    shown.end()


def test_a_list_read_anew_is_no_news(shown: Shown, shop: Shop) -> None:
    told = Told(shown.model)

    shop.load([sale(number) for number in range(20, 0, -1)])
    shown.model.flush()

    assert len(shown.ids) == 20
    assert told.arrived == []


def test_older_sales_come_at_the_end_and_are_no_news(words: Words, shop: Shop) -> None:
    shop.load([sale(number) for number in (5, 4)], next_before="mark")
    shown = Shown(shop, words, watched=False)  # Qt's tester would fetch, too
    told = Told(shown.model)

    assert shown.model.canFetchMore(QModelIndex())
    shown.model.fetchMore(QModelIndex())
    request = shown.listing.request()
    assert request is not None
    assert not shown.model.canFetchMore(QModelIndex())
    assert shown.listing.took(request, shop.page([sale(4), sale(3), sale(2)], "next"))
    shown.model.flush()

    assert shown.asked == [shown.listing]
    assert shown.ids == ["s5", "s4", "s3", "s2"]
    assert told.inserted == [(2, 3)]
    assert told.arrived == []
    assert shown.model.canFetchMore(QModelIndex())
    shown.end()


def test_a_sale_that_was_looked_up_is_no_news(shown: Shown) -> None:
    told = Told(shown.model)

    shown.listing.put_found(sale(-500))
    shown.model.flush()

    assert shown.ids[-1] == "s-500"
    assert told.arrived == []


def test_only_what_is_looked_for_is_listed(shop: Shop, words: Words) -> None:
    shown = Shown(shop, words, query=Query(status=SaleStatus.PENDING))
    told = Told(shown.model)
    assert shown.ids == []

    shop.ring(sale(6))
    shop.update(sale(3, status=SaleStatus.PENDING))
    shown.model.flush()

    assert shown.ids == ["s3"]
    assert told.arrived == ["s3"]
    shown.end()


def test_the_column_that_rows_are_sorted_by_says_so(shop: Shop, words: Words) -> None:
    shown = Shown(shop, words, order=Order(SortKey.TOTAL, descending=False))
    horizontal = Qt.Orientation.Horizontal

    assert shown.model.headerData(Column.TOTAL, horizontal) == "Total \u25b4"
    assert shown.model.headerData(Column.TOTAL, horizontal, ROLE.AccessibleTextRole) == "Total, sorted upwards"
    assert shown.model.headerData(Column.TIME, horizontal, ROLE.AccessibleTextRole) == "Time"
    shown.model.show(None)
    assert shown.model.headerData(Column.TIME, horizontal, ROLE.AccessibleTextRole) == "Time, sorted downwards"
    shown.end()


def test_a_row_is_found_by_its_sale(shown: Shown, shop: Shop) -> None:
    assert shown.model.row_of("s3") == 2
    assert shown.model.row_of("s9") is None

    shop.ring(sale(6))
    assert shown.model.row_of("s3") is None
    shown.model.flush()
    assert shown.model.row_of("s3") == 3


def test_another_listing_is_another_list(desk: Desk, shown: Shown, shop: Shop) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([sale(50)])
    listing = other.store.listing(Query(), Order())

    shown.model.show(listing)
    shop.ring(sale(6))
    shown.model.flush()

    assert shown.ids == ["s50"]
    shown.model.show(None)
    assert shown.ids == []
    assert not shown.model.canFetchMore(QModelIndex())
    listing.close()


def test_at_midnight_all_times_are_written_anew(shown: Shown) -> None:
    told = Told(shown.model)

    shown.model.new_day()
    assert told.changed == [(0, 4)]
    shown.model.show(None)
    shown.model.new_day()
    assert len(told.changed) == 1


def test_it_knows_how_much_room_amounts_and_times_need(shown: Shown, shop: Shop) -> None:
    assert shown.model.longest_time == shown.text(4, Column.TIME)

    shop.ring(sale(6, total="123456789.25"))
    shop.ring(sale(7, total="1000", currency="USD"))
    shop.ring(sale(8, total="99.995", currency="USD"))
    shop.ring(sale(-2000))
    shown.model.flush()

    assert set(shown.model.longest_totals) == {"$\u00a0123.456.789,25", "US$\u00a01.000,00"}
    assert shown.model.longest_time.startswith("22/11/26 ")


Step = Callable[[Shop], None]
ORDERS = [Order(key, down) for key in SortKey for down in (True, False)]


def moved(number: int, minute: int, status: SaleStatus, total: int) -> Sale:
    """A sale that need not stand where its number says."""
    when = NOON - timedelta(hours=3) + timedelta(minutes=minute)
    return sale(number, created_at=when, status=status, total=str(total))


one_sale = st.builds(
    moved,
    number=st.integers(0, 30),
    minute=st.integers(0, 30),
    status=st.sampled_from(SaleStatus),
    total=st.integers(0, 9),
)


def steps() -> st.SearchStrategy[Step | None]:
    def ring(sold: Sale) -> Step:
        return lambda shop: shop.ring(sold)

    def update(sold: Sale) -> Step:
        return lambda shop: shop.update(sold)

    def load(sales: list[Sale]) -> Step:
        unique = {each.id: each for each in sales}
        return lambda shop: shop.load(list(unique.values()))

    lists = st.lists(one_sale, max_size=12)
    return st.one_of(st.none(), one_sale.map(ring), one_sale.map(ring), one_sale.map(update), lists.map(load))


@settings(max_examples=150, deadline=None)
@given(
    batches=st.lists(st.lists(steps(), max_size=40), max_size=5),
    query=st.sampled_from([Query(), Query(status=SaleStatus.APPROVED)]),
    order=st.sampled_from(ORDERS),
)
def test_it_is_the_listing_after_any_changes_in_any_batches(
    batches: list[list[Step | None]], query: Query, order: Order
) -> None:
    """None is a moment in which the model shows what waits; the tester checks each promise to the views."""
    desk = Desk()
    shop = Shop(desk, "main")
    shop.connect()
    shop.load([sale(number) for number in range(10)])
    shown = Shown(shop, Words(Format(QLocale("en_GB"))), query, order)

    for batch in batches:
        for step in batch:
            if step is None:
                shown.model.flush()
            else:
                step(shop)
        shown.model.flush()
        rows = [shown.model.sale(row) for row in range(shown.model.rowCount())]
        assert rows == list(shown.listing.rows.newest(len(shown.listing.rows)))
    shown.end()
