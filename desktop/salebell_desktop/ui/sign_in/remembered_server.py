"""The server that somebody signed in to last, kept for the next time."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QSettings

from salebell_desktop.identity import Means

_FILE = "sign-in.ini"
_SERVER = "sign_in/server"
_MEANS = "sign_in/means"


class RememberedServer:
    """Its address as it was typed, and what it offered; nothing of who signed in.

    Args:
        directory: for the file.
    """

    def __init__(self, directory: Path) -> None:
        self._settings = QSettings(str(directory / _FILE), QSettings.Format.IniFormat)

    @property
    def address(self) -> str:
        """The address; "" before there was one."""
        return self._text(_SERVER)

    def means(self, address: str) -> frozenset[Means]:
        """What the server at `address` offered the last time; of another one, what most offer."""
        names = self._text(_MEANS).split() if address == self.address else []
        return frozenset(each for each in Means if each.name in names) or frozenset({Means.PASSWORD})

    def remember(self, address: str, means: Iterable[Means]) -> None:
        """Somebody signed in to it."""
        self._settings.setValue(_SERVER, address)
        self._settings.setValue(_MEANS, " ".join(sorted(each.name for each in means)))
        self._settings.sync()

    def _text(self, key: str) -> str:
        kept = self._settings.value(key, "")
        return kept if isinstance(kept, str) else ""
