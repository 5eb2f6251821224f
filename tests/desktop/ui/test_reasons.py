"""Sentences from below, in the user's language."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from salebell_desktop.client.address import AddressRefused, parse_address
from salebell_desktop.ui.language import Language, install
from salebell_desktop.ui.reasons import KNOWN, translated


@pytest.fixture
def spanish(qapp: QApplication) -> Iterator[Language]:
    installed = install(qapp, QLocale("es_AR"))
    yield installed
    installed.remove()


def refused(address: str) -> str:
    with pytest.raises(AddressRefused) as refusal:
        parse_address(address)
    return str(refusal.value)


@pytest.mark.usefixtures("spanish")
@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("The server is restarting.", "El servidor se está reiniciando."),
        (
            "The server is restarting. Please sign in again.",
            "El servidor se está reiniciando. Inicie sesión de nuevo.",
        ),
        ("The server is restarting. Nobody knows why.", "El servidor se está reiniciando. Nobody knows why."),
        ("Nobody knows why. The server is restarting.", "Nobody knows why. El servidor se está reiniciando."),
        ("Use wss://shop.example.com.", "Use wss://shop.example.com."),
        (
            "The server's address cannot begin with ftp://. Please sign in again.",
            "La dirección del servidor no puede comenzar con ftp://. Inicie sesión de nuevo.",
        ),
        # A name that looks like the end of a sentence, and one that looks like a field.
        ("Use wss://a. B. C. Please sign in again.", "Use wss://a. B. C. Inicie sesión de nuevo."),
        (
            "A connection to {host} without encryption would show passwords and sales to others.",
            "Una conexión sin cifrar con {host} mostraría contraseñas y ventas a otras personas.",
        ),
        ("", ""),
    ],
)
def test_known_sentences_are_translated(english: str, translation: str) -> None:
    assert translated(english) == translation


@pytest.mark.usefixtures("spanish")
@pytest.mark.parametrize(
    "address",
    ["", "ftp://shop.example.com", "http://shop.example.com", "ana:pw@shop.example.com", "shop.example.com/x",
     "shop..example.com", "shop.example.com:0", "fe80::1%eth0", "[", "Ana Sales. Shop"],
)  # fmt: skip
def test_nothing_that_is_said_of_an_address_stays_english(address: str) -> None:
    english = refused(address)
    spoken = translated(english)

    english_words = {"the", "server", "address", "with", "without", "give", "such"}
    assert not english_words & set(spoken.lower().replace(".", " ").split()), spoken


def test_in_english_everything_stays_as_it_is() -> None:
    for text in (
        *KNOWN,
        "A connection to a.b without encryption would show passwords and sales to others. Use wss://a.b.",
    ):
        assert translated(text) == text


def test_a_template_has_one_field() -> None:
    assert all(sentence.count("{") <= 1 for sentence in KNOWN)
