"""The keys by which a list of sales is kept sorted. They compare at the speed of tuples, a hundred thousand of them.

Every order ends with the server's own: the newest first, then by id. Money is sorted by currency first, since amounts
of different currencies are not more or less than each other.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from salebell_desktop.store.query import Order, SortKey
from salebell_protocol.sales import Sale, SaleStatus
from salebell_protocol.search import fold

Key = tuple[Any, ...]
"""Keys of one order are comparable with each other."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DIGITS = re.compile(r"\d+")
_LONGEST = 100
"""Characters of a text that decide."""
_WIDTH = 20
_RANK = {status: rank for rank, status in enumerate(SaleStatus)}
_COMPLEMENT = bytes(range(255, -1, -1))
_END = b"\xff"
"""Sorts behind the complement of every byte of a text: reversed, the longer text comes first."""


def created_key(sale: Sale) -> tuple[int, str]:
    """The server's own order: the newest first, then by id."""
    return (-((sale.created_at - _EPOCH) // _MICROSECOND), sale.id)


def instant_of(key: tuple[int, str]) -> datetime:
    """When the sale of a `created_key` was created."""
    return _EPOCH - key[0] * _MICROSECOND


def sort_key(order: Order) -> Callable[[Sale], Key]:
    """The key of `order`; smaller ones come first."""
    match order.key, order.descending:
        case SortKey.CREATED, True:
            return created_key
        case SortKey.CREATED, False:
            return _oldest_first
        case SortKey.TOTAL, True:
            # Arithmetic would round to the digits of a context.
            return lambda sale: (sale.currency, Decimal(sale.total).copy_negate(), *created_key(sale))
        case SortKey.TOTAL, False:
            return lambda sale: (sale.currency, Decimal(sale.total), *created_key(sale))
        case SortKey.STATUS, descending:
            sign = -1 if descending else 1
            return lambda sale: (sign * _RANK[sale.status], *created_key(sale))
        case _:
            text = _TEXTS[order.key]
    if order.descending:
        return lambda sale: (_reversed(text(sale)), *created_key(sale))
    return lambda sale: (text(sale), *created_key(sale))


def _oldest_first(sale: Sale) -> Key:
    newest, sale_id = created_key(sale)
    return (-newest, sale_id)


def _number(sale: Sale) -> str:
    # 9 before 10, and A-9 before A-10.
    return _DIGITS.sub(lambda digits: digits[0].zfill(_WIDTH), fold(sale.number)[:_LONGEST])


def _customer(sale: Sale) -> str:
    return "" if sale.customer is None else fold(sale.customer.name or sale.customer.email)[:_LONGEST]


def _channel(sale: Sale) -> str:
    return fold(sale.channel)


_TEXTS: dict[SortKey, Callable[[Sale], str]] = {
    SortKey.NUMBER: _number,
    SortKey.CUSTOMER: _customer,
    SortKey.CHANNEL: _channel,
}


def _reversed(text: str) -> bytes:
    # UTF-8 sorts as its characters do (RFC 3629, section 1).
    return text.encode("utf-8", "surrogatepass").translate(_COMPLEMENT) + _END
