"""The tray without a tray: what it would show. `test_on_a_real_desktop` looks at real ones."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMenu, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Desk, LinkState
from salebell_desktop.ui.tray.icon import Face, Look
from salebell_desktop.ui.tray.tray import Tray
from salebell_desktop.ui.words import Words
from tests.desktop.ui.stage import NOON, Shop, Times, sale


@pytest.fixture
def tray(qtbot: QtBot, desk: Desk, shop: Shop, words: Words, times: Times) -> Iterator[Tray]:
    menu = QMenu()
    qtbot.addWidget(menu)
    made = Tray(desk, menu, words, times.clock)
    made.start()
    yield made
    made.close()


def test_it_works_without_a_tray(tray: Tray) -> None:
    assert not tray.available
    assert tray.face == Face(Look.CONNECTED, "")
    assert tray.icon.toolTip() == "No new sales · connected"


def test_the_count_follows_the_badge(qtbot: QtBot, tray: Tray, shop: Shop, desk: Desk) -> None:
    shop.ring(sale(6))
    qtbot.waitUntil(lambda: tray.face == Face(Look.CONNECTED, "1"))
    assert tray.icon.toolTip() == "1 new sale(s) · connected"

    for number in range(7, 200):
        shop.ring(sale(number))
    qtbot.waitUntil(lambda: tray.face == Face(Look.CONNECTED, "99+"))
    assert tray.icon.toolTip() == "194 new sale(s) · connected"

    desk.look_at(["main"])
    qtbot.waitUntil(lambda: tray.face == Face(Look.CONNECTED, ""))


@pytest.mark.parametrize(
    ("state", "look"),
    [
        (LinkState.CONNECTED, Look.CONNECTED),
        (LinkState.CONNECTING, Look.CONNECTING),
        (LinkState.DISCONNECTED, Look.DISCONNECTED),
        (LinkState.REFUSED, Look.DISCONNECTED),
        (LinkState.SIGNED_OUT, Look.SIGNED_OUT),
    ],
)
def test_the_look_follows_the_connection(qtbot: QtBot, tray: Tray, shop: Shop, state: LinkState, look: Look) -> None:
    shop.link(state)

    qtbot.waitUntil(lambda: tray.face == Face(look, ""))


def test_the_icon_is_drawn_only_when_it_changes(qtbot: QtBot, tray: Tray, shop: Shop) -> None:
    shop.ring(sale(6))
    qtbot.waitUntil(lambda: tray.face == Face(Look.CONNECTED, "1"))
    before = tray.icon.icon().cacheKey()

    shop.link(LinkState.CONNECTED, since=5.0)
    qtbot.wait(80)

    assert tray.icon.icon().cacheKey() == before


def test_it_counts_down_to_the_next_attempt(qtbot: QtBot, tray: Tray, shop: Shop, times: Times) -> None:
    shop.link(LinkState.DISCONNECTED, next_try=NOON.timestamp() + 20)
    qtbot.waitUntil(lambda: tray.icon.toolTip().endswith("next try in 20 s"))

    times.go_on(8)
    qtbot.waitUntil(lambda: tray.icon.toolTip().endswith("next try in 12 s"))


@pytest.mark.parametrize(
    ("reason", "opens"),
    [
        (QSystemTrayIcon.ActivationReason.Trigger, True),
        (QSystemTrayIcon.ActivationReason.Context, False),
        (QSystemTrayIcon.ActivationReason.DoubleClick, False),
        (QSystemTrayIcon.ActivationReason.MiddleClick, False),
    ],
)
def test_a_left_click_is_told(tray: Tray, reason: QSystemTrayIcon.ActivationReason, opens: bool) -> None:
    clicks: list[str] = []
    tray.clicked.connect(lambda: clicks.append("click"))

    tray.icon.activated.emit(reason)

    assert bool(clicks) == opens
