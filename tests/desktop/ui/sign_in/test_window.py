"""The sign-in window as a whole: accounts that were kept, closing it, coming back to it."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from salebell_desktop.ui.actions import Told
from salebell_desktop.ui.sign_in.card import Step
from salebell_desktop.ui.sign_in.window import SignInWindow
from tests.desktop.conftest import Until
from tests.desktop.ui.conftest import MadeSignIn
from tests.desktop.ui.sign_in.conftest import WRONG, fill
from tests.desktop.ui.stage import ANA, BEA, Wishes

# Kept accounts.


async def test_accounts_that_are_signed_in_are_offered(make_sign_in: MadeSignIn, wishes: Wishes, until: Until) -> None:
    gone = replace(BEA, uid="gone", signed_in=False)
    wishes.kept = [BEA, ANA, gone, replace(BEA, email="b&b@example.com", uid="x")]
    window = make_sign_in("")
    window.present()

    buttons = window.card.kept.buttons
    assert [each.accessibleName() for each in buttons] == [
        "Continue as bea@example.com · other.example.com",
        "Continue as b&b@example.com · other.example.com",
    ]
    await until(window.server.hasFocus)
    switched: list[bool] = []
    window.switched.connect(lambda: switched.append(True))
    buttons[0].click()

    assert wishes.wanted == [f"switch {BEA.server} {BEA.uid}"]
    assert switched == [True]
    assert not window.isVisible()


async def test_without_kept_accounts_there_is_no_place_for_them(sign_in: SignInWindow, wishes: Wishes) -> None:
    wishes.kept = [BEA]
    sign_in.present()
    height = sign_in.sizeHint().height()
    assert sign_in.card.kept.isVisible()
    sign_in.reject()

    wishes.kept = [ANA]
    sign_in.present()

    assert not sign_in.card.kept.isVisible()
    assert sign_in.card.kept.buttons == []
    assert sign_in.sizeHint().height() < height


async def test_many_kept_accounts_scroll(sign_in: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.kept = [replace(BEA, uid=str(number)) for number in range(20)]
    sign_in.present()
    last = sign_in.card.kept.buttons[-1]
    assert sign_in.sizeHint().height() < 700

    last.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(19):
        QTest.keyClick(last, Qt.Key.Key_Backtab)
    for _ in range(19):
        QTest.keyClick(sign_in.focusWidget(), Qt.Key.Key_Tab)

    await until(last.hasFocus)
    assert not last.visibleRegion().isEmpty()


# Closing and coming back.


async def test_it_says_why_signing_in_is_needed(sign_in: SignInWindow, read_out: list[str]) -> None:
    sign_in.present("This account was signed out.")
    assert sign_in.card.reason.isVisible()
    assert sign_in.card.reason.said == "This account was signed out."
    assert read_out == ["This account was signed out."]

    sign_in.present()
    assert not sign_in.card.reason.isVisible()


async def test_escape_gives_up_first_and_closes_then(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.holds = {"sign in"}
    fill(window)
    window.card.form.submit.click()
    await until(lambda: wishes.signed_in_as)

    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert not window.busy
    assert window.card.form.password.text() == "hunter2"
    await until(lambda: "sign in given up" in wishes.wanted)

    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    assert window.card.form.password.text() == ""


async def test_closing_it_while_signing_in_gives_up(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.holds = {"sign in"}
    fill(window)
    window.card.form.submit.click()
    await until(lambda: wishes.signed_in_as)
    signed_in: list[bool] = []
    window.signed_in.connect(lambda: signed_in.append(True))

    window.close()

    assert not window.isVisible()
    assert not window.busy
    assert window.card.form.password.text() == ""
    await until(lambda: "sign in given up" in wishes.wanted)
    assert signed_in == []


async def test_one_that_comes_too_late_signs_nobody_in(
    window: SignInWindow, wishes: Wishes, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever carries out the wishes may be past the point of giving up."""
    finished = asyncio.Event()

    async def stubborn(_server: str, email: str, password: str) -> Told | None:
        assert email
        assert password
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            finished.set()
        return WRONG

    monkeypatch.setattr(wishes, "sign_in", stubborn)
    fill(window)
    window.card.form.submit.click()
    await asyncio.sleep(0.02)

    QTest.keyClick(window, Qt.Key.Key_Escape)
    await finished.wait()
    await asyncio.sleep(0.02)

    assert window.isVisible()
    assert window.card.form.line.said == ""


async def test_what_closing_gave_up_can_be_waited_for(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.holds = {"sign in"}
    fill(window)
    window.card.form.submit.click()
    await until(lambda: wishes.signed_in_as)

    window.reject()
    await window.settle()

    assert wishes.wanted[-1] == "sign in given up"
    await window.settle()


async def test_presenting_it_again_keeps_what_was_typed(window: SignInWindow, wishes: Wishes) -> None:
    fill(window)

    window.present("This account was signed out.")

    assert window.card.form.password.text() == "hunter2"
    assert window.card.form.email.text() == "ana@example.com"


async def test_it_remembers_the_server_and_what_it_offers_but_no_secret(
    make_sign_in: MadeSignIn, window: SignInWindow, wishes: Wishes, tmp_path: Path, until: Until
) -> None:
    fill(window)
    window.card.form.submit.click()
    await until(lambda: not window.isVisible())
    wishes.holds = {"check"}

    again = make_sign_in("")
    again.present()

    assert again.server.text() == "bell.example.com"
    assert again.card.step is Step.ACCOUNT
    assert again.card.form.google.isVisible()
    assert (again.card.form.email.text(), again.card.form.password.text()) == ("", "")
    assert b"hunter2" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    other = make_sign_in("other.example.com")
    other.present()
    assert other.server.text() == "other.example.com"
    assert not other.card.form.google.isVisible()


async def test_only_what_worked_is_remembered(
    make_sign_in: MadeSignIn, window: SignInWindow, wishes: Wishes, until: Until
) -> None:
    wishes.account = WRONG
    fill(window)
    window.card.form.submit.click()
    await until(lambda: window.card.form.line.said)
    window.reject()

    assert make_sign_in("").server.text() == ""
