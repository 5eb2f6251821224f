"""The application's menu: behind the tray icon, and in the window for who has no tray."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from salebell_desktop.store import AccountChanged, Change, Desk, LinkChanged, LinkState
from salebell_desktop.ui.actions import Actions
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.words import Words, sentence


class ApplicationMenu(QMenu):
    """Says the state and offers what can be done in it.

    Args:
        opens: whether it offers to open the sales window.
    """

    open_wanted = Signal()
    sign_in_wanted = Signal()

    def __init__(self, desk: Desk, actions: Actions, words: Words, clock: Clock, *, opens: bool) -> None:
        super().__init__()
        self._desk = desk
        self._words = words
        self._clock = clock
        self._open = self._add(self.tr("Open sales"))
        self._open.setVisible(opens)
        self._open.triggered.connect(self.open_wanted)
        self._state = self._add("")
        self._state.setEnabled(False)
        self._reconnect = self._add(self.tr("Reconnect now"))
        self._reconnect.triggered.connect(actions.reconnect_now)
        self.addSeparator()
        self._sign_in = self._add(self.tr("Sign in…"))
        self._sign_in.triggered.connect(self.sign_in_wanted)
        self._sign_out = self._add("")
        self._sign_out.triggered.connect(actions.sign_out)
        self.addSeparator()
        self._quit = self._add(self.tr("Quit"))
        self._quit.triggered.connect(actions.quit)
        if not opens:
            self._reconnect.setShortcut(QKeySequence("F5"))
            self._quit.setShortcut(QKeySequence("Ctrl+Q"))
        self.aboutToShow.connect(self.refresh)
        self.refresh()
        # In advance, too: a tray in another process lays the menu out before it asks what has changed in it.
        self.end = desk.observe(self._changed)

    def refresh(self) -> None:
        """Say what holds now."""
        desk = self._desk
        link, account = desk.link, desk.account
        self._state.setText(_plain(sentence(self._words.link_phrase(link, self._clock.unix(), delayed=desk.delayed))))
        self._reconnect.setVisible(account is not None)
        self._reconnect.setEnabled(link.state is not LinkState.CONNECTED)
        self._sign_in.setVisible(account is None)
        self._sign_out.setVisible(account is not None)
        if account is not None:
            who = account.email or account.name or account.uid
            self._sign_out.setText(_plain(self.tr("Sign out {email}").format(email=who)))

    def _changed(self, change: Change) -> None:
        if isinstance(change, AccountChanged | LinkChanged):
            self.refresh()

    def _add(self, text: str) -> QAction:
        action = QAction(text, self)
        self.addAction(action)
        return action


def _plain(text: str) -> str:
    """In a menu, `&` would underline what follows."""
    return text.replace("&", "&&")
