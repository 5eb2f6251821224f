"""Pages for the system's browser."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from salebell_desktop.platform.browser import open_page


class Browser(QObject):
    """Takes https pages in the place of the system's browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))


@pytest.fixture
def browser() -> Iterator[Browser]:
    browser = Browser()
    for scheme in ("https", "http", "file"):
        # the stubs take it for bytes
        QDesktopServices.setUrlHandler(scheme, browser, "open")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    yield browser
    for scheme in ("https", "http", "file"):
        QDesktopServices.unsetUrlHandler(scheme)


def test_an_address_arrives_as_it_is(browser: Browser) -> None:
    page = (
        "https://accounts.google.com/o/oauth2/v2/auth?redirect_uri=http%3A%2F%2F127.0.0.1%3A41234%2F&scope=openid+email"
    )
    assert open_page(page)
    assert browser.opened == [page]


@pytest.mark.parametrize("url", ["", "http://shop.example", "file:///etc/passwd", "https://a b/", "javascript:1"])
def test_anything_else_is_not_opened(browser: Browser, url: str) -> None:
    assert not open_page(url)
    assert browser.opened == []
