"""A field for a day, typed as the user's locale writes it, or chosen from a calendar."""

import re
from datetime import date

from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QShowEvent, QTextCharFormat
from PySide6.QtWidgets import QDateEdit, QToolButton

from salebell_desktop.ui.theme import Text, Theme

_YEAR = re.compile("y+")
_FIRST, _LAST = QDate(1970, 1, 1), QDate(9998, 12, 31)
_ARROW = "\u25be"
_TURNS = {"qt_calendar_prevmonth": "\u2039", "qt_calendar_nextmonth": "\u203a"}
"""Qt's names of the calendar's buttons, and what they show: its pictures are black on any ground."""


class DayField(QDateEdit):
    """Holds one day.

    Args:
        theme: how it looks.
        locale: how the day is written; the year always in full.
        name: for screen readers.
        day: at first.
    """

    def __init__(self, theme: Theme, locale: QLocale, name: str, day: date) -> None:
        super().__init__(QDate(day.year, day.month, day.day))
        self._theme = theme
        self._dressed = False
        self.setDateRange(_FIRST, _LAST)
        self.setCalendarPopup(True)
        self.setFont(theme.font())
        self.setAccessibleName(name)
        self.setLocale(locale)
        theme.changed.connect(self._tint)
        self.setDisplayFormat(_YEAR.sub("yyyy", locale.dateFormat(QLocale.FormatType.ShortFormat)))

    @property
    def day(self) -> date:
        """The day that is chosen."""
        chosen = self.date()
        return date(chosen.year(), chosen.month(), chosen.day())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Fit the calendar out when it is first needed: most people never choose days of their own."""
        super().showEvent(event)
        if not self._dressed:
            self._dressed = True
            for turn in self._turns():
                turn.setIcon(QIcon())
                turn.setText(_TURNS[turn.objectName()])
                turn.setFont(self._theme.font(Text.TITLE))
            self._tint()

    def _turns(self) -> list[QToolButton]:
        buttons = self.calendarWidget().findChildren(QToolButton)
        return [button for button in buttons if button.objectName() in _TURNS]

    def _tint(self) -> None:
        if self._dressed:
            for turn in self._turns():
                turn.setStyleSheet(f"color: {self._theme.tokens.on_accent}; background: transparent; border: none")
            muted = QTextCharFormat()
            muted.setForeground(QColor(self._theme.tokens.muted))
            for weekend in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
                self.calendarWidget().setWeekdayTextFormat(weekend, muted)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the field, and the arrow that opens the calendar: the stylesheet has no picture for it."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.tokens.muted))
        box = self.rect().adjusted(0, 0, -self._theme.px(8), 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _ARROW)
        painter.end()
