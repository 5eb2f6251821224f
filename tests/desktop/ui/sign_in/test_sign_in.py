"""The second step of signing in: the account."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from salebell_desktop.identity import Means
from salebell_desktop.ui.actions import ServerFound, Told
from salebell_desktop.ui.sign_in.attempt import Doing
from salebell_desktop.ui.sign_in.window import SignInWindow
from tests.desktop.conftest import Emitted, Until
from tests.desktop.ui.conftest import MadeSignIn
from tests.desktop.ui.sign_in.conftest import EVERYTHING, WRONG, fill
from tests.desktop.ui.stage import Wishes

# E-mail and password.


async def test_enter_signs_in_and_the_window_closes(
    window: SignInWindow, wishes: Wishes, until: Until, emitted: Emitted
) -> None:
    fill(window, " ana@example.com ")
    signed_in = asyncio.ensure_future(emitted(window.signed_in))
    await asyncio.sleep(0)

    QTest.keyClick(window.card.form.password, Qt.Key.Key_Return)

    assert window.busy
    await signed_in
    assert wishes.signed_in_as == [("wss://bell.example.com", "ana@example.com", "hunter2")]
    await until(lambda: not window.isVisible())
    assert (window.card.form.email.text(), window.card.form.password.text()) == ("", "")
    assert wishes.wanted == ["sign in ana@example.com"]


async def test_while_it_is_busy_it_signs_in_once(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    form = window.card.form
    fill(window)

    for _ in range(3):
        QTest.keyClick(form.password, Qt.Key.Key_Return)
        form.submit.click()
    assert form.submit.text() == "Signing in…"
    assert form.email.isReadOnly()
    assert not any(each.isEnabled() for each in (form.google, form.forgot, window.card.box.change))
    await until(lambda: not window.isVisible())

    assert len(wishes.signed_in_as) == 1


async def test_a_wrong_password_says_not_which_and_lets_one_try_again(
    window: SignInWindow, wishes: Wishes, until: Until
) -> None:
    wishes.account = WRONG
    form = window.card.form
    fill(window)

    form.submit.click()
    await until(lambda: form.line.said == WRONG.sentence)

    assert window.isVisible()
    assert not window.busy
    assert not form.password.isReadOnly()
    assert form.password.selectedText()
    await until(form.password.hasFocus)
    QTest.keyClicks(form.password, "x")
    assert form.line.said == ""


async def test_a_sentence_from_below_is_shown_as_it_is(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.account = Told("This account is closed. <b>Please</b> call us.")
    fill(window)

    window.card.form.submit.click()
    await until(lambda: window.card.form.line.said)

    assert window.card.form.line.text() == "This account is closed. <b>Please</b> call us."
    assert window.card.form.line.textFormat() is Qt.TextFormat.PlainText


@pytest.mark.parametrize(
    ("email", "password", "sentence"), [(" ", "p", "Enter your e-mail."), ("a@b", "", "Enter your password.")]
)
async def test_what_is_missing_is_asked_for(
    window: SignInWindow, wishes: Wishes, until: Until, email: str, password: str, sentence: str
) -> None:
    form = window.card.form
    form.email.setText(email)
    form.password.setText(password)
    form.submit.setFocus()

    form.submit.click()

    assert form.line.said == sentence
    await until((form.password if email.strip() else form.email).hasFocus)
    assert not window.busy
    assert wishes.signed_in_as == []


async def test_enter_in_the_e_mail_leads_to_the_password(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    form = window.card.form
    await until(form.email.hasFocus)
    QTest.keyClicks(form.email, "ana@example.com")

    QTest.keyClick(form.email, Qt.Key.Key_Return)

    await until(form.password.hasFocus)
    assert form.line.said == ""
    assert wishes.signed_in_as == []


async def test_the_password_can_be_looked_at_until_the_window_closes(window: SignInWindow) -> None:
    password = window.card.form.password
    QTest.keyClicks(password, "hunter2")
    password.reveal.setFocus()

    QTest.keyClick(password.reveal, Qt.Key.Key_Space)
    assert password.echoMode() is QLineEdit.EchoMode.Normal
    assert password.reveal.accessibleName() == "Hide the password"
    assert password.text() == "hunter2"
    window.reject()

    assert password.echoMode() is QLineEdit.EchoMode.Password
    assert password.reveal.accessibleName() == "Show the password"
    password.reveal.setChecked(True)
    password.undo()
    assert password.text() == ""


# The server, found to be away only now.


async def test_a_server_that_is_not_found_is_not_signed_in_to(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until
) -> None:
    wishes.server = Told("The server does not answer.")
    window = make_sign_in("bell.example.com")
    window.present()
    fill(window)

    window.card.form.submit.click()
    await until(lambda: not window.busy)

    assert window.card.box.verdict.line.said == "The server does not answer."
    assert wishes.signed_in_as == []
    wishes.server = EVERYTHING
    window.card.form.submit.click()
    await until(lambda: wishes.signed_in_as)


async def test_enter_while_the_server_is_looked_for_waits_for_it(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until
) -> None:
    wishes.holds = {"check"}
    window = make_sign_in("bell.example.com")
    window.present()
    fill(window)
    window.card.form.submit.click()
    await until(lambda: wishes.wanted)
    assert wishes.signed_in_as == []

    wishes.holds.clear()

    await until(lambda: not window.isVisible())
    assert wishes.wanted == ["check bell.example.com", "sign in ana@example.com"]


async def test_a_password_does_not_go_to_a_server_that_takes_none(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until
) -> None:
    wishes.server = ServerFound(address="wss://bell.example.com", means=frozenset({Means.GOOGLE}))
    window = make_sign_in("bell.example.com")
    window.present()
    fill(window)

    window.card.form.submit.click()
    await until(lambda: not window.busy)

    assert wishes.signed_in_as == []
    await until(window.card.form.google.hasFocus)


async def test_a_certificate_that_is_not_trusted_any_more_is_told_where_it_can_be_mended(
    window: SignInWindow, wishes: Wishes, until: Until
) -> None:
    wishes.account = Told("The server's certificate is not trusted on this computer.", untrusted=True)
    fill(window)

    window.card.form.submit.click()

    await until(window.card.box.verdict.file.hasFocus)
    assert window.card.box.verdict.line.said == wishes.account.sentence
    assert window.card.form.line.said == ""


# Google.


async def test_google_is_waited_for_with_a_way_out(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.holds = {"google"}
    size = window.size()

    window.card.form.google.click()

    assert window.card.browser.isVisible()
    assert window.card.browser.title.text() == "Waiting for your browser…"
    await until(window.card.browser.cancel.hasFocus)
    await until(lambda: wishes.wanted == ["google wss://bell.example.com"])
    assert window.size() == size
    assert not window.card.box.change.isEnabled()
    wishes.holds.clear()
    await until(lambda: not window.isVisible())
    assert wishes.wanted == ["google wss://bell.example.com"]


@pytest.mark.parametrize("how", ["button", "escape", "enter"])
async def test_cancel_gives_google_up_and_returns(window: SignInWindow, wishes: Wishes, until: Until, how: str) -> None:
    wishes.holds = {"google"}
    window.card.form.google.setFocus()
    window.card.form.google.click()
    await until(window.card.browser.cancel.hasFocus)
    await until(lambda: wishes.wanted)

    if how == "button":
        window.card.browser.cancel.click()
    else:
        QTest.keyClick(window.card.browser.cancel, Qt.Key.Key_Escape if how == "escape" else Qt.Key.Key_Return)

    assert window.card.form.isVisible()
    assert not window.busy
    await until(lambda: wishes.wanted == ["google wss://bell.example.com", "google given up"])
    assert window.isVisible()
    await until(window.card.form.google.hasFocus)
    # And once more, with success.
    wishes.holds.clear()
    window.card.form.google.click()
    await until(lambda: not window.isVisible())


async def test_what_google_refuses_is_told(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.account = Told("You did not sign in with Google.")
    window.card.form.google.click()

    await until(lambda: window.card.form.line.said == "You did not sign in with Google.")
    assert window.card.form.isVisible()


async def test_an_attempt_after_one_that_was_given_up_is_not_ended_by_it(
    window: SignInWindow, wishes: Wishes, until: Until
) -> None:
    wishes.holds = {"google", "sign in"}
    fill(window)
    window.card.form.google.click()
    await until(lambda: wishes.wanted)
    window.card.browser.cancel.click()

    window.card.form.submit.click()
    await until(lambda: "google given up" in wishes.wanted and wishes.signed_in_as)

    assert window.attempt.doing is Doing.SIGNING_IN
    wishes.holds.clear()
    await until(lambda: not window.isVisible())


# A forgotten password.


async def test_a_forgotten_password_is_asked_for_without_telling_whether_there_is_an_account(
    window: SignInWindow, wishes: Wishes, until: Until
) -> None:
    form = window.card.form
    form.forgot.click()
    assert form.line.said == "Enter your e-mail."
    await until(form.email.hasFocus)
    assert wishes.wanted == []
    QTest.keyClicks(form.email, "ana@example.com")
    assert form.line.said == ""

    form.forgot.click()
    assert form.line.said == "Sending…"

    await until(lambda: "If there is an account with this address" in form.line.said)
    assert wishes.wanted == ["reset ana@example.com"]
    assert form.line.property("kind") == "good"
    assert not window.busy


async def test_what_is_wrong_with_a_forgotten_password_is_told(
    window: SignInWindow, wishes: Wishes, until: Until
) -> None:
    wishes.sent = Told("Too many attempts.")
    window.card.form.email.setText("ana@example.com")

    window.card.form.forgot.click()

    await until(lambda: window.card.form.line.said == "Too many attempts.")
