from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Desk
from salebell_desktop.ui.sales.highlights import LIT
from salebell_desktop.ui.sales.model import Column, SalesModel
from salebell_desktop.ui.sales.table import SalesTable
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tokens import DARK, LIGHT, Scheme
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import SaleStatus
from tests.desktop.ui.stage import Shop, Times, sale


@pytest.fixture
def model(words: Words, times: Times) -> SalesModel:
    return SalesModel(words, times.clock.now)


@pytest.fixture
def table(
    qtbot: QtBot, desk: Desk, shop: Shop, model: SalesModel, theme: Theme, words: Words, times: Times
) -> Iterator[SalesTable]:
    made = SalesTable(model, theme, words, times.clock.steady)
    qtbot.addWidget(made)
    made.resize(800, 300)
    model.show(shop.store)
    end = desk.observe(model.apply)
    made.show()
    yield made
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
    assert sum(table.columnWidth(column) for column in Column) <= table.viewport().width()


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
