import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Listing, Order, Query
from salebell_desktop.ui.actions import Told
from salebell_desktop.ui.sales.exporting import Exporting
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words
from tests.desktop.ui.stage import NOON, Shop, Wishes


@pytest.fixture
def shown_files() -> list[Path]:
    """The files whose folders were opened."""
    return []


@pytest.fixture
async def strip(
    qtbot: QtBot, wishes: Wishes, theme: Theme, words: Words, shown_files: list[Path]
) -> AsyncIterator[Exporting]:
    made = Exporting(wishes, theme, words, shown_files.append)
    qtbot.addWidget(made)
    yield made
    made.stop()
    await asyncio.sleep(0)


@pytest.fixture
def listing(shop: Shop) -> Listing:
    return shop.store.listing(Query(), Order())


async def over(strip: Exporting) -> None:
    while strip.busy:
        await asyncio.sleep(0.005)


def press(strip: Exporting) -> None:
    QTest.mouseClick(strip.action, Qt.MouseButton.LeftButton)


async def test_it_says_how_far_it_is_and_shows_the_file(
    strip: Exporting, listing: Listing, wishes: Wishes, shown_files: list[Path], tmp_path: Path
) -> None:
    wishes.holds.add("export")
    wishes.exported = 5
    path = tmp_path / "sales.csv"

    strip.write(listing, path)
    assert strip.busy
    while "export sales.csv" not in wishes.wanted:
        await asyncio.sleep(0.005)
    assert strip.text == "Exporting… 5 sale(s) so far."
    assert strip.action.text() == "Cancel"
    wishes.holds.clear()
    await over(strip)

    assert strip.text == "5 sale(s) exported to sales.csv."
    assert strip.action.text() == "Show in folder"
    press(strip)
    assert shown_files == [path]
    assert not strip.shown


async def test_a_failure_is_a_sentence(strip: Exporting, listing: Listing, wishes: Wishes, tmp_path: Path) -> None:
    wishes.exported = Told("The file cannot be written.")

    strip.write(listing, tmp_path / "sales.csv")
    await over(strip)

    assert strip.text == "The export failed: The file cannot be written."
    assert strip.property("tone") == "bad"
    press(strip)
    assert not strip.shown


@pytest.mark.parametrize("begun", [False, True])
async def test_cancelling_leaves_nothing(
    strip: Exporting, listing: Listing, wishes: Wishes, tmp_path: Path, begun: bool
) -> None:
    wishes.holds.add("export")
    strip.write(listing, tmp_path / "sales.csv")
    while begun and "export sales.csv" not in wishes.wanted:
        await asyncio.sleep(0.005)

    press(strip)
    await over(strip)

    assert not strip.shown
    assert ("export given up" in wishes.wanted) is begun


async def test_one_at_a_time(strip: Exporting, listing: Listing, wishes: Wishes, tmp_path: Path) -> None:
    wishes.holds.add("export")
    strip.write(listing, tmp_path / "one.csv")

    strip.write(listing, tmp_path / "two.csv")
    wishes.holds.clear()
    await over(strip)

    assert wishes.wanted == ["export one.csv"]


async def test_the_file_is_chosen_in_a_dialog_that_stops_nothing(
    qtbot: QtBot, strip: Exporting, listing: Listing, wishes: Wishes, tmp_path: Path
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()

    dialog = strip.ask(listing, NOON, parent)
    assert Path(dialog.selectedFiles()[0]).name == "sales-2026-11-24.csv"
    dialog.fileSelected.emit(str(tmp_path / "mine.csv"))
    dialog.reject()
    await over(strip)

    assert wishes.wanted == ["export mine.csv"]
