"""Paints the cells of the table of sales, each as a part of its row."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from salebell_desktop.ui.parts import paint_pill, status_colours
from salebell_desktop.ui.sales.columns import RIGHT_ALIGNED, Column
from salebell_desktop.ui.sales.model import SalesModel
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.tokens import mix
from salebell_protocol.sales import Sale, SaleStatus

ROW = 37
MARGIN = 12
NO_ROW = -1
_BAR = 3
_MUTED = frozenset({Column.CHANNEL, Column.EMAIL, Column.ITEMS, Column.TIME})


class RowPainter(QStyledItemDelegate):
    """Paints a cell as a part of its row: ground, rule, selection bar, and text or pill.

    Args:
        table: whose cells.
        model: what stands in them.
        theme: how they look.
        light: how new the sale of an id looks, 0 to 1.
    """

    def __init__(self, table: QTableView, model: SalesModel, theme: Theme, light: Callable[[str], float]) -> None:
        super().__init__(table)
        self.hovered = NO_ROW
        """The row under the pointer."""
        self._table = table
        self._sales = model
        self._light = light
        self._theme = theme
        self._body = theme.font()
        self._money = theme.font(weight=QFont.Weight.Medium)
        self._pill = theme.font(Text.LABEL, QFont.Weight.Medium)

    def sizeHint(  # noqa: N802 - Qt's name
        self,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QSize:
        """The height of a row."""
        return QSize(0, self._theme.px(ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one cell."""
        sale = self._sales.sale(index.row())
        if sale is None:
            return
        box: QRect = option.rect
        column = index.column()
        painter.save()
        selected = self._table.selectionModel().isRowSelected(index.row())
        self._paint_ground(painter, box, index.row(), sale, selected=selected)
        if selected and self._table.horizontalHeader().sectionPosition(column) == 0:
            bar = self._theme.px(_BAR)
            painter.fillRect(box.left(), box.top(), bar, box.height(), QColor(self._theme.tokens.accent))
        margin = self._theme.px(MARGIN)
        inner = box.adjusted(margin, 0, -margin, -1)
        text = self._sales.text(sale, column)
        if column == Column.STATUS:
            self._paint_status(painter, inner, text, sale.status)
        elif text:
            self._paint_text(painter, inner, text, column)
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRect, row: int, sale: Sale, *, selected: bool) -> None:
        tokens = self._theme.tokens
        ground = tokens.hover if row == self.hovered else tokens.card
        light = self._light(sale.id)
        if light:
            ground = mix(ground, tokens.new_row, light)
        if selected:
            ground = tokens.selection
        painter.fillRect(box, QColor(ground))
        focused = selected and self._table.hasFocus()
        rule = tokens.accent if focused else tokens.line
        painter.fillRect(box.left(), box.bottom(), box.width(), 1, QColor(rule))
        if focused:
            painter.fillRect(box.left(), box.top(), box.width(), 1, QColor(rule))

    def _paint_text(self, painter: QPainter, box: QRect, text: str, column: int) -> None:
        tokens = self._theme.tokens
        font = self._money if column == Column.TOTAL else self._body
        right = column in RIGHT_ALIGNED
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted if column in _MUTED else tokens.text))
        elide = Qt.TextElideMode.ElideLeft if right else Qt.TextElideMode.ElideRight
        shown = QFontMetrics(font).elidedText(text, elide, box.width())
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)

    def _paint_status(self, painter: QPainter, box: QRect, text: str, status: SaleStatus) -> None:
        height = self._theme.px(20)
        width = QFontMetrics(self._pill).horizontalAdvance(text) + self._theme.px(16)
        pill = QRectF(box.left(), box.top() + (box.height() - height) / 2, width, height)
        painter.setFont(self._pill)
        paint_pill(painter, pill, text, status_colours(status, self._theme.tokens))
