"""The bell in the tray: state, count and menu."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from salebell_desktop.store import BadgeChanged, Change, Desk, LinkChanged
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.throttle import Throttle
from salebell_desktop.ui.tray.icon import Face, face, tray_icon
from salebell_desktop.ui.tray.looks import look
from salebell_desktop.ui.words import Words

WATCH_MS = 3_000
"""How often a desktop without a tray is asked again: one may come later (an extension, a panel that starts late)."""
COUNTDOWN_MS = 1_000
REFRESH_MS = 50
"""The tray is told no more often than this: ten thousand sales at once are a few messages to it."""


class Tray(QObject):
    """Shows the desk in the tray, if there is one, and its count on the dock or taskbar.

    Args:
        desk: what to show.
        menu: opened by a click with the other button.
        words: in which words.
        clock: to count down to the next attempt.
    """

    clicked = Signal()
    """The icon was clicked, or tapped."""
    message_clicked = Signal()
    """The icon's own balloon was clicked."""
    availability_changed = Signal()
    """A tray appeared, or went: see `available`."""

    def __init__(self, desk: Desk, menu: QMenu, words: Words, clock: Clock) -> None:
        super().__init__()
        self._desk = desk
        self._words = words
        self._clock = clock
        self._face: Face | None = None
        self._badge: int | None = None
        self._available = False
        self._menu = menu
        self.icon = self._made_icon()
        self._countdown = _timer(self, COUNTDOWN_MS, self._show_tooltip)
        self._watch = _timer(self, WATCH_MS, self._look_for_tray)
        self._throttle = Throttle(self._refresh, REFRESH_MS, self)
        self._end = desk.observe(self._changed)

    @property
    def available(self) -> bool:
        """Whether the desktop has a tray."""
        return self._available

    @property
    def face(self) -> Face | None:
        """What the icon shows."""
        return self._face

    def start(self) -> None:
        """Appear, now or as soon as there is a tray."""
        self._available = QSystemTrayIcon.isSystemTrayAvailable()
        self._refresh()
        if self._available:
            self.icon.show()
        self._watch.start()

    def close(self) -> None:
        """Disappear."""
        self._end()
        self._throttle.stop()
        self._watch.stop()
        self._countdown.stop()
        self.icon.hide()
        self._set_badge(0)

    def _changed(self, change: Change) -> None:
        if isinstance(change, BadgeChanged | LinkChanged):
            self._throttle.ask()

    def _refresh(self) -> None:
        desk = self._desk
        shown = face(look(desk.link, delayed=desk.delayed), desk.badge)
        if shown != self._face:
            self._face = shown
            self.icon.setIcon(tray_icon(shown))
        self._set_badge(desk.badge)
        self._show_tooltip()
        counting = desk.link.next_try is not None
        if counting != self._countdown.isActive():
            if counting:
                self._countdown.start()
            else:
                self._countdown.stop()

    def _show_tooltip(self) -> None:
        desk = self._desk
        text = self._words.tooltip(desk.badge, desk.link, self._clock.unix(), delayed=desk.delayed)
        if text != self.icon.toolTip():
            self.icon.setToolTip(text)

    def _set_badge(self, count: int) -> None:
        application = QGuiApplication.instance()
        if count != self._badge and isinstance(application, QGuiApplication):
            self._badge = count
            application.setBadgeNumber(count)

    def _look_for_tray(self) -> None:
        available = QSystemTrayIcon.isSystemTrayAvailable()
        if available == self._available:
            return
        if available:
            self._move_in()
        self._available = available
        self.availability_changed.emit()

    def _move_in(self) -> None:
        """A tray came: make the icon anew. An icon belongs for ever to the kind of tray there was when it was made."""
        before, self.icon = self.icon, self._made_icon()
        before.hide()
        before.deleteLater()
        self._face = None
        self._refresh()
        self.icon.show()

    def _made_icon(self) -> QSystemTrayIcon:
        icon = QSystemTrayIcon(self)
        icon.setContextMenu(self._menu)
        icon.activated.connect(self._activated)
        icon.messageClicked.connect(self.message_clicked)
        return icon

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.clicked.emit()


def _timer(owner: Tray, interval: int, what: object) -> QTimer:
    made = QTimer(owner)
    made.setInterval(interval)
    made.timeout.connect(what)
    return made
