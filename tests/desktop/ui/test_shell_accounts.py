"""Several accounts of one computer, from the menu to the windows; and signing out."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from salebell_desktop.store import Account, Desk
from salebell_desktop.ui.shell import Shell
from salebell_desktop.ui.sign_in.card import Step
from salebell_desktop.ui.sign_out import SignOutQuestion
from salebell_desktop.ui.tray.menu import ApplicationMenu
from tests.desktop.conftest import Until
from tests.desktop.ui.conftest import Stage
from tests.desktop.ui.stage import ANA, BEA, Shop, Wishes

# Several accounts.


def menu_of(shell: Shell) -> ApplicationMenu:
    menu = shell.window.header.menu.menu()
    assert isinstance(menu, ApplicationMenu)
    return menu


def pick(shell: Shell, text: str) -> None:
    """Choose an entry of the window's menu, or of the menu of accounts in it."""
    menu = menu_of(shell)
    menu.aboutToShow.emit()
    actions = [*menu.actions(), *menu.accounts.actions()]
    next(action for action in actions if action.text() == text and action.isVisible()).trigger()


async def test_another_account_is_added_without_ending_the_session(
    desk: Desk, shop: Shop, stage: Stage, wishes: Wishes, until: Until
) -> None:
    wishes.kept = [ANA]
    shell = stage.shell(desk, hidden=True)

    pick(shell, "Add another account…")
    assert shell.sign_in.isVisible()
    assert shell.sign_in.card.step is Step.SERVER
    assert shell.sign_in.card.title.text() == "Add another account"
    account = desk.account
    assert account is not None
    desk.amend(replace(account, name="Ana María"))
    assert shell.sign_in.isVisible()

    shell.sign_in.reject()
    await until(lambda: not shell.sign_in.isVisible())
    assert desk.account is not None
    assert not shell.window.isVisible()
    assert all(each.startswith("check") for each in wishes.wanted)


async def test_who_has_added_an_account_sees_its_sales(
    desk: Desk, shop: Shop, stage: Stage, wishes: Wishes, until: Until
) -> None:
    wishes.kept = [ANA]
    wishes.holds = {"sign in"}
    shell = stage.shell(desk, hidden=True)
    pick(shell, "Add another account…")
    card = shell.sign_in.card
    card.address.submit.click()
    await until(card.form.isVisible)
    card.form.email.setText(BEA.email)
    card.form.password.setText("hunter2")
    card.form.submit.click()
    await until(lambda: wishes.signed_in_as)

    # As the client does it: the one session ends, the other begins, and then it is told.
    desk.sign_out()
    desk.sign_in(Account(server=BEA.server, uid=BEA.uid, email=BEA.email, name=BEA.name))
    assert shell.sign_in.isVisible()
    wishes.holds.clear()

    await until(lambda: not shell.sign_in.isVisible())
    assert "sign in given up" not in wishes.wanted
    await until(shell.window.isVisible)


async def test_a_first_sign_in_is_not_ended_by_its_own_success(stage: Stage, wishes: Wishes, until: Until) -> None:
    desk = Desk()
    wishes.holds = {"sign in"}
    shell = stage.shell(desk)
    card = shell.sign_in.card
    card.form.email.setText(BEA.email)
    card.form.password.setText("hunter2")
    card.form.submit.click()
    await until(lambda: wishes.signed_in_as)

    desk.sign_in(Account(server=BEA.server, uid=BEA.uid, email=BEA.email, name=BEA.name))
    wishes.holds.clear()

    await until(lambda: not shell.sign_in.isVisible())
    assert "sign in given up" not in wishes.wanted
    await until(shell.window.isVisible)


async def test_without_a_tray_a_first_sign_in_opens_the_sales(stage: Stage, wishes: Wishes, until: Until) -> None:
    shell = stage.shell(Desk())
    card = shell.sign_in.card
    card.form.email.setText(BEA.email)
    card.form.password.setText("hunter2")

    card.form.submit.click()

    await until(shell.window.isVisible)
    assert not shell.sign_in.isVisible()


async def test_an_account_of_the_menu_is_shown(
    desk: Desk, shop: Shop, stage: Stage, wishes: Wishes, until: Until
) -> None:
    wishes.kept = [ANA, BEA]
    shell = stage.shell(desk, hidden=True)

    pick(shell, "bea@example.com · other.example.com")

    assert wishes.wanted == [f"switch {BEA.server} {BEA.uid}"]
    await until(shell.window.isVisible)
    assert not shell.sign_in.isVisible()


async def test_an_account_that_is_signed_out_is_asked_for_its_password_meanwhile(
    desk: Desk, shop: Shop, stage: Stage, wishes: Wishes, until: Until
) -> None:
    wishes.kept = [ANA, replace(BEA, signed_in=False)]
    shell = stage.shell(desk, hidden=True)

    pick(shell, "bea@example.com · other.example.com (signed out)")

    assert shell.sign_in.isVisible()
    assert shell.sign_in.card.box.text == "other.example.com"
    assert shell.sign_in.card.form.email.text() == BEA.email
    await until(shell.sign_in.card.form.password.hasFocus)
    assert desk.account is not None
    assert all(each.startswith("check") for each in wishes.wanted)


async def test_a_kept_account_is_a_click_away_in_the_sign_in_window(stage: Stage, wishes: Wishes, until: Until) -> None:
    wishes.kept = [BEA]
    shell = stage.shell(Desk())

    shell.sign_in.card.kept.buttons[0].click()

    assert wishes.wanted[-1] == f"switch {BEA.server} {BEA.uid}"
    assert not shell.sign_in.isVisible()
    await until(shell.window.isVisible)


async def test_a_session_that_ends_asks_for_the_same_account_again(
    desk: Desk, stage: Stage, wishes: Wishes, until: Until
) -> None:
    shell = stage.shell(desk)
    wishes.kept = [replace(ANA, active=False, signed_in=False), BEA]

    desk.sign_out("This account was signed out.")

    assert shell.sign_in.card.reason.said == "This account was signed out."
    assert shell.sign_in.card.box.text == "bell.example.com"
    assert shell.sign_in.card.form.email.text() == ANA.email
    await until(shell.sign_in.card.form.password.hasFocus)
    assert [each.accessibleName() for each in shell.sign_in.card.kept.buttons] == [
        "Continue as bea@example.com · other.example.com"
    ]


async def test_a_session_that_ends_while_another_is_added_says_so_and_takes_nothing_away(
    desk: Desk, shop: Shop, stage: Stage, wishes: Wishes
) -> None:
    wishes.kept = [ANA]
    shell = stage.shell(desk, hidden=False)
    pick(shell, "Add another account…")
    shell.sign_in.server.setText("new.example.com")
    wishes.kept = [replace(ANA, active=False, signed_in=False)]

    desk.sign_out("This account was signed out.")

    assert shell.sign_in.server.text() == "new.example.com"
    assert shell.sign_in.card.step is Step.SERVER
    assert shell.sign_in.card.reason.said == "This account was signed out."


async def test_the_server_of_the_command_line_goes_before_the_account_used_last(stage: Stage, wishes: Wishes) -> None:
    wishes.kept = [replace(ANA, active=False, signed_in=False)]

    shell = stage.shell(Desk())

    assert shell.sign_in.server.text() == "localhost:3001"
    assert shell.sign_in.card.form.email.text() == ""


# Signing out.


def question(shell: Shell) -> SignOutQuestion | None:
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, SignOutQuestion) and each.isVisible()]
    assert len(found) <= 1
    return found[0] if found else None


async def test_signing_out_is_asked_about(desk: Desk, shop: Shop, stage: Stage, wishes: Wishes, until: Until) -> None:
    wishes.kept = [ANA]
    shell = stage.shell(desk, hidden=True)

    pick(shell, "Sign out ana@example.com…")
    pick(shell, "Sign out ana@example.com…")
    asked = question(shell)
    assert asked is not None
    assert asked.text() == "Sign out ana@example.com?"
    assert "Everything of this account on bell.example.com is forgotten on this computer" in asked.informativeText()
    assert asked.defaultButton() is asked.no
    asked.no.click()
    await until(lambda: question(shell) is None)
    assert wishes.wanted == []

    pick(shell, "Sign out ana@example.com…")
    asked = question(shell)
    assert asked is not None
    asked.yes.click()
    await until(lambda: wishes.wanted == ["sign out"])
    assert question(shell) is None


async def test_a_question_about_an_account_that_has_gone_is_withdrawn(
    desk: Desk, shop: Shop, stage: Stage, wishes: Wishes, until: Until
) -> None:
    wishes.kept = [ANA, BEA]
    shell = stage.shell(desk, hidden=True)
    pick(shell, "Sign out ana@example.com…")
    account = desk.account
    assert account is not None
    desk.amend(replace(account, name="Ana María"))
    assert question(shell) is not None

    desk.sign_in(Account(server=BEA.server, uid=BEA.uid, email=BEA.email, name=BEA.name))

    await until(lambda: question(shell) is None)
    assert wishes.wanted == []


async def test_escape_is_no(desk: Desk, shop: Shop, stage: Stage, wishes: Wishes, until: Until) -> None:
    wishes.kept = [ANA]
    shell = stage.shell(desk, hidden=True)
    pick(shell, "Sign out ana@example.com…")
    asked = question(shell)
    assert asked is not None

    QTest.keyClick(asked, Qt.Key.Key_Escape)

    await until(lambda: question(shell) is None)
    assert wishes.wanted == []
