from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Desk, LinkState
from salebell_desktop.ui.format import Format
from salebell_desktop.ui.sales.model import Column, SalesModel
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import Customer, Sale, SaleStatus
from tests.desktop.ui.stage import NOON, Shop, sale

ROLE = Qt.ItemDataRole


class Shown:
    """A model that follows a shop, and that Qt's own tester watches for broken promises."""

    def __init__(self, desk: Desk, shop: Shop, words: Words, *, watched: bool = True) -> None:
        self.model = SalesModel(words, lambda: NOON)
        if watched:
            self.tester = QAbstractItemModelTester(self.model, QAbstractItemModelTester.FailureReportingMode.Warning)
        self.model.show(shop.store)
        self.end = desk.observe(self.model.apply)

    @property
    def ids(self) -> list[str]:
        rows = [self.model.sale(row) for row in range(self.model.rowCount())]
        return [shown.id for shown in rows if shown is not None]

    def text(self, row: int, column: Column, role: Qt.ItemDataRole = ROLE.DisplayRole) -> str:
        found: str = self.model.data(self.model.index(row, column), role)
        return found


@pytest.fixture
def shown(desk: Desk, shop: Shop, words: Words) -> Iterator[Shown]:
    made = Shown(desk, shop, words)
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
    shop.ring(sale(7, customer=None, status=SaleStatus.CANCELLED))
    shown.model.flush()

    assert [shown.text(2, column) for column in Column] == [
        "100005",
        "María Pérez",
        "checkout",
        "Approved",
        "$\u00a015.999,00",
        "9:05\u202fa.\u00a0m.",
    ]
    assert shown.text(1, Column.NUMBER) == "s6"
    assert shown.text(1, Column.CUSTOMER) == "x@example.com"
    assert shown.text(0, Column.CUSTOMER) == ""
    assert shown.text(0, Column.STATUS, ROLE.AccessibleTextRole) == "Cancelled"


def test_columns_have_titles_and_sides(shown: Shown) -> None:
    horizontal = Qt.Orientation.Horizontal
    titles = [shown.model.headerData(column, horizontal) for column in Column]
    sides = [shown.model.headerData(column, horizontal, ROLE.TextAlignmentRole) for column in Column]

    assert titles == ["Number", "Customer", "Channel", "Status", "Total", "Time"]
    assert [bool(side & Qt.AlignmentFlag.AlignRight) for side in sides] == [False, False, False, False, True, True]
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


def test_ten_thousand_at_once_are_one_new_list(shown: Shown, shop: Shop) -> None:
    told = Told(shown.model)

    for number in range(6, 10_006):
        shop.ring(sale(number))
    shown.model.flush()

    assert told.inserted == []
    assert told.resets == 1
    assert shown.model.rowCount() == len(shop.store.sales)
    assert shown.ids[0] == "s10005"


def test_a_hundred_at_once_are_one_insertion_that_keeps_the_rest(shown: Shown, shop: Shop) -> None:
    told = Told(shown.model)

    for number in range(6, 106):
        shop.ring(sale(number))
    shop.update(sale(4, status=SaleStatus.REFUNDED))
    shown.model.flush()

    assert told.inserted == [(0, 99)]
    assert told.changed == [(101, 101)]
    assert (told.resets, told.removed) == (0, [])
    assert len(told.arrived) == 100


def test_a_list_read_anew_is_no_news(shown: Shown, shop: Shop) -> None:
    told = Told(shown.model)

    shop.load([sale(number) for number in range(20, 0, -1)])
    shown.model.flush()

    assert len(shown.ids) == 20
    assert told.arrived == []


def test_older_sales_come_at_the_end_and_are_no_news(desk: Desk, words: Words, shop: Shop) -> None:
    shown = Shown(desk, shop, words, watched=False)  # Qt's tester would fetch, too
    asked: list[str] = []
    shown.model.load_older = asked.append
    assert not shown.model.canFetchMore(QModelIndex())
    shop.load([sale(number) for number in (5, 4)], next_before="mark")
    shown.model.flush()
    told = Told(shown.model)

    assert shown.model.canFetchMore(QModelIndex())
    shown.model.fetchMore(QModelIndex())
    assert not shown.model.canFetchMore(QModelIndex())
    shop.link(LinkState.CONNECTING)
    assert shown.model.canFetchMore(QModelIndex())
    shop.load_more([sale(3), sale(2)], next_before="next")
    shown.model.flush()

    assert asked == ["main"]
    assert shown.ids == ["s5", "s4", "s3", "s2"]
    assert told.inserted == [(2, 3)]
    assert told.arrived == []
    assert shown.model.canFetchMore(QModelIndex())


def test_another_store_is_another_list(desk: Desk, shown: Shown, shop: Shop) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([sale(50)])
    shown.model.flush()
    assert shown.ids[0] == "s5"

    shown.model.show(other.store)
    shop.ring(sale(6))
    shown.model.flush()

    assert shown.ids == ["s50"]
    shown.model.show(None)
    assert shown.ids == []
    assert not shown.model.canFetchMore(QModelIndex())


def test_it_knows_how_much_room_amounts_and_times_need(shown: Shown, shop: Shop) -> None:
    assert shown.model.longest_time == shown.text(4, Column.TIME)

    shop.ring(sale(6, total="123456789.25"))
    shop.ring(sale(7, total="1000", currency="USD"))
    shop.ring(sale(-2000))
    shown.model.flush()

    assert set(shown.model.longest_totals) == {"$\u00a0123.456.789,25", "US$\u00a01.000,00"}
    assert shown.model.longest_time.startswith("22/11/26 ")


Step = Callable[[Shop], None]


def moved(number: int, minute: int, status: SaleStatus, total: int) -> Sale:
    """A sale that need not stand where its number says."""
    return sale(number, created_at=sale(minute).created_at, status=status, total=str(total))


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
@given(batches=st.lists(st.lists(steps(), max_size=40), max_size=5))
def test_it_is_the_stores_list_after_any_changes_in_any_batches(batches: list[list[Step | None]]) -> None:
    """None is a moment in which the model shows what waits; the tester checks each promise to the views."""
    desk = Desk()
    shop = Shop(desk, "main")
    shop.connect()
    shop.load([sale(number) for number in range(10)])
    shown = Shown(desk, shop, Words(Format(QLocale("en_GB"))))

    for batch in batches:
        for step in batch:
            if step is None:
                shown.model.flush()
            else:
                step(shop)
        shown.model.flush()
        assert [shown.model.sale(row) for row in range(shown.model.rowCount())] == list(
            shop.store.sales.newest(len(shop.store.sales))
        )
    shown.end()
