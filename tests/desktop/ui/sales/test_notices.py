"""The notice that there is a newer Salebell, and that it can be put off."""

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from salebell_desktop import __version__
from salebell_desktop.settings import SettingsStore
from salebell_desktop.store import Desk
from salebell_desktop.ui.sales.window import SalesWindow
from salebell_desktop.ui.update import DOWNLOAD_PAGE
from tests.desktop.ui.sales.conftest import Made, until


async def test_a_newer_server_is_told_with_the_way_to_the_download(
    window: SalesWindow, desk: Desk, opened: list[str]
) -> None:
    desk.set_server_version("salebell/999.1.2")

    await until(window.notices.newer.isVisible)
    assert window.notices.newer.text == "Version 999.1.2 of Salebell is out: your server has it already."
    QTest.mouseClick(window.notices.newer.action, Qt.MouseButton.LeftButton)
    assert opened == [DOWNLOAD_PAGE]


async def test_the_same_version_and_an_unknown_one_are_not(window: SalesWindow, desk: Desk) -> None:
    for version in (f"salebell/{__version__}", "something/999.0.0", ""):
        desk.set_server_version(version)
        await asyncio.sleep(0.06)
        assert not window.notices.newer.isVisible()


async def test_later_is_later(
    window: SalesWindow, make: Made, desk: Desk, user_settings: SettingsStore, tmp_path: Path
) -> None:
    desk.set_server_version("salebell/999.1.2")
    await until(window.notices.newer.isVisible)

    QTest.mouseClick(window.notices.newer.second, Qt.MouseButton.LeftButton)

    assert not window.notices.newer.isVisible()
    assert user_settings.now.update_dismissed == "999.1.2"
    other = make()
    other.present()
    assert not other.notices.newer.isVisible()
    desk.set_server_version("salebell/999.1.3")
    await until(other.notices.newer.isVisible)
