"""Asks before an account is signed out, since that forgets everything of it on this computer."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from salebell_desktop.store import Account
from salebell_desktop.ui.words import account_name, server_name


class SignOutQuestion(QMessageBox):
    """A question that waits for its answer without holding anything up: to be shown with `open`.

    `accepted` is the signal that the answer was yes.

    Args:
        account: who is to be signed out.
        parent: the window that it belongs to, if one is shown.
    """

    def __init__(self, account: Account, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.account = account
        who = account_name(account)
        self.setIcon(QMessageBox.Icon.Question)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWindowTitle(self.tr("Sign out"))
        self.setText(self.tr("Sign out {email}?").format(email=who))
        about = self.tr(
            "Everything of this account on {server} is forgotten on this computer: the sign-in and the list of sales. "
            "Nothing is deleted on the server, and signing in again brings it back."
        )
        self.setInformativeText(about.format(server=server_name(account.server)))
        self.yes = self.addButton(self.tr("&Sign out"), QMessageBox.ButtonRole.AcceptRole)
        self.no = self.addButton(self.tr("&Cancel"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.no)
        self.setEscapeButton(self.no)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
