"""Small widgets that several windows are made of. Texts are always plain: nobody's name is markup."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QWidget

from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.tokens import Tokens
from salebell_protocol.sales import SaleStatus


def label(theme: Theme, text: str = "", *, size: Text = Text.BODY, kind: str = "", bold: bool = False) -> QLabel:
    """A label of plain text. `kind` picks its colours in the stylesheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setFont(theme.font(size, QFont.Weight.DemiBold if bold else QFont.Weight.Normal))
    if kind:
        made.setProperty("kind", kind)
    return made


def button(theme: Theme, text: str, *, kind: str = "") -> QPushButton:
    """A button that the keyboard reaches, and Enter presses in a dialog only when it is the default one."""
    made = QPushButton(text)
    made.setFont(theme.font(weight=QFont.Weight.Medium))
    made.setAutoDefault(False)
    if kind:
        made.setProperty("kind", kind)
    if kind == "link":
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def dialog_button(theme: Theme, text: str, *, kind: str = "") -> QPushButton:
    """A button that Enter presses while it has the focus. One of the kind `quiet` looks like a link, in small type."""
    made = button(theme, text, kind=kind)
    made.setAutoDefault(True)
    if kind == "quiet":
        made.setFont(theme.font(Text.LABEL, QFont.Weight.Medium))
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def field_name(theme: Theme, text: str, field: QWidget) -> QLabel:
    """The label of `field`, which its underlined letter leads to."""
    made = label(theme, text, size=Text.LABEL, kind="muted")
    made.setBuddy(field)
    field.setAccessibleName(text.replace("&", ""))
    return made


def elided(text: str, whose: QWidget, width: int) -> str:
    """`text` with its middle left out, if `whose` type would need more than `width` pixels for it."""
    return whose.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width)


def card(kind: str = "card") -> QFrame:
    """A panel with a border."""
    made = QFrame()
    made.setProperty("kind", kind)
    return made


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Change what the stylesheet looks at, and have it look again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        for part in (widget, *widget.findChildren(QWidget)):
            part.style().unpolish(part)
            part.style().polish(part)


def status_colours(status: SaleStatus, tokens: Tokens) -> tuple[str, str]:
    """Text and ground of the pill of a status."""
    match status:
        case SaleStatus.APPROVED:
            return tokens.accent, tokens.accent_soft
        case SaleStatus.PENDING:
            return tokens.warn, tokens.warn_soft
        case SaleStatus.CANCELLED:
            return tokens.bad, tokens.bad_soft
        case SaleStatus.REFUNDED:
            return tokens.muted, tokens.neutral_soft


def paint_pill(painter: QPainter, box: QRectF, text: str, colours: tuple[str, str]) -> None:
    """A pill that fills `box`, in (text, ground) colours and the painter's font."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours[1]))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setPen(QColor(colours[0]))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class StatusPill(QWidget):
    """The status of one sale, as the table paints it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self._status = SaleStatus.PENDING
        self.setFont(theme.font(Text.LABEL, QFont.Weight.Medium))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_status(self, status: SaleStatus, text: str) -> None:
        """Become the pill of `status`, which is called `text`."""
        self._status, self._text = status, text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the word."""
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + self._theme.px(16), self._theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's signature
        """Paint the pill."""
        painter = QPainter(self)
        painter.setFont(self.font())
        paint_pill(painter, QRectF(self.rect()), self._text, status_colours(self._status, self._theme.tokens))
        painter.end()


class Dot(QWidget):
    """A coloured dot beside a word that says the same: nothing is told by colour alone."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._colour = "muted"
        self.setFixedSize(theme.px(8), theme.px(8))

    def set_colour(self, token: str) -> None:
        """`token` is the name of a colour in `Tokens`."""
        self._colour = token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's signature
        """Paint the dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(self._theme.tokens, self._colour)))
        painter.drawEllipse(self.rect())
        painter.end()


class StateChip(QFrame):
    """The connection: a dot and a word or two."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "chip")
        self._dot = Dot(theme)
        self._label = label(theme, kind="muted")
        self.setFixedHeight(theme.px(28))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self._dot)
        row.addWidget(self._label)

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def say(self, text: str, colour: str, more: str) -> None:
        """Say `text`, beside a dot in the token `colour`; `more` is told to who points at it."""
        self._dot.set_colour(colour)
        self._label.setText(text)
        self.setToolTip(more)
        self.setAccessibleName(more)


class ChoiceMenu(QMenu):
    """A menu of which one entry is the present choice; its tick is as sharp as the screen."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's signature
        """Paint the menu, and the ticks."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(self._theme.tokens.accent), 2 * self._theme.scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        for action in self.actions():
            if action.isVisible() and action.isChecked():
                box = self.actionGeometry(action)
                unit = self._theme.px(4)
                left, middle = box.left() + 4 * unit, box.center().y() + 1
                tick = [(-1.2, 0.0), (-0.3, 0.9), (1.4, -1.1)]
                painter.drawPolyline([QPointF(left + x * unit, middle + y * unit) for x, y in tick])
        painter.end()


class Strip(QFrame):
    """A line across the window that says what is worth knowing, with one thing to do about it, or two."""

    def __init__(self, theme: Theme, action: str, second: str = "") -> None:
        super().__init__()
        self.setProperty("kind", "strip")
        self.setProperty("tone", "warn")
        self._label = label(theme)
        self._label.setWordWrap(True)
        self.action = button(theme, action, kind="link")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(8), theme.px(12), theme.px(8))
        row.setSpacing(theme.px(12))
        row.addWidget(self._label, 1)
        row.addWidget(self.action)
        self.second = button(theme, second, kind="link")
        self.second.setVisible(bool(second))
        row.addWidget(self.second)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    @property
    def shown(self) -> bool:
        """Whether it says anything."""
        return bool(self._label.text())

    def say(self, text: str, tone: str = "warn", *, action: bool = True) -> None:
        """Show `text`; an empty one hides the strip."""
        self.setVisible(bool(text))
        self._label.setText(text)
        self.action.setVisible(action)
        set_property(self, "tone", tone)
