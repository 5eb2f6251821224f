"""Do not disturb, as a menu: for now, beside the schedule that the settings window has."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec.structs import replace
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from salebell_desktop.settings import SettingsStore
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.notifications.quiet import HOUR, next_morning, quiet_until, scheduled_until
from salebell_desktop.ui.words import Words


class QuietMenu(QMenu):
    """Says until when it is quiet, and offers to make it so or to end it.

    Its title tells it too, so that the menu that it belongs to does.

    Args:
        settings: where the quiet is kept.
        words: in which words.
        clock: the time.
        parent: the menu that it belongs to.
    """

    def __init__(self, settings: SettingsStore, words: Words, clock: Clock, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings = settings
        self._words = words
        self._clock = clock
        self._end = self._add(self._be_loud)
        self._scheduled = self._add(None)
        self._line = self.addSeparator()
        self._hour = self._add(lambda: self._be_quiet(clock.unix() + HOUR))
        self._morning = self._add(lambda: self._be_quiet(next_morning(clock.unix(), self._words.format.zone)))
        self.aboutToShow.connect(self.refresh)
        # In advance, too: a tray in another process lays the menu out before it asks what has changed in it.
        self.destroyed.connect(settings.observe(lambda _before, _now: self.refresh()))
        self.refresh()

    def speak(self, words: Words) -> None:
        """Use other words from now on."""
        self._words = words
        self.refresh()

    def refresh(self) -> None:
        """Say what holds now."""
        quiet, now, zone = self._settings.now.quiet, self._clock.unix(), self._words.format.zone
        until, scheduled = quiet_until(quiet, now, zone), scheduled_until(quiet, now, zone)
        if until is None or math.isinf(until):
            self.setTitle(self.tr("Do not disturb"))
        else:
            self.setTitle(self.tr("Do not disturb until {time}").format(time=self._moment(until)))
        asked = quiet.until > now
        self._end.setVisible(asked)
        if asked:
            self._end.setText(self.tr("Until {time} — turn off").format(time=self._moment(quiet.until)))
        self._scheduled.setVisible(scheduled is not None)
        if scheduled is not None and math.isinf(scheduled):
            self._scheduled.setText(self.tr("Always, by the schedule"))
        elif scheduled is not None:
            self._scheduled.setText(self.tr("Until {time}, by the schedule").format(time=self._moment(scheduled)))
        self._line.setVisible(asked or scheduled is not None)
        self._hour.setText(self.tr("For an hour"))
        self._morning.setText(self.tr("Until tomorrow morning"))

    def _be_quiet(self, until: float) -> None:
        self._settings.change(quiet=replace(self._settings.now.quiet, until=until))

    def _be_loud(self) -> None:
        self._be_quiet(0.0)

    def _moment(self, unix: float) -> str:
        return self._words.format.moment(datetime.fromtimestamp(unix, UTC), self._clock.now())

    def _add(self, what: Callable[[], None] | None) -> QAction:
        action = QAction(self)
        if what is None:
            action.setEnabled(False)
        else:
            action.triggered.connect(what)
        self.addAction(action)
        return action
