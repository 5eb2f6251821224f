"""What there is to choose about the table: the columns, and by which the sales are sorted."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from salebell_desktop.store import Order
from salebell_desktop.ui.parts import ChoiceMenu
from salebell_desktop.ui.sales.columns import SORT_KEYS, Arrangement, Column, next_order, title
from salebell_desktop.ui.theme import Theme


class ColumnMenu(ChoiceMenu):
    """Says what it is asked to show; whoever pops it up does it.

    Args:
        theme: how it looks.
        parent: whose menu it is.
    """

    column_wanted = Signal(int, bool)
    """A column, and whether it is to be shown."""
    order_wanted = Signal(object)
    """An `Order`."""
    reset_wanted = Signal()
    """Everything is to be as it was at first."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._sorting = ChoiceMenu(theme, self)
        self._sorting.setTitle(self.tr("Sort by"))

    def show_choices(self, arrangement: Arrangement, order: Order) -> None:
        """Offer what there is, with a tick where it is so now."""
        self.clear()
        for column in arrangement.places:
            action = self.addAction(title(column))
            action.setCheckable(True)
            action.setChecked(column not in arrangement.hidden)
            action.setEnabled(column is not Column.NUMBER)
            action.toggled.connect(partial(self.column_wanted.emit, int(column)))
        self.addSeparator()
        self._list_orders(order)
        self.addMenu(self._sorting)
        self.addAction(self.tr("Usual columns and order")).triggered.connect(self.reset_wanted)

    def _list_orders(self, order: Order) -> None:
        self._sorting.clear()
        for column, key in SORT_KEYS.items():
            action = self._sorting.addAction(title(column))
            action.setCheckable(True)
            action.setChecked(key is order.key)
            action.triggered.connect(partial(self.order_wanted.emit, next_order(order, column)))
        self._sorting.addSeparator()
        other = Order(order.key, not order.descending)
        self._sorting.addAction(self.tr("The other way round")).triggered.connect(
            partial(self.order_wanted.emit, other)
        )
