"""The rows of a listing for a table view: a mirror of it, brought up to date in batches."""

import html
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal

from salebell_desktop.store import (
    Change,
    Listing,
    Order,
    Progress,
    SaleChanged,
    SalesInserted,
    SalesRemoved,
    SalesReset,
)
from salebell_desktop.ui.sales import edits
from salebell_desktop.ui.sales.columns import RIGHT_ALIGNED, SORT_KEYS, Column, title
from salebell_desktop.ui.words import Words
from salebell_protocol.currencies import MINOR_UNITS
from salebell_protocol.sales import Sale

BATCH_MS = 50
"""Changes that come faster than this are shown together."""

AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ITEMS_TOLD = 5
_FALLING, _RISING = "\u25be", "\u25b4"


class SalesModel(QAbstractTableModel):
    """Mirrors the rows of the listing that is shown.

    What ten thousand sales at once cost is one insertion: rows are told to the view as a batch, and only those that
    it paints are put into words.

    Args:
        words: in which words.
        now: the time, to tell today's sales from earlier ones.
        load_more: called when the view comes to the end, and there is more to load.
    """

    arrived = Signal(list)
    """The ids of sales that were heard of while they were shown, the newest first."""
    about_to_change = Signal()
    """The rows are about to change; `changed` follows."""
    changed = Signal()

    def __init__(self, words: Words, now: Callable[[], datetime], load_more: Callable[[Listing], None]) -> None:
        super().__init__()
        self._words = words
        self._now = now
        self._load_more = load_more
        self._listing: Listing | None = None
        self._end: Callable[[], None] = lambda: None
        self._rows: list[Sale] = []
        self._waiting: list[Change] = []
        self._heard: set[str] = set()
        self._longest: dict[str, tuple[int, str]] = {}
        self._oldest: Sale | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.flush)

    # For the window.

    def show(self, listing: Listing | None) -> None:
        """Show the rows of `listing`, as they are now; none of None."""
        self._end()
        self._timer.stop()
        self._waiting.clear()
        self._heard.clear()
        self.about_to_change.emit()
        self.beginResetModel()
        self._listing = listing
        self._rows = []
        self._forget_measures()
        if listing is not None:
            self._rows.extend(listing.rows.newest(len(listing.rows)))
            self._measure(self._rows)
        self.endResetModel()
        self._end = listing.observe(self._apply) if listing is not None else lambda: None
        self.changed.emit()

    def hear(self, sale_id: str) -> None:
        """An event tells of this sale: if it comes into the list now, that is news. A page that was read is none."""
        self._heard.add(sale_id)
        self._wake()

    def new_day(self) -> None:
        """Today's sales are yesterday's now."""
        if self._rows:
            self.dataChanged.emit(self.index(0, Column.TIME), self.index(len(self._rows) - 1, Column.TIME))

    @property
    def order(self) -> Order:
        """How the rows are sorted."""
        return Order() if self._listing is None else self._listing.order

    def sale(self, row: int) -> Sale | None:
        """The sale at `row`, as it is shown."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, sale_id: str) -> int | None:
        """Where a sale is shown; None if it is not, or if changes wait that move it: see `flush`."""
        row = None if self._listing is None else self._listing.rows.row_of(sale_id)
        sale = None if row is None else self.sale(row)
        return row if sale is not None and sale.id == sale_id else None

    @property
    def longest_totals(self) -> tuple[str, ...]:
        """The longest amount of each currency among the rows, in words: what the column must have room for."""
        return tuple(self._words.format.money(total, currency) for currency, (_, total) in self._longest.items())

    @property
    def longest_time(self) -> str:
        """The time of the oldest row, in words: with the date, unless all are of today."""
        return "" if self._oldest is None else self.text(self._oldest, Column.TIME)

    def text(self, sale: Sale, column: int) -> str:
        """What stands in a cell."""
        match column:
            case Column.NUMBER:
                return sale.number or sale.id
            case Column.CUSTOMER:
                return "" if sale.customer is None else sale.customer.name or sale.customer.email
            case Column.EMAIL:
                return "" if sale.customer is None else sale.customer.email
            case Column.ITEMS:
                told = ", ".join(item.name for item in sale.items[:_ITEMS_TOLD])
                return f"{told}, …" if len(sale.items) > _ITEMS_TOLD else told
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
        heard, self._heard = self._heard, set()
        listing = self._listing
        if listing is None or not waiting:
            return
        self.about_to_change.emit()
        steps = None if any(isinstance(change, SalesReset) for change in waiting) else edits.compose(waiting)
        if steps is None:
            self._begin_anew(listing, waiting)
        else:
            for step in steps:
                self._take(step)
        self.changed.emit()
        inserted = (change for change in reversed(waiting) if isinstance(change, SalesInserted))
        news = [sale.id for change in inserted for sale in change.sales if sale.id in heard]
        if news:
            self.arrived.emit(news)

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
            return self.heading(Column(section))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._said(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in RIGHT_ALIGNED else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def canFetchMore(self, parent: AnyIndex) -> bool:  # noqa: N802 - Qt's name
        """Whether there is more, and it is not asked for already."""
        return not parent.isValid() and self._listing is not None and self._listing.progress is Progress.PARTLY

    def fetchMore(self, parent: AnyIndex) -> None:  # noqa: N802 - Qt's signature
        """The view came to the end: ask for older sales."""
        if self._listing is not None:
            self._load_more(self._listing)

    def heading(self, column: Column) -> str:
        """The title of a column, with an arrow if the rows are sorted by it."""
        if SORT_KEYS.get(column) is not self.order.key:
            return title(column)
        return f"{title(column)} {_FALLING if self.order.descending else _RISING}"

    def _said(self, column: Column) -> str:
        if SORT_KEYS.get(column) is not self.order.key:
            return title(column)
        if self.order.descending:
            return self.tr("{column}, sorted downwards").format(column=title(column))
        return self.tr("{column}, sorted upwards").format(column=title(column))

    def _tooltip(self, sale: Sale, column: int) -> str:
        text = self._words.format.moment_in_full(sale.created_at) if column == Column.TIME else self.text(sale, column)
        # Qt takes what looks like markup for markup: this says that it is, and that all of it is text.
        return f"<span>{html.escape(text)}</span>" if text else ""

    # Following.

    def _apply(self, change: Change) -> None:
        """A change of the listing shown; it shows with the next batch."""
        if isinstance(change, SalesInserted | SaleChanged | SalesRemoved | SalesReset):
            self._waiting.append(change)
            self._wake()

    def _wake(self) -> None:
        if not self._timer.isActive():
            self._timer.start(BATCH_MS)

    def _begin_anew(self, listing: Listing, waiting: list[Change]) -> None:
        """Too much changed, and in too many places, for telling the view where."""
        self.beginResetModel()
        if any(isinstance(change, SalesReset) for change in waiting):
            self._rows = list(listing.rows.newest(len(listing.rows)))
            self._forget_measures()
            self._measure(self._rows)
        else:
            for change in waiting:
                self._replay(change)
        self.endResetModel()

    def _replay(self, change: Change) -> None:
        match change:
            case SalesInserted(row=row, sales=sales):
                self._rows[row:row] = sales
                self._measure(sales)
            case SalesRemoved(row=row, count=count):
                del self._rows[row : row + count]
            case SaleChanged(row=row, sale=sale):
                self._rows[row] = sale
                self._measure((sale,))
            case _:
                pass

    def _take(self, step: edits.Edit) -> None:
        match step:
            case edits.Inserted(row, sales):
                self.beginInsertRows(QModelIndex(), row, row + len(sales) - 1)
                self._rows[row:row] = sales
                self._measure(sales)
                self.endInsertRows()
            case edits.Removed(row, count):
                self.beginRemoveRows(QModelIndex(), row, row + count - 1)
                del self._rows[row : row + count]
                self.endRemoveRows()
            case edits.Changed(changed):
                for row, sale in changed.items():
                    self._rows[row] = sale
                self._measure(changed.values())
                top, bottom = min(changed), max(changed)
                self.dataChanged.emit(self.index(top, 0), self.index(bottom, len(Column) - 1))

    # Measuring: what the longest texts are, told from the sales that come, without putting each into words.

    def _forget_measures(self) -> None:
        self._longest.clear()
        self._oldest = None

    def _measure(self, sales: Iterable[Sale]) -> None:
        for sale in sales:
            whole, _, decimals = sale.total.partition(".")
            length = len(whole) + max(len(decimals), MINOR_UNITS.get(sale.currency, 2))
            if length > self._longest.get(sale.currency, (0, ""))[0]:
                self._longest[sale.currency] = (length, sale.total)
            if self._oldest is None or sale.created_at < self._oldest.created_at:
                self._oldest = sale
