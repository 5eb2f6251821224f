"""The bar above the list: what to look for, which sales, and how many there are."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial

from PySide6.QtCore import QDate, QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QDateEdit, QFrame, QHBoxLayout, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from salebell_desktop.store import Query
from salebell_desktop.ui.parts import ChoiceMenu, button, label
from salebell_desktop.ui.sales.periods import Days, Period, bounds
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import SaleStatus

TYPING_MS = 150
"""What is typed is looked for after a pause of this length."""
_LONGEST = 200
"""Characters that the server takes to search for."""
_LONGEST_CHANNEL = 24


class FilterBar(QFrame):
    """Makes a `Query` of what the user chooses.

    Args:
        theme: how it looks.
        words: in which words.
        now: the time, to know what today is.
        channels: those of the sales at hand, asked for when the menu opens.
    """

    changed = Signal()
    """`query` is another one."""

    def __init__(
        self, theme: Theme, words: Words, now: Callable[[], datetime], channels: Callable[[], Sequence[str]]
    ) -> None:
        super().__init__()
        self._theme = theme
        self._words = words
        self._now = now
        self._channels = channels
        self._status: SaleStatus | None = None
        self._channel: str | None = None
        self._period = Period.ALL
        self.search = QLineEdit()
        self.search.setMaxLength(_LONGEST)
        self.search.setClearButtonEnabled(True)
        self.search.setFont(theme.font())
        self.search.setPlaceholderText(self.tr("Search number, customer, product…"))
        self.search.setAccessibleName(self.tr("Search"))
        self.status = self._chooser(self.tr("Status"), self._list_statuses)
        self.channel = self._chooser(self.tr("Channel"), self._list_channels)
        self.period = self._chooser(self.tr("Period"), self._list_periods)
        self.first, self.last = self._day(self.tr("From")), self._day(self.tr("To"))
        self._to = label(theme, "\u2013", kind="muted")
        self.clear_all = button(theme, self.tr("Clear filters"), kind="link")
        self.clear_all.clicked.connect(self.clear)
        self._count = label(theme, size=Text.LABEL, kind="muted")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._tell)
        self.search.textChanged.connect(self._typed)
        self.search.returnPressed.connect(self._tell)
        self._told = self.query
        self._lay_out()
        self._show()

    @property
    def query(self) -> Query:
        """What is chosen. A period is made bounds of at each call: today is another day tomorrow."""
        days = Days(_python(self.first.date()), _python(self.last.date()))
        since, until = bounds(self._period, days, self._now())
        text = self.search.text().strip()
        return Query(status=self._status, channel=self._channel, text=text, since=since, until=until)

    @property
    def narrows(self) -> bool:
        """Whether anything is chosen."""
        return self.query != Query()

    def clear(self) -> None:
        """Choose everything."""
        self._status, self._channel, self._period = None, None, Period.ALL
        with QSignalBlocker(self.search):
            self.search.clear()
        self._chose()

    def say_count(self, text: str) -> None:
        """How many sales there are, in words."""
        self._count.setText(text)

    def stop(self) -> None:
        """What was typed last is not looked for any more."""
        self._typing.stop()

    # What is chosen.

    def _typed(self) -> None:
        self._typing.start()

    def _tell(self) -> None:
        self._typing.stop()
        self._show()
        query = self.query
        if query != self._told:
            self._told = query
            self.changed.emit()

    def _chose(self) -> None:
        self._tell()

    def _choose_status(self, status: SaleStatus | None) -> None:
        self._status = status
        self._chose()

    def _choose_channel(self, channel: str | None) -> None:
        self._channel = channel
        self._chose()

    def _choose_period(self, period: Period) -> None:
        self._period = period
        self._chose()

    def _show(self) -> None:
        everything = self.tr("all")
        status = everything if self._status is None else self._words.status(self._status)
        self.status.setText(self.tr("Status: {choice}").format(choice=status) + " \u25be")
        channel = everything if self._channel is None else self._channel
        channel = channel if len(channel) <= _LONGEST_CHANNEL else channel[: _LONGEST_CHANNEL - 1] + "…"
        self.channel.setText((self.tr("Channel: {choice}").format(choice=channel)).replace("&", "&&") + " \u25be")
        self.period.setText(f"{self._period_name(self._period)} \u25be")
        custom = self._period is Period.CUSTOM
        for widget in (self.first, self._to, self.last):
            widget.setVisible(custom)
        self.clear_all.setVisible(self.narrows)

    def _period_name(self, period: Period) -> str:
        match period:
            case Period.ALL:
                return self.tr("All days")
            case Period.TODAY:
                return self.tr("Today")
            case Period.YESTERDAY:
                return self.tr("Yesterday")
            case Period.WEEK:
                return self.tr("Last 7 days")
            case Period.MONTH:
                return self.tr("Last 30 days")
            case Period.CUSTOM:
                return self.tr("From … to …")

    # Menus.

    def _list_statuses(self, menu: QMenu) -> None:
        _offer(menu, self.tr("All"), chosen=self._status is None, then=partial(self._choose_status, None))
        for status in SaleStatus:
            then = partial(self._choose_status, status)
            _offer(menu, self._words.status(status), chosen=status is self._status, then=then)

    def _list_channels(self, menu: QMenu) -> None:
        _offer(menu, self.tr("All"), chosen=self._channel is None, then=partial(self._choose_channel, None))
        known = dict.fromkeys([*self._channels(), *([] if self._channel is None else [self._channel])])
        for channel in sorted(known, key=str.casefold):
            then = partial(self._choose_channel, channel)
            _offer(menu, channel.replace("&", "&&"), chosen=channel == self._channel, then=then)

    def _list_periods(self, menu: QMenu) -> None:
        for period in Period:
            then = partial(self._choose_period, period)
            _offer(menu, self._period_name(period), chosen=period is self._period, then=then)

    # Building.

    def _chooser(self, name: str, fill: Callable[[QMenu], None]) -> QPushButton:
        made = button(self._theme, "")
        made.setAccessibleName(name)
        menu = ChoiceMenu(self._theme, made)
        made.setMenu(menu)

        def refill() -> None:
            menu.clear()
            fill(menu)

        menu.aboutToShow.connect(refill)
        return made

    def _day(self, name: str) -> QDateEdit:
        made = QDateEdit(QDate.currentDate())
        made.setCalendarPopup(True)
        made.setFont(self._theme.font())
        made.setAccessibleName(name)
        made.setLocale(self._words.format.locale)
        made.dateChanged.connect(self._typed)
        return made

    def _lay_out(self) -> None:
        px = self._theme.px
        fields = QHBoxLayout()
        fields.setSpacing(px(8))
        fields.addWidget(self.search, 1)
        for widget in (self.status, self.channel, self.period, self.first, self._to, self.last):
            fields.addWidget(widget)
        below = QHBoxLayout()
        below.addWidget(self._count)
        below.addStretch()
        below.addWidget(self.clear_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(10), px(12), px(6))
        column.setSpacing(px(4))
        column.addLayout(fields)
        column.addLayout(below)
        QWidget.setTabOrder(self.search, self.status)


def _offer(menu: QMenu, text: str, *, chosen: bool, then: Callable[[], None]) -> None:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(chosen)
    action.triggered.connect(then)


def _python(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
