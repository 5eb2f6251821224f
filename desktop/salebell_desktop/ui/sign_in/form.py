"""What the sign-in window offers once the server is found: e-mail and password, Google, or both."""

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from salebell_desktop.identity import Means
from salebell_desktop.ui.parts import dialog_button, field_name, label
from salebell_desktop.ui.sign_in.attempt import Doing
from salebell_desktop.ui.sign_in.google_mark import google_icon
from salebell_desktop.ui.sign_in.password_field import PasswordField
from salebell_desktop.ui.sign_in.server_check import without_blanks
from salebell_desktop.ui.sign_in.status_line import Announce, StatusLine
from salebell_desktop.ui.theme import Text, Theme

_MARK = 18


class SignInForm(QWidget):
    """E-mail, password and what belongs to them; a line that says what went wrong; Google.

    Args:
        theme: how it looks.
        width: in pixels.
        announce: has a screen reader say what changes.
    """

    sign_in_wanted = Signal()
    google_wanted = Signal()
    reset_wanted = Signal()

    def __init__(self, theme: Theme, width: int, announce: Announce) -> None:
        super().__init__()
        self.email = QLineEdit()
        self.email.setFont(theme.font())
        self.email.setInputMethodHints(Qt.InputMethodHint.ImhEmailCharactersOnly)
        self.password = PasswordField(theme)
        self.forgot = dialog_button(theme, self.tr("&Forgot password?"), kind="quiet")
        self.line = StatusLine(theme, width, lines=2, announce=announce)
        self.line.setAccessibleDescription(self.tr("About signing in"))
        self.submit = dialog_button(theme, self.tr("S&ign in"), kind="primary")
        self.google = dialog_button(theme, self.tr("Continue with &Google"))
        mark, size = google_icon(theme.px(_MARK))
        self.google.setIcon(mark)
        self.google.setIconSize(size)
        self._with_password = self._password_part(theme)
        self._or = rule(theme, self.tr("or"))
        self._lay_out(theme)
        for field in (self.email, self.password):
            field.textEdited.connect(self._edited)
        self.submit.clicked.connect(self.sign_in_wanted)
        self.google.clicked.connect(self.google_wanted)
        self.forgot.clicked.connect(self.reset_wanted)
        self.offer({Means.PASSWORD})

    @property
    def address(self) -> str:
        """The e-mail, without blanks."""
        return without_blanks(self.email.text())

    def offer(self, means: Iterable[Means]) -> None:
        """Show what `means` needs, and nothing else."""
        means = frozenset(means)
        password, google = Means.PASSWORD in means, Means.GOOGLE in means
        for widget in (self._with_password, self.submit):
            widget.setVisible(password)
        self.google.setVisible(google)
        self._or.setVisible(password and google)
        self.forgot.setVisible(Means.RESET in means)
        if not password and not google:
            self.line.say(self.tr("This version cannot sign in to that server. Look for a newer one."), "problem")

    def set_default(self) -> None:
        """Have Enter in a field do the obvious."""
        (self.google if self._with_password.isHidden() else self.submit).setDefault(True)

    def show_doing(self, doing: Doing) -> None:
        """Say what is under way, and let nothing be changed meanwhile."""
        idle = doing is Doing.NOTHING
        signing_in = doing is Doing.SIGNING_IN
        self.submit.setText(self.tr("Signing in…") if signing_in else self.tr("S&ign in"))
        for button in (self.submit, self.google, self.forgot):
            button.setEnabled(idle)
        for field in (self.email, self.password):
            field.setReadOnly(not idle)
        if doing is Doing.SENDING:
            self.line.say(self.tr("Sending…"))
        elif not idle:
            self.line.say("")

    def focus(self) -> None:
        """Begin with the first field that is empty."""
        if self._with_password.isHidden():
            first: QWidget = self.google
        else:
            first = self.password if self.address else self.email
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def missing(self) -> bool:
        """Whether e-mail or password is; then it asks for it."""
        if not self.address:
            self.ask_for_email()
        elif not self.password.text():
            # Enter in the field above it leads here, which is no mistake.
            if not self.email.hasFocus():
                self.line.say(self.tr("Enter your password."), "problem")
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            return False
        return True

    def ask_for_email(self) -> None:
        """Say that the e-mail is missing, and lead there."""
        self.line.say(self.tr("Enter your e-mail."), "problem")
        self.email.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, text: str) -> None:
        """Say why signing in failed, and let the password be typed again."""
        self.line.say(text, "problem")
        if self._with_password.isHidden():
            self.focus()
        else:
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)
            self.password.selectAll()

    def _edited(self) -> None:
        self.line.say("")

    def _password_part(self, theme: Theme) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(field_name(theme, self.tr("&E-mail"), self.email))
        column.addWidget(self.email)
        column.addSpacing(theme.px(8))
        above = QHBoxLayout()
        above.setSpacing(0)
        above.addWidget(field_name(theme, self.tr("&Password"), self.password), 1)
        above.addWidget(self.forgot)
        column.addLayout(above)
        column.addWidget(self.password)
        order = (self.email, self.password, self.password.reveal, self.forgot)
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)
        return part

    def _lay_out(self, theme: Theme) -> None:
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addWidget(self._with_password)
        column.addWidget(self.line)
        column.addWidget(self.submit)
        column.addWidget(self._or)
        column.addWidget(self.google)


class BrowserPage(QWidget):
    """Takes the form's place while somebody signs in in the browser.

    Args:
        theme: how it looks.
        width: in pixels.
        announce: has a screen reader say what it says.
    """

    def __init__(self, theme: Theme, width: int, announce: Announce) -> None:
        super().__init__()
        self.title = label(theme, self.tr("Waiting for your browser…"), size=Text.HEADING, bold=True)
        self.line = StatusLine(theme, width, lines=2, announce=announce)
        self.line.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.cancel = dialog_button(theme, self.tr("Cance&l"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addStretch(1)
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.line)
        column.addSpacing(theme.px(8))
        column.addWidget(self.cancel)
        column.addStretch(1)

    def begin(self) -> None:
        """Say what to do now; Esc and Enter give it up."""
        self.line.say(self.tr("Sign in with Google on the page that opens there. This window goes on by itself."))
        self.cancel.setDefault(True)
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self) -> None:
        """Be ready to say it again."""
        self.line.say("")


def rule(theme: Theme, text: str) -> QWidget:
    """A word between two lines, from side to side."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(12))
    for side in (0, 1):
        line = QFrame()
        line.setProperty("kind", "rule")
        line.setFixedHeight(1)
        row.addWidget(line, 1)
        if side == 0:
            row.addWidget(label(theme, text, size=Text.LABEL, kind="muted"))
    return made
