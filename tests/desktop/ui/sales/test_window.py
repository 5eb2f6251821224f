from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Desk, LinkState
from salebell_desktop.ui.sales.window import SalesWindow
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words
from tests.desktop.ui.stage import ANA, BEA, NOON, Shop, Times, Wishes, sale

NOW = NOON.timestamp()
Made = Callable[[], SalesWindow]


@pytest.fixture
def make(qtbot: QtBot, desk: Desk, wishes: Wishes, theme: Theme, words: Words, times: Times, tmp_path: Path) -> Made:
    def made() -> SalesWindow:
        menu = QMenu()
        qtbot.addWidget(menu)
        window = SalesWindow(desk, wishes, theme, words, times.clock, menu, tmp_path, lambda _url: None)
        qtbot.addWidget(window, before_close_func=lambda _window: window.end())
        return window

    return made


@pytest.fixture
def window(qtbot: QtBot, make: Made, shop: Shop) -> SalesWindow:
    made = make()
    made.present()
    qtbot.waitUntil(lambda: made.looking_at == "main")
    return made


@pytest.fixture
def elsewhere(qtbot: QtBot) -> QWidget:
    """Another window to turn to."""
    other = QWidget()
    qtbot.addWidget(other)
    return other


def turn_to(qtbot: QtBot, widget: QWidget) -> None:
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)


# Looking.


def test_a_visible_and_active_window_is_looking(qtbot: QtBot, make: Made, desk: Desk, shop: Shop) -> None:
    window = make()
    shop.ring(sale(6))
    assert desk.badge == 1
    assert window.looking_at is None

    window.present()

    qtbot.waitUntil(lambda: window.looking_at == "main")
    assert desk.badge == 0


def test_a_window_behind_another_counts_on(
    qtbot: QtBot, window: SalesWindow, elsewhere: QWidget, desk: Desk, shop: Shop
) -> None:
    turn_to(qtbot, elsewhere)
    qtbot.waitUntil(lambda: window.looking_at is None)
    shop.ring(sale(6))
    shop.ring(sale(7))
    assert desk.badge == 2
    qtbot.waitUntil(lambda: window.windowTitle() == "(2) Salebell")

    turn_to(qtbot, window)
    qtbot.waitUntil(lambda: desk.badge == 0)
    qtbot.waitUntil(lambda: window.windowTitle() == "Salebell")


def test_a_minimised_window_is_not_looking(qtbot: QtBot, window: SalesWindow, desk: Desk, shop: Shop) -> None:
    window.showMinimized()
    qtbot.waitUntil(lambda: window.looking_at is None)
    shop.ring(sale(6))
    assert desk.badge == 1

    window.present()
    qtbot.waitUntil(lambda: window.looking_at == "main")
    assert not window.isMinimized()


def test_a_closed_window_is_not_looking_and_keeps_no_rows(window: SalesWindow, desk: Desk, shop: Shop) -> None:
    assert window.model.rowCount() == 5

    window.close()
    shop.ring(sale(6))

    assert window.looking_at is None
    assert desk.badge == 1
    assert window.model.rowCount() == 0


def test_while_looking_new_sales_are_seen(window: SalesWindow, desk: Desk, shop: Shop) -> None:
    shop.ring(sale(6))

    assert desk.badge == 0
    window.model.flush()
    assert window.model.sale(0) == sale(6)


def test_only_the_store_that_is_shown_is_looked_at(qtbot: QtBot, window: SalesWindow, desk: Desk, shop: Shop) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([])
    shop.ring(sale(6))
    other.ring(sale(7))

    assert (shop.store.badge, other.store.badge) == (0, 1)
    window.header.store_wanted.emit("other")
    assert window.looking_at == "other"
    assert (shop.store.badge, other.store.badge) == (0, 0)
    assert window.model.sale(0) == sale(7)


# Which store.


def test_it_opens_with_the_store_that_has_unseen_sales(qtbot: QtBot, make: Made, desk: Desk, shop: Shop) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([])
    window = make()
    window.present()
    qtbot.waitUntil(lambda: window.looking_at == "main")
    window.close()

    other.ring(sale(7))
    window.present()

    qtbot.waitUntil(lambda: window.looking_at == "other")
    window.close()
    shop.ring(sale(8))
    window.present("other")
    qtbot.waitUntil(lambda: window.looking_at == "other")


def test_a_store_that_goes_leaves_the_next(window: SalesWindow, desk: Desk) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([sale(9)])

    desk.close("main")

    assert window.looking_at == "other"
    assert window.model.sale(0) == sale(9)


def test_the_header_offers_the_stores_and_says_what_waits_elsewhere(
    qtbot: QtBot, window: SalesWindow, desk: Desk, shop: Shop
) -> None:
    chooser = window.header.findChild(QMenu)
    assert isinstance(chooser, QMenu)
    other = Shop(desk, "other")
    other.connect()
    other.load([])
    for number in (7, 8):
        other.ring(sale(number))
    qtbot.waitUntil(lambda: "elsewhere: 2 new sale(s)" in [label.text() for label in window.findChildren(QLabel)])

    chooser.aboutToShow.emit()
    offered = chooser.actions()
    assert [action.text() for action in offered] == ["main", "other · 2 new sale(s)"]
    assert [action.isChecked() for action in offered] == [True, False]
    offered[1].trigger()
    assert window.looking_at == "other"
    assert shop.store.badge == 0


def test_with_several_accounts_the_header_says_whose_sales_these_are(
    qtbot: QtBot, window: SalesWindow, desk: Desk, wishes: Wishes
) -> None:
    account = desk.account
    assert account is not None
    assert not window.header.account.isVisible()

    wishes.kept = [ANA, BEA]
    desk.amend(replace(account, name="Ana María"))
    qtbot.waitUntil(lambda: window.header.account.text() == "ana@example.com · bell.example.com")
    assert window.header.account.isVisible()

    long = f"{'a' * 100}@example.com"
    desk.amend(replace(account, email=long))
    qtbot.waitUntil(lambda: window.header.account.whole == f"{long} · bell.example.com")
    window.resize(window.minimumSize())
    qtbot.waitUntil(lambda: window.width() == window.minimumWidth())
    label = window.header.account
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
    assert label.toolTip() == label.accessibleName() == label.whole

    wishes.kept = [ANA]
    desk.amend(account)
    qtbot.waitUntil(lambda: not window.header.account.isVisible())


# What is wrong, if anything.


def test_all_is_well(qtbot: QtBot, window: SalesWindow) -> None:
    qtbot.waitUntil(lambda: window.header.chip.text == "Connected")

    assert not window.notices.isVisible()
    assert window.table.isVisible()
    assert not window.empty.isVisible()


def test_without_a_connection_it_says_how_old_the_list_is_and_counts_down(
    qtbot: QtBot, window: SalesWindow, shop: Shop, times: Times, wishes: Wishes
) -> None:
    shop.link(LinkState.CONNECTING, attempt=1, next_try=NOW + 12)
    qtbot.waitUntil(window.notices.offline.isVisible)
    assert window.notices.offline.text.endswith("Reconnecting in 12 s")
    assert "11:59" in window.notices.offline.text
    assert window.header.chip.text == "Connecting…"

    times.go_on(5)
    qtbot.waitUntil(lambda: window.notices.offline.text.endswith("Reconnecting in 7 s"))
    QTest.mouseClick(window.notices.offline.action, Qt.MouseButton.LeftButton)
    assert wishes.wanted == ["reconnect"]

    shop.connect()
    qtbot.waitUntil(lambda: not window.notices.isVisible())


def test_the_first_attempt_makes_no_fuss(qtbot: QtBot, window: SalesWindow, shop: Shop) -> None:
    shop.link(LinkState.CONNECTING)

    qtbot.waitUntil(lambda: window.header.chip.text == "Connecting…")
    assert not window.notices.isVisible()


def test_a_refusal_says_why(qtbot: QtBot, window: SalesWindow, shop: Shop) -> None:
    shop.link(LinkState.REFUSED, reason="This account may not open this store.")

    qtbot.waitUntil(window.notices.offline.isVisible)
    assert window.notices.offline.text.endswith("This account may not open this store.")
    assert window.notices.offline.property("tone") == "bad"


def test_a_delayed_log_is_told(qtbot: QtBot, window: SalesWindow, shop: Shop) -> None:
    shop.delay()
    qtbot.waitUntil(window.notices.delayed.isVisible)
    assert window.notices.delayed.text.startswith("Your server cannot reach its shared log")
    assert window.header.chip.text == "Delayed"
    assert not window.notices.offline.isVisible()

    shop.connect()
    qtbot.waitUntil(lambda: not window.notices.isVisible())


def test_an_account_without_a_keyring_is_told_once(qtbot: QtBot, window: SalesWindow, desk: Desk) -> None:
    account = desk.account
    assert account is not None
    desk.sign_in(type(account)(server=account.server, uid="u", email="a@b", name="", session_only=True))
    qtbot.waitUntil(window.notices.session.isVisible)

    assert window.notices.session.text.endswith(
        "To stay signed in, set up the keyring or unlock it, then sign in again."
    )
    QTest.mouseClick(window.notices.session.action, Qt.MouseButton.LeftButton)
    assert not window.notices.session.isVisible()

    # Another account is told about by itself.
    desk.sign_in(type(account)(server=account.server, uid="other", email="c@d", name="", session_only=True))
    qtbot.waitUntil(window.notices.session.isVisible)


def test_a_list_that_could_not_be_read_says_so(qtbot: QtBot, window: SalesWindow, shop: Shop) -> None:
    shop.store.loading_failed("The server failed to answer.")

    qtbot.waitUntil(window.notices.failed.isVisible)
    assert "The server failed to answer." in window.notices.failed.text
    QTest.mouseClick(window.notices.failed.action, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "The server failed to answer."


def test_a_list_that_was_never_read_says_so(qtbot: QtBot, make: Made, desk: Desk) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    shop.store.loading_failed("The server failed to answer.")
    window = make()
    window.present()

    assert window.empty.title == "The sales could not be loaded"
    shop.load([])
    qtbot.waitUntil(lambda: window.empty.title == "No sales yet")


def test_no_sales_yet_says_how_to_ring_a_test(qtbot: QtBot, make: Made, desk: Desk) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    window = make()
    window.present()
    assert window.empty.title == "Loading the sales…"

    shop.load([])
    qtbot.waitUntil(lambda: window.empty.title == "No sales yet")
    shop.ring(sale(1))
    qtbot.waitUntil(window.table.isVisible)


def test_signed_out_it_offers_to_sign_in(qtbot: QtBot, window: SalesWindow, desk: Desk) -> None:
    desk.sign_out("This account is disabled.")

    qtbot.waitUntil(lambda: window.empty.title == "You are signed out")
    assert window.looking_at is None
    with qtbot.waitSignal(window.sign_in_wanted):
        QTest.mouseClick(window.empty.action, Qt.MouseButton.LeftButton)


def test_no_connection_and_nothing_kept_says_so(qtbot: QtBot, make: Made, desk: Desk) -> None:
    shop = Shop(desk, "main")
    shop.link(LinkState.DISCONNECTED, next_try=NOW + 300)
    window = make()
    window.present()

    assert window.empty.title == "No connection to your server"
    assert window.notices.offline.text == "Showing the last known sales. Reconnecting in 5 min"


# The selected sale.


def test_a_selected_sale_is_shown_in_full_and_can_be_put_away(qtbot: QtBot, window: SalesWindow, shop: Shop) -> None:
    assert not window.details.isVisible()
    window.table.selectRow(1)
    assert window.details.sale == sale(4)

    changed = sale(4, total="7")
    shop.update(changed)
    window.model.flush()
    assert window.details.sale == changed

    window.details.closed.emit()
    assert not window.details.isVisible()
    assert window.table.selected is None


# Keyboard, closing, place.


@pytest.mark.parametrize(
    ("key", "modifier"),
    [(Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)],
)
def test_escape_and_ctrl_w_close(qtbot: QtBot, window: SalesWindow, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    QTest.keyClick(window.table, key, modifier)

    qtbot.waitUntil(lambda: not window.isVisible())


def test_f5_reconnects_and_ctrl_q_quits(qtbot: QtBot, window: SalesWindow, wishes: Wishes) -> None:
    QTest.keyClick(window, Qt.Key.Key_F5)
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)

    assert wishes.wanted == ["reconnect", "quit"]


def test_without_a_tray_closing_only_minimises(qtbot: QtBot, window: SalesWindow) -> None:
    window.stays_in_taskbar = True

    window.close()

    assert window.isMinimized()
    qtbot.waitUntil(lambda: window.looking_at is None)


def test_a_click_on_the_bell_opens_and_closes(
    qtbot: QtBot, window: SalesWindow, elsewhere: QWidget, times: Times
) -> None:
    window.toggle()
    assert not window.isVisible()
    window.toggle()
    qtbot.waitUntil(lambda: window.looking_at == "main")

    turn_to(qtbot, elsewhere)
    times.go_on(10)
    window.toggle()
    assert window.isVisible()
    qtbot.waitUntil(lambda: window.looking_at == "main")

    # On some systems the click itself takes the focus away first.
    turn_to(qtbot, elsewhere)
    window.toggle()
    assert not window.isVisible()


def test_it_comes_back_where_it_was(make: Made, shop: Shop) -> None:
    first = make()
    first.present()
    first.resize(777, 555)
    first.close()

    second = make()
    second.present()

    assert (second.width(), second.height()) == (777, 555)


def test_a_broken_memory_of_its_place_is_forgotten(make: Made, tmp_path: Path) -> None:
    (tmp_path / "windows.ini").write_text("[sales_window]\ngeometry=@ByteArray(rubbish)\n")

    assert (make().width(), make().height()) == (1080, 720)


def test_ten_thousand_sales_at_once_are_a_handful_of_repaints(qtbot: QtBot, window: SalesWindow, shop: Shop) -> None:
    refreshed: list[str] = []
    window.model.rowsInserted.connect(lambda: refreshed.append("inserted"))
    window.model.modelReset.connect(lambda: refreshed.append("reset"))

    for number in range(6, 10_006):
        shop.ring(sale(number))
    qtbot.waitUntil(lambda: window.model.sale(0) == sale(10_005))

    assert len(refreshed) <= 20
