from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QMenu
from shiboken6 import delete

from salebell_desktop.settings import Quiet, SettingsStore
from salebell_desktop.ui.format import Format
from salebell_desktop.ui.notifications.quiet_menu import QuietMenu
from salebell_desktop.ui.words import Words
from tests.desktop.ui.stage import NOON, Times

HOUR = 3600.0


def entries(menu: QMenu) -> list[str]:
    """What can be read in it, those that cannot be chosen in brackets."""
    return [
        action.text() if action.isEnabled() else f"({action.text()})"
        for action in menu.actions()
        if action.isVisible() and not action.isSeparator()
    ]


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


@pytest.fixture
def settings() -> SettingsStore:
    return SettingsStore()


@pytest.fixture
def words() -> Words:
    return Words(Format(QLocale("en_GB"), UTC))


@pytest.fixture
def menu(settings: SettingsStore, words: Words, times: Times) -> Iterator[QuietMenu]:
    parent = QMenu()
    made = QuietMenu(settings, words, times.clock, parent)
    parent.addMenu(made)
    yield made
    delete(parent)


def test_it_offers_to_be_quiet(menu: QuietMenu) -> None:
    assert menu.title() == "Do not disturb"
    assert entries(menu) == ["For an hour", "Until tomorrow morning"]
    assert [action.isVisible() for action in menu.actions() if action.isSeparator()] == [False]


def test_for_an_hour(menu: QuietMenu, settings: SettingsStore, times: Times) -> None:
    choose(menu, "For an hour")

    assert settings.now.quiet.until == times.unix + HOUR
    assert menu.title() == "Do not disturb until 13:00"
    assert entries(menu) == ["Until 13:00 — turn off", "For an hour", "Until tomorrow morning"]

    choose(menu, "Until 13:00 — turn off")
    assert settings.now.quiet == Quiet()
    assert menu.title() == "Do not disturb"


def test_until_tomorrow_morning_with_the_day(menu: QuietMenu, settings: SettingsStore) -> None:
    choose(menu, "Until tomorrow morning")

    assert settings.now.quiet.until == (NOON + timedelta(hours=20)).timestamp()
    assert menu.title() == "Do not disturb until 25/11/2026 08:00"


def test_the_schedule_is_told_and_stays(menu: QuietMenu, settings: SettingsStore) -> None:
    settings.change(quiet=Quiet(scheduled=True, start=11 * 60, end=14 * 60))

    assert menu.title() == "Do not disturb until 14:00"
    assert entries(menu) == ["(Until 14:00, by the schedule)", "For an hour", "Until tomorrow morning"]

    choose(menu, "For an hour")
    assert menu.title() == "Do not disturb until 14:00"
    assert entries(menu)[:2] == ["Until 13:00 — turn off", "(Until 14:00, by the schedule)"]

    choose(menu, "Until 13:00 — turn off")
    assert settings.now.quiet == Quiet(scheduled=True, start=11 * 60, end=14 * 60)


def test_a_schedule_without_end_has_no_time(menu: QuietMenu, settings: SettingsStore) -> None:
    settings.change(quiet=Quiet(scheduled=True, start=0, end=0))

    assert menu.title() == "Do not disturb"
    assert entries(menu)[0] == "(Always, by the schedule)"


def test_when_the_time_is_over_it_says_so(menu: QuietMenu, times: Times) -> None:
    choose(menu, "For an hour")
    times.go_on(HOUR)

    menu.aboutToShow.emit()

    assert menu.title() == "Do not disturb"
    assert entries(menu) == ["For an hour", "Until tomorrow morning"]


def test_another_language_is_spoken_at_once(menu: QuietMenu) -> None:
    choose(menu, "For an hour")

    menu.speak(Words(Format(QLocale("en_US"), UTC)))

    assert "PM" in menu.title()


def test_a_menu_that_is_gone_is_told_nothing(settings: SettingsStore, words: Words, times: Times) -> None:
    parent = QMenu()
    delete(QuietMenu(settings, words, times.clock, parent))

    settings.change(quiet=Quiet(until=times.unix + HOUR))
