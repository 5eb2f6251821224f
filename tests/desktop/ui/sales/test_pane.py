"""What the window lists: queries, orders, pages, and what it says of them."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from salebell_desktop.store import Desk, LinkState, Listing, Order, Progress, Query, SortKey
from salebell_desktop.ui.sales.columns import Arrangement, Column
from salebell_desktop.ui.sales.window import SalesWindow
from salebell_protocol.sales import Customer, SaleStatus
from tests.desktop.ui.sales.conftest import Made, until
from tests.desktop.ui.stage import Shop, Times, Wishes, sale


def listing(window: SalesWindow) -> Listing:
    made = window.pane.listing
    assert made is not None
    return made


def search(window: SalesWindow, text: str) -> None:
    window.filters.begin_search(text)
    QTest.keyClick(window.filters.search, Qt.Key.Key_Return)


def ids(window: SalesWindow) -> list[str]:
    rows = (window.model.sale(row) for row in range(window.model.rowCount()))
    return [each.id for each in rows if each is not None]


def choose_period(window: SalesWindow, name: str) -> None:
    menu = window.filters.period.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == name).trigger()


# Searching.


async def test_what_is_at_hand_matches_at_once_and_the_server_is_asked(make: Made, desk: Desk, wishes: Wishes) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    shop.load([sale(2, customer=Customer("Juan", "")), sale(1)], next_before="mark")
    window = make()
    window.present()
    wishes.wanted.clear()

    search(window, "juan")
    assert ids(window) == ["s2"]
    assert wishes.wanted == ["more main"]
    await until(lambda: window.filters.count == "1 of …")

    request = listing(window).request()
    assert request is not None
    assert request.query.text == "juan"
    await until(window.pane.progress_line.isVisible)
    assert listing(window).took(request, shop.page([sale(-9, customer=Customer("Juana", ""))]))
    window.model.flush()
    assert ids(window) == ["s2", "s-9"]
    await until(lambda: window.filters.count == "2 sale(s)")
    assert not window.pane.progress_line.isVisible()


async def test_nothing_that_matches_says_so_and_offers_to_clear(window: SalesWindow) -> None:
    search(window, "nobody")

    await until(lambda: window.empty.title == "No sales match")
    assert window.empty.isVisible()
    QTest.mouseClick(window.empty.action, Qt.MouseButton.LeftButton)
    await until(window.table.isVisible)
    assert listing(window).query == Query()
    assert window.filters.search.text() == ""


async def test_while_the_server_is_asked_nothing_is_said_to_be_missing(make: Made, desk: Desk) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    shop.load([sale(1)], next_before="mark")
    window = make()
    window.present()

    search(window, "nobody")

    await until(lambda: window.empty.title == "Loading the sales…")
    shop.read(listing(window), [])
    await until(lambda: window.empty.title == "No sales match")


async def test_without_a_connection_it_says_where_it_searches(make: Made, desk: Desk, wishes: Wishes) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    shop.load([sale(1)], next_before="mark")
    shop.link(LinkState.DISCONNECTED)
    window = make()
    window.present()

    search(window, "nobody")
    await until(lambda: window.empty.title == "No sales on this computer match")
    search(window, "mar")
    await until(lambda: window.filters.count == "1 sale(s) on this computer, the only place to search now")

    wishes.wanted.clear()
    shop.connect()
    assert wishes.wanted[:1] == ["more main"]


async def test_a_selected_sale_that_matches_stays_selected(window: SalesWindow) -> None:
    window.table.selectRow(2)

    search(window, "mar")
    assert window.table.selected == sale(3)
    search(window, "nobody")
    assert window.table.selected is None
    assert not window.details.isVisible()


async def test_letters_typed_over_the_list_begin_a_search(window: SalesWindow) -> None:
    window.table.setFocus()
    QTest.keyClick(window.table, Qt.Key.Key_M)

    await until(window.filters.search.hasFocus)
    QTest.keyClicks(window.filters.search, "ar")
    assert window.filters.search.text() == "mar"
    QTest.keyClick(window.filters.search, Qt.Key.Key_Down)
    await until(window.table.hasFocus)
    assert window.table.selected == sale(5)


async def test_channels_are_those_of_the_store(window: SalesWindow, shop: Shop) -> None:
    shop.ring(sale(6, channel="shopify"))
    menu = window.filters.channel.menu()

    menu.aboutToShow.emit()

    assert [action.text() for action in menu.actions()] == ["All", "checkout", "shopify"]


async def test_at_midnight_today_is_another_list(window: SalesWindow, shop: Shop, times: Times) -> None:
    choose_period(window, "Today")
    assert len(ids(window)) == 5
    before = listing(window)

    minutes = [timer for timer in window.pane.findChildren(QTimer) if timer.interval() == 60_000]
    assert len(minutes) == 1
    minutes[0].timeout.emit()
    assert listing(window) is before
    times.go_on(12 * 3600)
    minutes[0].timeout.emit()

    assert ids(window) == []
    assert listing(window).query == Query(since=datetime(2026, 11, 24, tzinfo=UTC) + timedelta(days=1))


# Reading on.


async def test_a_few_sales_are_followed_by_more_and_many_are_enough(make: Made, desk: Desk, wishes: Wishes) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    shop.load([sale(number) for number in range(40, 0, -1)], next_before="mark")
    window = make()
    window.present()
    assert wishes.wanted.count("more main") == 0

    shop.load([sale(number) for number in range(5, 0, -1)], next_before="mark")
    assert wishes.wanted.count("more main") == 1


async def test_what_could_not_be_read_is_told_and_tried_again(make: Made, desk: Desk, wishes: Wishes) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    shop.load([sale(1)], next_before="mark")
    window = make()
    window.present()
    request = listing(window).request()
    assert request is not None

    listing(window).failed(request, "The server failed to answer.")
    await until(window.notices.failed.isVisible)
    assert "The server failed to answer." in window.notices.failed.text
    wishes.wanted.clear()
    QTest.mouseClick(window.notices.failed.second, Qt.MouseButton.LeftButton)
    assert wishes.wanted == ["more main"]

    shop.link(LinkState.CONNECTING)
    await until(lambda: not window.notices.failed.isVisible())
    shop.connect()
    assert wishes.wanted == ["more main", "more main"]


async def test_the_stores_own_list_needs_no_button(window: SalesWindow, shop: Shop) -> None:
    shop.store.loading_failed("The server failed to answer.")

    await until(window.notices.failed.isVisible)
    assert not window.notices.failed.second.isVisible()


# Sorting and columns.


async def test_an_order_of_ones_own_is_read_to_the_end_and_says_so(make: Made, desk: Desk, wishes: Wishes) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    shop.load([sale(number) for number in range(40, 0, -1)], next_before="mark")
    window = make()
    window.present()

    window.table.order_wanted.emit(Order(SortKey.TOTAL))
    assert wishes.wanted.count("more main") == 1
    await until(lambda: window.filters.count == "Sorted among 40 sale(s) so far…")
    shop.read(listing(window), [sale(0, total="1.00")], "next")
    assert wishes.wanted.count("more main") == 2
    shop.read(listing(window), [])

    assert listing(window).progress is Progress.WHOLE
    await until(lambda: window.filters.count == "41 sale(s)")
    assert ids(window)[-1] == "s0"


async def test_columns_and_order_come_back(make: Made, shop: Shop) -> None:
    first = make()
    first.present()
    wanted = Arrangement(frozenset({Column.EMAIL}), (*tuple(Column)[1:], Column.NUMBER))
    first.table.arrange(wanted)
    first.table.arranged.emit()
    first.table.order_wanted.emit(Order(SortKey.CUSTOMER, descending=False))
    first.close()

    second = make()
    second.present()

    assert second.table.arrangement == wanted
    assert listing(second).order == Order(SortKey.CUSTOMER, descending=False)


async def test_the_button_offers_the_columns(window: SalesWindow) -> None:
    assert window.filters.columns.menu() is window.table.menu
    assert window.filters.columns.isVisible()


# Costs.


async def test_a_hidden_window_follows_nothing(window: SalesWindow, shop: Shop) -> None:
    followed = listing(window)
    window.close()
    shop.ring(sale(6))

    assert window.pane.listing is None
    assert len(followed.rows) == 5
    assert [timer.interval() for timer in window.findChildren(QTimer) if timer.isActive()] == []


async def test_coming_back_from_the_taskbar_keeps_the_list(window: SalesWindow, shop: Shop) -> None:
    window.stays_in_taskbar = True
    window.table.selectRow(2)
    before = listing(window)
    window.close()
    shop.ring(sale(6))

    window.present()
    window.model.flush()

    assert listing(window) is before
    assert window.table.selected == sale(3)
    assert ids(window)[0] == "s6"


@pytest.mark.parametrize("status", [SaleStatus.PENDING, SaleStatus.REFUNDED])
async def test_a_sale_that_matches_no_more_goes(window: SalesWindow, shop: Shop, status: SaleStatus) -> None:
    menu = window.filters.status.menu()
    menu.aboutToShow.emit()
    menu.actions()[2].trigger()
    assert len(ids(window)) == 5

    shop.update(sale(3, status=status))
    window.model.flush()

    assert ids(window) == ["s5", "s4", "s2", "s1"]


async def test_the_list_can_be_scrolled_with_a_wheel_over_it(window: SalesWindow) -> None:
    assert window.childAt(window.table.mapTo(window, QPoint(20, 60))) is window.table.viewport()


async def test_a_window_that_ended_leaves_nothing_that_runs(make: Made, shop: Shop, wishes: Wishes) -> None:
    before = asyncio.all_tasks()
    window = make()
    window.present()
    window.table.selectRow(1)
    wishes.holds |= {"find", "history", "export"}
    window.present("main", "s-1")
    await asyncio.sleep(0.02)
    assert asyncio.all_tasks() > before

    window.end()
    await until(lambda: asyncio.all_tasks() == before)

    assert [timer.interval() for timer in window.findChildren(QTimer) if timer.isActive()] == []
    shop.ring(sale(6))
    assert [timer.interval() for timer in window.findChildren(QTimer) if timer.isActive()] == []
