"""What the window says when all is not well, or when there is nothing to list."""

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from salebell_desktop import __version__
from salebell_desktop.settings import SettingsStore
from salebell_desktop.store import Account, Desk, LinkState, Listing, ListState, Progress, Query, SalesStore
from salebell_desktop.ui.parts import Strip
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.sales.empty_page import EmptyPage
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tray.icon import Look
from salebell_desktop.ui.update import DOWNLOAD_PAGE, newer_version
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
    NOTHING_FOUND = auto()
    """There are sales, but none that the user looks for."""
    NOTHING_HERE = auto()
    """None of those on this computer; the server cannot be asked now."""


def situation(desk: Desk, store: SalesStore | None, listing: Listing | None, rows: int) -> Situation:
    """What to show, when `rows` sales of `store` are at hand that `listing` looks for."""
    if desk.account is None:
        return Situation.SIGNED_OUT
    if rows:
        return Situation.LIST
    searching = listing is not None and listing.query != Query()
    if listing is not None and searching:
        if listing.progress is Progress.WHOLE:
            return Situation.NOTHING_FOUND
        connected = store is not None and store.link.state is LinkState.CONNECTED
        if listing.progress is Progress.FAILED or not connected:
            return Situation.NOTHING_HERE
        return Situation.LOADING
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
    again_wanted = Signal()
    """What could not be read is to be asked for again."""

    def __init__(self, theme: Theme, words: Words, settings: SettingsStore, open_url: Callable[[str], None]) -> None:
        super().__init__()
        self._words = words
        self._settings = settings
        self._open_url = open_url
        self._newer = ""
        self._problem = ""
        self._account: Account | None = None
        self._noted_for: Account | None = None
        self.offline = Strip(theme, self.tr("Reconnect now"))
        self.delayed = Strip(theme, "")
        self.failed = Strip(theme, self.tr("Copy details"), self.tr("Try again"))
        self.failed.second.clicked.connect(self.again_wanted)
        self.session = Strip(theme, self.tr("Understood"))
        self.newer = Strip(theme, self.tr("Download page"), self.tr("Later"))
        self.newer.action.clicked.connect(lambda: self._open_url(DOWNLOAD_PAGE))
        self.newer.second.clicked.connect(self._put_update_off)
        self.lost = Strip(theme, self.tr("Understood"))
        self.lost.action.clicked.connect(lambda: self.say_lost(""))
        self._strips = (self.offline, self.delayed, self.failed, self.lost, self.session, self.newer)
        self.offline.action.clicked.connect(self.reconnect_wanted)
        self.failed.action.clicked.connect(self._copy_problem)
        self.session.action.clicked.connect(self._note_session)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        for strip in self._strips:
            column.addWidget(strip)
        self.hide()

    def say_lost(self, text: str) -> None:
        """Say why a sale that was asked for is not shown, or what was done to show it; "" is nothing."""
        self.lost.say(text)
        self._show_if_any()

    def show_for(self, desk: Desk, store: SalesStore | None, listing: Listing | None, now: float) -> None:
        """Say what holds for `store` and what is listed of it, or for the desk while it has none."""
        self._show_offline(desk, store, now)
        self._show_newer(desk)
        delayed = store is not None and store.delayed and store.link.state is LinkState.CONNECTED
        text = self.tr("Your server cannot reach its shared log: new sales still arrive, counts may lag.")
        self.delayed.say(text if delayed else "", action=False)
        self._problem = _problem(store, listing)
        text = self.tr("The list may lack older sales: {problem}").format(problem=translated(self._problem))
        self.failed.say(text if self._problem else "", "bad")
        # The store's own list is read again by itself.
        self.failed.second.setVisible(listing is not None and listing.problem == self._problem != "")
        self._account = desk.account
        forgetful = desk.account is not None and desk.account.session_only and desk.account != self._noted_for
        text = self.tr(
            "Your sign-in could not be kept in this computer's keyring: you will be asked for it again next time. "
            "To stay signed in, set up the keyring or unlock it, then sign in again."
        )
        self.session.say(text if forgetful else "")
        self._show_if_any()

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
            case Situation.NOTHING_FOUND:
                text = self.tr("Try other words, or another status, channel or period.")
                page.say(self.tr("No sales match"), text, Look.CONNECTED, action=self.tr("Clear filters"))
            case Situation.NOTHING_HERE:
                text = self.tr("Older sales are searched as soon as the server can be asked again.")
                title = self.tr("No sales on this computer match")
                page.say(title, text, Look.DISCONNECTED, action=self.tr("Clear filters"))

    def _show_offline(self, desk: Desk, store: SalesStore | None, now: float) -> None:
        link = desk.link if store is None else store.link
        stopped = link.state in _STOPPED
        # The first attempt is told by the chip alone: a strip that comes and goes at each start would cry wolf.
        if desk.account is None or not (stopped or (link.state is LinkState.CONNECTING and link.attempt)):
            self.offline.say("")
            return
        current = store is not None and store.list_state is ListState.CURRENT
        self.offline.say(self._words.offline(link, now, current=current), "bad" if stopped else "warn")

    def _show_newer(self, desk: Desk) -> None:
        newer = newer_version(desk.server_version, __version__)
        self._newer = "" if newer == self._settings.now.update_dismissed else newer
        text = self.tr("Version {version} of Salebell is out: your server has it already.").format(version=self._newer)
        self.newer.say(text if self._newer else "", "good")

    def _put_update_off(self) -> None:
        self._settings.change(update_dismissed=self._newer)
        self.newer.say("")
        self._show_if_any()

    def _show_if_any(self) -> None:
        self.setVisible(any(strip.shown for strip in self._strips))

    def _copy_problem(self) -> None:
        QGuiApplication.clipboard().setText(self._problem)

    def _note_session(self) -> None:
        self._noted_for = self._account
        self.session.say("")
        self._show_if_any()


def _problem(store: SalesStore | None, listing: Listing | None) -> str:
    """Why the list may lack sales. Without a connection, it is that: another strip says so."""
    if store is not None and store.list_state is ListState.FAILED:
        return store.list_problem
    if store is None or listing is None or store.link.state is not LinkState.CONNECTED:
        return ""
    return listing.problem
