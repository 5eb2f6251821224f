"""The sign-in window: asks for a server, then for what that server wants of those who sign in."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QDir, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QVBoxLayout, QWidget

from salebell_desktop.ui.actions import Actions, KnownAccount, Told
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.sign_in.attempt import Act, Attempt, Doing
from salebell_desktop.ui.sign_in.card import SignInCard, Step
from salebell_desktop.ui.sign_in.remembered_server import RememberedServer
from salebell_desktop.ui.sign_in.server_check import Check, ServerCheck
from salebell_desktop.ui.sign_in.status_line import Announce, announce
from salebell_desktop.ui.theme import Theme

_MARGIN = 24


class SignInWindow(QDialog):
    """Stays open until signing in succeeded, or it is closed.

    To be shown with `present`: it runs on the loop of everything else and never waits for the network.

    Args:
        actions: checks addresses and signs in.
        theme: how it looks.
        settings: a directory, for the file that remembers the server.
        server: what to offer in place of the one remembered.
        announce: has a screen reader say what changes.
    """

    signed_in = Signal()
    """Its own sign-in succeeded, and it is closed."""
    switched = Signal()
    """An account that was kept was chosen, and it is closed."""

    def __init__(
        self, actions: Actions, theme: Theme, settings: Path, server: str = "", announce: Announce = announce
    ) -> None:
        super().__init__()
        self._actions = actions
        self._announce = announce
        self._remembered = RememberedServer(settings)
        self._focus_before: QWidget | None = None
        self._going_on = False
        self._files: QFileDialog | None = None
        self.check = ServerCheck(actions)
        self.attempt = Attempt(self.check)
        self.card = SignInCard(theme, self.check, announce)
        self.setWindowTitle(self.tr("Sign in to Salebell"))
        self.setObjectName("page")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(theme.px(_MARGIN), theme.px(_MARGIN), theme.px(_MARGIN), theme.px(_MARGIN))
        whole.addWidget(self.card)
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        self._connect()
        self.server.setText(server or self._remembered.address)
        self._known = self._address

    @property
    def server(self) -> QLineEdit:
        """The field for the server's address."""
        return self.card.address.field

    @property
    def busy(self) -> bool:
        """Whether something is under way that *Cancel*, Esc or closing it gives up."""
        return self.attempt.doing is not Doing.NOTHING

    def present(self, reason: str = "", *, account: KnownAccount | None = None, another: bool = False) -> None:
        """Come to the front. What was typed into a window that is open stays, unless `account` is given.

        Args:
            reason: why signing in is needed, in the user's language.
            account: who is to sign in again.
            another: somebody is signed in, and wants to be somebody else.
        """
        self.card.address.closing = False
        self.card.show_reason(reason)
        fresh = not self.isVisible()
        if fresh or (account is not None and not self.busy):
            self._begin(account, another=another)
        self.open()
        self.raise_()
        self.activateWindow()
        if fresh:
            self.card.focus()
        if reason:
            self._announce(self.card.reason, reason)

    def done(self, result: int) -> None:
        """Close: what is under way is given up, and the password is forgotten."""
        self._going_on = False
        self.card.address.closing = True
        self.attempt.give_up()
        if self._files is not None:
            self._files.reject()
        self.card.form.password.forget()
        super().done(result)
        self.check.forget()
        self.card.form.line.say("")

    async def settle(self) -> None:
        """Wait for the end of what closing it gave up."""
        await self.attempt.settle()
        await self.check.settle()

    # What Qt tells.

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc gives up what is under way, and closes the window only if nothing is."""
        if self.busy and event.matches(QKeySequence.StandardKey.Cancel):
            self._cancel()
        else:
            super().keyPressEvent(event)

    # Beginning.

    def _connect(self) -> None:
        card = self.card
        self.check.changed.connect(self._checked)
        self.attempt.changed.connect(card.show_doing)
        self.attempt.done.connect(self._done)
        self.attempt.refused.connect(self._refused)
        self.attempt.unable.connect(self._unable)
        card.address.wanted.connect(self._go_on)
        card.address.edited.connect(self._edited)
        card.box.change.clicked.connect(self._change_server)
        for verdict in (card.address.verdict, card.box.verdict):
            verdict.file_wanted.connect(self._choose_file)
        card.form.sign_in_wanted.connect(self._sign_in)
        card.form.google_wanted.connect(self._sign_in_with_google)
        card.form.reset_wanted.connect(self._reset_password)
        card.browser.cancel.clicked.connect(self._cancel)
        card.kept.chosen.connect(self._switch)

    def _begin(self, account: KnownAccount | None, *, another: bool) -> None:
        another = another and account is None
        if account is not None:
            self.server.setText(account.server)
            self.card.form.email.setText(account.email)
            self.card.form.password.forget()
            self._known = account.server
        elif another:
            self.card.form.email.setText("")
        self.card.title.setText(self.tr("Add another account") if another else self.tr("Sign in to Salebell"))
        self.card.kept.offer([each for each in self._actions.accounts() if each.signed_in and not each.active])
        self.card.form.offer(self._remembered.means(self._address))
        self.card.box.show_server(self._address)
        known = bool(self._address) and self._address == self._known and not another
        self.card.show_step(Step.ACCOUNT if known else Step.SERVER)
        if self._address:
            self.check.look(self._address)

    # The server.

    @property
    def _address(self) -> str:
        return self.card.address.address

    def _go_on(self) -> None:
        self._going_on = True
        self.check.look(self._address, again=True)
        self._checked()

    def _edited(self) -> None:
        self._going_on = False

    def _checked(self) -> None:
        found = self.check.found
        if self.check.state is not Check.FOUND or found is None:
            return
        self._known = self.check.address
        self.card.form.offer(found.means)
        self.card.box.show_server(found.address)
        if self.card.step is Step.SERVER and self._going_on:
            self._going_on = False
            self.card.form.line.say("")
            self.card.show_step(Step.ACCOUNT)
            self.card.form.focus()
        elif self.isVisible() and not self.busy and not _has_focus(self):
            # What had it is not offered any more.
            self.card.focus()

    def _change_server(self) -> None:
        self.card.form.password.forget()  # it was meant for this server
        self.card.form.line.say("")
        self.card.show_step(Step.SERVER)
        self.card.focus()

    def _choose_file(self) -> None:
        kinds = (self.tr("Certificates (*.pem *.crt *.cer)"), self.tr("All files (*)"))
        dialog = QFileDialog(self, self.tr("Choose a certificate file"), QDir.homePath(), ";;".join(kinds))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._trust)
        dialog.finished.connect(self._file_chosen)
        self._files = dialog
        dialog.open()

    def _trust(self, path: str) -> None:
        self.check.trust(Path(path))

    def _file_chosen(self) -> None:
        self._files = None

    # Signing in.

    def _sign_in(self) -> None:
        form = self.card.form
        if not self.busy and not form.missing():
            act = partial(self._actions.sign_in, email=form.address, password=form.password.text())
            self._start(Doing.SIGNING_IN, act)

    def _sign_in_with_google(self) -> None:
        if not self.busy:
            self._start(Doing.IN_BROWSER, self._actions.sign_in_with_google)

    def _reset_password(self) -> None:
        if self.busy:
            return
        if self.card.form.address:
            self._start(Doing.SENDING, partial(self._actions.reset_password, email=self.card.form.address))
        else:
            self.card.form.ask_for_email()

    def _switch(self, server: str, uid: str) -> None:
        if not self.busy:
            self._actions.switch_account(server, uid)
            self.accept()
            self.switched.emit()

    def _start(self, doing: Doing, act: Act) -> None:
        self._focus_before = self.focusWidget()
        self.attempt.start(doing, self._address, act)

    def _done(self, doing: Doing) -> None:
        if doing is Doing.SENDING:
            text = self.tr("If there is an account with this address, a message with a link was sent to it.")
            self.card.form.line.say(text, "good")
            self._restore_focus()
            return
        found = self.check.found
        if found is not None:
            self._remembered.remember(self._address, found.means)
        self.card.form.email.clear()  # who it was is nobody's business after they sign out
        self.accept()
        self.signed_in.emit()

    def _refused(self, doing: Doing, told: Told) -> None:
        sentence = translated(told.sentence)
        if told.untrusted:
            self.check.refuse(told)
            self._unable()
        elif doing is Doing.SIGNING_IN:
            self.card.form.refuse(sentence)
        else:
            self.card.form.line.say(sentence, "problem")
            self._restore_focus()

    def _unable(self) -> None:
        """The box says why; lead to what helps."""
        if self.card.box.verdict.file.isHidden():
            self._restore_focus()
        else:
            self.card.box.verdict.file.setFocus(Qt.FocusReason.OtherFocusReason)

    def _cancel(self) -> None:
        self.attempt.give_up()
        self._restore_focus()

    def _restore_focus(self) -> None:
        before, self._focus_before = self._focus_before, None
        if before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.card.focus()


def _has_focus(window: QWidget) -> bool:
    focused = window.focusWidget()
    return bool(focused) and focused.isVisible() and focused.isEnabled()
