"""The bar above the list: what to look for, which sales, and how many there are."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from salebell_desktop.store import Query
from salebell_desktop.ui.parts import ChoiceMenu, button, label
from salebell_desktop.ui.sales.day_field import DayField
from salebell_desktop.ui.sales.periods import Days, Period, bounds
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import SaleStatus

TYPING_MS = 150
"""What is typed is looked for after a pause of this length."""
_LONGEST = 200
"""Characters that the server takes to search for."""
_LONGEST_CHANNEL = 24
_DOWN = "\u25be"


class FilterBar(QFrame):
    """Makes a `Query` of what the user chooses.

    Args:
        theme: how it looks.
        words: in which words.
        now: the time, to know what today is.
        channels: those of the sales at hand, asked for when the menu opens.
        columns: the menu of the table's columns.
    """

    changed = Signal()
    """`query` is another one."""
    left = Signal()
    """The user goes on to the list."""

    def __init__(
        self,
        theme: Theme,
        words: Words,
        now: Callable[[], datetime],
        channels: Callable[[], Sequence[str]],
        columns: QMenu,
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
        self.status = self._chooser(self._list_statuses)
        self.channel = self._chooser(self._list_channels)
        self.period = self._chooser(self._list_periods)
        today = now().astimezone(words.format.zone).date()
        self.first = self._day(self.tr("From"), today - timedelta(days=6))
        self.last = self._day(self.tr("To"), today)
        self._to = label(theme, "\u2013", kind="muted")
        self.columns = button(theme, "", kind="link")
        _label(self.columns, self.tr("Columns"))
        self.columns.setMenu(columns)
        self.clear_all = button(theme, self.tr("Clear filters"), kind="link")
        self.clear_all.clicked.connect(self.clear)
        self._count = label(theme, size=Text.LABEL, kind="muted")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._tell)
        self.search.textChanged.connect(self._typed)
        self.search.returnPressed.connect(self._tell)
        down = QShortcut(QKeySequence(Qt.Key.Key_Down), self.search)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        down.activated.connect(self.left)
        self._told = self.query
        self._lay_out()
        self._show()

    @property
    def query(self) -> Query:
        """What is chosen. A period is made bounds of at each call: today is another day tomorrow."""
        days = Days(self.first.day, self.last.day)
        since, until = bounds(self._period, days, self._now(), self._words.format.zone)
        text = self.search.text().strip()
        return Query(status=self._status, channel=self._channel, text=text, since=since, until=until)

    @property
    def narrows(self) -> bool:
        """Whether anything is chosen."""
        return self.query != Query()

    @property
    def count(self) -> str:
        """What it says of how many sales there are."""
        return self._count.text()

    def clear(self) -> None:
        """Choose everything."""
        self._status, self._channel, self._period = None, None, Period.ALL
        self.clear_search()

    def clear_search(self) -> None:
        """Search for nothing, at once."""
        with QSignalBlocker(self.search):
            self.search.clear()
        self._tell()

    def begin_search(self, text: str | None = None) -> None:
        """Let the user type what to look for; `text` is typed already."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if text is None:
            self.search.selectAll()
        else:
            self.search.setText(text)

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

    def _choose_status(self, status: SaleStatus | None) -> None:
        self._status = status
        self._tell()

    def _choose_channel(self, channel: str | None) -> None:
        self._channel = channel
        self._tell()

    def _choose_period(self, period: Period) -> None:
        self._period = period
        self._tell()
        if period is Period.CUSTOM:
            self.first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        everything = self.tr("all")
        status = everything if self._status is None else self._words.status(self._status)
        _label(self.status, self.tr("Status: {choice}").format(choice=status))
        channel = everything if self._channel is None else self._channel
        channel = channel if len(channel) <= _LONGEST_CHANNEL else channel[: _LONGEST_CHANNEL - 1] + "…"
        _label(self.channel, self.tr("Channel: {choice}").format(choice=channel))
        _label(self.period, self._period_name(self._period))
        self.period.setAccessibleName(self.tr("Period: {choice}").format(choice=self._period_name(self._period)))
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
            case Period.THIRTY_DAYS:
                return self.tr("Last 30 days")
            case Period.MONTH:
                return self.tr("This month")
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
        known = set(self._channels())
        if self._channel is not None:
            known.add(self._channel)
        for channel in sorted(known, key=str.casefold):
            then = partial(self._choose_channel, channel)
            _offer(menu, channel.replace("&", "&&"), chosen=channel == self._channel, then=then)

    def _list_periods(self, menu: QMenu) -> None:
        for period in Period:
            then = partial(self._choose_period, period)
            _offer(menu, self._period_name(period), chosen=period is self._period, then=then)

    # Building.

    def _chooser(self, fill: Callable[[QMenu], None]) -> QPushButton:
        made = button(self._theme, "")
        menu = ChoiceMenu(self._theme, made)
        made.setMenu(menu)

        def refill() -> None:
            menu.clear()
            fill(menu)

        menu.aboutToShow.connect(refill)
        return made

    def _day(self, name: str, day: date) -> DayField:
        made = DayField(self._theme, self._words.format.locale, name, day)
        made.dateChanged.connect(self._typed)
        return made

    def _lay_out(self) -> None:
        px = self._theme.px
        fields = QHBoxLayout()
        fields.setSpacing(px(8))
        fields.addWidget(self.search, 1)
        for widget in (self.status, self.channel, self.period):
            fields.addWidget(widget)
        below = QHBoxLayout()
        below.setSpacing(px(8))
        for own in (self.first, self._to, self.last):
            below.addWidget(own)
        below.addWidget(self._count, 1)
        below.addWidget(self.clear_all)
        below.addWidget(self.columns)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(12), px(12), px(8))
        column.setSpacing(px(8))
        column.addLayout(fields)
        column.addLayout(below)
        tab = (self.search, self.status, self.channel, self.period, self.first, self.last, self.clear_all, self.columns)
        for before, after in pairwise(tab):
            QWidget.setTabOrder(before, after)


def _label(chooser: QPushButton, text: str) -> None:
    chooser.setText(f"{text.replace('&', '&&')} {_DOWN}")
    chooser.setAccessibleName(text)


def _offer(menu: QMenu, text: str, *, chosen: bool, then: Callable[[], None]) -> None:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(chosen)
    action.triggered.connect(then)
