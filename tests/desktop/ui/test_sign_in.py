import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from salebell_desktop.ui.actions import Problem, ServerFound, Told
from salebell_desktop.ui.sign_in import SignInWindow
from salebell_desktop.ui.theme import Theme
from tests.desktop.conftest import Emitted, Until
from tests.desktop.ui.stage import Wishes

Made = Callable[[str], SignInWindow]


@pytest.fixture
def make(qtbot: QtBot, theme: Theme, wishes: Wishes, tmp_path: Path) -> Made:
    def made(server: str) -> SignInWindow:
        window = SignInWindow(wishes, theme, tmp_path, server)
        qtbot.addWidget(window)
        return window

    return made


@pytest.fixture
def window(make: Made) -> SignInWindow:
    return make("")


def fill(window: SignInWindow, server: str = "bell.example.com") -> None:
    for field, text in ((window.server, server), (window.email, "ana@example.com"), (window.password, "hunter2")):
        field.clear()
        QTest.keyClicks(field, text)


async def test_enter_signs_in_and_the_window_closes(
    window: SignInWindow, wishes: Wishes, until: Until, emitted: Emitted
) -> None:
    window.present()
    fill(window, " bell.example.com ")
    signed_in = asyncio.ensure_future(emitted(window.signed_in))
    await asyncio.sleep(0)

    QTest.keyClick(window.password, Qt.Key.Key_Return)

    assert window.busy
    await signed_in
    assert wishes.signed_in_as == [("wss://bell.example.com", "ana@example.com", "hunter2")]
    await until(lambda: not window.isVisible())
    assert window.password.text() == ""


async def test_the_button_signs_in(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    window.present()
    fill(window)

    QTest.mouseClick(window.submit, Qt.MouseButton.LeftButton)

    await until(lambda: wishes.signed_in_as)


async def test_while_it_is_busy_it_signs_in_once(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    window.present()
    fill(window)

    for _ in range(3):
        QTest.keyClick(window.password, Qt.Key.Key_Return)
        window.submit.click()
    assert window.submit.text() == "Signing in…"
    assert window.server.isReadOnly()
    await until(lambda: not window.isVisible())

    assert len(wishes.signed_in_as) == 1


async def test_a_wrong_password_says_not_which_and_lets_one_try_again(
    window: SignInWindow, wishes: Wishes, until: Until
) -> None:
    wishes.account = Problem.WRONG_CREDENTIALS
    window.present()
    fill(window)

    window.submit.click()
    await until(lambda: window.problem.text())

    assert window.problem.text() == "The e-mail or the password is not right."
    assert window.isVisible()
    assert not window.busy
    assert not window.password.isReadOnly()
    assert window.password.selectedText()
    QTest.keyClicks(window.password, "x")
    assert window.problem.text() == ""


async def test_a_sentence_from_below_is_shown_as_it_is(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    wishes.account = Told("This account is disabled. <b>Please</b> call us.")
    window.present()
    fill(window)

    window.submit.click()
    await until(lambda: window.problem.text())

    assert window.problem.text() == "This account is disabled. <b>Please</b> call us."
    assert window.problem.textFormat() is Qt.TextFormat.PlainText


@pytest.mark.parametrize(
    ("server", "email", "password", "sentence"),
    [
        ("", "a@b", "p", "Enter the address of your server."),
        ("s", " ", "p", "Enter your e-mail."),
        ("s", "a@b", "", "Enter your password."),
    ],
)
async def test_what_is_missing_is_asked_for(
    window: SignInWindow, wishes: Wishes, server: str, email: str, password: str, sentence: str
) -> None:
    window.present()
    window.server.setText(server)
    window.email.setText(email)
    window.password.setText(password)

    window.submit.click()

    assert window.problem.text() == sentence
    assert not window.busy
    assert wishes.signed_in_as == []


async def test_the_address_is_checked_as_one_leaves_it(window: SignInWindow, wishes: Wishes, until: Until) -> None:
    window.present()
    await until(window.server.hasFocus)
    QTest.keyClicks(window.server, "bell.example.com")

    QTest.keyClick(window.server, Qt.Key.Key_Tab)

    await until(lambda: window.verdict.text() == "✓ Server found")
    assert wishes.wanted == ["check bell.example.com"]
    QTest.keyClicks(window.server, ":1")
    assert window.verdict.text() == ""


async def test_an_address_that_is_none_is_told_and_not_signed_in_to(
    window: SignInWindow, wishes: Wishes, until: Until
) -> None:
    wishes.server = Problem.UNREACHABLE
    window.present()
    fill(window)

    window.submit.click()
    await until(lambda: not window.busy)

    assert window.verdict.text() == "No server answers at this address. Check it, and your connection."
    assert wishes.signed_in_as == []
    wishes.server = ServerFound(address="wss://bell.example.com")
    window.submit.click()
    await until(lambda: wishes.signed_in_as)


class Slow(Wishes):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.answer = asyncio.Event()

    async def check_server(self, address: str) -> ServerFound | Problem | Told:
        self.asked.set()
        await self.answer.wait()
        return Problem.NOT_SALEBELL


async def test_an_answer_for_an_address_that_was_changed_meanwhile_is_not_shown(
    qtbot: QtBot, theme: Theme, tmp_path: Path
) -> None:
    slow = Slow()
    window = SignInWindow(slow, theme, tmp_path)
    qtbot.addWidget(window)
    window.present()
    window.server.setText("one.example.com")
    window.server.editingFinished.emit()
    await slow.asked.wait()

    QTest.keyClicks(window.server, ".ar")
    slow.answer.set()
    await asyncio.sleep(0.05)

    assert window.verdict.text() == ""


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_sentence(window: SignInWindow, problem: Problem) -> None:
    assert window.sentence(problem).endswith(".")
    assert "_" not in window.sentence(problem)


def test_problems_have_sentences_of_their_own(window: SignInWindow) -> None:
    assert len({window.sentence(problem) for problem in Problem}) == len(Problem)


async def test_it_remembers_the_server_but_no_secret(
    make: Made, window: SignInWindow, tmp_path: Path, until: Until
) -> None:
    window.present()
    fill(window)
    window.submit.click()
    await until(lambda: not window.isVisible())

    again = make("")

    assert again.server.text() == "bell.example.com"
    assert (again.email.text(), again.password.text()) == ("", "")
    assert b"hunter2" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert make("other.example.com").server.text() == "other.example.com"


async def test_the_first_empty_field_has_the_focus(make: Made, until: Until) -> None:
    fresh, known = make(""), make("bell.example.com")

    fresh.present()
    await until(fresh.server.hasFocus)
    fresh.reject()
    known.present()
    await until(known.email.hasFocus)


async def test_tab_goes_from_server_to_e_mail_to_password_to_the_button(window: SignInWindow, until: Until) -> None:
    window.present()
    await until(window.server.hasFocus)

    visited: list[object] = []
    for _ in range(3):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        visited.append(QApplication.focusWidget())

    assert visited == [window.email, window.password, window.submit]


async def test_it_says_why_signing_in_is_needed(window: SignInWindow) -> None:
    window.present("This account was signed out.")
    assert window.reason.isVisible()
    assert window.reason.text() == "This account was signed out."

    window.present()
    assert not window.reason.isVisible()


async def test_closing_it_forgets_the_password_and_stops_waiting(window: SignInWindow, wishes: Wishes) -> None:
    window.present()
    fill(window)
    window.submit.click()

    QTest.keyClick(window, Qt.Key.Key_Escape)
    await asyncio.sleep(0.02)

    assert not window.isVisible()
    assert not window.busy
    assert window.password.text() == ""
    assert wishes.signed_in_as == []


def test_fields_have_names_for_screen_readers_and_labels_that_lead_to_them(window: SignInWindow) -> None:
    assert [field.accessibleName() for field in (window.server, window.email, window.password)] == [
        "Server",
        "E-mail",
        "Password",
    ]
    buddies = {label.buddy() for label in window.findChildren(QLabel)}
    assert buddies >= {window.server, window.email, window.password}
    assert window.password.echoMode() is QLineEdit.EchoMode.Password
