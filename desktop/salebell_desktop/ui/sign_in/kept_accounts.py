"""The accounts that one can return to without a password, as buttons at the top of the sign-in window."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from salebell_desktop.ui.actions import KnownAccount
from salebell_desktop.ui.parts import elided, label
from salebell_desktop.ui.sign_in.form import rule
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.words import account_name, server_name

_HEIGHT = 52
_SHOWN = 2
"""More of them scroll."""


class AccountButton(QPushButton):
    """Who to continue as, and where."""

    def __init__(self, theme: Theme, account: KnownAccount, width: int) -> None:
        super().__init__()
        px = theme.px
        self.setProperty("kind", "account")
        self.setAutoDefault(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(width, px(_HEIGHT))
        who = self.tr("Continue as {email}").format(email=account_name(account))
        where = server_name(account.server)
        self.setAccessibleName(f"{who} · {where}")
        self.setToolTip(f"{account_name(account)} · {where}")
        first = label(theme)
        first.setFont(theme.font(weight=QFont.Weight.Medium))
        second = label(theme, size=Text.LABEL, kind="muted")
        arrow = label(theme, "\u203a", size=Text.TITLE, kind="muted")
        room = width - px(12) * 2 - px(20)
        first.setText(elided(who, first, room))
        second.setText(elided(where, second, room))
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addStretch(1)
        lines.addWidget(first)
        lines.addWidget(second)
        lines.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), 0, px(12), 0)
        row.addLayout(lines, 1)
        row.addWidget(arrow)
        for part in (first, second, arrow):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As it was made."""
        return self.size()


class KeptAccounts(QWidget):
    """A button for each, with a word between them and the form below. Hidden without any.

    Args:
        theme: how it looks.
        width: in pixels.
    """

    chosen = Signal(str, str)
    """Server and uid."""

    def __init__(self, theme: Theme, width: int) -> None:
        super().__init__()
        self._theme = theme
        self._width = width
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFixedWidth(width)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addWidget(self._area)
        column.addWidget(rule(theme, self.tr("or with another account")))
        self.hide()

    @property
    def buttons(self) -> list[AccountButton]:
        """What is offered, from top to bottom."""
        return [] if self.isHidden() else self._area.findChildren(AccountButton)

    def offer(self, accounts: Sequence[KnownAccount]) -> None:
        """Offer these."""
        self.setVisible(bool(accounts))
        if not accounts:
            return
        px = self._theme.px
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        scrolls = len(accounts) > _SHOWN
        width = self._width - (px(12) if scrolls else 0)
        for account in accounts:
            button = AccountButton(self._theme, account, width)
            button.clicked.connect(partial(self.chosen.emit, account.server, account.uid))
            column.addWidget(button)
        rows = min(len(accounts), _SHOWN)
        # Half of the next one shows that there are more.
        self._area.setFixedHeight(rows * px(_HEIGHT) + (rows - 1) * px(8) + (px(_HEIGHT) // 2 if scrolls else 0))
        self._area.setWidget(listed)
