from pathlib import Path

import pytest
from PySide6.QtGui import QPixmap

from salebell_desktop.store import Account, Desk
from salebell_desktop.ui.sales.columns import Column
from salebell_desktop.ui.shell import picture
from tests.desktop.conftest import Until
from tests.desktop.ui.conftest import Stage
from tests.desktop.ui.stage import Shop, Wishes, sale

ACCOUNT = Account(server="wss://bell.example.com", uid="u", email="ana@example.com", name="Ana")


async def test_signed_out_it_begins_with_the_sign_in_window(stage: Stage) -> None:
    shell = stage.shell(Desk())

    assert shell.sign_in.isVisible()
    assert shell.sign_in.server.text() == "localhost:3001"
    assert not shell.window.isVisible()


async def test_who_is_being_signed_in_is_not_asked_to(stage: Stage) -> None:
    desk = Desk()
    shell = stage.shell(desk, signs_in=True)
    assert not shell.sign_in.isVisible()

    desk.sign_out("E-mail or password is wrong.")
    assert shell.sign_in.isVisible()


async def test_without_a_tray_it_begins_with_the_sales(desk: Desk, shop: Shop, stage: Stage, until: Until) -> None:
    shell = stage.shell(desk)

    await until(lambda: shell.window.looking_at == shop.name)
    assert shell.window.stays_in_taskbar


@pytest.mark.parametrize("signed_in", [True, False])
async def test_hidden_it_opens_nothing_by_itself(stage: Stage, signed_in: bool) -> None:
    desk = Desk()
    if signed_in:
        desk.sign_in(ACCOUNT)
    shell = stage.shell(desk, hidden=True)

    desk.sign_out("This account is disabled.")

    assert not shell.window.isVisible()
    assert not shell.sign_in.isVisible()
    shell.come_to_front()
    assert shell.sign_in.isVisible()


async def test_being_signed_out_asks_to_sign_in_and_says_why(desk: Desk, stage: Stage) -> None:
    shell = stage.shell(desk, locale="es_AR")

    desk.sign_out("This account is disabled.")

    assert shell.sign_in.isVisible()
    assert shell.sign_in.card.reason.said == "Esta cuenta está desactivada."
    # Somebody is signed in without having been asked here.
    desk.sign_in(ACCOUNT)
    assert not shell.sign_in.isVisible()


async def test_signing_out_oneself_asks_nothing(desk: Desk, stage: Stage) -> None:
    shell = stage.shell(desk)

    desk.sign_out()

    assert not shell.sign_in.isVisible()


async def test_the_bell_opens_sales_or_sign_in(desk: Desk, shop: Shop, stage: Stage, until: Until) -> None:
    shell = stage.shell(desk, hidden=True)
    shell.tray.clicked.emit()
    await until(lambda: shell.window.looking_at == shop.name)
    shell.tray.clicked.emit()
    await until(lambda: shell.window.looking_at is None)

    desk.sign_out()
    shell.tray.clicked.emit()
    assert shell.sign_in.isVisible()


async def test_a_click_on_a_note_opens_its_store(desk: Desk, shop: Shop, stage: Stage, until: Until) -> None:
    other = Shop(desk, "other")
    other.connect()
    other.load([sale(9)])
    shell = stage.shell(desk, hidden=True)

    shell.notifications.open_wanted.emit("other", "")
    await until(lambda: shell.window.looking_at == "other")
    shell.notifications.open_wanted.emit("gone", "")
    assert shell.window.isVisible()
    assert shop.store.badge == 0


async def test_a_second_start_brings_the_sales_up(desk: Desk, shop: Shop, stage: Stage, until: Until) -> None:
    shell = stage.shell(desk, hidden=True)

    shell.come_to_front()

    await until(lambda: shell.window.looking_at == shop.name)


def test_notes_get_the_applications_picture(tmp_path: Path) -> None:
    path = picture(tmp_path)

    assert path == tmp_path / "icon.png"
    assert QPixmap(str(path)).width() == 128
    assert picture(tmp_path) == path
    assert picture(tmp_path / "missing") is None


async def test_the_settings_open_when_they_are_wanted(desk: Desk, shop: Shop, stage: Stage) -> None:
    shell = stage.shell(desk, hidden=True)
    shell.window.settings_wanted.emit()
    assert shell.settings.isVisible()
    shell.close()
    assert not shell.settings.isVisible()


async def test_it_speaks_the_language_that_was_chosen(desk: Desk, shop: Shop, stage: Stage) -> None:
    stage.settings.change(language="es")
    shell = stage.shell(desk, hidden=True, locale="en_GB")
    assert shell.language.code == "es"
    assert shell.settings.windowTitle() == "Preferencias de Salebell"


async def test_a_computer_without_a_locale_groups_digits_all_the_same(desk: Desk, shop: Shop, stage: Stage) -> None:
    shell = stage.shell(desk, hidden=True, locale="C")
    shop.ring(sale(6))

    shell.window.present()

    assert shell.window.model.text(sale(6), Column.TOTAL) == "ARS\u00a015,999.00"


async def test_quitting_while_a_server_is_looked_for_leaves_nothing_under_way(
    stage: Stage, wishes: Wishes, until: Until
) -> None:
    wishes.holds = {"check"}
    shell = stage.shell(Desk())
    await until(lambda: wishes.wanted)

    shell.close()
    await shell.settle()

    assert wishes.wanted[-1] == "check given up"


async def test_closed_it_is_gone_and_listens_no_more(desk: Desk, shop: Shop, stage: Stage) -> None:
    shell = stage.shell(desk)

    shell.close()
    shop.ring(sale(6))
    desk.sign_out("This account is disabled.")

    assert not shell.window.isVisible()
    assert not shell.sign_in.isVisible()
    assert not shell.tray.icon.isVisible()
