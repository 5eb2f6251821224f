"""The card in the sign-in window: its parts from top to bottom, and which of them are shown."""

from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout

from salebell_desktop.ui.parts import label
from salebell_desktop.ui.sign_in.attempt import Doing
from salebell_desktop.ui.sign_in.form import BrowserPage, SignInForm
from salebell_desktop.ui.sign_in.kept_accounts import KeptAccounts
from salebell_desktop.ui.sign_in.server_check import ServerCheck
from salebell_desktop.ui.sign_in.server_step import AddressStep, ServerBox
from salebell_desktop.ui.sign_in.status_line import Announce, StatusLine
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.tray.icon import draw_application, sharp

CARD = 380
_PADDING = 24
_BORDER = 1
_ICON = 44


class Step(Enum):
    """What the card asks for."""

    SERVER = auto()
    ACCOUNT = auto()


class SignInCard(QFrame):
    """First a reason if there is one, then accounts that were kept, then what it asks for.

    Args:
        theme: how it looks.
        check: what is known of the server.
        announce: has a screen reader say what changes.
    """

    def __init__(self, theme: Theme, check: ServerCheck, announce: Announce) -> None:
        super().__init__()
        self._step = Step.SERVER
        width = theme.px(CARD) - 2 * theme.px(_PADDING) - 2 * _BORDER
        self.title = label(theme, size=Text.TITLE, bold=True)
        self.reason = StatusLine(theme, width - 2 * theme.px(12), announce=announce)
        self._notice = _notice(theme, self.reason)
        self.kept = KeptAccounts(theme, width)
        self.address = AddressStep(theme, check, width, announce)
        self.box = ServerBox(theme, check, width, announce)
        self.form = SignInForm(theme, width, announce)
        self.browser = BrowserPage(theme, width, announce)
        self._body = QStackedWidget()
        self._lay_out(theme)
        # Without a default button yet: there is no window whose it could be.
        self._show_parts()

    @property
    def step(self) -> Step:
        """What it asks for."""
        return self._step

    def show_step(self, step: Step) -> None:
        """Ask for something."""
        self._step = step
        self._show_parts()
        self._set_default()

    def show_reason(self, reason: str) -> None:
        """Say why signing in is needed, if there is anything to say."""
        self.reason.say(reason, "warn")
        self._notice.setVisible(bool(reason))

    def show_doing(self, doing: Doing) -> None:
        """Say what is under way, and let nothing be changed meanwhile."""
        idle = doing is Doing.NOTHING
        for widget in (self.box.change, self.box.verdict.file, self.kept):
            widget.setEnabled(idle)
        self.form.show_doing(doing)
        if doing is Doing.IN_BROWSER:
            self._body.setCurrentWidget(self.browser)
            self.browser.begin()
        else:
            self._body.setCurrentWidget(self.form)
            self.browser.end()
            self._set_default()

    def focus(self) -> None:
        """Begin with the first field that is empty."""
        if self._step is Step.ACCOUNT:
            self.form.focus()
        else:
            self.address.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.address.field.selectAll()

    def _show_parts(self) -> None:
        self.address.setVisible(self._step is Step.SERVER)
        self.box.setVisible(self._step is Step.ACCOUNT)
        self._body.setVisible(self._step is Step.ACCOUNT)

    def _set_default(self) -> None:
        if self._step is Step.SERVER:
            self.address.submit.setDefault(True)
        else:
            self.form.set_default()

    def _lay_out(self, theme: Theme) -> None:
        px = theme.px
        self.setProperty("kind", "card")
        self.setFixedWidth(px(CARD))
        icon = label(theme)
        icon.setPixmap(sharp(draw_application, px(_ICON)))
        head = QVBoxLayout()
        head.setSpacing(px(12))
        for part in (icon, self.title):
            head.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        self._body.addWidget(self.form)
        self._body.addWidget(self.browser)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(px(_PADDING), px(_PADDING), px(_PADDING), px(_PADDING))
        inside.setSpacing(px(16))
        inside.addLayout(head)
        for widget in (self._notice, self.kept, self.address, self.box, self._body):
            inside.addWidget(widget)
        # The box comes first to the eye, but whoever is asked to sign in wants the fields.
        self.setTabOrder(self.form.google, self.box.change)
        self.setTabOrder(self.box.change, self.box.verdict.file)


def _notice(theme: Theme, line: StatusLine) -> QFrame:
    """The ground that `line` stands on."""
    made = QFrame()
    made.setProperty("kind", "strip")
    made.setProperty("tone", "warn")
    column = QVBoxLayout(made)
    column.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
    column.addWidget(line)
    return made
