"""Opening a page in the system's browser."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_page(url: str) -> bool:
    """Open an https page; whether the system took it. Anything else is not opened."""
    page = QUrl(url, QUrl.ParsingMode.StrictMode)
    return page.isValid() and page.scheme() == "https" and QDesktopServices.openUrl(page)
