"""What the tests of the views stand on."""

from collections.abc import Iterator
from datetime import UTC

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from salebell_desktop.store import Account, Desk
from salebell_desktop.ui.format import Format
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
    made = Theme(qapp, Scheme.LIGHT)
    yield made
    qapp.setStyleSheet("")
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
