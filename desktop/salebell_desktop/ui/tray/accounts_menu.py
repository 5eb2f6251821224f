"""The accounts of this computer as a menu: which is shown, how to get to the others, how to get rid of one."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from salebell_desktop.ui.actions import KnownAccount
from salebell_desktop.ui.parts import ChoiceMenu, elided
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import account_name, server_name

_WIDEST = 420
"""Pixels of an entry, at most: a menu is as wide as its longest one."""


class AccountsMenu(ChoiceMenu):
    """One entry for each account, a check mark at the one that is shown.

    Args:
        theme: how it looks.
        accounts: reads them.
        common: what follows after the accounts.
        parent: the menu that it belongs to.
    """

    chosen = Signal(KnownAccount)
    """Another account than the one that is shown."""

    def __init__(
        self, theme: Theme, accounts: Callable[[], Sequence[KnownAccount]], common: Sequence[QAction], parent: QWidget
    ) -> None:
        super().__init__(theme, parent)
        self.setTitle(self.tr("Accounts"))
        self._accounts = accounts
        self._common = common
        self._listed: tuple[KnownAccount, ...] = ()
        self.aboutToShow.connect(self.refresh)

    @property
    def worth_showing(self) -> bool:
        """Whether there is anything to choose, as of the last `refresh`."""
        return len(self._listed) > 1 or any(account.signed_in and not account.active for account in self._listed)

    def refresh(self) -> None:
        """List the accounts that there are now."""
        accounts = tuple(self._accounts())
        if accounts == self._listed:
            return
        self._listed = accounts
        self.clear()
        for account in accounts:
            self._add(account)
        self.addSeparator()
        self.addActions(self._common)

    def _add(self, account: KnownAccount) -> None:
        text = f"{account_name(account)} · {server_name(account.server)}"
        if not account.signed_in:
            text = self.tr("{account} (signed out)").format(account=text)
        action = QAction(plain(elided(text, self, self._theme.px(_WIDEST))), self)
        action.setCheckable(True)
        action.setChecked(account.active)
        action.triggered.connect(partial(self._choose, action, account))
        self.addAction(action)

    def _choose(self, action: QAction, account: KnownAccount) -> None:
        # The mark says what is shown, not what was clicked.
        action.setChecked(account.active)
        if not account.active:
            self.chosen.emit(account)


def plain(text: str) -> str:
    """`text` for a menu, where `&` would underline what follows."""
    return text.replace("&", "&&")
