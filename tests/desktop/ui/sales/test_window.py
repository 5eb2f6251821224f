from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from salebell_desktop.store import Desk, LinkState
from salebell_desktop.ui.sales.window import SalesWindow
from tests.desktop.ui.sales.conftest import Made, until
from tests.desktop.ui.stage import ANA, BEA, NOON, Shop, Times, Wishes, sale

NOW = NOON.timestamp()


@pytest.fixture
def elsewhere(qtbot: QtBot) -> QWidget:
    """Another window to turn to."""
    other = QWidget()
    qtbot.addWidget(other)
    return other


async def turn_to(widget: QWidget) -> None:
    widget.show()
    widget.activateWindow()
    await until(widget.isActiveWindow)


# Looking.


async def test_a_visible_and_active_window_is_looking(make: Made, desk: Desk, shop: Shop) -> None:
    window = make()
    shop.ring(sale(6))
    assert desk.badge == 1
    assert window.looking_at is None

    window.present()

    await until(lambda: window.looking_at == "main")
    assert desk.badge == 0


async def test_a_window_behind_another_counts_on(
    window: SalesWindow, elsewhere: QWidget, desk: Desk, shop: Shop
) -> None:
    await turn_to(elsewhere)
    await until(lambda: window.looking_at is None)
    shop.ring(sale(6))
    shop.ring(sale(7))
    assert desk.badge == 2
    await until(lambda: window.windowTitle() == "(2) Salebell")

    await turn_to(window)
    await until(lambda: desk.badge == 0)
    await until(lambda: window.windowTitle() == "Salebell")


async def test_a_minimised_window_is_not_looking(window: SalesWindow, desk: Desk, shop: Shop) -> None:
    window.showMinimized()
    await until(lambda: window.looking_at is None)
    shop.ring(sale(6))
    assert desk.badge == 1

    window.present()
    await until(lambda: window.looking_at == "main")
    assert not window.isMinimized()


async def test_a_closed_window_is_not_looking_and_keeps_no_rows(window: SalesWindow, desk: Desk, shop: Shop) -> None:
    assert window.model.rowCount() == 5

    window.close()
    shop.ring(sale(6))

    assert window.looking_at is None
    assert desk.badge == 1
    assert window.model.rowCount() == 0


async def test_while_looking_new_sales_are_seen(window: SalesWindow, desk: Desk, shop: Shop) -> None:
    shop.ring(sale(6))

    assert desk.badge == 0
    window.model.flush()
    assert window.model.sale(0) == sale(6)


async def test_only_the_store_that_is_shown_is_looked_at(window: SalesWindow, desk: Desk, shop: Shop) -> None:
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


async def test_it_opens_with_the_store_that_has_unseen_sales(make: Made, desk: Desk, shop: Shop) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([])
    window = make()
    window.present()
    await until(lambda: window.looking_at == "main")
    window.close()

    other.ring(sale(7))
    window.present()

    await until(lambda: window.looking_at == "other")
    window.close()
    shop.ring(sale(8))
    window.present("other")
    await until(lambda: window.looking_at == "other")


async def test_a_store_that_goes_leaves_the_next(window: SalesWindow, desk: Desk) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([sale(9)])

    desk.close("main")

    assert window.looking_at == "other"
    assert window.model.sale(0) == sale(9)


async def test_the_header_offers_the_stores_and_says_what_waits_elsewhere(
    window: SalesWindow, desk: Desk, shop: Shop
) -> None:
    chooser = window.header.findChild(QMenu)
    assert isinstance(chooser, QMenu)
    other = Shop(desk, "other")
    other.connect()
    other.load([])
    for number in (7, 8):
        other.ring(sale(number))
    await until(lambda: "elsewhere: 2 new sale(s)" in [label.text() for label in window.findChildren(QLabel)])
    store = next(each for each in window.header.findChildren(QPushButton) if each.text() == "main ▾")
    assert store.accessibleName() == "Store: main"

    chooser.aboutToShow.emit()
    offered = chooser.actions()
    assert [action.text() for action in offered] == ["main", "other · 2 new sale(s)"]
    assert [action.isChecked() for action in offered] == [True, False]
    offered[1].trigger()
    assert window.looking_at == "other"
    assert shop.store.badge == 0


async def test_with_several_accounts_the_header_says_whose_sales_these_are(
    window: SalesWindow, desk: Desk, wishes: Wishes
) -> None:
    account = desk.account
    assert account is not None
    assert not window.header.account.isVisible()

    wishes.kept = [ANA, BEA]
    desk.amend(replace(account, name="Ana María"))
    await until(lambda: window.header.account.text() == "ana@example.com · bell.example.com")
    assert window.header.account.isVisible()

    long = f"{'a' * 100}@example.com"
    desk.amend(replace(account, email=long))
    await until(lambda: window.header.account.whole == f"{long} · bell.example.com")
    window.resize(740, 600)
    await until(lambda: window.header.account.text() != window.header.account.whole)
    label = window.header.account
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
    assert label.toolTip() == label.accessibleName() == label.whole

    window.resize(window.minimumSize())
    await until(lambda: not window.header.account.isVisible())
    window.resize(1000, 600)
    await until(window.header.account.isVisible)

    wishes.kept = [ANA]
    desk.amend(account)
    await until(lambda: not window.header.account.isVisible())


# What is wrong, if anything.


async def test_all_is_well(window: SalesWindow) -> None:
    await until(lambda: window.header.chip.text == "Connected")

    assert not window.notices.isVisible()
    assert window.table.isVisible()
    assert not window.empty.isVisible()


async def test_without_a_connection_it_says_how_old_the_list_is_and_counts_down(
    window: SalesWindow, shop: Shop, times: Times, wishes: Wishes
) -> None:
    shop.link(LinkState.CONNECTING, attempt=1, next_try=NOW + 12)
    await until(window.notices.offline.isVisible)
    assert window.notices.offline.text.endswith("Reconnecting in 12 s · attempt 2 of 10")
    assert "11:59" in window.notices.offline.text
    assert window.header.chip.text == "Connecting…"

    times.go_on(5)
    await until(lambda: "Reconnecting in 7 s" in window.notices.offline.text)
    QTest.mouseClick(window.notices.offline.action, Qt.MouseButton.LeftButton)
    assert "reconnect" in wishes.wanted

    shop.connect()
    await until(lambda: not window.notices.isVisible())


async def test_the_first_attempt_makes_no_fuss(window: SalesWindow, shop: Shop) -> None:
    shop.link(LinkState.CONNECTING)

    await until(lambda: window.header.chip.text == "Connecting…")
    assert not window.notices.isVisible()


async def test_a_refusal_says_why(window: SalesWindow, shop: Shop) -> None:
    shop.link(LinkState.REFUSED, reason="This account may not open this store.")

    await until(window.notices.offline.isVisible)
    assert window.notices.offline.text.endswith("This account may not open this store.")
    assert window.notices.offline.property("tone") == "bad"


async def test_a_delayed_log_is_told(window: SalesWindow, shop: Shop) -> None:
    shop.delay()
    await until(window.notices.delayed.isVisible)
    assert window.notices.delayed.text.startswith("Your server cannot reach its shared log")
    assert window.header.chip.text == "Delayed"
    assert not window.notices.offline.isVisible()

    shop.connect()
    await until(lambda: not window.notices.isVisible())


async def test_an_account_without_a_keyring_is_told_once(window: SalesWindow, desk: Desk) -> None:
    account = desk.account
    assert account is not None
    desk.sign_in(type(account)(server=account.server, uid="u", email="a@b", name="", session_only=True))
    await until(window.notices.session.isVisible)

    assert window.notices.session.text.endswith(
        "To stay signed in, set up the keyring or unlock it, then sign in again."
    )
    QTest.mouseClick(window.notices.session.action, Qt.MouseButton.LeftButton)
    assert not window.notices.session.isVisible()

    # Another account is told about by itself.
    desk.sign_in(type(account)(server=account.server, uid="other", email="c@d", name="", session_only=True))
    await until(window.notices.session.isVisible)


async def test_a_list_that_could_not_be_read_says_so(window: SalesWindow, shop: Shop) -> None:
    shop.store.loading_failed("The server failed to answer.")

    await until(window.notices.failed.isVisible)
    assert "The server failed to answer." in window.notices.failed.text
    QTest.mouseClick(window.notices.failed.action, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "The server failed to answer."


async def test_a_list_that_was_never_read_says_so(make: Made, desk: Desk) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    shop.store.loading_failed("The server failed to answer.")
    window = make()
    window.present()

    assert window.empty.title == "The sales could not be loaded"
    shop.load([])
    await until(lambda: window.empty.title == "No sales yet")


async def test_no_sales_yet_says_how_to_ring_a_test(make: Made, desk: Desk) -> None:
    shop = Shop(desk, "main")
    shop.connect()
    window = make()
    window.present()
    assert window.empty.title == "Loading the sales…"

    shop.load([])
    await until(lambda: window.empty.title == "No sales yet")
    shop.ring(sale(1))
    await until(window.table.isVisible)


async def test_signed_out_it_offers_to_sign_in(qtbot: QtBot, window: SalesWindow, desk: Desk) -> None:
    desk.sign_out("This account is disabled.")

    await until(lambda: window.empty.title == "You are signed out")
    assert window.looking_at is None
    with qtbot.waitSignal(window.sign_in_wanted):
        QTest.mouseClick(window.empty.action, Qt.MouseButton.LeftButton)


async def test_no_connection_and_nothing_kept_says_so(make: Made, desk: Desk) -> None:
    shop = Shop(desk, "main")
    shop.link(LinkState.DISCONNECTED, next_try=NOW + 300)
    window = make()
    window.present()

    assert window.empty.title == "No connection to your server"
    assert window.notices.offline.text == "Showing the last known sales. Reconnecting in 5 min"


# The selected sale.


async def test_a_selected_sale_is_shown_in_full_and_can_be_put_away(window: SalesWindow, shop: Shop) -> None:
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
async def test_escape_and_ctrl_w_close(window: SalesWindow, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    QTest.keyClick(window.table, key, modifier)

    await until(lambda: not window.isVisible())


async def test_f5_reconnects_and_ctrl_q_quits(window: SalesWindow, wishes: Wishes) -> None:
    wishes.wanted.clear()
    QTest.keyClick(window, Qt.Key.Key_F5)
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)

    assert wishes.wanted == ["reconnect", "quit"]


async def test_without_a_tray_closing_only_minimises(window: SalesWindow) -> None:
    window.stays_in_taskbar = True

    window.close()

    assert window.isMinimized()
    await until(lambda: window.looking_at is None)


async def test_a_click_on_the_bell_opens_and_closes(window: SalesWindow, elsewhere: QWidget, times: Times) -> None:
    window.toggle()
    assert not window.isVisible()
    window.toggle()
    await until(lambda: window.looking_at == "main")

    await turn_to(elsewhere)
    times.go_on(10)
    window.toggle()
    assert window.isVisible()
    await until(lambda: window.looking_at == "main")

    # On some systems the click itself takes the focus away first.
    await turn_to(elsewhere)
    window.toggle()
    assert not window.isVisible()


async def test_it_comes_back_where_it_was(make: Made, shop: Shop) -> None:
    first = make()
    first.present()
    first.resize(777, 655)
    first.close()

    second = make()
    second.present()

    assert (second.width(), second.height()) == (777, 655)


async def test_a_broken_memory_of_its_place_is_forgotten(make: Made, tmp_path: Path) -> None:
    (tmp_path / "windows.ini").write_text("[sales_window]\ngeometry=@ByteArray(rubbish)\n")

    assert (make().width(), make().height()) == (1160, 760)


async def test_ten_thousand_sales_at_once_are_a_handful_of_repaints(window: SalesWindow, shop: Shop) -> None:
    refreshed: list[str] = []
    window.model.rowsInserted.connect(lambda: refreshed.append("inserted"))
    window.model.modelReset.connect(lambda: refreshed.append("reset"))

    for number in range(6, 10_006):
        shop.ring(sale(number))
    await until(lambda: window.model.sale(0) == sale(10_005))

    assert len(refreshed) <= 20
