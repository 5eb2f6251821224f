"""A line that keeps its place while it is empty, and is read out when it speaks."""

import re
from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QWidget

from salebell_desktop.ui.parts import set_property
from salebell_desktop.ui.theme import Text, Theme

Announce = Callable[[QWidget, str], None]

_LONG_WORD = re.compile(r"\S{24,}")
_BREAK = "\u200b"
"""A place where a line may end (ZERO WIDTH SPACE, UAX #14)."""
_TALL = 10_000


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say `text`, which `widget` shows."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class StatusLine(QLabel):
    """Plain text as wide as it is told. It grows for a long sentence, and never gets lower than for `lines`.

    Args:
        theme: how it looks.
        width: in pixels.
        lines: what it keeps room for.
        announce: has a screen reader say what it says.
    """

    def __init__(self, theme: Theme, width: int, *, lines: int = 1, announce: Announce = announce) -> None:
        super().__init__()
        self._announce = announce
        self._said = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(Text.LABEL))
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setFixedWidth(width)
        self._least = lines * self.fontMetrics().lineSpacing()
        self.setFixedHeight(self._least)

    @property
    def said(self) -> str:
        """What it says."""
        return self._said

    def say(self, text: str, kind: str = "muted") -> None:
        """Show `text` in the colours of `kind`, and have it read out if it is news."""
        set_property(self, "kind", kind)
        if text == self._said:
            return
        self._said = text
        self.setText(_LONG_WORD.sub(lambda word: _BREAK.join(word[0]), text))
        self.setAccessibleName(text)
        room = QRect(0, 0, self.width(), _TALL)
        needed = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self.text()).height()
        self.setFixedHeight(max(self._least, needed))
        if text and self.isVisible():
            self._announce(self, text)
