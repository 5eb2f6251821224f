"""One sale that is asked for, as by a click on its notification."""

import asyncio

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Desk, Listing, Query
from salebell_desktop.ui.actions import Told
from salebell_desktop.ui.sales.window import SalesWindow
from salebell_protocol.sales import Sale, SaleStatus
from tests.desktop.ui.sales.conftest import Made, until
from tests.desktop.ui.stage import Shop, Wishes, sale

CLEARED = "The filters were cleared to show this sale."


def narrow(window: SalesWindow) -> None:
    """Look for what no sale is."""
    window.filters.begin_search("nobody")
    window.filters.search.returnPressed.emit()


async def looked_up(wishes: Wishes, sale_id: str) -> None:
    while f"find {sale_id}" not in wishes.wanted:
        await asyncio.sleep(0.005)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_sale_at_hand_is_selected_and_shown(make: Made, shop: Shop) -> None:
    window = make()
    shop.load([sale(number) for number in range(200, 0, -1)])

    window.present("main", "s3")

    assert window.table.selected == window.details.sale == sale(3)
    assert window.table.rowAt(window.table.viewport().height() - 30) > 100
    assert not window.notices.lost.isVisible()


async def test_a_sale_that_is_just_coming_is_selected(window: SalesWindow, shop: Shop) -> None:
    shop.ring(sale(6))

    window.present("main", "s6")

    assert window.table.selected == sale(6)


async def test_of_another_store(window: SalesWindow, desk: Desk) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([sale(50), sale(49)])

    window.present("other", "s49")

    assert window.store_name == "other"
    assert window.table.selected == sale(49)


async def test_filters_that_hide_it_are_cleared_and_that_is_said(window: SalesWindow) -> None:
    narrow(window)

    window.present("main", "s3")

    assert window.pane.listing is not None
    assert window.pane.listing.query == Query()
    assert window.table.selected == sale(3)
    assert window.notices.lost.text == CLEARED
    window.notices.lost.action.click()
    assert not window.notices.lost.isVisible()


async def test_one_that_is_not_at_hand_is_looked_up(make: Made, shop: Shop, wishes: Wishes) -> None:
    shop.load([sale(5), sale(4)], next_before="mark")
    wishes.found = sale(-900, status=SaleStatus.REFUNDED)
    window = make()

    window.present("main", "s-900")
    await looked_up(wishes, "s-900")

    assert window.table.selected == wishes.found
    assert window.details.sale == wishes.found
    assert not window.notices.lost.isVisible()


async def test_one_that_was_looked_up_is_shown_whatever_was_looked_for(window: SalesWindow, wishes: Wishes) -> None:
    narrow(window)
    wishes.found = sale(-900)

    window.present("main", "s-900")
    await looked_up(wishes, "s-900")

    assert window.table.selected == wishes.found
    assert window.notices.lost.text == CLEARED


async def test_one_that_is_not_there_is_a_clear_sentence(window: SalesWindow, wishes: Wishes) -> None:
    wishes.found = Told("This sale is not on the server any more.")

    window.present("main", "gone")
    await looked_up(wishes, "gone")

    assert window.notices.lost.text == "The sale cannot be shown: This sale is not on the server any more."
    assert window.notices.lost.isVisible()
    window.close()
    window.present()
    assert not window.notices.lost.isVisible()


async def test_of_a_store_that_went_is_a_clear_sentence(window: SalesWindow) -> None:
    window.present("gone", "s3")

    assert window.store_name == "main"
    assert window.table.selected is None
    assert window.notices.lost.text.startswith("The sale cannot be shown: its store")


async def test_who_has_turned_to_another_store_meanwhile_is_left_alone(
    window: SalesWindow, desk: Desk, wishes: Wishes
) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([sale(50)])
    wishes.holds.add("find")
    wishes.found = sale(-900)
    window.present("main", "s-900")
    await asyncio.sleep(0.02)

    window.header.store_wanted.emit("other")
    wishes.holds.clear()
    await asyncio.sleep(0.05)

    assert window.table.selected is None
    assert window.model.rowCount() == 1


async def test_it_is_found_while_another_window_is_in_front(qtbot: QtBot, window: SalesWindow) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    await until(other.isActiveWindow)

    window.present("main", "s2")

    await until(window.isActiveWindow)
    assert window.table.selected == sale(2)


async def test_one_older_than_a_full_list_is_shown_in_the_details(
    window: SalesWindow, wishes: Wishes, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes.found = sale(-900)

    def no_room(listing: Listing, found: Sale) -> bool:
        del listing, found
        return False

    monkeypatch.setattr(Listing, "put_found", no_room)

    window.present("main", "s-900")
    await looked_up(wishes, "s-900")

    assert window.table.selected is None
    assert window.details.sale == wishes.found
