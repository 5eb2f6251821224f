from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Query
from salebell_desktop.ui.format import Format
from salebell_desktop.ui.sales.filters import FilterBar
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import SaleStatus
from tests.desktop.ui.stage import NOON, Times

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def channels() -> list[str]:
    return ["shopify", "R&D"]


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme, words: Words, times: Times, channels: list[str]) -> FilterBar:
    menu = QMenu()
    qtbot.addWidget(menu)
    made = FilterBar(theme, words, times.clock.now, lambda: channels, menu)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def told(bar: FilterBar) -> list[Query]:
    """The queries that were told."""
    heard: list[Query] = []
    bar.changed.connect(lambda: heard.append(bar.query))
    return heard


def choose(chooser: QPushButton, text: str) -> None:
    menu = chooser.menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == text).trigger()


def offered(chooser: QPushButton) -> dict[str, bool]:
    menu = chooser.menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    return {action.text(): action.isChecked() for action in menu.actions()}


def test_at_first_it_looks_for_everything(bar: FilterBar) -> None:
    assert bar.query == Query()
    assert not bar.clear_all.isVisible()
    assert not bar.first.isVisible()


def test_what_is_typed_is_told_after_a_pause(qtbot: QtBot, bar: FilterBar, told: list[Query]) -> None:
    QTest.keyClicks(bar.search, " maria")
    assert told == []

    qtbot.waitUntil(lambda: told == [Query(text="maria")])
    assert bar.clear_all.isVisible()


def test_enter_does_not_wait(bar: FilterBar, told: list[Query]) -> None:
    QTest.keyClicks(bar.search, "mate")
    QTest.keyClick(bar.search, Qt.Key.Key_Return)

    assert told == [Query(text="mate")]


def test_a_blank_more_is_the_same_search(qtbot: QtBot, bar: FilterBar, told: list[Query]) -> None:
    bar.begin_search("mate")
    QTest.keyClick(bar.search, Qt.Key.Key_Return)
    QTest.keyClicks(bar.search, " ")
    QTest.keyClick(bar.search, Qt.Key.Key_Return)

    assert told == [Query(text="mate")]


def test_what_was_typed_before_the_window_went_is_not_told(qtbot: QtBot, bar: FilterBar, told: list[Query]) -> None:
    QTest.keyClicks(bar.search, "x")
    bar.stop()
    choose(bar.status, "Approved")

    assert told == [Query(text="x", status=SaleStatus.APPROVED)]


def test_a_status_is_chosen_and_ticked(bar: FilterBar, told: list[Query]) -> None:
    assert offered(bar.status) == {
        "All": True, "Pending": False, "Approved": False, "Cancelled": False, "Refunded": False,
    }  # fmt: skip

    choose(bar.status, "Pending")

    assert told == [Query(status=SaleStatus.PENDING)]
    assert bar.status.text() == "Status: Pending \u25be"
    assert bar.status.accessibleName() == "Status: Pending"
    assert offered(bar.status)["Pending"]
    choose(bar.status, "All")
    assert told[-1] == Query()


def test_channels_are_those_of_the_sales_and_no_mnemonics(bar: FilterBar, channels: list[str]) -> None:
    assert list(offered(bar.channel)) == ["All", "R&&D", "shopify"]

    choose(bar.channel, "R&&D")
    channels.clear()

    assert bar.query == Query(channel="R&D")
    assert bar.channel.text() == "Channel: R&&D \u25be"
    assert offered(bar.channel) == {"All": False, "R&&D": True}


def test_a_channel_of_a_long_name_leaves_room_for_the_others(bar: FilterBar, channels: list[str]) -> None:
    channels.append("x" * 100)

    choose(bar.channel, "x" * 100)

    assert bar.query == Query(channel="x" * 100)
    assert len(bar.channel.text()) < 50


def test_today_is_another_day_after_midnight(bar: FilterBar, times: Times) -> None:
    choose(bar.period, "Today")
    assert bar.query == Query(since=MIDNIGHT)

    times.go_on(12 * 3600)

    assert bar.query == Query(since=MIDNIGHT + timedelta(days=1))


def test_each_period_has_a_name(bar: FilterBar) -> None:
    names = ["Today", "Yesterday", "Last 7 days", "Last 30 days", "This month", "All days", "From … to …"]

    assert list(offered(bar.period)) == names


def test_own_days_are_typed_or_picked(qtbot: QtBot, bar: FilterBar, told: list[Query]) -> None:
    choose(bar.period, "From … to …")
    assert bar.first.isVisible()
    assert bar.last.day == date(2026, 11, 24)
    assert told == [Query(since=MIDNIGHT - timedelta(days=6), until=MIDNIGHT + timedelta(days=1))]

    bar.first.setDate(QDate(2026, 11, 24))

    qtbot.waitUntil(lambda: told[-1] == Query(since=MIDNIGHT, until=MIDNIGHT + timedelta(days=1)))
    choose(bar.period, "All days")
    assert not bar.first.isVisible()


def test_everything_is_cleared_at_once(bar: FilterBar, told: list[Query]) -> None:
    choose(bar.status, "Pending")
    choose(bar.channel, "shopify")
    choose(bar.period, "Today")
    bar.begin_search("mate")

    QTest.mouseClick(bar.clear_all, Qt.MouseButton.LeftButton)

    assert told[-1] == bar.query == Query()
    assert bar.search.text() == ""
    assert not bar.clear_all.isVisible()


def test_clearing_what_is_searched_leaves_the_rest(bar: FilterBar) -> None:
    choose(bar.status, "Pending")
    bar.begin_search("mate")

    bar.clear_search()

    assert bar.query == Query(status=SaleStatus.PENDING)


def test_the_arrow_key_leads_on_to_the_list(qtbot: QtBot, bar: FilterBar) -> None:
    bar.search.setFocus()
    qtbot.waitUntil(bar.search.hasFocus)

    with qtbot.waitSignal(bar.left):
        QTest.keyClick(bar.search, Qt.Key.Key_Down)


@pytest.mark.parametrize(
    ("locale", "written"), [("en_US", "11/24/2026"), ("es_AR", "24/11/2026"), ("de_DE", "24.11.2026")]
)
def test_days_are_written_as_the_locale_does(
    qtbot: QtBot, theme: Theme, times: Times, locale: str, written: str
) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    bar = FilterBar(theme, Words(Format(QLocale(locale), UTC)), lambda: NOON, list, menu)
    qtbot.addWidget(bar)

    assert bar.last.text() == written
