"""The sign-in window at the step that asks for an account."""

import pytest
from PySide6.QtTest import QTest

from salebell_desktop.identity import Means
from salebell_desktop.ui.actions import ServerFound, Told
from salebell_desktop.ui.sign_in.window import SignInWindow
from tests.desktop.conftest import Until
from tests.desktop.ui.conftest import MadeSignIn
from tests.desktop.ui.stage import Wishes

EVERYTHING = ServerFound(address="wss://bell.example.com", means=frozenset(Means))
WRONG = Told("E-mail or password is wrong.")


@pytest.fixture
async def window(make_sign_in: MadeSignIn, wishes: Wishes, until: Until) -> SignInWindow:
    """At its second step, with a server that offers everything."""
    wishes.server = EVERYTHING
    made = make_sign_in("bell.example.com")
    made.present()
    await until(made.card.form.google.isVisible)
    wishes.wanted.clear()
    return made


def fill(window: SignInWindow, email: str = "ana@example.com", password: str = "hunter2") -> None:
    for field, text in ((window.card.form.email, email), (window.card.form.password, password)):
        field.clear()
        QTest.keyClicks(field, text)
