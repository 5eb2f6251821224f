"""What the tests of the views stand on."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from salebell_desktop.platform.notifier import NullNotifier
from salebell_desktop.platform.sound import NullSound
from salebell_desktop.settings import SettingsStore
from salebell_desktop.store import Account, Desk
from salebell_desktop.ui.format import Format
from salebell_desktop.ui.shell import Places, Preferences, Shell
from salebell_desktop.ui.sign_in.window import SignInWindow
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tokens import Scheme
from salebell_desktop.ui.words import Words
from tests.desktop.ui.stage import Shop, Times, Wishes, sale


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def wishes() -> Wishes:
    return Wishes()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    font = QFont(qapp.font())
    made = Theme(qapp, Scheme.LIGHT)
    yield made
    qapp.setStyleSheet("")
    qapp.setFont(font)
    made.deleteLater()


@pytest.fixture
def words() -> Words:
    return Words(Format(QLocale("es_AR"), UTC))


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.sign_in(Account(server="wss://bell.example.com", uid="u", email="ana@example.com", name="Ana"))
    return made


@pytest.fixture
def shop(desk: Desk) -> Shop:
    """A connected store with five sales, the newest being `sale(5)`."""
    made = Shop(desk, "main")
    made.connect()
    made.load([sale(number) for number in (5, 4, 3, 2, 1)])
    return made


@pytest.fixture
def read_out() -> list[str]:
    """What a screen reader was given to say."""
    return []


MadeSignIn = Callable[[str], SignInWindow]


@pytest.fixture
def make_sign_in(qtbot: QtBot, theme: Theme, wishes: Wishes, tmp_path: Path, read_out: list[str]) -> MadeSignIn:
    """Sign-in windows that have a server to offer, or `""`."""

    def made(server: str) -> SignInWindow:
        window = SignInWindow(wishes, theme, tmp_path, server, lambda _widget, text: read_out.append(text))
        qtbot.addWidget(window, before_close_func=lambda _window: window.reject())
        return window

    return made


@pytest.fixture
def sign_in(make_sign_in: MadeSignIn) -> SignInWindow:
    """A sign-in window that knows no server."""
    return make_sign_in("")


class Stage:
    """Makes shells, and takes them away again."""

    def __init__(self, application: QApplication, wishes: Wishes, times: Times, directory: Path) -> None:
        self._application = application
        self._wishes = wishes
        self._times = times
        self._directory = directory
        self._made: list[Shell] = []
        self.notifier = NullNotifier()
        self.settings = SettingsStore()

    def shell(self, desk: Desk, *, hidden: bool = False, signs_in: bool = False, locale: str = "en_GB") -> Shell:
        places = Places(settings=self._directory, cache=self._directory)
        preferences = Preferences(
            locale=QLocale(locale),
            scheme=Scheme.LIGHT,
            server="localhost:3001",
            hidden=hidden,
            signs_in=signs_in,
            notifier=self.notifier,
            sounds=NullSound(),
        )
        made = Shell(
            self._application,
            desk,
            self._wishes,
            self.settings,
            places,
            preferences,
            self._times.clock,
            lambda _url: None,
        )
        made.start()
        self._made.append(made)
        return made

    def strike(self) -> None:
        for shell in self._made:
            shell.close()
            shell.language.remove()


@pytest.fixture
async def stage(qapp: QApplication, wishes: Wishes, times: Times, tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(qapp, wishes, times, tmp_path)
    yield made
    made.strike()
    qapp.setStyleSheet("")
