from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Account, Desk, LinkState, SaleHeard
from salebell_desktop.ui.actions import Told
from salebell_desktop.ui.sales.figures import FiguresStrip
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.http import Bucket, Revenue, Stats
from tests.desktop.ui.sales.conftest import until
from tests.desktop.ui.stage import NOON, Shop, Times, Wishes, sale

MIDNIGHT = NOON.replace(hour=0)
HOUR = timedelta(hours=1)


def stats(today: int = 6, before: int = 4) -> Stats:
    def bucket(start: datetime, sales: int) -> Bucket:
        return Bucket(start=start, sales=sales, approved=sales, revenue=(Revenue("ARS", f"{sales * 100}.00", sales),))

    hours = [bucket(MIDNIGHT - 24 * HOUR + number * HOUR, 0) for number in range(24 + 13)]
    hours[10], hours[34] = bucket(hours[10].start, before), bucket(hours[34].start, today)
    days = [bucket(MIDNIGHT - timedelta(days=7), 8), bucket(MIDNIGHT, today)]
    return Stats(store="main", tz="UTC", hours=tuple(hours), days=tuple(days))


@pytest.fixture
async def strip(
    qtbot: QtBot, wishes: Wishes, theme: Theme, words: Words, times: Times, shop: Shop
) -> AsyncIterator[FiguresStrip]:
    wishes.figures = stats()
    made = FiguresStrip(wishes, theme, words, times.clock, tz="UTC")
    qtbot.addWidget(made)
    made.resize(1100, 120)
    made.show()
    yield made
    made.stop()


async def test_it_asks_and_says(strip: FiguresStrip, shop: Shop) -> None:
    assert strip.today.value == "\u2013"
    strip.show_store(shop.store)
    await until(lambda: strip.today.value == "6 sale(s)")
    assert strip.today.more == "▲ 50 % more than yesterday by 12:00\u202fp.\u00a0m." or "50 %" in strip.today.more
    assert "600,00" in strip.revenue.value
    assert "100,00" in strip.average.value
    assert "last" in strip.average.more
    assert "600,00" in strip.revenue.accessibleName()


async def test_a_sale_is_asked_about_but_not_each(strip: FiguresStrip, shop: Shop, wishes: Wishes) -> None:
    strip.show_store(shop.store)
    await until(lambda: "6" in strip.today.value)
    wishes.figures = stats(today=7)
    for number in range(5):
        strip.changed(SaleHeard(store="main", sale=sale(number), offset=number))
        strip.changed(SaleHeard(store="other", sale=sale(number), offset=number))
    await until(lambda: "7" in strip.today.value)
    assert wishes.wanted.count("statistics main") == 2


async def test_without_a_connection_it_says_of_when_it_is(strip: FiguresStrip, shop: Shop, wishes: Wishes) -> None:
    strip.show_store(shop.store)
    await until(lambda: "6" in strip.today.value)
    wishes.figures = Told("The server cannot be reached.")
    shop.link(LinkState.CONNECTING)
    strip.show_store(shop.store)
    await until(lambda: "as of" in strip.today.more)
    assert "6" in strip.today.value


async def test_a_store_of_another_account_has_none_of_them(
    strip: FiguresStrip, shop: Shop, wishes: Wishes, desk: Desk
) -> None:
    strip.show_store(shop.store)
    await until(lambda: "6" in strip.today.value)
    wishes.holds.add("statistics")
    desk.sign_out()
    desk.sign_in(Account(server="wss://other.example.com", uid="b", email="bea@example.com", name="Bea"))
    strip.show_store(Shop(desk, "main").store)
    assert strip.today.value == "\u2013"
    wishes.holds.clear()


async def test_nobody_looks_nothing_is_asked(strip: FiguresStrip, shop: Shop, wishes: Wishes) -> None:
    strip.show_store(None)
    strip.changed(SaleHeard(store="main", sale=sale(1), offset=1))
    assert wishes.wanted == []


async def test_the_chart_can_be_walked_and_turned(strip: FiguresStrip, shop: Shop) -> None:
    strip.show_store(shop.store)
    await until(lambda: bool(strip.chart.slots))
    assert len(strip.chart.slots) == 24
    strip.chart.setFocus()
    QTest.keyClick(strip.chart, Qt.Key.Key_Home)
    assert "0 sale(s)" in strip.chart.cursor_text
    for _ in range(10):
        QTest.keyClick(strip.chart, Qt.Key.Key_Right)
    assert "6 sale(s)" in strip.chart.cursor_text
    assert "yesterday 4" in strip.chart.cursor_text
    assert strip.chart.accessibleDescription() == strip.chart.cursor_text
    QTest.keyClick(strip.chart, Qt.Key.Key_End)
    QTest.keyClick(strip.chart, Qt.Key.Key_Left)
    slot = strip.chart.slot_at(strip.chart.width() - 1)
    assert slot is strip.chart.slots[-1]
    assert strip.chart.slot_at(-1) is None
    strip.toggle.click()
    assert len(strip.chart.slots) == 2
    assert not strip.grab().isNull()


async def test_a_narrow_one_leaves_the_chart_out(strip: FiguresStrip) -> None:
    strip.resize(500, 120)
    assert not strip.chart.isVisible()
