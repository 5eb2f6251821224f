"""The application's menu, and the menu of accounts in it."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from salebell_desktop.settings import SettingsStore
from salebell_desktop.store import Desk, LinkState
from salebell_desktop.ui.actions import KnownAccount
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tray.menu import ApplicationMenu
from salebell_desktop.ui.words import Words
from tests.desktop.ui.stage import ANA, BEA, NOON, Shop, Times, Wishes


@pytest.fixture
def menu(
    qtbot: QtBot, desk: Desk, wishes: Wishes, theme: Theme, words: Words, times: Times
) -> Iterator[ApplicationMenu]:
    wishes.kept = [ANA]
    made = ApplicationMenu(desk, wishes, SettingsStore(), theme, words, times.clock, opens=True)
    qtbot.addWidget(made)
    yield made
    made.end()


def offered(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isVisible() and action.isEnabled() and action.text()]


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_connected_it_offers_the_sales_and_to_leave(
    qtbot: QtBot, menu: ApplicationMenu, shop: Shop, wishes: Wishes
) -> None:
    shop.connect()

    assert offered(menu) == [
        "Open sales", "Do not disturb", "Add another account…", "Sign out ana@example.com…", "Settings…", "Quit",
    ]  # fmt: skip
    assert "Connected" in [action.text() for action in menu.actions()]
    with qtbot.waitSignal(menu.sign_out_wanted):
        choose(menu, "Sign out ana@example.com…")
    with qtbot.waitSignal(menu.another_wanted):
        choose(menu, "Add another account…")
    with qtbot.waitSignal(menu.settings_wanted):
        choose(menu, "Settings…")
    choose(menu, "Quit")
    # It is asked first whether somebody really wants to sign out.
    assert wishes.wanted == ["quit"]


def test_disconnected_it_offers_to_reconnect(menu: ApplicationMenu, shop: Shop, wishes: Wishes) -> None:
    shop.link(LinkState.DISCONNECTED, next_try=NOON.timestamp() + 20)

    assert "Reconnect now" in offered(menu)
    assert any(action.text().endswith("next try in 20 s") for action in menu.actions())
    choose(menu, "Reconnect now")
    assert wishes.wanted == ["reconnect"]


def test_signed_out_it_offers_to_sign_in(qtbot: QtBot, menu: ApplicationMenu, wishes: Wishes, desk: Desk) -> None:
    wishes.kept = [replace(ANA, active=False, signed_in=False)]
    desk.sign_out()

    assert offered(menu) == ["Open sales", "Do not disturb", "Sign in…", "Settings…", "Quit"]
    with qtbot.waitSignal(menu.sign_in_wanted):
        choose(menu, "Sign in…")


def test_it_opens_the_sales(qtbot: QtBot, menu: ApplicationMenu) -> None:
    with qtbot.waitSignal(menu.open_wanted):
        choose(menu, "Open sales")


def test_an_ampersand_in_an_address_is_shown(menu: ApplicationMenu, desk: Desk) -> None:
    account = desk.account
    assert account is not None
    desk.sign_in(type(account)(server="s", uid="u", email="a&b@example.com", name=""))

    assert "Sign out a&&b@example.com…" in offered(menu)


def test_in_the_window_it_does_not_offer_to_open_it(
    qtbot: QtBot, desk: Desk, wishes: Wishes, theme: Theme, words: Words, times: Times
) -> None:
    menu = ApplicationMenu(desk, wishes, SettingsStore(), theme, words, times.clock, opens=False)
    qtbot.addWidget(menu)

    assert "Open sales" not in offered(menu)
    menu.end()


# Several accounts.


@pytest.fixture
def chosen(menu: ApplicationMenu) -> list[KnownAccount]:
    found: list[KnownAccount] = []
    menu.account_wanted.connect(found.append)
    return found


def test_several_accounts_have_a_menu_of_their_own(
    qtbot: QtBot, menu: ApplicationMenu, wishes: Wishes, chosen: list[KnownAccount]
) -> None:
    wishes.kept = [ANA, BEA]
    menu.aboutToShow.emit()

    assert offered(menu) == ["Open sales", "Reconnect now", "Do not disturb", "Accounts", "Settings…", "Quit"]
    assert offered(menu.accounts) == [
        "ana@example.com · bell.example.com",
        "bea@example.com · other.example.com",
        "Add another account…",
        "Sign out ana@example.com…",
    ]
    assert [each.isChecked() for each in menu.accounts.actions()[:2]] == [True, False]
    choose(menu.accounts, "bea@example.com · other.example.com")
    assert chosen == [BEA]
    # The mark moves when the account does.
    assert [each.isChecked() for each in menu.accounts.actions()[:2]] == [True, False]
    choose(menu.accounts, "ana@example.com · bell.example.com")
    assert chosen == [BEA]
    assert menu.accounts.actions()[0].isChecked()
    with qtbot.waitSignal(menu.sign_out_wanted):
        choose(menu.accounts, "Sign out ana@example.com…")
    with qtbot.waitSignal(menu.another_wanted):
        choose(menu.accounts, "Add another account…")


def test_it_follows_the_account(menu: ApplicationMenu, wishes: Wishes, desk: Desk) -> None:
    account = desk.account
    assert account is not None
    wishes.kept = [replace(BEA, active=True), replace(ANA, active=False)]

    desk.sign_in(type(account)(server=BEA.server, uid=BEA.uid, email=BEA.email, name=BEA.name))

    assert [each.isChecked() for each in menu.accounts.actions()[:2]] == [True, False]
    assert "Sign out bea@example.com…" in offered(menu.accounts)
    wishes.kept = [replace(ANA, active=False)]
    desk.sign_out()
    # The other one is still a click away.
    assert offered(menu) == ["Open sales", "Do not disturb", "Sign in…", "Accounts", "Settings…", "Quit"]
    assert offered(menu.accounts) == ["ana@example.com · bell.example.com"]


def test_an_account_that_is_signed_out_says_so(
    menu: ApplicationMenu, wishes: Wishes, chosen: list[KnownAccount]
) -> None:
    left = replace(BEA, signed_in=False)
    wishes.kept = [ANA, left]
    menu.accounts.aboutToShow.emit()

    choose(menu.accounts, "bea@example.com · other.example.com (signed out)")

    assert chosen == [left]


def test_names_are_plain_and_no_wider_than_a_menu(menu: ApplicationMenu, wishes: Wishes) -> None:
    wishes.kept = [ANA, replace(BEA, email="a&b@example.com"), replace(BEA, uid="c", email=f"{'c' * 200}@example.com")]
    menu.refresh()

    texts = offered(menu.accounts)
    assert texts[1] == "a&&b@example.com · other.example.com"
    assert "…" in texts[2]
    assert menu.accounts.sizeHint().width() < 520


def test_it_is_painted_with_its_tick(menu: ApplicationMenu, wishes: Wishes, theme: Theme) -> None:
    wishes.kept = [ANA, BEA]
    menu.refresh()
    picture = menu.accounts.grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(8, 28) for y in range(picture.height())}

    assert theme.tokens.accent in colours
