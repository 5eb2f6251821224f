"""The tray without a tray: what it would show. `test_on_a_real_desktop` looks at real ones."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMenu, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Desk, LinkState
from salebell_desktop.ui.menu import ApplicationMenu
from salebell_desktop.ui.tray import Tray
from salebell_desktop.ui.tray_icon import Face, Look
from salebell_desktop.ui.words import Words
from tests.desktop.ui.stage import NOON, Shop, Times, Wishes, sale


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


# The menu.


@pytest.fixture
def menu(qtbot: QtBot, desk: Desk, wishes: Wishes, words: Words, times: Times) -> Iterator[ApplicationMenu]:
    made = ApplicationMenu(desk, wishes, words, times.clock, opens=True)
    qtbot.addWidget(made)
    yield made
    made.end()


def offered(menu: ApplicationMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isVisible() and action.isEnabled() and action.text()]


def choose(menu: ApplicationMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_connected_it_offers_the_sales_and_to_leave(menu: ApplicationMenu, shop: Shop, wishes: Wishes) -> None:
    shop.connect()

    assert offered(menu) == ["Open sales", "Sign out ana@example.com", "Quit"]
    assert "Connected" in [action.text() for action in menu.actions()]
    choose(menu, "Sign out ana@example.com")
    choose(menu, "Quit")
    assert wishes.wanted == ["sign out", "quit"]


def test_disconnected_it_offers_to_reconnect(menu: ApplicationMenu, shop: Shop, wishes: Wishes) -> None:
    shop.link(LinkState.DISCONNECTED, next_try=NOON.timestamp() + 20)

    assert "Reconnect now" in offered(menu)
    assert any(action.text().endswith("next try in 20 s") for action in menu.actions())
    choose(menu, "Reconnect now")
    assert wishes.wanted == ["reconnect"]


def test_signed_out_it_offers_to_sign_in(qtbot: QtBot, menu: ApplicationMenu, desk: Desk) -> None:
    desk.sign_out()

    assert offered(menu) == ["Open sales", "Sign in…", "Quit"]
    with qtbot.waitSignal(menu.sign_in_wanted):
        choose(menu, "Sign in…")


def test_it_opens_the_sales(qtbot: QtBot, menu: ApplicationMenu) -> None:
    with qtbot.waitSignal(menu.open_wanted):
        choose(menu, "Open sales")


def test_an_ampersand_in_an_address_is_shown(menu: ApplicationMenu, desk: Desk) -> None:
    account = desk.account
    assert account is not None
    desk.sign_in(type(account)(server="s", uid="u", email="a&b@example.com", name=""))

    assert "Sign out a&&b@example.com" in offered(menu)


def test_in_the_window_it_does_not_offer_to_open_it(
    qtbot: QtBot, desk: Desk, wishes: Wishes, words: Words, times: Times
) -> None:
    menu = ApplicationMenu(desk, wishes, words, times.clock, opens=False)
    qtbot.addWidget(menu)

    assert "Open sales" not in offered(menu)
    menu.end()
