"""Where a window was, remembered for each arrangement of screens: at the desk and away from it."""

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

_UNSAFE = str.maketrans("/\\", "__")
"""Both would begin a group in the settings file."""


class Geometry:
    """Remembers the place of one window.

    Args:
        settings: the file.
        name: of the window.
    """

    def __init__(self, settings: QSettings, name: str) -> None:
        self._settings = settings
        self._name = name

    def restore(self, window: QWidget) -> bool:
        """Put `window` where it was with these screens; False when it was not there yet. Qt keeps it on a screen."""
        kept = self._settings.value(self._key())
        return isinstance(kept, QByteArray) and window.restoreGeometry(kept)

    def save(self, window: QWidget) -> None:
        """Remember where `window` is."""
        self._settings.setValue(self._key(), window.saveGeometry())
        self._settings.sync()

    def _key(self) -> str:
        return f"{self._name}/{arrangement()}"


def arrangement() -> str:
    """The screens that there are, and how large: the same text for the same screens in the same places."""
    return " ".join(sorted(_told(screen) for screen in QGuiApplication.screens()))


def _told(screen: QScreen) -> str:
    place = screen.geometry()
    return f"{screen.name().translate(_UNSAFE)}:{place.x()}x{place.y()}x{place.width()}x{place.height()}"
