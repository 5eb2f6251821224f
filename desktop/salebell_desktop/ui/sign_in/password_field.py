"""The field for a password, with a button that shows what is in it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from salebell_desktop.ui.theme import Theme

_EYE = 18
_BUTTON = 28


class RevealButton(QAbstractButton):
    """An eye, crossed out while the password is hidden. The keyboard reaches it, and the space bar turns it."""

    def __init__(self, theme: Theme, parent: QLineEdit) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(theme.px(_BUTTON), theme.px(_BUTTON))
        self.toggled.connect(self._say)
        self._say()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A square."""
        return QSize(self._theme.px(_BUTTON), self._theme.px(_BUTTON))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's signature
        """Paint the eye, and a frame around it while it has the focus."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
        size = self._theme.px(_EYE)
        painter.translate(box.center())
        painter.scale(size / _EYE, size / _EYE)
        strong = self.isDown() or self.underMouse() or self.hasFocus()
        pen = QPen(QColor(tokens.text if strong else tokens.muted), 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(_eye())
        painter.drawEllipse(QPointF(0, 0), 2.4, 2.4)
        if not self.isChecked():
            painter.drawLine(QPointF(-6.2, 6.2), QPointF(6.2, -6.2))
        painter.end()

    def _say(self) -> None:
        name = self.tr("Hide the password") if self.isChecked() else self.tr("Show the password")
        self.setAccessibleName(name)
        self.setToolTip(name)


class PasswordField(QLineEdit):
    """Shows dots, unless it is asked for the letters."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFont(theme.font())
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.reveal = RevealButton(theme, self)
        self.reveal.toggled.connect(self._turn)
        self.setTextMargins(0, 0, theme.px(_BUTTON), 0)

    def forget(self) -> None:
        """Be empty, with nothing to undo, and show dots again."""
        self.reveal.setChecked(False)
        self.setText("")  # unlike `clear`, it empties the history too

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the eye at the end."""
        super().resizeEvent(event)
        room = self.height() - self.reveal.height()
        self.reveal.move(self.width() - self.reveal.width() - self._theme.px(4), room // 2)

    def _turn(self, shown: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)


def _eye() -> QPainterPath:
    """The outline, around the origin."""
    path = QPainterPath(QPointF(-8, 0))
    path.cubicTo(-4.6, -6.6, 4.6, -6.6, 8, 0)
    path.cubicTo(4.6, 6.6, -4.6, 6.6, -8, 0)
    return path
