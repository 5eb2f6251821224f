"""The first step of signing in: the server's address."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from salebell_desktop.identity import Means
from salebell_desktop.ui.actions import ServerFound, Told
from salebell_desktop.ui.sign_in.card import Step
from salebell_desktop.ui.sign_in.server_check import Check, without_blanks
from salebell_desktop.ui.sign_in.window import SignInWindow
from tests.desktop.conftest import Until
from tests.desktop.ui.conftest import MadeSignIn
from tests.desktop.ui.stage import BEA, Wishes

UNTRUSTED = Told("The server's certificate is not trusted on this computer.", untrusted=True)


def verdict(window: SignInWindow) -> str:
    """What the part that is shown says of the server."""
    part = window.card.address if window.card.step is Step.SERVER else window.card.box
    return part.verdict.line.said


async def test_at_first_it_asks_for_nothing_but_the_server(sign_in: SignInWindow, until: Until) -> None:
    sign_in.present()

    await until(sign_in.server.hasFocus)
    card = sign_in.card
    assert card.address.isVisible()
    assert not any(each.isVisible() for each in (card.box, card.form, card.kept, card.browser, card.reason))
    assert verdict(sign_in) == "Whoever runs the server of your shop knows its address."


async def test_enter_looks_for_the_server_and_goes_on(sign_in: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.server = ServerFound(address="wss://bell.example.com", means=frozenset(Means))
    sign_in.present()
    QTest.keyClicks(sign_in.server, "bell.example.com")

    QTest.keyClick(sign_in.server, Qt.Key.Key_Return)

    await until(sign_in.card.form.isVisible)
    await until(sign_in.card.form.email.hasFocus)
    assert wishes.wanted == ["check bell.example.com"]
    assert sign_in.card.box.text == "bell.example.com"
    assert verdict(sign_in) == "✓ Server found"
    assert sign_in.card.form.google.isVisible()
    assert sign_in.card.form.forgot.isVisible()


async def test_leaving_the_field_checks_it_and_stays(sign_in: SignInWindow, wishes: Wishes, until: Until) -> None:
    sign_in.present()
    await until(sign_in.server.hasFocus)
    QTest.keyClicks(sign_in.server, "bell.example.com")

    QTest.keyClick(sign_in.server, Qt.Key.Key_Tab)
    await until(lambda: verdict(sign_in) == "✓ Server found")

    assert sign_in.card.step is Step.SERVER
    QTest.keyClick(sign_in.card.address.submit, Qt.Key.Key_Return)
    assert sign_in.card.step is Step.ACCOUNT
    assert wishes.wanted == ["check bell.example.com"]


async def test_a_tick_goes_when_the_address_is_edited(sign_in: SignInWindow, until: Until) -> None:
    sign_in.present()
    QTest.keyClicks(sign_in.server, "bell.example.com")
    sign_in.card.address.look()
    await until(lambda: verdict(sign_in) == "✓ Server found")

    QTest.keyClicks(sign_in.server, "a")

    assert sign_in.check.state is Check.UNKNOWN
    assert "found" not in verdict(sign_in)


async def test_a_problem_is_a_sentence_and_enter_tries_again(
    sign_in: SignInWindow, wishes: Wishes, until: Until
) -> None:
    wishes.server = Told("No <b>server</b> is there.")
    sign_in.present()
    QTest.keyClicks(sign_in.server, "bell.example.com")
    QTest.keyClick(sign_in.server, Qt.Key.Key_Return)
    await until(lambda: verdict(sign_in) == "No <b>server</b> is there.")
    assert sign_in.card.address.verdict.line.textFormat() is Qt.TextFormat.PlainText
    assert sign_in.card.step is Step.SERVER
    assert not sign_in.card.address.verdict.file.isVisible()

    wishes.server = ServerFound(address="wss://bell.example.com")
    QTest.keyClick(sign_in.server, Qt.Key.Key_Return)

    await until(lambda: sign_in.card.step is Step.ACCOUNT)


async def test_continue_without_an_address_asks_for_it(sign_in: SignInWindow, wishes: Wishes, until: Until) -> None:
    sign_in.present()
    QTest.keyClicks(sign_in.server, "  ")
    sign_in.card.address.submit.click()

    assert verdict(sign_in) == "Enter the address of your server."
    await until(sign_in.server.hasFocus)
    assert wishes.wanted == []
    QTest.keyClicks(sign_in.server, "b")
    assert verdict(sign_in) == "Whoever runs the server of your shop knows its address."


async def test_a_pasted_address_loses_its_blanks(sign_in: SignInWindow, wishes: Wishes, until: Until) -> None:
    sign_in.present()
    QGuiApplication.clipboard().setText(" wss://bell.\u200bexample.com \r\n\t")
    sign_in.server.paste()

    QTest.keyClick(sign_in.server, Qt.Key.Key_Return)

    await until(lambda: sign_in.card.step is Step.ACCOUNT)
    assert sign_in.server.text() == "wss://bell.example.com"
    assert wishes.wanted == ["check wss://bell.example.com"]


@pytest.mark.parametrize("text", ["a.b\n", "\u00a0a.b\ufeff", "a.\u202eb", " a . b "])
def test_blanks_are_what_nobody_sees(text: str) -> None:
    assert without_blanks(text) == "a.b"


# Races.


async def test_an_address_that_is_edited_while_it_is_looked_for_is_dropped(
    sign_in: SignInWindow, wishes: Wishes, until: Until
) -> None:
    wishes.holds = {"check"}
    sign_in.present()
    QTest.keyClicks(sign_in.server, "one.example.com")
    QTest.keyClick(sign_in.server, Qt.Key.Key_Return)
    await until(lambda: verdict(sign_in) == "Looking for the server…")
    await until(lambda: "check one.example.com" in wishes.wanted)

    QTest.keyClicks(sign_in.server, ".ar")
    wishes.holds.clear()
    await until(lambda: "check given up" in wishes.wanted)

    assert sign_in.check.state is Check.UNKNOWN
    assert sign_in.card.step is Step.SERVER
    sign_in.card.address.look()
    await until(lambda: sign_in.check.state is Check.FOUND)
    # To go on was wished for another address.
    assert sign_in.card.step is Step.SERVER


async def test_an_answer_that_comes_too_late_is_dropped(
    sign_in: SignInWindow, wishes: Wishes, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever carries out the wishes may be past the point of giving up."""
    finished = asyncio.Event()

    async def stubborn(address: str) -> ServerFound | Told:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            finished.set()
        return ServerFound(address=f"wss://{address}")

    monkeypatch.setattr(wishes, "check_server", stubborn)
    sign_in.present()
    QTest.keyClicks(sign_in.server, "one.example.com")
    sign_in.card.address.look()
    await asyncio.sleep(0.02)

    QTest.keyClicks(sign_in.server, ".ar")
    await finished.wait()
    await asyncio.sleep(0.02)

    assert sign_in.check.state is Check.UNKNOWN


async def test_one_address_is_looked_for_once_at_a_time(sign_in: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.holds = {"check"}
    sign_in.present()
    QTest.keyClicks(sign_in.server, "one.example.com")

    for _ in range(3):
        QTest.keyClick(sign_in.server, Qt.Key.Key_Return)
        sign_in.card.address.submit.click()
    await until(lambda: wishes.wanted)
    wishes.holds.clear()
    await until(lambda: sign_in.card.step is Step.ACCOUNT)

    assert wishes.wanted == ["check one.example.com"]


async def test_closing_it_ends_the_looking(sign_in: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.holds = {"check"}
    sign_in.present()
    QTest.keyClicks(sign_in.server, "one.example.com")
    QTest.keyClick(sign_in.server, Qt.Key.Key_Return)
    await until(lambda: wishes.wanted)

    sign_in.close()

    await until(lambda: "check given up" in wishes.wanted)
    assert sign_in.check.state is Check.UNKNOWN
    wishes.holds.clear()
    sign_in.present()
    assert sign_in.card.step is Step.SERVER
    await until(lambda: sign_in.check.state is Check.FOUND)
    assert sign_in.card.step is Step.SERVER


async def test_a_check_that_fails_by_a_fault_of_ours_does_not_hang(
    sign_in: SignInWindow, wishes: Wishes, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_address: str) -> ServerFound | Told:
        raise ZeroDivisionError

    monkeypatch.setattr(wishes, "check_server", fails)
    sign_in.present()
    QTest.keyClicks(sign_in.server, "one.example.com")
    QTest.keyClick(sign_in.server, Qt.Key.Key_Return)
    assert sign_in.check.state is Check.RUNNING

    await until(lambda: sign_in.check.state is Check.UNKNOWN)


# A server that is known.


async def test_a_known_server_is_checked_at_once_and_the_account_is_asked_for(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until
) -> None:
    window = make_sign_in("bell.example.com")
    wishes.holds = {"check"}

    window.present()

    assert window.card.step is Step.ACCOUNT
    assert verdict(window) == "Looking for the server…"
    await until(window.card.form.email.hasFocus)
    await until(lambda: wishes.wanted == ["check bell.example.com"])
    wishes.server = ServerFound(address="wss://bell.example.com", means=frozenset(Means))
    wishes.holds.clear()
    await until(window.card.form.google.isVisible)
    assert window.card.form.email.hasFocus()
    assert verdict(window) == "✓ Server found"


async def test_a_known_server_that_is_away_is_told_and_can_be_changed(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until
) -> None:
    wishes.server = Told("The server does not answer.")
    window = make_sign_in("bell.example.com")
    window.present()
    await until(lambda: verdict(window) == "The server does not answer.")
    assert window.card.step is Step.ACCOUNT
    window.card.form.password.setText("hunter2")

    window.card.box.change.click()

    assert window.card.step is Step.SERVER
    await until(window.server.hasFocus)
    assert window.server.selectedText() == "bell.example.com"
    assert verdict(window) == "The server does not answer."
    # It was meant for the server before.
    assert window.card.form.password.text() == ""


async def test_what_the_server_does_not_offer_any_more_leaves_the_focus_on_what_it_does(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until
) -> None:
    wishes.server = ServerFound(address="wss://bell.example.com", means=frozenset({Means.GOOGLE}))
    window = make_sign_in("bell.example.com")

    window.present()

    await until(window.card.form.google.hasFocus)
    assert not window.card.form.email.isVisible()
    assert not window.card.form.submit.isVisible()


async def test_a_server_that_offers_nothing_we_know_is_told(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until
) -> None:
    wishes.server = ServerFound(address="wss://bell.example.com", means=frozenset())
    window = make_sign_in("bell.example.com")

    window.present()

    await until(lambda: window.card.form.line.said)
    assert window.card.form.line.said == "This version cannot sign in to that server. Look for a newer one."


async def test_another_account_begins_with_the_server(make_sign_in: MadeSignIn, wishes: Wishes, until: Until) -> None:
    window = make_sign_in("bell.example.com")
    window.card.form.email.setText("ana@example.com")

    window.present(another=True)

    assert window.card.step is Step.SERVER
    assert window.card.title.text() == "Add another account"
    assert window.server.selectedText() == "bell.example.com"
    assert window.card.form.email.text() == ""
    await until(lambda: verdict(window) == "✓ Server found")
    assert window.card.step is Step.SERVER
    window.reject()
    window.present()
    assert window.card.title.text() == "Sign in to Salebell"


async def test_who_signs_in_again_is_asked_for_the_password_alone(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until
) -> None:
    window = make_sign_in("bell.example.com")

    window.present("Please sign in again.", account=BEA)

    assert window.card.step is Step.ACCOUNT
    assert window.card.box.text == "other.example.com"
    assert window.card.form.email.text() == "bea@example.com"
    await until(window.card.form.password.hasFocus)
    await until(lambda: wishes.wanted == [f"check {BEA.server}"])


# A certificate that is not trusted.


@pytest.mark.parametrize("step", Step)
async def test_a_certificate_file_can_be_chosen(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until, tmp_path: Path, step: Step
) -> None:
    wishes.server = UNTRUSTED
    authority = tmp_path / "authority.pem"
    authority.write_text("-")
    window = make_sign_in("bell.example.com" if step is Step.ACCOUNT else "")
    window.present()
    window.server.setText("bell.example.com")
    window.card.address.submit.click()
    part = window.card.address if step is Step.SERVER else window.card.box
    await until(part.verdict.file.isVisible)
    assert verdict(window) == UNTRUSTED.sentence

    part.verdict.file.click()
    dialog = window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.isVisible()
    wishes.server = ServerFound(address="wss://bell.example.com")
    dialog.selectFile(str(authority))
    dialog.accept()

    await until(lambda: verdict(window) == "✓ Server found")
    assert wishes.wanted[-2:] == [f"trust {authority}", "check bell.example.com"]
    # What had been asked for goes on.
    assert window.card.step is Step.ACCOUNT
    assert not part.verdict.file.isVisible()


async def test_a_file_that_is_none_is_told_and_another_can_be_chosen(
    sign_in: SignInWindow, wishes: Wishes, until: Until, tmp_path: Path
) -> None:
    wishes.server = UNTRUSTED
    wishes.trusted = Told("There is no certificate in this file.")
    sign_in.present()
    sign_in.server.setText("bell.example.com")
    sign_in.card.address.look()
    await until(sign_in.card.address.verdict.file.isVisible)

    sign_in.check.trust(tmp_path)

    assert sign_in.card.address.verdict.file.isVisible()  # it does not jump meanwhile
    await until(lambda: verdict(sign_in) == "There is no certificate in this file.")
    assert sign_in.card.address.verdict.file.isVisible()
    assert wishes.wanted == ["check bell.example.com", f"trust {tmp_path}"]


async def test_closing_it_closes_the_choice_of_a_file(sign_in: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.server = UNTRUSTED
    sign_in.present()
    sign_in.server.setText("bell.example.com")
    sign_in.card.address.look()
    await until(sign_in.card.address.verdict.file.isVisible)
    sign_in.card.address.verdict.file.click()
    dialog = sign_in.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)

    sign_in.reject()

    assert not dialog.isVisible()
    assert wishes.wanted == ["check bell.example.com"]
