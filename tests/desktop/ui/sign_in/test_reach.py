"""Everybody can use the sign-in window: by keyboard, with a screen reader, in either language."""

import re
from collections.abc import Awaitable, Callable, Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPushButton, QWidget

from salebell_desktop.identity import Means
from salebell_desktop.ui.actions import ServerFound, Told
from salebell_desktop.ui.language import Language, install
from salebell_desktop.ui.sign_in.status_line import StatusLine
from salebell_desktop.ui.sign_in.window import SignInWindow
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tokens import Scheme
from tests.desktop.conftest import Until
from tests.desktop.ui.conftest import MadeSignIn
from tests.desktop.ui.stage import BEA, Wishes

EVERYTHING = ServerFound(address="wss://bell.example.com", means=frozenset(Means))
UNTRUSTED = Told(
    "The server's certificate is not trusted on this computer. Please ask whoever runs your server.", untrusted=True
)
PAGES = ("address", "account", "google")
MNEMONIC = re.compile(r"&(\w)")

Shown = Callable[[str], Awaitable[SignInWindow]]


@pytest.fixture(params=["en_GB", "es_AR"])
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Language]:
    installed = install(qapp, QLocale(request.param))
    yield installed
    installed.remove()


@pytest.fixture
def shown(make_sign_in: MadeSignIn, wishes: Wishes, until: Until) -> Shown:
    """Shows one of the pages, with all that it may have on it."""

    async def show(page: str) -> SignInWindow:
        wishes.kept = [BEA]
        wishes.server = UNTRUSTED if page == "address" else EVERYTHING
        wishes.holds = {"google"}
        window = make_sign_in("" if page == "address" else "bell.example.com")
        window.present("This account is disabled.")
        if page == "address":
            window.server.setText("bell.example.com")
            window.card.address.submit.click()
            await until(window.card.address.verdict.file.isVisible)
            return window
        await until(window.card.form.google.isVisible)
        if page == "google":
            window.card.form.google.click()
            await until(window.card.browser.cancel.hasFocus)
        else:
            window.check.refuse(UNTRUSTED)
            window.card.form.refuse("The server cannot check the sign-in just now.")
        return window

    return show


def name(widget: QWidget) -> str:
    """What a screen reader calls it."""
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.text(QAccessible.Text.Name)


def visible(window: SignInWindow, *kinds: type[QWidget]) -> list[QWidget]:
    return [each for kind in kinds for each in window.findChildren(kind) if each.isVisible()]


def reached(window: SignInWindow, key: Qt.Key, count: int) -> list[QWidget]:
    """What has the focus after each press of `key`."""
    visited: list[QWidget] = []
    for _ in range(count):
        QTest.keyClick(window.focusWidget(), key)
        visited.append(window.focusWidget())
    return visited


# The keyboard.


async def test_tab_goes_through_the_fields_to_what_follows(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until
) -> None:
    wishes.server = EVERYTHING
    wishes.kept = [BEA]
    window = make_sign_in("bell.example.com")
    window.present()
    form = window.card.form
    await until(form.google.isVisible)
    await until(form.email.hasFocus)
    order: list[QWidget] = [
        form.password, form.password.reveal, form.forgot, form.submit, form.google, window.card.box.change,
        window.card.kept.buttons[0],
    ]  # fmt: skip

    assert reached(window, Qt.Key.Key_Tab, len(order)) == order
    assert reached(window, Qt.Key.Key_Tab, 1) == [form.email]
    assert reached(window, Qt.Key.Key_Backtab, len(order)) == order[::-1]


async def test_tab_goes_from_the_address_to_what_follows(shown: Shown) -> None:
    window = await shown("address")
    step = window.card.address
    window.server.setFocus()
    order = [step.verdict.file, step.submit, window.card.kept.buttons[0]]

    assert reached(window, Qt.Key.Key_Tab, len(order)) == order
    assert reached(window, Qt.Key.Key_Tab, 1) == [window.server]


async def test_enter_presses_the_button_that_has_the_focus(shown: Shown, wishes: Wishes, until: Until) -> None:
    window = await shown("account")
    form = window.card.form
    form.email.setText("ana@example.com")
    form.password.setText("hunter2")
    form.forgot.setFocus()
    await until(form.forgot.hasFocus)

    QTest.keyClick(form.forgot, Qt.Key.Key_Return)

    await until(lambda: "reset ana@example.com" in wishes.wanted)
    assert wishes.signed_in_as == []


@pytest.mark.parametrize("page", PAGES)
async def test_each_letter_leads_to_one_thing(language: Language, shown: Shown, page: str) -> None:
    window = await shown(page)
    texts = [
        *(each.text() for each in visible(window, QPushButton) if isinstance(each, QPushButton)),
        *(each.text() for each in visible(window, QLabel) if isinstance(each, QLabel) and each.buddy()),
    ]
    letters = [found[0].lower() for text in texts if (found := MNEMONIC.findall(text.replace("&&", "")))]

    assert len(set(letters)) == len(letters), letters
    # All but the accounts have one.
    assert len(letters) == len(texts) - len(window.card.kept.buttons)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("scheme", Scheme)
async def test_where_the_focus_is_can_be_seen(shown: Shown, theme: Theme, scheme: Scheme, page: str) -> None:
    theme.hold(scheme)
    window = await shown(page)
    for widget in visible(window, QLineEdit, QAbstractButton):
        if not widget.isEnabled() or widget.focusPolicy() is Qt.FocusPolicy.NoFocus:
            continue
        window.setFocus()
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.grab().toImage() != before, name(widget)


# Screen readers.


@pytest.mark.parametrize("page", PAGES)
async def test_everything_has_a_name(shown: Shown, page: str) -> None:
    window = await shown(page)
    for widget in visible(window, QLineEdit, QAbstractButton):
        assert name(widget), widget
        assert "&" not in name(widget)
    for line in visible(window, StatusLine):
        assert isinstance(line, StatusLine)
        assert name(line) == line.said


async def test_fields_are_called_what_stands_above_them(shown: Shown) -> None:
    window = await shown("account")
    form = window.card.form
    assert [name(field) for field in (window.server, form.email, form.password)] == ["Server", "E-mail", "Password"]
    buddies = {label.buddy() for label in window.findChildren(QLabel)}
    assert buddies >= {window.server, form.email, form.password}
    assert name(form.password.reveal) == "Show the password"
    assert name(window.card.kept.buttons[0]) == "Continue as bea@example.com · other.example.com"


async def test_what_changes_is_read_out_once(
    sign_in: SignInWindow, wishes: Wishes, read_out: list[str], until: Until
) -> None:
    wishes.server = EVERYTHING
    wishes.account = Told("E-mail or password is wrong.")
    wishes.holds = {"google"}
    sign_in.present()
    form = sign_in.card.form
    sign_in.server.setText("bell.example.com")
    sign_in.card.address.submit.click()
    await until(form.isVisible)
    form.email.setText("ana@example.com")
    form.forgot.click()
    await until(lambda: not sign_in.busy)
    form.password.setText("hunter2")
    form.submit.click()
    await until(lambda: not sign_in.busy)
    form.google.click()

    assert read_out == [
        "Looking for the server…",
        "✓ Server found",
        "Sending…",
        "If there is an account with this address, a message with a link was sent to it.",
        "E-mail or password is wrong.",
        "Sign in with Google on the page that opens there. This window goes on by itself.",
    ]


# Languages and sizes.


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("pixels", [13, 26])
async def test_nothing_is_cut_off(
    language: Language, qapp: QApplication, theme: Theme, shown: Shown, page: str, pixels: int
) -> None:
    theme.scale = pixels / 13
    theme.hold(Scheme.DARK)
    window = await shown(page)
    for widget in visible(window, QLabel, QPushButton):
        wanted = widget.sizeHint()
        if isinstance(widget, StatusLine):
            assert widget.heightForWidth(widget.width()) <= widget.height(), widget.said
        else:
            assert wanted.width() <= widget.width(), name(widget)
        around = widget.parentWidget()
        assert around is not None
        assert around.rect().contains(widget.geometry()), name(widget)


async def test_nothing_moves_while_it_speaks(
    make_sign_in: MadeSignIn, wishes: Wishes, until: Until, language: Language
) -> None:
    wishes.server = EVERYTHING
    window = make_sign_in("bell.example.com")
    window.present()
    form = window.card.form
    await until(form.google.isVisible)
    before = window.sizeHint()

    for text in (
        "E-mail or password is wrong.",
        "This account is disabled. Please ask whoever runs your server.",
        "Too many attempts. Please wait some minutes and try again.",
    ):
        wishes.account = Told(text)
        form.email.setText("ana@example.com")
        form.password.setText("x")
        form.submit.click()
        assert window.sizeHint() == before
        await until(lambda: not window.busy)
        assert form.line.said
        assert window.sizeHint() == before


async def test_it_speaks_spanish(qapp: QApplication, make_sign_in: MadeSignIn, wishes: Wishes, until: Until) -> None:
    spanish = install(qapp, QLocale("es_AR"))
    wishes.server = Told(
        "A connection to shop.example.com without encryption would show passwords and sales to others. "
        "Use wss://shop.example.com."
    )
    try:
        window = make_sign_in("")
        window.present()
        QTest.keyClicks(window.server, "http://shop.example.com")
        QTest.keyClick(window.server, Qt.Key.Key_Return)
        await until(lambda: "sin cifrar" in window.card.address.verdict.line.said)

        assert window.windowTitle() == "Inicie sesión en Salebell"
        assert window.card.address.verdict.line.said == (
            "Una conexión sin cifrar con shop.example.com mostraría contraseñas y ventas a otras personas. "
            "Use wss://shop.example.com."
        )
    finally:
        spanish.remove()


async def test_a_long_word_is_broken_and_read_as_it_is(sign_in: SignInWindow, wishes: Wishes) -> None:
    line = sign_in.card.address.verdict.line
    long = f"Use wss://{'a' * 200}.example.com."

    line.say(long)

    assert line.heightForWidth(line.width()) <= line.height()
    assert line.minimumSizeHint().width() <= line.width()
    assert line.said == long
    assert name(line) == long
