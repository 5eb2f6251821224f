"""The sales window without a mouse, and for who listens to it."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDateEdit,
    QFileDialog,
    QLineEdit,
    QScrollArea,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from salebell_desktop.ui.sales.window import SalesWindow
from tests.desktop.ui.sales.conftest import Made, until
from tests.desktop.ui.stage import Shop, Wishes, sale

CONTROL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


def focus_walk(window: SalesWindow) -> list[QWidget]:
    """Where the tab key leads, from the search field on, until it comes round."""
    window.filters.search.setFocus()
    walked: list[QWidget] = []
    for _ in range(60):
        focused = QApplication.focusWidget()
        assert focused is not None
        if walked and focused is walked[0]:
            return walked
        # The parts of a day are places of their own.
        if focused not in walked:
            walked.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    raise AssertionError("it does not come round")


async def test_the_tab_key_leads_to_everything_in_a_sensible_order(window: SalesWindow) -> None:
    window.table.selectRow(1)
    choose = window.filters.period.menu()
    choose.aboutToShow.emit()
    choose.actions()[-1].trigger()
    await until(window.filters.clear_all.isVisible)

    walked = focus_walk(window)

    bar = window.filters
    order = [bar.search, bar.status, bar.channel, bar.period, bar.first, bar.last, bar.clear_all, bar.columns]
    places = [walked.index(widget) for widget in [*order, window.table]]
    assert places == sorted(places)
    controls = (QAbstractButton, QLineEdit, QDateEdit, QTableView)
    inner = (window.filters.first, window.filters.last)
    missed = [
        widget
        for kind in controls
        for widget in window.findChildren(kind)
        if widget.isVisible()
        and widget.isEnabled()
        and widget not in walked
        and not any(part.isAncestorOf(widget) for part in (*inner, window.table, window.filters.search))
    ]
    assert missed == []


async def test_everything_that_can_be_reached_has_a_name(window: SalesWindow) -> None:
    window.table.selectRow(1)

    for widget in focus_walk(window):
        if window.figures.isAncestorOf(widget) or isinstance(widget, QScrollArea):
            continue  # figures have their own tests; what scrolls is told by what stands in it
        spoken = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        assert len(spoken.strip()) > 1, widget


async def test_ctrl_f_searches_and_escape_steps_back(window: SalesWindow) -> None:
    QTest.keyClick(window.table, Qt.Key.Key_F, CONTROL)
    await until(window.filters.search.hasFocus)
    QTest.keyClicks(window.filters.search, "nobody")

    QTest.keyClick(window.filters.search, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.filters.search.text() == ""
    QTest.keyClick(window.filters.search, Qt.Key.Key_Escape)
    await until(lambda: not window.isVisible())


async def test_ctrl_comma_and_the_button_want_the_settings(qtbot: QtBot, window: SalesWindow) -> None:
    with qtbot.waitSignal(window.settings_wanted):
        QTest.keyClick(window.table, Qt.Key.Key_Comma, CONTROL)
    with qtbot.waitSignal(window.settings_wanted):
        QTest.mouseClick(window.header.settings, Qt.MouseButton.LeftButton)


async def test_ctrl_e_exports(window: SalesWindow, wishes: Wishes) -> None:
    QTest.keyClick(window.table, Qt.Key.Key_E, CONTROL)
    dialog = window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)

    dialog.fileSelected.emit("/nowhere/mine.csv")
    dialog.reject()
    while window.exporting.busy:
        await asyncio.sleep(0.005)

    assert "export mine.csv" in wishes.wanted
    assert window.exporting.isVisible()


async def test_without_sales_there_is_nothing_to_export(window: SalesWindow) -> None:
    window.filters.begin_search("nobody")
    window.filters.search.returnPressed.emit()

    await until(lambda: not window.header.export.isEnabled())
    QTest.keyClick(window.filters.search, Qt.Key.Key_E, CONTROL)
    assert window.findChild(QFileDialog) is None


async def test_ctrl_c_copies_the_row_as_it_is_shown(window: SalesWindow) -> None:
    QGuiApplication.clipboard().setText("before")
    QTest.keyClick(window.table, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "before"

    window.table.selectRow(1)
    QTest.keyClick(window.table, Qt.Key.Key_C, CONTROL)

    cells = QGuiApplication.clipboard().text().split("\t")
    assert cells[:4] == ["100004", "María Pérez", "checkout", "Approved"]
    assert len(cells) == 6


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
async def test_enter_goes_on_to_the_details(window: SalesWindow, key: Qt.Key) -> None:
    window.table.selectRow(1)
    window.table.setFocus()
    await until(window.table.hasFocus)

    QTest.keyClick(window.table, key)

    focused = QApplication.focusWidget()
    assert focused is not None
    assert window.details.isAncestorOf(focused)


# Where there is little room.


async def test_in_a_narrow_window_the_details_take_the_lists_place(make: Made, shop: Shop) -> None:
    window = make()
    window.resize(700, 600)
    window.present()
    await until(window.isActiveWindow)
    assert window.table.isVisible()

    window.table.selectRow(1)
    assert window.details.isVisible()
    assert not window.table.isVisible()

    QTest.keyClick(window.details, Qt.Key.Key_Escape, NONE)
    await until(window.table.isVisible)
    assert window.isVisible()
    assert not window.details.isVisible()
    await until(window.table.hasFocus)

    window.table.selectRow(2)
    QTest.keyClick(window.details, Qt.Key.Key_F, CONTROL)
    await until(window.filters.search.hasFocus)


async def test_in_a_wide_window_they_stand_side_by_side(window: SalesWindow) -> None:
    window.table.selectRow(1)
    assert window.table.isVisible()
    assert window.details.isVisible()

    window.resize(700, 600)
    await until(lambda: not window.table.isVisible())
    window.resize(1100, 700)
    await until(window.table.isVisible)
    assert window.table.selected == sale(4)


async def test_the_smallest_window_shows_everything(window: SalesWindow) -> None:
    window.resize(window.minimumSize())

    await until(lambda: window.width() == window.minimumWidth())
    assert window.header.menu.geometry().right() <= window.width()
    assert window.filters.period.mapTo(window, window.filters.period.rect().topRight()).x() <= window.width()
