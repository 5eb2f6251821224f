"""How the user set up the table, kept in a file between runs."""

from contextlib import suppress

from PySide6.QtCore import QSettings

from salebell_desktop.store import Order, SortKey
from salebell_desktop.ui.sales.columns import Arrangement, Column

_HIDDEN = "sales_window/hidden_columns"
_PLACES = "sales_window/columns"
_ORDER = "sales_window/order"
_UP, _DOWN = "up", "down"


class RememberedView:
    """Columns and order. What cannot be read, or is of another version, is as at first.

    Args:
        file: where they are kept.
    """

    def __init__(self, file: QSettings) -> None:
        self._file = file

    @property
    def arrangement(self) -> Arrangement:
        """Which columns are shown, and where."""
        places = _columns(self._file.value(_PLACES))
        hidden = _columns(self._file.value(_HIDDEN))
        if places is None or hidden is None:
            return Arrangement()
        with suppress(ValueError):
            return Arrangement(frozenset(hidden), tuple(places))
        return Arrangement()

    @property
    def order(self) -> Order:
        """How the sales are sorted."""
        key, _, direction = str(self._file.value(_ORDER) or "").partition(" ")
        if direction in (_UP, _DOWN):
            with suppress(ValueError):
                return Order(SortKey(key), direction == _DOWN)
        return Order()

    def keep(self, arrangement: Arrangement, order: Order) -> None:
        """From now on it is so."""
        self._file.setValue(_HIDDEN, " ".join(column.name for column in sorted(arrangement.hidden)))
        self._file.setValue(_PLACES, " ".join(column.name for column in arrangement.places))
        self._file.setValue(_ORDER, f"{order.key} {_DOWN if order.descending else _UP}")
        self._file.sync()


def _columns(kept: object) -> list[Column] | None:
    if not isinstance(kept, str):
        return None
    try:
        return [Column[name] for name in kept.split()]
    except KeyError:
        return None
