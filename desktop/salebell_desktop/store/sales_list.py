"""Sales in an order, bounded, each as of a place in the log."""

from bisect import bisect_left, insort
from collections.abc import Iterable

from salebell_desktop.store.changes import Change, SaleChanged, SalesInserted, SalesRemoved, SalesReset
from salebell_desktop.store.query import Order
from salebell_desktop.store.sort_keys import Key, sort_key
from salebell_protocol.sales import Sale

LIMIT = 10_000
"""How many sales a store keeps in memory; older ones are read over HTTP."""

NEWEST_FIRST = Order()


class SalesList:
    """Rows in `order`; by default the newest first, then by id: the order of `GET /v1/sales`.

    Each sale carries the offset up to which its content is known to be current, so that neither a page that was read
    before an event nor an event that a page already knew of takes a sale back in time.
    """

    def __init__(self, store: str, sales: Iterable[Sale] = (), limit: int = LIMIT, order: Order = NEWEST_FIRST) -> None:
        self._store = store
        self._limit = limit
        self._key = sort_key(order)
        self._sales: dict[str, Sale] = {}
        self._as_of: dict[str, int] = {}
        self._keys: list[Key] = []
        self._fill(sales, 0)

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, row: int) -> Sale:
        if not 0 <= row < len(self._keys):
            raise IndexError(row)
        return self._sales[self._keys[row][-1]]

    def __contains__(self, sale_id: str) -> bool:
        return sale_id in self._sales

    @property
    def full(self) -> bool:
        """Whether older sales would not be kept."""
        return len(self._keys) >= self._limit

    def newest(self, count: int) -> tuple[Sale, ...]:
        """The first `count` rows, or all."""
        return tuple(self._sales[key[-1]] for key in self._keys[:count])

    def get(self, sale_id: str) -> Sale | None:
        """The sale with this id, if it is in the list."""
        return self._sales.get(sale_id)

    def row_of(self, sale_id: str) -> int | None:
        """Where a sale stands."""
        sale = self._sales.get(sale_id)
        return None if sale is None else self._row(self._key(sale))

    def put(self, sale: Sale, as_of: int | None) -> tuple[Change, ...]:
        """Add or change one sale.

        Args:
            sale: its new content.
            as_of: the offset at which this was its content; None for a provisional event, which has no place yet.
        """
        known = self._sales.get(sale.id)
        offset = 0  # whatever the log says of a provisional sale is better
        if as_of is not None:
            if as_of < self._as_of.get(sale.id, 0):
                return ()
            offset = as_of
        if known is None:
            return self._insert(sale, offset)
        if self._key(known) != self._key(sale):
            row = self._row(self._key(known))
            self._remove(known)
            return (SalesRemoved(store=self._store, row=row, count=1), *self._insert(sale, offset))
        self._as_of[sale.id] = offset
        if known == sale:
            return ()
        self._sales[sale.id] = sale
        return (SaleChanged(store=self._store, row=self._row(self._key(sale)), sale=sale),)

    def remove(self, sale_id: str) -> tuple[Change, ...]:
        """Take one sale out, if it is in the list."""
        sale = self._sales.get(sale_id)
        if sale is None:
            return ()
        row = self._row(self._key(sale))
        self._remove(sale)
        return (SalesRemoved(store=self._store, row=row, count=1),)

    def replace(self, sales: Iterable[Sale], as_of: int, floor: Key | None = None) -> tuple[Change, ...]:
        """Become the list that was read when the log's top was `as_of`, with what events changed since.

        Args:
            sales: what was read.
            as_of: the offset at which that was so.
            floor: what sorts behind this was not read, and is not kept either; None: everything was read.
        """
        later = [(self._sales[sale_id], offset) for sale_id, offset in self._as_of.items() if offset > as_of]
        self._fill(sales, as_of)
        for sale, offset in later:
            if floor is None or self._key(sale) <= floor:
                self.put(sale, offset)
            else:
                self.remove(sale.id)
        return (SalesReset(store=self._store, sales=self.newest(len(self))),)

    def forget_offsets(self) -> None:
        """The log is another one: what was current there says nothing here."""
        self._as_of = dict.fromkeys(self._as_of, 0)

    def _fill(self, sales: Iterable[Sale], as_of: int) -> None:
        """Hold these and no others: sorted once, where putting them in one by one would move all the others."""
        self._sales = {sale.id: sale for sale in sales}
        self._keys = sorted(map(self._key, self._sales.values()))
        for key in self._keys[self._limit :]:
            del self._sales[key[-1]]
        del self._keys[self._limit :]
        self._as_of = dict.fromkeys(self._sales, as_of)

    def _insert(self, sale: Sale, offset: int) -> tuple[Change, ...]:
        key = self._key(sale)
        if self.full and key > self._keys[-1]:
            return ()
        self._sales[sale.id] = sale
        self._as_of[sale.id] = offset
        insort(self._keys, key)
        inserted = SalesInserted(store=self._store, row=self._row(key), sales=(sale,))
        if len(self._keys) <= self._limit:
            return (inserted,)
        self._remove(self._sales[self._keys[-1][-1]])
        return (inserted, SalesRemoved(store=self._store, row=self._limit, count=1))

    def _remove(self, sale: Sale) -> None:
        del self._keys[bisect_left(self._keys, self._key(sale))]
        del self._sales[sale.id]
        del self._as_of[sale.id]

    def _row(self, key: Key) -> int:
        return bisect_left(self._keys, key)


def join(changes: list[Change], more: Iterable[Change]) -> None:
    """Append `more` to `changes`; rows inserted right below those inserted before become one change with them."""
    for change in more:
        last = changes[-1] if changes else None
        if (
            isinstance(last, SalesInserted)
            and isinstance(change, SalesInserted)
            and change.row == last.row + len(last.sales)
        ):
            changes[-1] = SalesInserted(store=last.store, row=last.row, sales=last.sales + change.sales)
        else:
            changes.append(change)
