"""Notifications as the tray icon's own balloon: what is left where there is no notification service."""

from collections.abc import Callable

from PySide6.QtWidgets import QSystemTrayIcon

from salebell_desktop.platform.notifier import Note, Notifier

SHOWN_MS = 8_000
_NO_TAGS = str.maketrans("<>", "\u2039\u203a")


class TrayNotifier(Notifier):
    """`QSystemTrayIcon.showMessage`, without an icon: any other would take the place of the badge while it is shown.

    A balloon has no buttons; a click opens what the last one was about. Whoever owns the icon calls `message_clicked`.

    Args:
        icon: the icon as it is now; another may take its place.
    """

    def __init__(self, icon: Callable[[], QSystemTrayIcon]) -> None:
        super().__init__()
        self._icon = icon
        self._last: Note | None = None

    async def show(self, note: Note) -> bool:
        """Show it, where the tray can."""
        icon = self._icon()
        if not (icon.isVisible() and QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return False
        self._last = note
        # Some trays read markup here and some do not, and none says which: so no text may look like a tag.
        body = note.body.translate(_NO_TAGS)
        icon.showMessage(note.title, body, QSystemTrayIcon.MessageIcon.NoIcon, SHOWN_MS)
        return True

    async def clear(self, store: str | None = None) -> None:
        """A balloon goes by itself: there is no way to take it back."""

    def message_clicked(self) -> None:
        """The balloon was clicked: of several, Qt does not say which, so it was the last."""
        if self._last is not None:
            self._clicked(self._last)
