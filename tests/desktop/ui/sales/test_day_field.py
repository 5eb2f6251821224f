from datetime import date

import pytest
from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from salebell_desktop.ui.sales.day_field import DayField
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tokens import DARK, LIGHT, Scheme


@pytest.fixture
def field(qtbot: QtBot, theme: Theme) -> DayField:
    made = DayField(theme, QLocale("es_AR"), "From", date(2026, 11, 24))
    qtbot.addWidget(made)
    return made


def test_it_holds_a_day_and_has_a_name(field: DayField) -> None:
    assert field.day == date(2026, 11, 24)
    assert field.accessibleName() == "From"

    field.setDate(QDate(2026, 12, 31))
    assert field.day == date(2026, 12, 31)


def test_no_day_is_so_late_that_there_is_none_after_it(field: DayField) -> None:
    field.setDate(QDate(9999, 12, 31))

    assert field.day < date.max


def test_the_calendar_has_our_colours_in_both_schemes(field: DayField, theme: Theme) -> None:
    theme.hold(Scheme.LIGHT)
    field.show()
    calendar = field.calendarWidget()

    def weekend() -> str:
        return calendar.weekdayTextFormat(Qt.DayOfWeek.Sunday).foreground().color().name()

    assert weekend() == LIGHT.muted
    theme.hold(Scheme.DARK)
    assert weekend() == DARK.muted
    turns = [turn.text() for turn in calendar.findChildren(QToolButton) if turn.text() in "\u2039\u203a"]
    assert len(turns) == 2
