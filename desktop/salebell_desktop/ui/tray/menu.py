"""The application's menu: behind the tray icon, and in the window for who has no tray."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from salebell_desktop.settings import SettingsStore
from salebell_desktop.store import AccountChanged, Change, Desk, LinkChanged, LinkState
from salebell_desktop.ui.actions import Actions, KnownAccount
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.notifications.quiet_menu import QuietMenu
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tray.accounts_menu import AccountsMenu, plain
from salebell_desktop.ui.words import Words, account_name, sentence


class ApplicationMenu(QMenu):
    """Says the state and offers what can be done in it.

    As long as there is one account, it is told by *Sign out*; several get a menu of their own.

    Args:
        opens: whether it offers to open the sales window.
    """

    open_wanted = Signal()
    settings_wanted = Signal()
    sign_in_wanted = Signal()
    another_wanted = Signal()
    """Sign in to another account, and keep the one that is shown."""
    account_wanted = Signal(KnownAccount)
    """Show another account."""
    sign_out_wanted = Signal()

    def __init__(
        self,
        desk: Desk,
        actions: Actions,
        settings: SettingsStore,
        theme: Theme,
        words: Words,
        clock: Clock,
        *,
        opens: bool,
    ) -> None:
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
        self.quiet = QuietMenu(settings, words, clock, self)
        self.addMenu(self.quiet)
        self.addSeparator()
        self._sign_in = self._add(self.tr("Sign in…"))
        self._sign_in.triggered.connect(self.sign_in_wanted)
        self._another = self._add(self.tr("Add another account…"))
        self._another.triggered.connect(self.another_wanted)
        self._sign_out = self._add("")
        self._sign_out.triggered.connect(self.sign_out_wanted)
        self.accounts = AccountsMenu(theme, actions.accounts, self._listed_too(), self)
        self.accounts.chosen.connect(self.account_wanted)
        self.addMenu(self.accounts)
        self.addSeparator()
        self._add(self.tr("Settings…")).triggered.connect(self.settings_wanted)
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
        self._state.setText(plain(sentence(self._words.link_phrase(link, self._clock.unix(), delayed=desk.delayed))))
        self._reconnect.setVisible(account is not None)
        self._reconnect.setEnabled(link.state is not LinkState.CONNECTED)
        self._sign_in.setVisible(account is None)
        self.quiet.refresh()
        self.accounts.refresh()
        several = self.accounts.worth_showing
        self.accounts.menuAction().setVisible(several)
        for action in (self._another, self._sign_out):
            action.setVisible(account is not None and not several)
        for action in self._in_accounts:
            action.setVisible(account is not None)
        if account is not None:
            text = plain(self.tr("Sign out {email}…").format(email=account_name(account)))
            for action in (self._sign_out, self._in_accounts[-1]):
                action.setText(text)

    def _listed_too(self) -> tuple[QAction, QAction]:
        """The same wishes in the menu of accounts."""
        another, sign_out = QAction(self._another.text(), self), QAction(self)
        another.triggered.connect(self.another_wanted)
        sign_out.triggered.connect(self.sign_out_wanted)
        self._in_accounts = (another, sign_out)
        return self._in_accounts

    def _changed(self, change: Change) -> None:
        if isinstance(change, AccountChanged | LinkChanged):
            self.refresh()

    def _add(self, text: str) -> QAction:
        action = QAction(text, self)
        self.addAction(action)
        return action
