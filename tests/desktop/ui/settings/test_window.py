from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from salebell_desktop.settings import Minimum, SettingsStore, Sound, ThemeChoice
from salebell_desktop.ui.settings.window import SettingsWindow
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words


@pytest.fixture
def settings() -> SettingsStore:
    return SettingsStore()


@pytest.fixture
def window(qtbot: QtBot, settings: SettingsStore, theme: Theme, words: Words) -> Iterator[SettingsWindow]:
    made = SettingsWindow(settings, theme, words)
    qtbot.addWidget(made)
    made.present()
    yield made
    made.end()


def test_what_is_chosen_holds_at_once(window: SettingsWindow, settings: SettingsStore) -> None:
    assert [window.language.itemText(row) for row in (1, 2)] == ["English", "Español"]
    window.language.setCurrentIndex(2)
    window.scheme.setCurrentIndex(2)
    window.notify.setChecked(False)
    window.approved.setCurrentIndex(1)
    window.pending.setCurrentIndex(2)
    window.volume.setValue(35)
    window.scheduled.setChecked(True)
    window.start.setTime(QTime(21, 30))
    window.until.setTime(QTime(7, 0))
    now = settings.now
    assert now.language == "es"
    assert (now.theme, now.notify, now.volume) == (ThemeChoice.DARK, False, 35)
    assert (now.approved_sound, now.pending_sound) == (Sound.BELL, Sound.NONE)
    assert (now.quiet.scheduled, now.quiet.start, now.quiet.end) == (True, 21 * 60 + 30, 7 * 60)


def test_what_is_changed_elsewhere_shows(window: SettingsWindow, settings: SettingsStore) -> None:
    settings.change(volume=5, theme=ThemeChoice.LIGHT, minimum=Minimum("9.50", "EUR"))
    assert window.volume.value() == 5
    assert window.scheme.currentIndex() == 1
    assert (window.amount.text(), window.currency.text()) == ("9.50", "EUR")


def test_a_minimum_is_kept_once_it_makes_sense(window: SettingsWindow, settings: SettingsStore) -> None:
    problem = window.amount_problem
    for amount, currency in (("1500", ""), ("1500", "XXQ"), ("many", "ARS"), ("-1", "ARS")):
        window.amount.setText(amount)
        window.currency.setText(currency)
        window.amount.editingFinished.emit()
        assert settings.now.minimum is None
        assert not problem.isHidden()
    window.amount.setText("1500,50")
    window.currency.setText("ars")
    window.currency.editingFinished.emit()
    assert settings.now.minimum == Minimum("1500.50", "ARS")
    assert problem.isHidden()
    window.amount.setText(" ")
    window.amount.editingFinished.emit()
    assert settings.now.minimum is None


def test_a_test_is_asked_for(qtbot: QtBot, window: SettingsWindow) -> None:
    with qtbot.waitSignal(window.test_wanted):
        window.test.click()


def test_every_control_has_a_name_and_a_line_on_what_it_does(window: SettingsWindow) -> None:
    controls: list[QWidget] = [
        window.language, window.scheme, window.notify, window.amount, window.currency, window.test, window.approved,
        window.pending, window.volume, window.scheduled, window.start, window.until,
    ]  # fmt: skip
    for control in controls:
        assert control.accessibleName() or control is window.test
        assert control.accessibleDescription()


def test_escape_closes_it(window: SettingsWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.isHidden)
