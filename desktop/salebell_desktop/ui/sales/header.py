"""The window's top line: title, which store, the connection, and the menu."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu

from salebell_desktop.store import Desk, Link
from salebell_desktop.ui.actions import KnownAccount
from salebell_desktop.ui.elided import ElidedLabel
from salebell_desktop.ui.parts import ChoiceMenu, StateChip, button, elided, label
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.tray.looks import dot
from salebell_desktop.ui.words import Words, account_name, sentence, server_name

_STORE = 160
"""Pixels for the name of a store, at most."""
_ROOMY = 720
"""Pixels of width that leave room for the account; else the chip tells it to who points at it."""
_ACCOUNT = 280
"""Pixels for the account, at most."""


class Header(QFrame):
    """Says where one is, and lets one choose another store."""

    store_wanted = Signal(str)
    export_wanted = Signal()
    settings_wanted = Signal()

    def __init__(
        self, desk: Desk, accounts: Callable[[], Sequence[KnownAccount]], theme: Theme, words: Words, menu: QMenu
    ) -> None:
        super().__init__()
        self._desk = desk
        self._accounts = accounts
        self._words = words
        self.setObjectName("header")
        self.setFixedHeight(theme.px(52))
        self._stores = ChoiceMenu(theme, self)
        self._store = button(theme, "")
        self._store.setMenu(self._stores)
        self._shown: str | None = None
        self._named: str | None = None
        self._widest, self._roomy = theme.px(_STORE), theme.px(_ROOMY)
        self._stores.aboutToShow.connect(self._list_stores)
        self._store.hide()
        self._elsewhere = ElidedLabel(theme, theme.px(_ACCOUNT))
        self.account = ElidedLabel(theme, theme.px(_ACCOUNT))
        self.account.hide()
        self.chip = StateChip(theme)
        self.menu = button(theme, "☰")
        self.menu.setAccessibleName(self.tr("Menu"))
        self.menu.setToolTip(self.tr("Menu"))
        self.menu.setMenu(menu)
        self.export = button(theme, self.tr("Export"))
        self.export.setToolTip(self.tr("Write the listed sales to a CSV file (Ctrl+E)"))
        self.export.clicked.connect(self.export_wanted)
        self.settings = button(theme, "⚙")
        self.settings.setAccessibleName(self.tr("Settings"))
        self.settings.setToolTip(self.tr("Settings (Ctrl+,)"))
        self.settings.clicked.connect(self.settings_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(20), 0, theme.px(20), 0)
        row.setSpacing(theme.px(12))
        row.addWidget(label(theme, self.tr("Sales"), size=Text.HEADING, bold=True))
        row.addWidget(self._store)
        row.addWidget(self._elsewhere)
        row.addStretch()
        row.addWidget(self.account)
        row.addWidget(self.chip)
        row.addWidget(self.export)
        row.addWidget(self.settings)
        row.addWidget(self.menu)

    def show_stores(self, shown: str | None) -> None:
        """Offer the stores there are, and say what waits in others than `shown`, which is the one in the window."""
        self._shown = shown
        stores = self._desk.stores
        self._store.setVisible(len(stores) > 1)
        name = shown or ""
        if self._named != name:
            self._named = name
            self._store.setText(f"{elided(name, self._store, self._widest).replace('&', '&&')} ▾")
            self._store.setAccessibleName(self.tr("Store: {name}").format(name=name))
        count = sum(store.badge for store in stores if store.name != shown)
        sales = self._words.new_sales(count)
        self._elsewhere.say(self.tr("elsewhere: {new_sales}").format(new_sales=sales) if count else "")

    def _list_stores(self) -> None:
        self._stores.clear()
        for store in self._desk.stores:
            text = store.name if not store.badge else f"{store.name} · {self._words.new_sales(store.badge)}"
            action = self._stores.addAction(text.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(store.name == self._shown)
            action.triggered.connect(partial(self.store_wanted.emit, store.name))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where there is little room, the account goes first."""
        super().resizeEvent(event)
        self.show_account()

    def show_account(self) -> None:
        """Say whose sales these are, when this computer keeps several accounts."""
        account = self._desk.account
        if account is None or len(self._accounts()) < 2 or self.width() < self._roomy:
            self.account.say("")
        else:
            self.account.say(f"{account_name(account)} · {server_name(account.server)}")

    def show_link(self, link: Link, now: float, *, delayed: bool) -> None:
        """Say how the store shown is connected."""
        name = self._words.link_name(link.state, delayed=delayed)
        more = sentence(self._words.link_phrase(link, now, delayed=delayed))
        account = self._desk.account
        if account is not None and account.email:
            more = f"{more}\n{account.email} · {server_name(account.server)}"
        self.chip.say(name, dot(link, delayed=delayed), more)
