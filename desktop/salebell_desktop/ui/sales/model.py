"""The rows of one store for a table view: a mirror of its list, brought up to date in batches."""

import html
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal

from salebell_desktop.store import Change, LinkChanged, SaleChanged, SalesInserted, SalesRemoved, SalesReset, SalesStore
from salebell_desktop.ui.words import Words
from salebell_protocol.sales import Sale

BATCH_MS = 50
"""Changes that come faster than this are shown together."""
_ONE_BY_ONE = 24
"""More changes than this at once are shown as the difference that they make."""

AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """The columns, from left to right."""

    NUMBER = 0
    CUSTOMER = 1
    CHANNEL = 2
    STATUS = 3
    TOTAL = 4
    TIME = 5


RIGHT_ALIGNED = frozenset({Column.TOTAL, Column.TIME})


class SalesModel(QAbstractTableModel):
    """Mirrors the rows of the store that is shown.

    What ten thousand sales at once cost is one insertion: rows are told to the view as a batch, and only those that
    it paints are put into words.

    Args:
        words: in which words.
        now: the time, to tell today's sales from earlier ones.
    """

    arrived = Signal(list)
    """The ids of sales that came in while their store was shown, the newest first."""
    about_to_change = Signal()
    """The rows are about to change; `changed` follows."""
    changed = Signal()

    def __init__(self, words: Words, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._words = words
        self._now = now
        self._store: SalesStore | None = None
        self._rows: list[Sale] = []
        self._waiting: list[Change] = []
        self._longest: dict[str, str] = {}
        self._asked_beyond = 0
        self.load_older: Callable[[str], None] = lambda _store: None
        """Called when the view comes to the end, and the store has older sales to load."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.flush)

    # For the window.

    def show(self, store: SalesStore | None) -> None:
        """Show the rows of `store`, as they are now; none of None."""
        self.beginResetModel()
        self._store = store
        self._take_over(() if store is None else store.sales.newest(len(store.sales)))
        self.endResetModel()

    def apply(self, change: Change) -> None:
        """A change of the store shown; it shows with the next batch."""
        if self._store is None or change.store != self._store.name:
            return
        if isinstance(change, LinkChanged):
            # What could not be read without a connection may be asked for again.
            self._asked_beyond = 0
        if isinstance(change, SalesInserted | SaleChanged | SalesRemoved | SalesReset):
            self._waiting.append(change)
            if not self._timer.isActive():
                self._timer.start(BATCH_MS)

    def sale(self, row: int) -> Sale | None:
        """The sale at `row`, as it is shown."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, sale_id: str) -> int | None:
        """Where a sale is shown."""
        return next((row for row, sale in enumerate(self._rows) if sale.id == sale_id), None)

    @property
    def longest_totals(self) -> tuple[str, ...]:
        """The longest amount of each currency among the rows, in words: what the column must have room for."""
        return tuple(self._words.format.money(total, currency) for currency, total in self._longest.items())

    @property
    def longest_time(self) -> str:
        """The time of the oldest sale, in words: with the date, unless all are of today."""
        return self.text(self._rows[-1], Column.TIME) if self._rows else ""

    def text(self, sale: Sale, column: int) -> str:
        """What stands in a cell."""
        match column:
            case Column.NUMBER:
                return sale.number or sale.id
            case Column.CUSTOMER:
                return "" if sale.customer is None else sale.customer.name or sale.customer.email
            case Column.CHANNEL:
                return sale.channel
            case Column.STATUS:
                return self._words.status(sale.status)
            case Column.TOTAL:
                return self._words.format.money(sale.total, sale.currency)
            case _:
                return self._words.format.moment(sale.created_at, self._now())

    def flush(self) -> None:
        """Show what waits."""
        self._timer.stop()
        waiting, self._waiting = self._waiting, []
        if self._store is None or not waiting:
            return
        before = len(self._rows)
        self.about_to_change.emit()
        if len(waiting) > _ONE_BY_ONE or any(isinstance(change, SalesReset) for change in waiting):
            self._catch_up(self._store.sales.newest(len(self._store.sales)))
        else:
            for change in waiting:
                self._show_change(change)
        self.changed.emit()
        self._tell_arrived(waiting, before)

    # For the view.

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """How many sales there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """As many as in `Column`."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, also for screen readers, and tooltips."""
        sale = self.sale(index.row()) if index.isValid() else None
        if sale is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(sale, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(sale, index.column())
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._title(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in RIGHT_ALIGNED else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def canFetchMore(self, parent: AnyIndex) -> bool:  # noqa: N802 - Qt's name
        """Whether the store has older sales, and they are not asked for already."""
        store = self._store
        if parent.isValid() or store is None or not store.has_more:
            return False
        return 0 < len(self._rows) != self._asked_beyond

    def fetchMore(self, parent: AnyIndex) -> None:  # noqa: N802 - Qt's signature
        """The view came to the end: ask for older sales."""
        if self._store is not None:
            self._asked_beyond = len(self._rows)
            self.load_older(self._store.name)

    def _title(self, column: Column) -> str:
        match column:
            case Column.NUMBER:
                return self.tr("Number")
            case Column.CUSTOMER:
                return self.tr("Customer")
            case Column.CHANNEL:
                return self.tr("Channel")
            case Column.STATUS:
                return self.tr("Status")
            case Column.TOTAL:
                return self.tr("Total")
            case Column.TIME:
                return self.tr("Time")

    def _tooltip(self, sale: Sale, column: int) -> str:
        text = self._words.format.moment_in_full(sale.created_at) if column == Column.TIME else self.text(sale, column)
        # Qt takes what looks like markup for markup: this says that it is, and that all of it is text.
        return f"<span>{html.escape(text)}</span>" if text else ""

    def _take_over(self, rows: tuple[Sale, ...]) -> None:
        self._timer.stop()
        self._waiting.clear()
        self._rows = list(rows)
        self._asked_beyond = 0
        self._longest.clear()
        self._measure(self._rows)

    def _measure(self, sales: Iterable[Sale]) -> None:
        longest = self._longest
        for sale in sales:
            if len(sale.total) > len(longest.get(sale.currency, "")):
                longest[sale.currency] = sale.total

    def _show_change(self, change: Change) -> None:
        if isinstance(change, SalesInserted):
            self._insert(change.row, change.sales)
        elif isinstance(change, SalesRemoved):
            self._remove(change.row, change.count)
        elif isinstance(change, SaleChanged):
            self._rows[change.row] = change.sale
            self._measure((change.sale,))
            self.dataChanged.emit(self.index(change.row, 0), self.index(change.row, len(Column) - 1))

    def _insert(self, row: int, sales: tuple[Sale, ...]) -> None:
        self.beginInsertRows(QModelIndex(), row, row + len(sales) - 1)
        self._rows[row:row] = sales
        self._measure(sales)
        self.endInsertRows()

    def _remove(self, row: int, count: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row + count - 1)
        del self._rows[row : row + count]
        self.endRemoveRows()

    def _catch_up(self, rows: tuple[Sale, ...]) -> None:
        """Become `rows`: by one insertion on top where that is all that happened, else as another list."""
        known = {sale.id for sale in self._rows}
        fresh = next((row for row, sale in enumerate(rows) if sale.id in known), len(rows))
        kept = len(rows) - fresh
        same = kept <= len(self._rows) and all(
            old.id == new.id for old, new in zip(self._rows[:kept], rows[fresh:], strict=True)
        )
        if not same or not kept:
            self.beginResetModel()
            self._take_over(rows)
            self.endResetModel()
            return
        if kept < len(self._rows):
            self._remove(kept, len(self._rows) - kept)
        differing = [row for row in range(kept) if self._rows[row] is not rows[fresh + row]]
        if fresh:
            self._insert(0, rows[:fresh])
        if differing:
            self._rows = list(rows)
            self._measure(rows)
            top, bottom = fresh + differing[0], fresh + differing[-1]
            self.dataChanged.emit(self.index(top, 0), self.index(bottom, len(Column) - 1))

    def _tell_arrived(self, waiting: list[Change], before: int) -> None:
        """Older pages come at the end, and a list that was read anew is a reset: neither is news."""
        news = [
            sale.id
            for change in reversed(waiting)
            if isinstance(change, SalesInserted) and (change.row < before or before == 0)
            for sale in change.sales
        ]
        if news:
            self.arrived.emit(news)
