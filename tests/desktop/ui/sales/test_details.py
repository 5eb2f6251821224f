import pytest
from msgspec.structs import force_setattr
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from salebell_desktop.ui.sales.details import SaleDetails
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import Customer, Item
from tests.desktop.ui.stage import Wishes, sale


class Browser:
    def __init__(self) -> None:
        self.opened: list[str] = []

    def __call__(self, url: str) -> None:
        self.opened.append(url)


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def details(qtbot: QtBot, theme: Theme, words: Words, browser: Browser, wishes: Wishes) -> SaleDetails:
    made = SaleDetails(theme, words, wishes, browser)
    qtbot.addWidget(made)
    return made


def texts(details: SaleDetails) -> list[str]:
    QCoreApplication.sendPostedEvents()  # lays out what is new
    return [each.text() for each in details.findChildren(QLabel) if each.isVisibleTo(details)]


def test_it_says_all_there_is(details: SaleDetails) -> None:
    items = (Item("Mate imperial", 2, "5500"), Item("Bombilla", 1, "4999.5"))
    details.show_sale("main", sale(1, items=items, url="https://shop.example.com/sales/1"))

    said = texts(details)
    for text in ("100001", "$\u00a015.999,00", "María Pérez", "maria@example.com", "checkout"):
        assert text in said
    assert "2 \u00d7 Mate imperial" in said
    assert "$\u00a011.000,00" in said
    assert "$\u00a04.999,50" in said
    assert not details.isHidden()


def test_another_sale_takes_its_place(details: SaleDetails) -> None:
    details.show_sale("main", sale(1, items=(Item("Mate", 2, "1"),)))
    details.show_sale("main", sale(2, customer=None))

    said = texts(details)
    assert "100002" in said
    assert not any("Mate" in text or "María" in text for text in said)
    details.show_sale("main", None)
    assert details.isHidden()


def test_producers_texts_are_plain(details: SaleDetails) -> None:
    evil = "<img src=x><b>big</b>"
    details.show_sale(
        "main", sale(1, number=evil, customer=Customer(evil, evil), channel=evil, items=(Item(evil, 1, "1"),))
    )

    labels = details.findChildren(QLabel)
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    assert sum(evil in label.text() for label in labels) == 5


def test_it_opens_the_sales_page(qtbot: QtBot, details: SaleDetails, browser: Browser) -> None:
    details.show_sale("main", sale(1, url="https://shop.example.com/sales/1"))
    QTest.mouseClick(details.open, Qt.MouseButton.LeftButton)

    assert browser.opened == ["https://shop.example.com/sales/1"]


def test_without_a_page_there_is_nothing_to_open(details: SaleDetails) -> None:
    details.show_sale("main", sale(1))

    assert details.open.isHidden()


@pytest.mark.parametrize("url", ["http://shop.example.com", "file:///etc/passwd", "javascript:alert(1)", "https:// x"])
def test_an_address_that_is_not_https_is_never_opened(details: SaleDetails, browser: Browser, url: str) -> None:
    """Such a sale cannot be decoded; here it stands for a cache that somebody wrote into."""
    tampered = sale(1, url="https://shop.example.com")
    force_setattr(tampered, "url", url)
    details.show_sale("main", tampered)

    assert details.open.isHidden()
    details.open.click()
    assert browser.opened == []


def test_hundreds_of_items_are_cut_short(details: SaleDetails) -> None:
    details.show_sale("main", sale(1, items=tuple(Item(f"item {number}", 1, "1") for number in range(500))))

    said = texts(details)
    assert "1 \u00d7 item 99" in said
    assert "1 \u00d7 item 100" not in said
    assert "and 400 more item(s)" in said


def test_a_long_name_does_not_widen_the_pane(qtbot: QtBot, details: SaleDetails) -> None:
    details.show()
    details.show_sale("main", sale(1, customer=Customer("x" * 200, "y" * 300), items=(Item("z" * 500, 1, "1"),)))
    qtbot.waitExposed(details)

    assert details.width() == 320
