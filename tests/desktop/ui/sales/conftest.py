"""Sales windows on the loop that Qt and asyncio share, and what they were told."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from salebell_desktop.settings import SettingsStore
from salebell_desktop.store import Desk
from salebell_desktop.ui.sales.window import SalesWindow
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words
from tests.desktop.ui.stage import Shop, Times, Wishes

Made = Callable[[], SalesWindow]


async def until(condition: Callable[[], bool]) -> None:
    """Let Qt and asyncio go on until it is so."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def user_settings() -> SettingsStore:
    return SettingsStore()


@pytest.fixture
def opened() -> list[str]:
    """The pages that were opened."""
    return []


@pytest.fixture
def make(
    qtbot: QtBot,
    desk: Desk,
    wishes: Wishes,
    user_settings: SettingsStore,
    theme: Theme,
    words: Words,
    times: Times,
    tmp_path: Path,
    opened: list[str],
) -> Made:
    def made() -> SalesWindow:
        menu = QMenu()
        qtbot.addWidget(menu)
        window = SalesWindow(desk, wishes, user_settings, theme, words, times.clock, menu, tmp_path, opened.append)
        qtbot.addWidget(window, before_close_func=lambda _window: window.end())
        return window

    return made


@pytest.fixture
async def window(make: Made, shop: Shop) -> SalesWindow:
    made = make()
    made.present()
    await until(lambda: made.looking_at == "main")
    return made
