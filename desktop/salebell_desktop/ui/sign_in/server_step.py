"""The server in the sign-in window: first a field for its address, then a box that says which it is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from salebell_desktop.ui.parts import dialog_button, elided, field_name, label
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.sign_in.server_check import Check, ServerCheck, without_blanks
from salebell_desktop.ui.sign_in.status_line import Announce, StatusLine
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import server_name


class Verdict(QWidget):
    """Says what a check found out, and offers a certificate file where one may help.

    Args:
        theme: how it looks.
        check: what it follows.
        width: in pixels.
        lines: what it keeps room for.
        hint: what it says as long as nothing is known.
        announce: has a screen reader say what it says.
    """

    file_wanted = Signal()

    def __init__(
        self, theme: Theme, check: ServerCheck, width: int, *, lines: int, hint: str = "", announce: Announce
    ) -> None:
        super().__init__()
        self._check = check
        self._hint = hint
        self.line = StatusLine(theme, width, lines=lines, announce=announce)
        self.line.setAccessibleDescription(self.tr("About the server"))
        self.file = dialog_button(theme, self.tr("Choose a ce&rtificate file…"), kind="quiet")
        self.file.clicked.connect(self.file_wanted)
        self.file.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(self.line)
        column.addWidget(self.file, 0, Qt.AlignmentFlag.AlignLeft)
        check.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Say what is known now."""
        told = self._check.told
        match self._check.state:
            case Check.UNKNOWN:
                self.line.say(self._hint)
            case Check.RUNNING:
                self.line.say(self.tr("Looking for the server…"))
            case Check.FOUND:
                self.line.say(self.tr("✓ Server found"), "good")
            case Check.REFUSED:
                self.line.say("" if told is None else translated(told.sentence), "problem")
        offers = told is not None and told.untrusted
        if not self.file.isHidden() and not offers and self._check.state is Check.RUNNING:
            # It stays in its place, and keeps the focus, until it is known whether the file helped.
            return
        self.file.setVisible(offers)


class AddressStep(QWidget):
    """Asks for the server's address, and checks it as one leaves the field or presses Enter.

    Args:
        theme: how it looks.
        check: does the checking.
        width: in pixels.
        announce: has a screen reader say what changes.
    """

    wanted = Signal()
    """Go on with this server, as soon as it is found."""
    edited = Signal()

    def __init__(self, theme: Theme, check: ServerCheck, width: int, announce: Announce) -> None:
        super().__init__()
        self._check = check
        self.closing = False
        """The field loses the focus because the window goes, not because somebody leaves it."""
        self.field = QLineEdit()
        self.field.setFont(theme.font())
        self.field.setPlaceholderText(self.tr("shop.example.com"))
        self.field.setInputMethodHints(Qt.InputMethodHint.ImhUrlCharactersOnly)
        hint = self.tr("Whoever runs the server of your shop knows its address.")
        self.verdict = Verdict(theme, check, width, lines=2, hint=hint, announce=announce)
        self.submit = dialog_button(theme, self.tr("&Continue"), kind="primary")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(field_name(theme, self.tr("&Server"), self.field))
        column.addWidget(self.field)
        column.addWidget(self.verdict)
        column.addSpacing(theme.px(8))
        column.addWidget(self.submit)
        self.field.textEdited.connect(self._edited)
        self.field.editingFinished.connect(self.look)
        self.submit.clicked.connect(self._go_on)

    @property
    def address(self) -> str:
        """What is in the field, without blanks."""
        return without_blanks(self.field.text())

    def look(self) -> None:
        """The field was left: find out what is at its address."""
        if self.address and not self.closing:
            self._tidy()
            self._check.look(self.address)

    def _go_on(self) -> None:
        self._tidy()
        if self.address:
            self.wanted.emit()
        else:
            self.verdict.line.say(self.tr("Enter the address of your server."), "problem")
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _edited(self) -> None:
        if self.address != self._check.address:
            self._check.forget()
        elif self._check.state is Check.UNKNOWN:
            self.verdict.show_state()  # it may have asked for an address
        self.edited.emit()

    def _tidy(self) -> None:
        if self.field.text() != self.address:
            self.field.setText(self.address)


class ServerBox(QFrame):
    """Says which server it is, and leads back to its address.

    Args:
        theme: how it looks.
        check: what is known of it.
        width: in pixels.
        announce: has a screen reader say what changes.
    """

    def __init__(self, theme: Theme, check: ServerCheck, width: int, announce: Announce) -> None:
        super().__init__()
        self._check = check
        px = theme.px
        inner = width - 2 * px(12)
        self.setProperty("kind", "well")
        self._name = label(theme)
        self._name.setFont(theme.font(weight=QFont.Weight.Medium))
        self.change = dialog_button(theme, self.tr("&Change server"), kind="quiet")
        self._room = inner - self.change.sizeHint().width() - px(8)
        self.verdict = Verdict(theme, check, inner, lines=1, announce=announce)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self._name, 1)
        row.addWidget(self.change)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(4), px(4), px(8))
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.verdict)

    @property
    def text(self) -> str:
        """Which server it names."""
        return self._name.accessibleName()

    def show_server(self, address: str) -> None:
        """Name the server at `address`."""
        name = server_name(address)
        self._name.setText(elided(name, self._name, self._room))
        self._name.setAccessibleName(name)
        self._name.setToolTip(name)
