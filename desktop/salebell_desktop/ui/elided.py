"""A label that leaves out the middle of its text where there is no room for all of it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from salebell_desktop.ui.theme import Text, Theme

_LEAST = 48


class ElidedLabel(QLabel):
    """As wide as its text if there is room, at most `widest` pixels; who points at it is told the whole.

    Args:
        theme: how it looks.
        widest: in pixels.
    """

    def __init__(self, theme: Theme, widest: int) -> None:
        super().__init__()
        self._whole = ""
        self._least, self._widest = theme.px(_LEAST), widest
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(Text.LABEL))
        self.setProperty("kind", "muted")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    @property
    def whole(self) -> str:
        """All of its text."""
        return self._whole

    def say(self, text: str) -> None:
        """Show `text`, or as much as there is room for; hidden without any."""
        self.setVisible(bool(text))
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self.setToolTip(text)
            self._fit()
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the whole."""
        wanted = self.fontMetrics().horizontalAdvance(self._whole) + 2
        return QSize(min(wanted, self._widest), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for a bit of it."""
        return QSize(self._least, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show what fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width()))
