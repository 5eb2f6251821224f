"""The sign-in window: one card with server, e-mail and password."""

from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QVBoxLayout

from salebell_desktop.ui.actions import Problem, ServerFound, SignInActions, Told
from salebell_desktop.ui.parts import button, card, label, set_property
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.tasks import Tasks
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.tray_icon import draw_application, sharp

CARD = 380
_ICON = 44
_SERVER = "sign_in/server"


class _Check(Enum):
    """What is known of the address in the field."""

    NOT_DONE = auto()
    RUNNING = auto()
    FOUND = auto()
    REFUSED = auto()


class SignInWindow(QDialog):
    """Asks for a server and an account. It stays open until signing in succeeded, or it is closed.

    To be shown with `present`: it runs on the loop of everything else and never waits for the network.

    Args:
        actions: checks addresses and signs in.
        theme: how it looks.
        settings: a directory, for the file that remembers the server.
        server: what to offer when none is remembered.
    """

    signed_in = Signal()

    def __init__(self, actions: SignInActions, theme: Theme, settings: Path, server: str = "") -> None:
        super().__init__()
        self._actions = actions
        self._theme = theme
        self._tasks = Tasks()
        self._check = _Check.NOT_DONE
        self._checked = ""
        self._closing = False
        self._settings = QSettings(str(settings / "sign-in.ini"), QSettings.Format.IniFormat)
        self.setWindowTitle(self.tr("Sign in to Salebell"))
        self.setObjectName("page")
        self.reason = label(theme, kind="notice")
        self.reason.setWordWrap(True)
        self.reason.hide()
        self.server = _field(theme, self.tr("shop.example.com"))
        self.email = _field(theme, "")
        self.password = _field(theme, "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.verdict = _line(theme)
        self.problem = _line(theme)
        self.problem.setProperty("kind", "problem")
        self.submit = button(theme, self.tr("Sign in"), kind="primary")
        self.submit.setDefault(True)
        self._lay_out()
        self.server.setText(server or self._remembered())
        self.server.editingFinished.connect(self._left_server)
        self.server.textEdited.connect(self._server_edited)
        for field in (self.email, self.password):
            field.textEdited.connect(self._edited)
        self.submit.clicked.connect(self._submit)

    def present(self, reason: str = "") -> None:
        """Come to the front. `reason` says why signing in is needed, in the user's language."""
        self._closing = False
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        self.open()
        self.raise_()
        self.activateWindow()

    @property
    def busy(self) -> bool:
        """Whether it is waiting for the server to sign in."""
        return not self.submit.isEnabled()

    def done(self, result: int) -> None:
        """Close; what was typed as password is forgotten."""
        # Hiding takes the focus from the server's field, which is not to be left for another one.
        self._closing = True
        self._tasks.cancel()
        self._rest()
        self.password.clear()
        super().done(result)

    # What Qt tells.

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin with the first field that is empty."""
        super().showEvent(event)
        first_empty = next((each for each in (self.server, self.email) if not each.text().strip()), self.password)
        first_empty.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.server.text().strip():
            self._left_server()

    # Building.

    def _lay_out(self) -> None:
        theme, px = self._theme, self._theme.px
        frame = card()
        frame.setFixedWidth(px(CARD))
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(px(24), px(24), px(24), px(24))
        inside.setSpacing(px(4))
        icon = label(theme)
        icon.setPixmap(sharp(draw_application, px(_ICON)))
        inside.addWidget(icon, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addSpacing(px(8))
        title = label(theme, self.tr("Sign in to Salebell"), size=Text.TITLE, bold=True)
        inside.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addSpacing(px(12))
        inside.addWidget(self.reason)
        for name, field, below in (
            (self.tr("&Server"), self.server, self.verdict),
            (self.tr("&E-mail"), self.email, None),
            (self.tr("&Password"), self.password, None),
        ):
            inside.addSpacing(px(8))
            inside.addWidget(_name(theme, name, field))
            inside.addWidget(field)
            if below is not None:
                inside.addWidget(below)
        inside.addSpacing(px(8))
        inside.addWidget(self.problem)
        inside.addSpacing(px(4))
        inside.addWidget(self.submit)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(px(24), px(24), px(24), px(24))
        whole.addWidget(frame)
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)

    # The server's address.

    def _remembered(self) -> str:
        kept = self._settings.value(_SERVER, "")
        return kept if isinstance(kept, str) else ""

    def _server_edited(self) -> None:
        self._check = _Check.NOT_DONE
        self._say_verdict("")
        self._edited()

    def _left_server(self) -> None:
        address = self.server.text().strip()
        known = address == self._checked and self._check is not _Check.NOT_DONE
        if address and not known and not self.busy and not self._closing:
            self._tasks.start(self._check_server(address))

    async def _check_server(self, address: str) -> ServerFound | Problem | Told:
        self._check, self._checked = _Check.RUNNING, address
        self._say_verdict(self.tr("Looking for the server…"), "muted")
        found = await self._actions.check_server(address)
        if self.server.text().strip() != address:
            return found
        if isinstance(found, ServerFound):
            self._check = _Check.FOUND
            self._say_verdict(self.tr("✓ Server found"), "good")
        else:
            self._check = _Check.REFUSED
            self._say_verdict(self.sentence(found), "problem")
        return found

    def _say_verdict(self, text: str, kind: str = "muted") -> None:
        self.verdict.setText(text)
        set_property(self.verdict, "kind", kind)

    # Signing in.

    def _edited(self) -> None:
        self.problem.setText("")

    def _submit(self) -> None:
        if self.busy:
            return
        missing = self._missing()
        if missing is not None:
            self.problem.setText(missing[1])
            missing[0].setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.submit.setEnabled(False)
        self.submit.setText(self.tr("Signing in…"))
        self.problem.setText("")
        for field in (self.server, self.email, self.password):
            field.setReadOnly(True)
        self._tasks.start(self._sign_in())

    def _missing(self) -> tuple[QLineEdit, str] | None:
        if not self.server.text().strip():
            return self.server, self.tr("Enter the address of your server.")
        if not self.email.text().strip():
            return self.email, self.tr("Enter your e-mail.")
        if not self.password.text():
            return self.password, self.tr("Enter your password.")
        return None

    async def _sign_in(self) -> None:
        try:
            server = self.server.text().strip()
            found = await self._check_server(server)
            if isinstance(found, ServerFound):
                problem = await self._actions.sign_in(found.address, self.email.text().strip(), self.password.text())
            else:
                problem = found
        finally:
            self._rest()
        if problem is None:
            self._settings.setValue(_SERVER, server)
            self._settings.sync()
            self.accept()
            self.signed_in.emit()
        elif isinstance(found, ServerFound):
            self.problem.setText(self.sentence(problem))
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)
            self.password.selectAll()
        else:
            self.server.setFocus(Qt.FocusReason.OtherFocusReason)

    def _rest(self) -> None:
        self.submit.setEnabled(True)
        self.submit.setText(self.tr("Sign in"))
        for field in (self.server, self.email, self.password):
            field.setReadOnly(False)

    def sentence(self, problem: Problem | Told) -> str:
        """What is wrong, and what to do about it."""
        match problem:
            case Told():
                return translated(problem.sentence)
            case Problem.BAD_ADDRESS:
                return self.tr("This is not the address of a server. It looks like shop.example.com.")
            case Problem.INSECURE_ADDRESS:
                return self.tr("This address is not encrypted. Use the server's https or wss address.")
            case Problem.UNREACHABLE:
                return self.tr("No server answers at this address. Check it, and your connection.")
            case Problem.NOT_SALEBELL:
                return self.tr("Something answers at this address, but it is no Salebell server.")
            case Problem.UNTRUSTED:
                return self.tr("The server's certificate cannot be trusted. Ask who runs the server.")
            case Problem.OTHER_PROVIDER:
                return self.tr("This server asks to sign in elsewhere than before. Ask who runs it before you go on.")
            case Problem.UNSUPPORTED:
                return self.tr("This version cannot sign in to that server. Look for a newer one.")
            case Problem.WRONG_CREDENTIALS:
                return self.tr("The e-mail or the password is not right.")
            case Problem.TOO_MANY_ATTEMPTS:
                return self.tr("Too many attempts. Wait a few minutes and try again.")
            case Problem.ACCOUNT_DISABLED:
                return self.tr("This account may not be used. Ask who runs the server.")
            case Problem.UNAVAILABLE:
                return self.tr("The server cannot sign anybody in at the moment. Try again later.")


def _field(theme: Theme, placeholder: str) -> QLineEdit:
    made = QLineEdit()
    made.setFont(theme.font())
    made.setPlaceholderText(placeholder)
    return made


def _name(theme: Theme, text: str, field: QLineEdit) -> QLabel:
    """The label of `field`, which its underlined letter leads to."""
    made = label(theme, text, size=Text.LABEL, kind="muted")
    made.setBuddy(field)
    field.setAccessibleName(text.replace("&", ""))
    return made


def _line(theme: Theme) -> QLabel:
    """A line that keeps its place while it is empty, so that nothing jumps when it speaks."""
    made = label(theme, size=Text.LABEL)
    made.setWordWrap(True)
    made.setMinimumHeight(theme.px(18))
    return made
