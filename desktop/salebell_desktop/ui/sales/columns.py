"""The columns of the table: which there are, which are shown, how wide, and by what one sorts."""

from collections.abc import Mapping
from enum import IntEnum

import msgspec
from PySide6.QtCore import QCoreApplication

from salebell_desktop.store import Order, SortKey


class Column(IntEnum):
    """The columns, in their usual order from left to right."""

    NUMBER = 0
    CUSTOMER = 1
    EMAIL = 2
    ITEMS = 3
    CHANNEL = 4
    STATUS = 5
    TOTAL = 6
    TIME = 7


RIGHT_ALIGNED = frozenset({Column.TOTAL, Column.TIME})
FLEXIBLE = frozenset({Column.CUSTOMER, Column.EMAIL, Column.ITEMS})
"""They share the room that the others leave."""
SORT_KEYS = {
    Column.NUMBER: SortKey.NUMBER,
    Column.CUSTOMER: SortKey.CUSTOMER,
    Column.CHANNEL: SortKey.CHANNEL,
    Column.STATUS: SortKey.STATUS,
    Column.TOTAL: SortKey.TOTAL,
    Column.TIME: SortKey.CREATED,
}
"""By what a click on a column's title sorts."""
_FALLS_FIRST = frozenset({SortKey.CREATED, SortKey.TOTAL, SortKey.NUMBER})
"""What is looked for first: the newest, the largest; but names from A on."""


class Arrangement(msgspec.Struct, frozen=True):
    """How the table is set up. The number is always shown, so that there is something to see.

    Attributes:
        hidden: the columns that are not shown.
        places: all columns from left to right.
    """

    hidden: frozenset[Column] = frozenset({Column.EMAIL, Column.ITEMS})
    places: tuple[Column, ...] = tuple(Column)

    def __post_init__(self) -> None:
        if Column.NUMBER in self.hidden or sorted(self.places) != list(Column):
            raise ValueError("this is no arrangement of the columns")


def next_order(order: Order, column: Column) -> Order:
    """The order after a click on the title of `column`; the same for one that nothing is sorted by."""
    key = SORT_KEYS.get(column)
    if key is None:
        return order
    return Order(key, not order.descending if order.key is key else key in _FALLS_FIRST)


def widths(needed: Mapping[Column, int], least: Mapping[Column, int], room: int) -> dict[Column, int]:
    """How wide each shown column becomes.

    Args:
        needed: what each shown column needs, in pixels.
        least: what those need at least that may be cut short.
        room: what there is for all of them; what is left over goes to the flexible ones in equal parts, or to the last.
    """
    made = dict(needed)
    left = room - sum(made.values())
    for column in made:
        if left < 0 and column in least:
            given = min(-left, max(0, made[column] - least[column]))
            made[column] -= given
            left += given
    if left <= 0 or not made:
        return made
    takers = [column for column in made if column in FLEXIBLE] or [max(made)]
    share, odd = divmod(left, len(takers))
    for column in takers:
        made[column] += share
    made[takers[0]] += odd
    return made


def title(column: Column) -> str:
    """What stands above a column."""
    match column:
        case Column.NUMBER:
            return QCoreApplication.translate("Columns", "Number")
        case Column.CUSTOMER:
            return QCoreApplication.translate("Columns", "Customer")
        case Column.EMAIL:
            return QCoreApplication.translate("Columns", "E-mail")
        case Column.ITEMS:
            return QCoreApplication.translate("Columns", "Items")
        case Column.CHANNEL:
            return QCoreApplication.translate("Columns", "Channel")
        case Column.STATUS:
            return QCoreApplication.translate("Columns", "Status")
        case Column.TOTAL:
            return QCoreApplication.translate("Columns", "Total")
        case Column.TIME:
            return QCoreApplication.translate("Columns", "Time")
