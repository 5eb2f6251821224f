"""The table of sales: keeps the selection on its sale and the reader's place, lights up what has just come."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from salebell_desktop.store import Order
from salebell_desktop.ui.sales.column_menu import ColumnMenu
from salebell_desktop.ui.sales.columns import FLEXIBLE, SORT_KEYS, Arrangement, Column, next_order, widths
from salebell_desktop.ui.sales.highlights import Highlights
from salebell_desktop.ui.sales.model import SalesModel
from salebell_desktop.ui.sales.row_painter import MARGIN, NO_ROW, ROW, RowPainter
from salebell_desktop.ui.theme import Text, Theme
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import Sale, SaleStatus

_NOON = datetime(2000, 1, 1, 12, 0, tzinfo=UTC)
_NAME = 112
"""Pixels that a customer needs, or an e-mail."""
_LEAST = {Column.NUMBER: 80, Column.CHANNEL: 80, Column.CUSTOMER: 96, Column.EMAIL: 96, Column.ITEMS: 96}
"""Pixels that are enough where there is little room, for what may be cut short."""
_AHEAD = 2
"""More is loaded when fewer than so many heights of the table are left below."""


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
    order_wanted = Signal(object)
    """An `Order` that the user wants the sales in."""
    arranged = Signal()
    """The user chose or moved columns: see `arrangement`."""
    typed = Signal(str)
    """The user began to type, as if to look for something."""

    def __init__(self, model: SalesModel, theme: Theme, words: Words, clock: Callable[[], float]) -> None:
        super().__init__()
        self._sales = model
        self._theme = theme
        self._words = words
        self._clock = clock
        self._highlights = Highlights()
        self._changing = False
        self._kept_id: str | None = None
        self._kept_scroll: tuple[str, int] | None = None
        self._told: Sale | None = None
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.timeout.connect(self._next_frame)
        self.menu = ColumnMenu(theme, self)
        self._painter = RowPainter(self, model, theme, self.light)
        self.setItemDelegate(self._painter)
        self.setModel(model)
        self._set_up()
        self._set_up_header()
        model.about_to_change.connect(self._keep)
        model.changed.connect(self._restore)
        model.dataChanged.connect(self._fit_unless_changing)
        model.arrived.connect(self._light_up)
        theme.changed.connect(self.viewport().update)

    @property
    def selected(self) -> Sale | None:
        """The selected sale."""
        rows = self.selectionModel().selectedRows()
        return self._sales.sale(rows[0].row()) if rows else None

    def select(self, row: int) -> None:
        """Select the sale at `row`, and bring it into sight."""
        self.selectRow(row)
        self.scrollTo(self._sales.index(row, Column.NUMBER), QAbstractItemView.ScrollHint.EnsureVisible)

    def light(self, sale_id: str) -> float:
        """How new a row looks, 0 to 1."""
        return self._highlights.strength(sale_id, self._clock(), calm=self._theme.calm)

    def forget_news(self) -> None:
        """Nothing is new any more: another list is shown, or the window was away."""
        self._highlights.clear()
        self._frame.stop()

    # The columns.

    @property
    def arrangement(self) -> Arrangement:
        """Which columns are shown, and where."""
        header = self.horizontalHeader()
        hidden = frozenset(column for column in Column if self.isColumnHidden(column))
        return Arrangement(hidden, tuple(sorted(Column, key=header.visualIndex)))

    def arrange(self, arrangement: Arrangement) -> None:
        """Show columns as `arrangement` says."""
        header = self.horizontalHeader()
        with QSignalBlocker(self):
            for place, column in enumerate(arrangement.places):
                header.moveSection(header.visualIndex(column), place)
            for column in Column:
                self.setColumnHidden(column, column in arrangement.hidden)
        self._fit_columns()

    def _choose_column(self, column: int, shown: bool) -> None:
        self.setColumnHidden(column, not shown)
        self._fit_columns()
        self.arranged.emit()

    def _as_usual(self) -> None:
        self.arrange(Arrangement())
        self.arranged.emit()
        self.order_wanted.emit(Order())

    def _sort_by(self, section: int) -> None:
        column = Column(section)
        if column in SORT_KEYS:
            self.order_wanted.emit(next_order(self._sales.order, column))

    def _moved(self) -> None:
        if not self.signalsBlocked():
            self.arranged.emit()

    def _fit_columns(self) -> None:
        """Room for what can stand in each column: no amount is ever cut short, and names share what is left."""
        needed = {column: self._needed(column) for column in Column if not self.isColumnHidden(column)}
        px = self._theme.px
        least = {column: px(least) for column, least in _LEAST.items()} | {Column.TOTAL: self._total_width()}
        for column, width in widths(needed, least, self.viewport().width()).items():
            if self.columnWidth(column) != width:
                self.setColumnWidth(column, width)

    def _fit_unless_changing(self) -> None:
        if not self._changing:
            self._fit_columns()

    def _needed(self, column: Column) -> int:
        margins = 2 * self._theme.px(MARGIN)
        heading = QFontMetrics(self.horizontalHeader().font()).horizontalAdvance(f"{self._sales.heading(column)}  ")
        if column in FLEXIBLE:
            return max(self._theme.px(_NAME), heading + margins)
        body = QFontMetrics(self._theme.font())
        match column:
            case Column.STATUS:
                pill = QFontMetrics(self._theme.font(Text.LABEL, QFont.Weight.Medium))
                words = max(pill.horizontalAdvance(self._words.status(status)) for status in SaleStatus)
                inside = words + self._theme.px(16)
            case Column.TOTAL:
                return max(heading + margins, self._total_width(self._words.format.money("100000.00", "USD")))
            case Column.TIME:
                times = (self._words.format.time(_NOON), self._sales.longest_time)
                inside = max(map(body.horizontalAdvance, times)) + self._theme.px(4)
            case _:
                inside = body.horizontalAdvance("0000000000" if column is Column.NUMBER else "mercadolibre")
        return max(inside, heading) + margins

    def _total_width(self, *further: str) -> int:
        """Room for the longest amount that is listed, and for `further` ones."""
        money = QFontMetrics(self._theme.font(weight=QFont.Weight.Medium))
        longest = max(map(money.horizontalAdvance, (*further, *self._sales.longest_totals)), default=0)
        return longest + self._theme.px(4) + 2 * self._theme.px(MARGIN)

    # What Qt tells.

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The names get more room, or less."""
        super().resizeEvent(event)
        self._fit_columns()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Mark the row under the pointer."""
        self._hover(self.rowAt(event.position().toPoint().y()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Mark none."""
        self._hover(NO_ROW)
        super().leaveEvent(event)

    def moveCursor(  # noqa: N802 - Qt's name
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home and End go to the first and the last sale: there are no cells to go to."""
        last = self._sales.rowCount() - 1
        if action is QAbstractItemView.CursorAction.MoveHome:
            return self._sales.index(0, Column.NUMBER)
        if action is QAbstractItemView.CursorAction.MoveEnd:
            return self._sales.index(last, Column.NUMBER)
        return super().moveCursor(action, modifiers)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802 - Qt's name
        """Letters look for sales everywhere, not for the next row that begins with them."""
        if search.strip():
            self.typed.emit(search)

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
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFont(self._theme.font())
        self.setAccessibleName(self.tr("Sales"))
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(1)
        rows.setDefaultSectionSize(self._theme.px(ROW))
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.verticalScrollBar().valueChanged.connect(self._look_ahead)

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setFont(self._theme.font(Text.LABEL, QFont.Weight.Medium))
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSectionsMovable(True)
        header.setAccessibleName(self.tr("Columns"))
        header.setToolTip(self.tr("Click to sort, drag to move, right-click to choose columns"))
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._pop_up)
        header.sectionClicked.connect(self._sort_by)
        header.sectionMoved.connect(self._moved)
        header.setFixedHeight(self._theme.px(34))
        header.setMinimumSectionSize(self._theme.px(48))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.menu.aboutToShow.connect(lambda: self.menu.show_choices(self.arrangement, self._sales.order))
        self.menu.column_wanted.connect(self._choose_column)
        self.menu.order_wanted.connect(self.order_wanted)
        self.menu.reset_wanted.connect(self._as_usual)
        self.arrange(Arrangement())

    def _pop_up(self, where: QPoint) -> None:
        self.menu.popup(self.horizontalHeader().mapToGlobal(where))

    # Changes of the rows.

    def _keep(self) -> None:
        self._changing = True
        selected = self.selected
        self._kept_id = None if selected is None else selected.id
        self._kept_scroll = None
        offset = self.verticalScrollBar().value()
        if offset > 0 and (top := self._sales.sale(self.rowAt(0))) is not None:
            self._kept_scroll = (top.id, self.rowViewportPosition(self.rowAt(0)))

    def _restore(self) -> None:
        """The same sale selected, and under the same eyes: only who is at the top sees the newest slide in."""
        self._fit_columns()
        selected = self.selected
        if self._kept_id is not None and (selected is None or selected.id != self._kept_id):
            row = self._sales.row_of(self._kept_id)
            if row is None:
                self.clearSelection()
            else:
                self.selectRow(row)
        # Qt measures later; until then the scroll bar ends where the list before did.
        self.updateGeometries()
        if self._kept_scroll is not None:
            sale_id, position = self._kept_scroll
            if (row := self._sales.row_of(sale_id)) is not None:
                self.verticalScrollBar().setValue(row * self._theme.px(ROW) - position)
        self._changing = False
        self._tell_selected()

    def _selection_changed(self) -> None:
        if not self._changing:
            self._tell_selected()

    def _tell_selected(self) -> None:
        selected = self.selected
        if selected != self._told:
            self._told = selected
            self.picked.emit()

    def _look_ahead(self, value: int) -> None:
        """Ask for more before the end is seen."""
        left = self.verticalScrollBar().maximum() - value
        if left < _AHEAD * self.viewport().height() and self._sales.canFetchMore(QModelIndex()):
            self._sales.fetchMore(QModelIndex())

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
        before, self._painter.hovered = self._painter.hovered, row
        if before != row:
            self._repaint_row(before)
            self._repaint_row(row)

    def _repaint_row(self, row: int) -> None:
        if row >= 0:
            self.viewport().update(0, self.rowViewportPosition(row), self.viewport().width(), self.rowHeight(row))
