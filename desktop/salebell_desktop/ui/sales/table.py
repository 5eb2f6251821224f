"""The table of sales: paints whole rows, keeps the selection on its sale, lights up what has just come."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from salebell_desktop.ui.parts import paint_pill, status_colours
from salebell_desktop.ui.sales.highlights import Highlights
from salebell_desktop.ui.sales.model import RIGHT_ALIGNED, Column, SalesModel
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.tokens import mix
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import Sale, SaleStatus

ROW = 37
_MARGIN = 12
_BAR = 3
_NO_ROW = -1
_NOON = datetime(2000, 1, 1, 12, 0, tzinfo=UTC)
_MUTED = frozenset({Column.CHANNEL, Column.TIME})


class SalesTable(QTableView):
    """Shows a `SalesModel`.

    Args:
        model: the rows.
        theme: how they look.
        words: for the widths of what can stand in them.
        clock: seconds of a clock that only goes forward.
    """

    picked = Signal()
    """Another sale is selected, or none, or the selected one changed: see `selected`."""

    def __init__(self, model: SalesModel, theme: Theme, words: Words, clock: Callable[[], float]) -> None:
        super().__init__()
        self._sales = model
        self._theme = theme
        self._words = words
        self._clock = clock
        self._highlights = Highlights()
        self._kept_id: str | None = None
        self._kept_scroll: tuple[str, int] | None = None
        self.hovered = _NO_ROW
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.timeout.connect(self._next_frame)
        self._delegate = _RowPainter(self, model, theme)
        self.setItemDelegate(self._delegate)
        self.setModel(model)
        self._set_up()
        self._set_up_header()
        model.about_to_change.connect(self._keep)
        model.changed.connect(self._restore)
        model.modelReset.connect(self._fit_columns)
        model.rowsInserted.connect(self._fit_columns)
        model.dataChanged.connect(self._data_changed)
        model.arrived.connect(self._light_up)
        theme.changed.connect(self.viewport().update)

    @property
    def selected(self) -> Sale | None:
        """The selected sale."""
        rows = self.selectionModel().selectedRows()
        return self._sales.sale(rows[0].row()) if rows else None

    def light(self, sale_id: str) -> float:
        """How new a row looks, 0 to 1."""
        return self._highlights.strength(sale_id, self._clock(), calm=self._theme.calm)

    def forget_news(self) -> None:
        """Nothing is new any more: another store is shown, or the window was away."""
        self._highlights.clear()
        self._frame.stop()

    # What Qt tells.

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Mark the row under the pointer."""
        self._hover(self.rowAt(event.position().toPoint().y()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Mark none."""
        self._hover(_NO_ROW)
        super().leaveEvent(event)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(self._theme.font())
        self.setAccessibleName(self.tr("Sales, the newest first"))
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(1)
        rows.setDefaultSectionSize(self._theme.px(ROW))
        self.selectionModel().selectionChanged.connect(self.picked)

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setFont(self._theme.font(Text.LABEL, QFont.Weight.Medium))
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setFixedHeight(self._theme.px(34))
        header.setMinimumSectionSize(self._theme.px(48))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.CUSTOMER, QHeaderView.ResizeMode.Stretch)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Room for what can stand in each column; the customers get the rest, and no amount is ever cut short."""
        body = QFontMetrics(self._theme.font())
        pill = QFontMetrics(self._theme.font(Text.LABEL, QFont.Weight.Medium))
        money = QFontMetrics(self._theme.font(weight=QFont.Weight.Medium))
        margins = 2 * self._theme.px(_MARGIN)
        status = max(pill.horizontalAdvance(self._words.status(status)) for status in SaleStatus)
        totals = (self._words.format.money("100000.00", "USD"), *self._sales.longest_totals)
        times = (self._words.format.time(_NOON), self._sales.longest_time)
        widths = {
            Column.NUMBER: body.horizontalAdvance("0000000000"),
            Column.CHANNEL: body.horizontalAdvance("mercadolibre"),
            Column.STATUS: status + self._theme.px(16),
            Column.TOTAL: max(map(money.horizontalAdvance, totals)) + self._theme.px(4),
            Column.TIME: max(map(body.horizontalAdvance, times)) + self._theme.px(4),
        }
        for column, width in widths.items():
            if self.columnWidth(column) != width + margins:
                self.setColumnWidth(column, width + margins)

    # Changes of the rows.

    def _keep(self) -> None:
        selected = self.selected
        self._kept_id = None if selected is None else selected.id
        self._kept_scroll = None
        offset = self.verticalScrollBar().value()
        if offset > 0 and (top := self._sales.sale(self.rowAt(0))) is not None:
            self._kept_scroll = (top.id, self.rowViewportPosition(self.rowAt(0)))

    def _restore(self) -> None:
        """The same sale selected, and under the same eyes: only who is at the top sees the newest slide in."""
        selected = self.selected
        if self._kept_id is not None and (selected is None or selected.id != self._kept_id):
            row = self._sales.row_of(self._kept_id)
            if row is not None:
                self.selectRow(row)
        if self._kept_scroll is not None:
            sale_id, position = self._kept_scroll
            row = self._sales.row_of(sale_id)
            if row is not None:
                # Qt measures later; until then the scroll bar ends where the shorter list did.
                self.updateGeometries()
                self.verticalScrollBar().setValue(row * self._theme.px(ROW) - position)

    def _data_changed(self) -> None:
        self._fit_columns()
        if self.selected is not None:
            self.picked.emit()

    def _light_up(self, sale_ids: list[str]) -> None:
        self._highlights.add(sale_ids, self._clock())
        self._schedule()

    def _schedule(self) -> None:
        wait = self._highlights.next_change(self._clock(), calm=self._theme.calm)
        if wait is not None:
            self._frame.start(round(wait * 1000) + 1)

    def _next_frame(self) -> None:
        now = self._clock()
        changed = {*self._highlights.fading(now), *self._highlights.expire(now)}
        for row in range(max(0, self.rowAt(0)), self._last_visible() + 1):
            sale = self._sales.sale(row)
            if sale is not None and sale.id in changed:
                self._repaint_row(row)
        self._schedule()

    def _last_visible(self) -> int:
        last = self.rowAt(self.viewport().height() - 1)
        return last if last >= 0 else self._sales.rowCount() - 1

    def _hover(self, row: int) -> None:
        before, self.hovered = self.hovered, row
        if before != row:
            self._repaint_row(before)
            self._repaint_row(row)

    def _repaint_row(self, row: int) -> None:
        if row >= 0:
            self.viewport().update(0, self.rowViewportPosition(row), self.viewport().width(), self.rowHeight(row))


class _RowPainter(QStyledItemDelegate):
    """Paints a cell as a part of its row: ground, rule, selection bar, and text or pill."""

    def __init__(self, table: SalesTable, model: SalesModel, theme: Theme) -> None:
        super().__init__(table)
        self._table = table
        self._sales = model
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
        if selected and column == Column.NUMBER:
            painter.fillRect(
                box.left(), box.top(), self._theme.px(_BAR), box.height(), QColor(self._theme.tokens.accent)
            )
        margin = self._theme.px(_MARGIN)
        inner = box.adjusted(margin, 0, -margin, -1)
        text = self._sales.text(sale, column)
        if column == Column.STATUS:
            self._paint_status(painter, inner, text, sale.status)
        elif text:
            self._paint_text(painter, inner, text, column)
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRect, row: int, sale: Sale, *, selected: bool) -> None:
        tokens = self._theme.tokens
        ground = tokens.hover if row == self._table.hovered else tokens.card
        light = self._table.light(sale.id)
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
