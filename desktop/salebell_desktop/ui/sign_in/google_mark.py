"""The mark on the button that leads to Google, in Google's colours, which hold on light and dark buttons alike."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

_ARCS = (("#ea4335", 40.0, 110.0), ("#fbbc05", 150.0, 60.0), ("#34a853", 210.0, 100.0), ("#4285f4", 310.0, 50.0))
"""Colour, start and span in degrees, counter-clockwise from three o'clock."""
_UNIT = 18.0
_WIDTH = 3.4
_GAP = 6
"""Beside it, to the text of the button."""


def google_icon(height: int) -> tuple[QIcon, QSize]:
    """The mark `height` pixels high, with a gap beside it, and the size of both; twice as fine for sharp screens."""
    size = QSize(height + height * _GAP // round(_UNIT), height)
    pixmap = QPixmap(2 * size.width(), 2 * size.height())
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(2 * height / _UNIT, 2 * height / _UNIT)
    inset = 0.8 + _WIDTH / 2
    ring = QRectF(inset, inset, _UNIT - 2 * inset, _UNIT - 2 * inset)
    for colour, start, span in _ARCS:
        pen = QPen(QColor(colour), _WIDTH)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawArc(ring, round(start * 16), round(span * 16))
    painter.fillRect(QRectF(_UNIT / 2, _UNIT / 2 - _WIDTH / 2, _UNIT / 2 - 0.8, _WIDTH), QColor(_ARCS[-1][0]))
    painter.end()
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap), size
