"""What the window says when all is not well, or when there is nothing to list."""

from enum import Enum, auto

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from salebell_desktop.store import Account, Desk, LinkState, ListState, SalesStore
from salebell_desktop.ui.parts import Strip
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.sales.empty_page import EmptyPage
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tray.icon import Look
from salebell_desktop.ui.words import Words

_STOPPED = (LinkState.DISCONNECTED, LinkState.REFUSED)


class Situation(Enum):
    """What the window shows in its middle."""

    LIST = auto()
    SIGNED_OUT = auto()
    LOADING = auto()
    UNREACHABLE = auto()
    FAILED = auto()
    """The server answers, but does not give its list."""
    EMPTY = auto()


def situation(desk: Desk, store: SalesStore | None, rows: int) -> Situation:
    """What to show, when `rows` sales of `store` are at hand."""
    if desk.account is None:
        return Situation.SIGNED_OUT
    if rows:
        return Situation.LIST
    if store is not None and store.list_state is ListState.CURRENT:
        return Situation.EMPTY
    link = desk.link if store is None else store.link
    if link.state in _STOPPED:
        return Situation.UNREACHABLE
    if store is not None and store.list_state is ListState.FAILED:
        return Situation.FAILED
    return Situation.LOADING


class Notices(QWidget):
    """The strips above the list, each shown while what it says holds."""

    reconnect_wanted = Signal()

    def __init__(self, theme: Theme, words: Words) -> None:
        super().__init__()
        self._words = words
        self._problem = ""
        self._account: Account | None = None
        self._noted_for: Account | None = None
        self.offline = Strip(theme, self.tr("Reconnect now"))
        self.delayed = Strip(theme, "")
        self.failed = Strip(theme, self.tr("Copy details"))
        self.session = Strip(theme, self.tr("Understood"))
        self.offline.action.clicked.connect(self.reconnect_wanted)
        self.failed.action.clicked.connect(self._copy_problem)
        self.session.action.clicked.connect(self._note_session)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        for strip in (self.offline, self.delayed, self.failed, self.session):
            column.addWidget(strip)
        self.hide()

    def show_for(self, desk: Desk, store: SalesStore | None, now: float) -> None:
        """Say what holds for `store`, or for the desk while it has none."""
        self._show_offline(desk, store, now)
        delayed = store is not None and store.delayed and store.link.state is LinkState.CONNECTED
        text = self.tr("Your server cannot reach its shared log: new sales still arrive, counts may lag.")
        self.delayed.say(text if delayed else "", action=False)
        self._problem = "" if store is None or store.list_state is not ListState.FAILED else store.list_problem
        text = self.tr("The list may lack older sales: {problem}").format(problem=translated(self._problem))
        self.failed.say(text if self._problem else "", "bad")
        self._account = desk.account
        forgetful = desk.account is not None and desk.account.session_only and desk.account != self._noted_for
        text = self.tr(
            "Your sign-in could not be kept in this computer's keyring: you will be asked for it again next time. "
            "To stay signed in, set up the keyring or unlock it, then sign in again."
        )
        self.session.say(text if forgetful else "")
        strips = (self.offline, self.delayed, self.failed, self.session)
        self.setVisible(any(strip.shown for strip in strips))

    def describe(self, what: Situation, desk: Desk, page: EmptyPage) -> None:
        """Fill the page that takes the list's place."""
        match what:
            case Situation.LIST:
                return
            case Situation.SIGNED_OUT:
                text = translated(desk.sign_in_reason) or self.tr("Sign in to see the sales of your shop.")
                page.say(self.tr("You are signed out"), text, Look.SIGNED_OUT, action=self.tr("Sign in…"))
            case Situation.LOADING:
                page.say(self.tr("Loading the sales…"), "", Look.CONNECTING)
            case Situation.UNREACHABLE:
                text = self.tr("Your sales appear here as soon as the connection is back.")
                page.say(self.tr("No connection to your server"), text, Look.DISCONNECTED)
            case Situation.FAILED:
                text = self.tr("It is tried again by itself.")
                page.say(self.tr("The sales could not be loaded"), text, Look.DISCONNECTED)
            case Situation.EMPTY:
                text = self.tr("The bell rings with the first one. To ring a test, run this where your server is:")
                page.say(self.tr("No sales yet"), text, Look.CONNECTED, test=True)

    def _show_offline(self, desk: Desk, store: SalesStore | None, now: float) -> None:
        link = desk.link if store is None else store.link
        stopped = link.state in _STOPPED
        # The first attempt is told by the chip alone: a strip that comes and goes at each start would cry wolf.
        if desk.account is None or not (stopped or (link.state is LinkState.CONNECTING and link.attempt)):
            self.offline.say("")
            return
        current = store is not None and store.list_state is ListState.CURRENT
        self.offline.say(self._words.offline(link, now, current=current), "bad" if stopped else "warn")

    def _copy_problem(self) -> None:
        QGuiApplication.clipboard().setText(self._problem)

    def _note_session(self) -> None:
        self._noted_for = self._account
        self.session.say("")
