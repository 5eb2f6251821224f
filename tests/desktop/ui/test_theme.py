from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.tokens import DARK, LIGHT, Scheme


class System:
    """What the system wants."""

    def __init__(self, scheme: Qt.ColorScheme) -> None:
        self.scheme = scheme

    def __call__(self) -> Qt.ColorScheme:
        return self.scheme


@pytest.fixture
def plain_application(qapp: QApplication) -> Iterator[QApplication]:
    font = QFont(qapp.font())
    yield qapp
    qapp.setStyleSheet("")
    qapp.setFont(font)


def window_colour(application: QApplication) -> str:
    return application.palette().color(QPalette.ColorRole.Window).name()


@pytest.mark.parametrize(
    ("wanted", "tokens"),
    [(Qt.ColorScheme.Light, LIGHT), (Qt.ColorScheme.Dark, DARK), (Qt.ColorScheme.Unknown, LIGHT)],
)
def test_it_begins_as_the_system_is(plain_application: QApplication, wanted: Qt.ColorScheme, tokens: object) -> None:
    theme = Theme(plain_application, system=System(wanted))

    assert theme.tokens == tokens
    assert window_colour(plain_application) == theme.tokens.background
    theme.deleteLater()


def test_it_follows_the_system_at_once(qtbot: QtBot, plain_application: QApplication) -> None:
    system = System(Qt.ColorScheme.Light)
    theme = Theme(plain_application, system=system)
    page = QWidget()
    page.setObjectName("page")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    qtbot.addWidget(page)
    page.resize(40, 40)
    assert page.grab().toImage().pixelColor(20, 20).name() == LIGHT.background

    system.scheme = Qt.ColorScheme.Dark
    with qtbot.waitSignal(theme.changed):
        plain_application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)

    assert theme.tokens == DARK
    assert page.grab().toImage().pixelColor(20, 20).name() == DARK.background
    with qtbot.assertNotEmitted(theme.changed):
        plain_application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    theme.deleteLater()


def test_a_scheme_that_is_held_stays(qtbot: QtBot, plain_application: QApplication) -> None:
    system = System(Qt.ColorScheme.Dark)
    theme = Theme(plain_application, Scheme.LIGHT, system)

    plain_application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.tokens == LIGHT

    with qtbot.waitSignal(theme.changed):
        theme.hold(None)
    assert theme.tokens == DARK
    theme.deleteLater()


def test_numbers_line_up(theme: Theme) -> None:
    metrics = QFontMetrics(theme.font())

    assert len({metrics.horizontalAdvance(digit * 10) for digit in "0123456789"}) == 1


def test_a_larger_system_font_makes_everything_larger(plain_application: QApplication) -> None:
    font = QFont(plain_application.font())
    font.setPixelSize(26)
    plain_application.setFont(font)

    theme = Theme(plain_application, Scheme.LIGHT)

    assert theme.px(10) == 20
    assert theme.font(Text.LABEL).pixelSize() == 24
    theme.deleteLater()
