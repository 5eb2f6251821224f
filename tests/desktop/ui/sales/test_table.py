from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Listing, Order, Query, SaleHeard, SortKey
from salebell_desktop.ui.sales.columns import Arrangement, Column
from salebell_desktop.ui.sales.highlights import LIT
from salebell_desktop.ui.sales.model import SalesModel
from salebell_desktop.ui.sales.table import SalesTable
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tokens import DARK, LIGHT, Scheme
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import SaleStatus
from tests.desktop.ui.stage import Shop, Times, sale


@pytest.fixture
def asked() -> list[Listing]:
    """The listings of which more was asked for."""
    return []


@pytest.fixture
def model(words: Words, times: Times, asked: list[Listing]) -> SalesModel:
    return SalesModel(words, times.clock.now, asked.append)


@pytest.fixture
def table(
    qtbot: QtBot, shop: Shop, model: SalesModel, theme: Theme, words: Words, times: Times
) -> Iterator[SalesTable]:
    made = SalesTable(model, theme, words, times.clock.steady)
    qtbot.addWidget(made)
    made.resize(800, 300)
    end = shop.store.observe(lambda change: model.hear(change.sale.id) if isinstance(change, SaleHeard) else None)
    listing = shop.store.listing(Query(), Order())
    model.show(listing)
    made.show()
    yield made
    model.show(None)
    listing.close()
    end()


def colour_at(table: SalesTable, row: int, column: Column = Column.CUSTOMER) -> str:
    """The ground of a cell, at its upper right where no text comes."""
    box = table.visualRect(table.model().index(row, column))
    return table.viewport().grab().toImage().pixelColor(box.right() - 2, box.top() + 3).name()


def test_rows_are_of_one_height_and_amounts_have_room(table: SalesTable, shop: Shop, model: SalesModel) -> None:
    assert {table.rowHeight(row) for row in range(5)} == {37}
    before = table.columnWidth(Column.TOTAL)

    shop.ring(sale(6, total="999999999999999.999999"))
    model.flush()

    text = model.text(sale(6, total="999999999999999.999999"), Column.TOTAL)
    assert table.columnWidth(Column.TOTAL) > before
    assert table.columnWidth(Column.TOTAL) >= table.fontMetrics().horizontalAdvance(text) + 24
    assert sum(table.columnWidth(column) for column in Column) == table.viewport().width()


def test_the_selection_stays_on_its_sale(table: SalesTable, shop: Shop, model: SalesModel) -> None:
    table.selectRow(2)
    assert table.selected == sale(3)

    shop.ring(sale(6))
    model.flush()
    assert table.selected == sale(3)
    assert table.selectionModel().selectedRows()[0].row() == 3

    for number in range(7, 107):
        shop.ring(sale(number))
    model.flush()
    assert table.selected == sale(3)

    shop.load([sale(number) for number in range(200, 0, -1)])
    model.flush()
    assert table.selected == sale(3)


def test_a_sale_that_changes_while_selected_is_told(
    qtbot: QtBot, table: SalesTable, shop: Shop, model: SalesModel
) -> None:
    table.selectRow(2)
    changed = sale(3, status=SaleStatus.REFUNDED)

    with qtbot.waitSignal(table.picked):
        shop.update(changed)
        model.flush()

    assert table.selected == changed


def test_a_selected_sale_that_goes_leaves_nothing_selected(table: SalesTable, shop: Shop, model: SalesModel) -> None:
    table.selectRow(2)

    shop.load([sale(9)])
    model.flush()

    assert table.selected is None


@pytest.mark.parametrize("scrolled", [1, 20 * 37 + 5, 1_000_000])
def test_who_reads_further_down_keeps_their_place(
    table: SalesTable, shop: Shop, model: SalesModel, scrolled: int
) -> None:
    shop.load([sale(number) for number in range(100, 0, -1)])
    model.flush()
    table.updateGeometries()
    table.verticalScrollBar().setValue(scrolled)
    before = table.verticalScrollBar().value()
    reading = model.sale(table.rowAt(0))

    for number in range(101, 104):
        shop.ring(sale(number))
    model.flush()

    assert model.sale(table.rowAt(0)) == reading
    assert table.verticalScrollBar().value() == before + 3 * 37


def test_who_is_at_the_top_sees_the_newest(table: SalesTable, shop: Shop, model: SalesModel) -> None:
    shop.load([sale(number) for number in range(100, 0, -1)])
    model.flush()

    shop.ring(sale(101))
    model.flush()

    assert table.verticalScrollBar().value() == 0
    assert model.sale(table.rowAt(0)) == sale(101)


def test_a_new_row_is_lit_and_goes_out(
    qtbot: QtBot, table: SalesTable, shop: Shop, model: SalesModel, times: Times
) -> None:
    assert colour_at(table, 0) == LIGHT.card

    shop.ring(sale(6))
    model.flush()
    assert colour_at(table, 0) == LIGHT.new_row
    assert colour_at(table, 1) == LIGHT.card

    times.go_on(LIT - 0.1)
    assert colour_at(table, 0) not in (LIGHT.new_row, LIGHT.card)
    times.go_on(0.2)
    assert colour_at(table, 0) == LIGHT.card


def test_lit_rows_are_painted_again_until_none_is_left(
    table: SalesTable, shop: Shop, model: SalesModel, times: Times
) -> None:
    shop.ring(sale(6))
    model.flush()
    frames = [timer for timer in table.findChildren(QTimer) if timer.isActive()]
    assert len(frames) == 1

    times.go_on(LIT - 0.1)
    frames[0].timeout.emit()
    assert frames[0].interval() < 100
    times.go_on(0.2)
    frames[0].stop()
    frames[0].timeout.emit()

    assert not frames[0].isActive()
    assert colour_at(table, 0) == LIGHT.card


def test_news_are_forgotten_with_the_list(table: SalesTable, shop: Shop, model: SalesModel) -> None:
    shop.ring(sale(6))
    model.flush()

    table.forget_news()

    assert colour_at(table, 0) == LIGHT.card


def test_a_selected_row_has_a_bar_and_a_ground(table: SalesTable) -> None:
    table.selectRow(1)

    assert colour_at(table, 1) == LIGHT.selection
    assert colour_at(table, 0) == LIGHT.card
    picture = table.viewport().grab().toImage()
    middle = table.visualRect(table.model().index(1, Column.NUMBER)).center().y()
    assert picture.pixelColor(1, middle).name() == LIGHT.accent


def test_each_status_has_a_pill_of_its_colours(table: SalesTable, shop: Shop, model: SalesModel) -> None:
    grounds = {
        SaleStatus.APPROVED: LIGHT.accent_soft,
        SaleStatus.PENDING: LIGHT.warn_soft,
        SaleStatus.CANCELLED: LIGHT.bad_soft,
        SaleStatus.REFUNDED: LIGHT.neutral_soft,
    }
    for number, status in enumerate(grounds):
        shop.load([sale(number, status=status)])
        model.flush()
        box = table.visualRect(model.index(0, Column.STATUS))
        picture = table.viewport().grab().toImage()
        # In the pill, left of its word.
        assert picture.pixelColor(box.left() + 12 + 4, box.center().y()).name() == grounds[status]


def test_the_row_under_the_pointer_is_marked(table: SalesTable) -> None:
    where = table.visualRect(table.model().index(3, Column.CUSTOMER)).center()
    kind, button, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier

    table.mouseMoveEvent(QMouseEvent(kind, QPointF(where), QPointF(QPoint()), button, button, none))
    assert colour_at(table, 3) == LIGHT.hover
    assert colour_at(table, 2) == LIGHT.card

    table.leaveEvent(QEvent(QEvent.Type.Leave))
    assert colour_at(table, 3) == LIGHT.card


def test_a_change_of_theme_repaints_at_once(table: SalesTable, theme: Theme) -> None:
    theme.hold(Scheme.DARK)

    assert colour_at(table, 0) == DARK.card


def test_the_keyboard_moves_the_selection(qtbot: QtBot, table: SalesTable) -> None:
    table.selectRow(0)

    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Down)

    assert table.selected == sale(3)
    assert table.accessibleName()


# Columns.


@pytest.fixture
def orders(table: SalesTable) -> list[Order]:
    """The orders that were wanted."""
    heard: list[Order] = []
    table.order_wanted.connect(heard.append)
    return heard


def test_at_first_what_most_shops_want_is_shown(table: SalesTable) -> None:
    assert table.arrangement == Arrangement(frozenset({Column.EMAIL, Column.ITEMS}), tuple(Column))


def test_columns_are_shown_where_and_as_the_user_wants(qtbot: QtBot, table: SalesTable) -> None:
    wanted = Arrangement(frozenset({Column.TIME}), (Column.TOTAL, *(set(Column) - {Column.TOTAL})))
    with qtbot.assertNotEmitted(table.arranged):
        table.arrange(wanted)

    assert table.arrangement == wanted
    assert table.columnViewportPosition(Column.TOTAL) == 0
    with qtbot.waitSignal(table.arranged):
        table.horizontalHeader().moveSection(0, 2)
    assert table.arrangement.places[2] is Column.TOTAL


def offered(table: SalesTable) -> dict[str, QAction]:
    table.menu.aboutToShow.emit()
    return {action.text(): action for action in table.menu.actions() if action.text()}


def test_the_menu_offers_each_column_but_the_number_to_be_hidden(qtbot: QtBot, table: SalesTable) -> None:
    entries = offered(table)
    assert list(entries)[:8] == ["Number", "Customer", "E-mail", "Items", "Channel", "Status", "Total", "Time"]
    assert not entries["Number"].isEnabled()
    assert not entries["Items"].isChecked()

    with qtbot.waitSignal(table.arranged):
        entries["Items"].trigger()
    with qtbot.waitSignal(table.arranged):
        offered(table)["Time"].trigger()

    assert table.arrangement.hidden == {Column.EMAIL, Column.TIME}
    with qtbot.waitSignals([table.arranged, table.order_wanted]):
        offered(table)["Usual columns and order"].trigger()
    assert table.arrangement == Arrangement()


def test_a_right_click_on_the_header_brings_the_menu(qtbot: QtBot, table: SalesTable) -> None:
    table.horizontalHeader().customContextMenuRequested.emit(QPoint(5, 5))

    qtbot.waitUntil(table.menu.isVisible)
    table.menu.close()


def test_a_click_on_a_title_sorts(table: SalesTable, orders: list[Order]) -> None:
    header = table.horizontalHeader()
    where = QPoint(header.sectionViewportPosition(Column.TOTAL) + 20, header.height() // 2)

    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)

    assert orders == [Order(SortKey.TOTAL)]


def test_nothing_is_sorted_by_items(qtbot: QtBot, table: SalesTable) -> None:
    with qtbot.assertNotEmitted(table.order_wanted):
        table.horizontalHeader().sectionClicked.emit(Column.ITEMS)


def test_the_keyboard_sorts_by_the_menu(table: SalesTable, orders: list[Order]) -> None:
    menu = offered(table)["Sort by"].menu()
    assert isinstance(menu, QMenu)
    entries = {action.text(): action for action in menu.actions()}
    assert [text for text, action in entries.items() if action.isChecked()] == ["Time"]

    entries["Customer"].trigger()
    entries["The other way round"].trigger()

    assert orders == [Order(SortKey.CUSTOMER, descending=False), Order(SortKey.CREATED, descending=False)]


def test_where_there_is_too_little_room_one_scrolls_sideways(qtbot: QtBot, table: SalesTable) -> None:
    table.arrange(Arrangement(frozenset()))
    table.resize(400, 300)

    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() > 0)


# Getting about.


def test_home_and_end_are_the_first_and_the_last_sale(table: SalesTable) -> None:
    table.selectRow(2)

    QTest.keyClick(table, Qt.Key.Key_End)
    assert table.selected == sale(1)
    QTest.keyClick(table, Qt.Key.Key_Home)
    assert table.selected == sale(5)


def test_letters_are_for_the_search(qtbot: QtBot, table: SalesTable) -> None:
    table.selectRow(0)

    typed: list[str] = []
    table.typed.connect(typed.append)
    QTest.keyClick(table, Qt.Key.Key_M)
    assert typed == ["m"]
    with qtbot.assertNotEmitted(table.typed):
        QTest.keyClick(table, Qt.Key.Key_Space)


def test_more_is_asked_for_before_the_end_is_seen(
    table: SalesTable, model: SalesModel, shop: Shop, asked: list[Listing]
) -> None:
    shop.load([sale(number) for number in range(100, 0, -1)], next_before="mark")
    model.flush()
    table.updateGeometries()
    asked.clear()
    bar = table.verticalScrollBar()

    bar.setValue(bar.maximum() // 2)
    assert asked == []
    bar.setValue(bar.maximum() - table.viewport().height())

    assert len(asked) == 1


def test_a_selected_sale_is_not_told_again_when_others_come(
    qtbot: QtBot, table: SalesTable, shop: Shop, model: SalesModel
) -> None:
    table.selectRow(2)

    with qtbot.assertNotEmitted(table.picked):
        shop.ring(sale(6))
        model.flush()
        shop.load([sale(number) for number in range(20, 0, -1)])
        model.flush()


def test_a_selected_sale_keeps_selected_where_it_moves_to(table: SalesTable, shop: Shop, model: SalesModel) -> None:
    listing = shop.store.listing(Query(), Order(SortKey.TOTAL))
    model.show(listing)
    table.selectRow(2)
    assert table.selected == sale(3)

    dearer = sale(3, total="99999.00")
    shop.update(dearer)
    model.flush()

    assert table.selected == dearer
    assert table.selectionModel().selectedRows()[0].row() == 0
    listing.close()
