"""What changed in a store since it was last saved."""

from collections.abc import Iterable

import msgspec

from salebell_desktop.store.badge import Reading
from salebell_desktop.store.changes import Change, SaleChanged, SalesInserted
from salebell_desktop.store.looks import Look
from salebell_desktop.store.sales_list import SalesList
from salebell_protocol.events import Position
from salebell_protocol.sales import Sale


class Unsaved(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in a store since it was last saved. Position, badge and look are whole; the rest are differences.

    Attributes:
        shown: ids to add to those on disk, the oldest first.
        sales: sales to put on disk in place of those with the same ids.
        replaced: the sales on disk are to be forgotten first.
    """

    position: Position | None
    reading: Reading
    look: Look | None
    whole: bool
    shown: tuple[str, ...]
    sales: tuple[Sale, ...]
    replaced: bool


class UnsavedParts:
    """What `take_unsaved` will give next."""

    def __init__(self) -> None:
        self.dirty = False
        self.replaced = False
        self.shown: list[str] = []
        self.sales: dict[str, Sale] = {}

    def note(self, changes: Iterable[Change]) -> None:
        """These changes were made to the list."""
        for change in changes:
            if isinstance(change, SalesInserted):
                self.sales.update((sale.id, sale) for sale in change.sales)
            elif isinstance(change, SaleChanged):
                self.sales[change.sale.id] = change.sale

    def replace(self, sales: SalesList) -> None:
        """The list is another one."""
        self.replaced = True
        self.sales = {sale.id: sale for sale in sales.newest(len(sales))}
