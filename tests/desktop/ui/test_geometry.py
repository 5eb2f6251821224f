from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from salebell_desktop.ui import geometry
from salebell_desktop.ui.geometry import Geometry, arrangement


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def remembered(path: Path) -> Geometry:
    return Geometry(QSettings(str(path / "windows.ini"), QSettings.Format.IniFormat), "some_window")


def test_a_place_that_nobody_was_at_is_unknown(window: QWidget, tmp_path: Path) -> None:
    assert not remembered(tmp_path).restore(window)


def test_it_comes_back_to_where_it_was(qtbot: QtBot, window: QWidget, tmp_path: Path) -> None:
    window.setGeometry(40, 50, 321, 234)
    remembered(tmp_path).save(window)
    other = QWidget()
    qtbot.addWidget(other)

    assert remembered(tmp_path).restore(other)
    assert other.geometry() == window.geometry()


def test_never_where_no_screen_is(qtbot: QtBot, window: QWidget, tmp_path: Path) -> None:
    window.move(QPoint(50_000, 50_000))
    remembered(tmp_path).save(window)
    other = QWidget()
    qtbot.addWidget(other)

    remembered(tmp_path).restore(other)

    assert QGuiApplication.primaryScreen().geometry().intersects(other.geometry())


def test_other_screens_have_places_of_their_own(
    window: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered(tmp_path).save(window)

    monkeypatch.setattr(geometry, "arrangement", lambda: "another:0x0x1x1")

    assert not remembered(tmp_path).restore(window)


def test_screens_are_told_by_name_and_size() -> None:
    screen = QGuiApplication.primaryScreen().geometry()

    assert f"{screen.width()}x{screen.height()}" in arrangement()
