"""The strip of figures: today, revenue, average, and the chart; asked of the server while anybody looks."""

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

from PySide6.QtCore import Qt, QTimer, QTimeZone
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from salebell_desktop.store import Change, LinkChanged, LinkState, SaleHeard, SalesReset, SalesStore
from salebell_desktop.ui.actions import SalesActions, Told
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.parts import button, card, label
from salebell_desktop.ui.sales.chart import Chart
from salebell_desktop.ui.sales.day import Amount, Day, Slot, change, day
from salebell_desktop.ui.tasks import Tasks, running
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.http import Stats

SOON_MS = 500
"""Changes within this time are asked about once."""
LEAST_SECONDS = 3.0
"""The server is asked no more often than this, and the less often the longer it takes to answer."""
PATIENCE = 20
"""So many times the time of an answer passes before the next question."""
_HOUR = 3600

_NARROW = 760
"""Pixels of width below which the chart is left out."""
_NOTHING = "\u2013"
_FEW = 3
"""So many currencies are told; of more, how many there are."""


class FiguresStrip(QWidget):
    """Shows the figures of one store, as long as it is given one.

    Args:
        actions: asks the server.
        theme: how it looks.
        words: in which words.
        clock: the time.
        tz: the IANA time zone of the user; "" is the computer's.
    """

    def __init__(self, actions: SalesActions, theme: Theme, words: Words, clock: Clock, tz: str = "") -> None:
        super().__init__()
        self._actions = actions
        self._theme = theme
        self._words = words
        self._clock = clock
        self._tz = tz or bytes(QTimeZone.systemTimeZoneId().data()).decode() or "UTC"
        self._store: SalesStore | None = None
        # By the store itself: another account may have one of the same name.
        self._known: WeakKeyDictionary[SalesStore, tuple[Stats, float]] = WeakKeyDictionary()
        self._current = False
        self._tasks = Tasks()
        self._asking: asyncio.Task[None] | None = None
        self._asked_at, self._took = clock.steady() - LEAST_SECONDS, 0.0
        self._by_day = False
        self._soon = _single(self, self._ask)
        self._hour = _single(self, self._hour_over)
        self.today = _Figure(theme, self.tr("Today"))
        self.revenue = _Figure(theme, self.tr("Revenue"))
        self.average = _Figure(theme, self.tr("Average sale"))
        self.chart = Chart(theme, self._tell, self._name)
        self.toggle = button(theme, "", kind="link")
        self.toggle.clicked.connect(self._other_chart)
        self._heading = label(theme, size=Text.LABEL, kind="muted")
        self._chart_card = self._lay_out()
        self._show()

    def show_store(self, store: SalesStore | None) -> None:
        """Show this store's figures from now on, the last known ones at once; None: nobody looks."""
        self._store = store
        self._current = False
        if store is None:
            self._soon.stop()
            self._hour.stop()
            return
        self._show()
        self._wait_for_hour()
        self._soon.start(0)

    def changed(self, what: Change) -> None:
        """Something changed on the desk."""
        store = self._store
        if store is None or what.store != store.name:
            return
        if isinstance(what, LinkChanged):
            self._current = False
            self._show()
        if isinstance(what, SaleHeard | SalesReset | LinkChanged):
            self._ask_soon()

    def stop(self) -> None:
        """Ask nothing more, not even what is being asked."""
        self.show_store(None)
        self._tasks.cancel()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """In a narrow window the figures come first."""
        super().resizeEvent(event)
        self._chart_card.setVisible(self.width() >= self._theme.px(_NARROW))

    # Asking.

    def _ask_soon(self) -> None:
        if self._soon.isActive() or self._asking is not None:
            return
        pause = max(LEAST_SECONDS, self._took * PATIENCE) - (self._clock.steady() - self._asked_at)
        self._soon.start(max(SOON_MS, round(pause * 1000)))

    def _ask(self) -> None:
        store = self._store
        if store is not None and self._asking is None and running():
            self._asking = self._tasks.start(self._read(store))

    async def _read(self, store: SalesStore) -> None:
        began = self._asked_at = self._clock.steady()
        try:
            answer = await self._actions.statistics(store.name, self._tz)
        finally:
            self._asking = None
            self._took = self._clock.steady() - began
        self._current = not isinstance(answer, Told)
        if not isinstance(answer, Told):
            self._known[store] = (answer, self._clock.unix())
        if store is self._store:
            self._show()
        elif self._store is not None:
            self._ask()

    def _wait_for_hour(self) -> None:
        left = _HOUR - self._clock.unix() % _HOUR
        self._hour.start(round(left * 1000) + 1000)

    def _hour_over(self) -> None:
        self._wait_for_hour()
        self._show()
        self._ask_soon()

    # Showing.

    def _show(self) -> None:
        known = None if self._store is None else self._known.get(self._store)
        if known is None:
            for figure in (self.today, self.revenue, self.average):
                figure.say(_NOTHING, "")
            self.chart.show_slots((), "")
            self._show_chart_heading()
            return
        stats, as_of = known
        figures = day(stats, self._clock.now(), self._words.format.zone)
        self._show_today(figures)
        self._show_money(figures)
        self.chart.show_slots(figures.days if self._by_day else figures.hours, self._chart_name())
        self._show_chart_heading()
        store = self._store
        connected = store is not None and store.link.state is LinkState.CONNECTED
        if not self._current and not connected:
            old = self.tr("as of {time}").format(time=self._words.clock(as_of))
            for figure in (self.today, self.revenue, self.average):
                figure.say(figure.value, old)

    def _show_today(self, figures: Day) -> None:
        count = self._words.format.number(figures.sales)
        self.today.say(
            self.tr("{count} sale(s)", None, figures.sales).format(count=count),
            self._compared(figures),
            self._last_week(figures),
        )

    def _compared(self, figures: Day) -> str:
        if not figures.hour:
            return self._last_week(figures)
        # The start of the hour that runs, in the user's own way of writing it.
        hour = self._words.format.time(figures.hours[figures.hour].start)
        by = change(figures.full, figures.yesterday)
        if figures.full == figures.yesterday:
            return self.tr("as many as yesterday by {time}").format(time=hour)
        if by is None:
            return self.tr("none yesterday by {time}").format(time=hour)
        percent = self._words.format.number(abs(by))
        if by >= 0:
            return self.tr("▲ {percent} % more than yesterday by {time}").format(percent=percent, time=hour)
        return self.tr("▼ {percent} % less than yesterday by {time}").format(percent=percent, time=hour)

    def _last_week(self, figures: Day) -> str:
        if figures.last_week is None:
            return ""
        count = self._words.format.number(figures.last_week)
        weekday = self._words.format.weekday(self._clock.now())
        return self.tr("last {weekday}: {count}").format(weekday=weekday, count=count)

    def _show_money(self, figures: Day) -> None:
        first, more = self._amounts(figures.revenue)
        self.revenue.say(first, more)
        first, more = self._amounts(figures.average)
        last = figures.last_week_average
        if last is not None:
            weekday = self._words.format.weekday(self._clock.now())
            amount = self._words.format.money(last.total, last.currency)
            text = self.tr("last {weekday}: {count}").format(weekday=weekday, count=amount)
            more = text if not more else f"{more} · {text}"
        self.average.say(first, more)

    def _amounts(self, amounts: tuple[Amount, ...]) -> tuple[str, str]:
        """The first as a figure, the others beneath it."""
        written = [self._words.format.money(each.total, each.currency) for each in amounts]
        if not written:
            return _NOTHING, ""
        others = [f"+ {each}" for each in written[1:_FEW]]
        if len(written) > _FEW:
            others.append("…")
        return written[0], " ".join(others)

    # The chart.

    def _other_chart(self) -> None:
        self._by_day = not self._by_day
        self._show()

    def _chart_name(self) -> str:
        return self.tr("Sales per day") if self._by_day else self.tr("Sales per hour")

    def _show_chart_heading(self) -> None:
        self._heading.setText(self._chart_name())
        self.toggle.setText(self.tr("Hours") if self._by_day else self.tr("Days"))
        self.toggle.setAccessibleName(self.tr("Sales per hour") if self._by_day else self.tr("Sales per day"))

    def _tell(self, slot: Slot) -> str:
        written = self._words.format
        hours = f"{written.time(slot.start)}\u2013{written.time(slot.end)}"
        when = written.day(slot.start) if self._by_day else hours
        sales = self.tr("{count} sale(s)", None, slot.sales).format(count=written.number(slot.sales))
        amounts = [written.money(each.total, each.currency) for each in slot.revenue[:_FEW]]
        before = []
        if slot.before is not None:
            before = [self.tr("yesterday {count}").format(count=written.number(slot.before))]
        return " · ".join([when, sales, *([" + ".join(amounts)] if amounts else []), *before])

    def _name(self, slot: Slot) -> str:
        local = slot.start.astimezone(self._words.format.zone)
        if self._by_day:
            return str(local.day)
        return self._words.format.number(local.hour)

    def _lay_out(self) -> QFrame:
        px = self._theme.px
        framed = card()
        top = QHBoxLayout()
        top.addWidget(self._heading)
        top.addStretch()
        top.addWidget(self.toggle)
        inside = QVBoxLayout(framed)
        inside.setContentsMargins(px(14), px(10), px(14), px(8))
        inside.setSpacing(px(4))
        inside.addLayout(top)
        inside.addWidget(self.chart)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(12))
        for figure in (self.today, self.revenue, self.average):
            row.addWidget(figure, 2)
        row.addWidget(framed, 4)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return framed


class _Figure(QFrame):
    """A card with a name, a figure, and a line about it."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._name = name
        self._value = _fitting(label(theme, size=Text.FIGURE, bold=True))
        self._more = _fitting(label(theme, size=Text.LABEL, kind="muted"))
        self._more.setWordWrap(True)
        self._more.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(10))
        column.setSpacing(theme.px(4))
        column.addWidget(label(theme, name, size=Text.LABEL, kind="muted"))
        column.addWidget(self._value)
        column.addWidget(self._more)
        column.addStretch()
        self.setMinimumWidth(theme.px(120))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def value(self) -> str:
        """The figure."""
        return self._value.text()

    @property
    def more(self) -> str:
        """The line about it."""
        return self._more.text()

    def say(self, value: str, more: str, further: str = "") -> None:
        """Show `value` and `more`; `further` is told to who points at it, and to screen readers."""
        self._value.setText(value)
        self._more.setText(more)
        all_of_it = ". ".join(part for part in (more, further if further != more else "") if part)
        self.setToolTip(f"<span>{all_of_it}</span>" if all_of_it else "")
        self.setAccessibleName(". ".join(part for part in (f"{self._name}: {value}", all_of_it) if part))


def _fitting(made: QLabel) -> QLabel:
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return made


def _single(owner: QWidget, what: Callable[[], None]) -> QTimer:
    made = QTimer(owner)
    made.setSingleShot(True)
    made.timeout.connect(what)
    return made
