"""The chart of sales per hour or day, painted. Its bars can be pointed at, and walked with the arrow keys."""

import html
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from salebell_desktop.ui.sales.day import Slot
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.tokens import mix

_HEIGHT = 68
_LABELS = 16
_GAP = 3
_LEAST_BAR = 2.0
_SOFT = 0.62
_RADIUS = 2
_NONE = -1


class Chart(QWidget):
    """Bars, the current one strong; a line over each marks the same time of the day before.

    Args:
        theme: how it looks.
        tell: what there is to say of a bar, in words.
        name: what stands below a bar, if anything.
    """

    def __init__(self, theme: Theme, tell: Callable[[Slot], str], name: Callable[[Slot], str]) -> None:
        super().__init__()
        self._theme = theme
        self._tell = tell
        self._name = name
        self._slots: Sequence[Slot] = ()
        self._cursor = _NONE
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(theme.font(Text.LABEL))
        theme.changed.connect(self.update)

    @property
    def slots(self) -> Sequence[Slot]:
        """What is shown."""
        return self._slots

    @property
    def cursor_text(self) -> str:
        """What is said of the bar that the keyboard is at; "" is none."""
        return self._tell(self._slots[self._cursor]) if 0 <= self._cursor < len(self._slots) else ""

    def show_slots(self, slots: Sequence[Slot], name: str) -> None:
        """Show `slots`; `name` is what they are, for screen readers."""
        self._slots = slots
        self.setAccessibleName(name)
        if self._cursor >= len(slots):
            self._cursor = _NONE
        self.setAccessibleDescription(self.cursor_text)
        self.update()

    def slot_at(self, x: int) -> Slot | None:
        """The bar at a place, told from left to right."""
        if not self._slots or not 0 <= x < self.width():
            return None
        return self._slots[x * len(self._slots) // self.width()]

    # What Qt tells.

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as a card has room for."""
        return QSize(self._theme.px(240), self._theme.px(_HEIGHT))

    def event(self, event: QEvent) -> bool:
        """Say what a bar is when somebody points at it."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            slot = self.slot_at(event.pos().x())
            if slot is not None:
                QToolTip.showText(event.globalPos(), f"<span>{html.escape(self._tell(slot))}</span>", self)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Walk from bar to bar."""
        last = len(self._slots) - 1
        current = next((row for row, slot in enumerate(self._slots) if slot.current), last)
        match event.key():
            case Qt.Key.Key_Left:
                wanted = current if self._cursor == _NONE else self._cursor - 1
            case Qt.Key.Key_Right:
                wanted = current if self._cursor == _NONE else self._cursor + 1
            case Qt.Key.Key_Home:
                wanted = 0
            case Qt.Key.Key_End:
                wanted = last
            case _:
                super().keyPressEvent(event)
                return
        self._cursor = max(0, min(wanted, last))
        self.setAccessibleDescription(self.cursor_text)
        self.update()
        if self._slots:
            box = self._box(self._cursor)
            where = self.mapToGlobal(QPoint(round(box.center().x()), round(box.bottom())))
            QToolTip.showText(where, f"<span>{html.escape(self.cursor_text)}</span>", self)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's signature
        """Paint bars and labels."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        soft = mix(tokens.accent, tokens.card, _SOFT)
        painter.setPen(Qt.PenStyle.NoPen)
        for row, slot in enumerate(self._slots):
            box = self._box(row)
            if slot.sales:
                painter.setBrush(QColor(tokens.accent if slot.current or row == self._cursor else soft))
                radius = min(self._theme.px(_RADIUS), box.width() / 2)
                painter.drawRoundedRect(box, radius, radius)
            if slot.before:
                top = self._top(slot.before)
                painter.fillRect(
                    QRectF(box.left(), top, box.width(), max(1.0, self._theme.scale)), QColor(tokens.muted)
                )
            if row == self._cursor and self.hasFocus():
                painter.fillRect(QRectF(box.left(), self._ground, box.width(), 2), QColor(tokens.accent))
        painter.fillRect(QRectF(0, self._ground, self.width(), 1), QColor(tokens.line))
        self._paint_names(painter)
        painter.end()

    # Where things are.

    @property
    def _ground(self) -> float:
        return float(self.height() - self._theme.px(_LABELS))

    @property
    def _most(self) -> int:
        return max((max(slot.sales, slot.before or 0) for slot in self._slots), default=0)

    def _top(self, sales: int) -> float:
        room = self._ground - 2
        return self._ground - max(_LEAST_BAR, room * sales / max(1, self._most))

    def _box(self, row: int) -> QRectF:
        step = self.width() / len(self._slots)
        gap = min(self._theme.px(_GAP), step / 3)
        top = self._top(self._slots[row].sales)
        return QRectF(row * step + gap / 2, top, step - gap, self._ground - top)

    def _paint_names(self, painter: QPainter) -> None:
        """As many as there is room for, and never one over another."""
        font = QFont(self.font())
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.tokens.muted))
        free = 0.0
        for row, slot in enumerate(self._slots):
            text = self._name(slot)
            box = self._box(row)
            width = metrics.horizontalAdvance(text)
            left = min(max(0.0, box.center().x() - width / 2), self.width() - width)
            if text and left >= free:
                painter.drawText(QRectF(left, self._ground + 1, width + 1, self._theme.px(_LABELS)), 0, text)
                free = left + width + self._theme.px(8)
