"""The bell, drawn as vectors: in the tray with its state and the count, and as the application's icon."""

from collections.abc import Callable
from enum import Enum, auto
from functools import lru_cache

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPainterPath, QPen, QPixmap, QTransform

from salebell_desktop.ui.tokens import BADGE, BRAND, BRAND_MUTED, CLOCK, ON_BADGE

TRAY_SIZES = (16, 20, 22, 24, 32, 44, 48, 64)
APPLICATION_SIZES = (16, 20, 24, 32, 48, 64, 128, 256)

_UNIT = 16.0
"""The bell is drawn on a square of 16 by 16; a tray's smallest icon shows it pixel by pixel."""
_SMALL = 20
"""Below this many pixels digits are set dot by dot: type rendered that small blurs."""


class Look(Enum):
    """What the bell tells about the connection."""

    CONNECTED = auto()
    """Full."""
    CONNECTING = auto()
    """An outline."""
    DISCONNECTED = auto()
    """Muted and crossed."""
    SIGNED_OUT = auto()
    """Grey."""
    DELAYED = auto()
    """Full, with a small clock."""


class Face(msgspec.Struct, frozen=True):
    """All that decides how the icon looks: equal faces need no new drawing."""

    look: Look
    count: str


def face(look: Look, unread: int) -> Face:
    """The face for `unread` sales: no count at 0, the number to 99, then `99+`."""
    return Face(look, "" if unread <= 0 else str(unread) if unread <= 99 else "99+")


@lru_cache(maxsize=8)
def tray_icon(shown: Face) -> QIcon:
    """The icon at every size that trays ask for."""
    icon = QIcon()
    for size in TRAY_SIZES:
        icon.addPixmap(draw(shown, size))
    return icon


def draw(shown: Face, size: int) -> QPixmap:
    """The icon as a square of `size` pixels."""
    pixmap, painter = _canvas(size)
    painter.save()
    painter.scale(size / _UNIT, size / _UNIT)
    _bell(painter, shown.look)
    if shown.look is Look.DELAYED:
        _clock(painter)
    painter.restore()
    if shown.count:
        _badge(painter, shown.count, size)
    painter.end()
    return pixmap


def sharp(draw_at: Callable[[int], QPixmap], size: int) -> QPixmap:
    """A picture `size` pixels large on any screen, drawn twice as fine for those that are."""
    pixmap = draw_at(2 * size)
    pixmap.setDevicePixelRatio(2)
    return pixmap


def application_icon() -> QIcon:
    """The bell in white on a rounded square: for windows, the taskbar and notifications."""
    icon = QIcon()
    for size in APPLICATION_SIZES:
        icon.addPixmap(draw_application(size))
    return icon


def draw_application(size: int) -> QPixmap:
    """The application's icon as a square of `size` pixels."""
    pixmap, painter = _canvas(size)
    painter.scale(size / _UNIT, size / _UNIT)
    square = QPainterPath()
    square.addRoundedRect(QRectF(0.25, 0.25, 15.5, 15.5), 3.6, 3.6)
    painter.fillPath(square, QColor(BRAND))
    painter.translate(_UNIT / 2, _UNIT / 2)
    painter.scale(0.72, 0.72)
    painter.translate(-_UNIT / 2, -_UNIT / 2)
    painter.fillPath(_bell_path(), QColor(ON_BADGE))
    painter.end()
    return pixmap


def _canvas(size: int) -> tuple[QPixmap, QPainter]:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return pixmap, painter


def _body_path() -> QPainterPath:
    """The bell without its clapper."""
    body = QPainterPath(QPointF(8, 1))
    body.cubicTo(8.9, 1, 9.5, 1.6, 9.5, 2.4)
    body.cubicTo(11.7, 3.1, 12.8, 5.0, 12.8, 7.2)
    body.cubicTo(12.8, 9.6, 13.4, 10.6, 14.6, 11.7)
    body.cubicTo(15.2, 12.3, 14.8, 13, 14.1, 13)
    body.lineTo(1.9, 13)
    body.cubicTo(1.2, 13, 0.8, 12.3, 1.4, 11.7)
    body.cubicTo(2.6, 10.6, 3.2, 9.6, 3.2, 7.2)
    body.cubicTo(3.2, 5.0, 4.3, 3.1, 6.5, 2.4)
    body.cubicTo(6.5, 1.6, 7.1, 1, 8, 1)
    body.closeSubpath()
    return body


def _bell_path() -> QPainterPath:
    clapper = QPainterPath(QPointF(5.8, 13.8))
    clapper.lineTo(10.2, 13.8)
    clapper.cubicTo(10.2, 15, 9.2, 15.8, 8, 15.8)
    clapper.cubicTo(6.8, 15.8, 5.8, 15, 5.8, 13.8)
    clapper.closeSubpath()
    path = _body_path()
    path.addPath(clapper)
    return path


def _bell(painter: QPainter, look: Look) -> None:
    if look is Look.CONNECTING:
        pen = QPen(QColor(BRAND), 1.3)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(_shrunk(_bell_path(), 0.92), pen)
        return
    muted = look in (Look.DISCONNECTED, Look.SIGNED_OUT)
    painter.fillPath(_bell_path(), QColor(BRAND_MUTED if muted else BRAND))
    if look is Look.DISCONNECTED:
        _cross(painter)


def _cross(painter: QPainter) -> None:
    """One stroke across, cut free from the bell so that it shows on any panel."""
    start, end = QPointF(2, 1.6), QPointF(14.2, 14.4)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setPen(QPen(Qt.GlobalColor.black, 3.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(start, end)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setPen(QPen(QColor(BRAND_MUTED), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(start, end)


def _clock(painter: QPainter) -> None:
    """At the lower left, where no badge comes."""
    centre = QPointF(4.4, 11.4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setBrush(QColor(Qt.GlobalColor.black))
    painter.drawEllipse(centre, 5.0, 5.0)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setBrush(QColor(CLOCK))
    painter.drawEllipse(centre, 4.0, 4.0)
    painter.setPen(QPen(QColor(ON_BADGE), 1.1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(centre, centre + QPointF(0, -2.4))
    painter.drawLine(centre, centre + QPointF(1.7, 0.9))


def _badge(painter: QPainter, count: str, size: int) -> None:
    """A red pill at the upper right, cut free from the bell; wider and lower as the number grows."""
    unit = size / _UNIT
    width, height = {1: (10.0, 11.0), 2: (15.0, 11.0), 3: (16.0, 9.0)}[len(count)]
    box = QRectF(size - round(width * unit), 0, round(width * unit), round(height * unit))
    radius = min(box.width(), box.height()) / 2 if len(count) == 1 else box.height() / 3
    gap = max(1.0, unit)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setBrush(QColor(Qt.GlobalColor.black))
    painter.drawRoundedRect(box.adjusted(-gap, -gap, gap, gap), radius + gap, radius + gap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setBrush(QColor(BADGE))
    painter.drawRoundedRect(box, radius, radius)
    if size < _SMALL:
        _dotted_digits(painter, count, box)
    else:
        _typeset_digits(painter, count, box)


def _typeset_digits(painter: QPainter, count: str, box: QRectF) -> None:
    """The digits as outlines, fitted to the badge whatever the system's font measures."""
    font = QFont()
    font.setPixelSize(100)
    font.setWeight(QFont.Weight.Bold)
    text = QPainterPath()
    text.addText(0, 0, font, count)
    bounds = text.boundingRect()
    room = box.width() - box.height() * 0.28
    height = box.height() * 0.68
    across = min(height / bounds.height(), room / bounds.width())
    placed = QTransform()
    placed.translate(box.center().x(), box.center().y())
    placed.scale(across, min(height / bounds.height(), across * 1.35))
    placed.translate(-bounds.center().x(), -bounds.center().y())
    painter.fillPath(placed.map(text), QColor(ON_BADGE))


_DOTS = {
    "large": {
        "1": "..##.|.###.|..##.|..##.|..##.|..##.|.####",
        "2": ".###.|##.##|...##|..##.|.##..|##...|#####",
        "3": "####.|...##|...##|.###.|...##|...##|####.",
        "4": "...##|..###|.#.##|##.##|#####|...##|...##",
        "5": "#####|##...|####.|...##|...##|##.##|.###.",
        "6": ".###.|##...|##...|####.|##.##|##.##|.###.",
        "7": "#####|...##|..##.|..##.|.##..|.##..|.##..",
        "8": ".###.|##.##|##.##|.###.|##.##|##.##|.###.",
        "9": ".###.|##.##|##.##|.####|...##|...##|.###.",
        "0": ".###.|##.##|##.##|##.##|##.##|##.##|.###.",
    },
    "small": {
        "9": ".##.|#..#|#..#|.###|...#|#..#|.##.",
        "+": "...|...|.#.|###|.#.|...|...",
    },
}
"""Digits of 7 dots' height, for 16 pixels."""


def _dotted_digits(painter: QPainter, count: str, box: QRectF) -> None:
    dots = _DOTS["small" if len(count) == 3 else "large"]
    glyphs = [dots[char].split("|") for char in count]
    width = sum(len(glyph[0]) for glyph in glyphs) + len(glyphs) - 1
    left = round(box.left() + (box.width() - width) / 2)
    top = round(box.top() + (box.height() - 7) / 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for glyph in glyphs:
        for row, line in enumerate(glyph):
            for column, dot in enumerate(line):
                if dot == "#":
                    painter.fillRect(left + column, top + row, 1, 1, QColor(ON_BADGE))
        left += len(glyph[0]) + 1


def _shrunk(path: QPainterPath, factor: float) -> QPainterPath:
    middle = _UNIT / 2
    placed = QTransform()
    placed.translate(middle, middle)
    placed.scale(factor, factor)
    placed.translate(-middle, -middle)
    return placed.map(path)
