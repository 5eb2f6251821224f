"""Which sales of a store to show, and in which order."""

from datetime import datetime
from enum import StrEnum

import msgspec

from salebell_protocol.sales import Sale, SaleStatus
from salebell_protocol.search import folded_text, words_of


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What a sale must be, as `GET /v1/sales` understands it; the default is all of them.

    Attributes:
        text: each of its words is found somewhere in number, customer, channel and item names; "" is no condition.
        since, until: bounds of `created_at`, the upper one excluded.
    """

    status: SaleStatus | None = None
    channel: str | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, sale: Sale) -> bool:
        """Whether `sale` is one of them: by the rule of the server, so that both find the same."""
        if self.status not in (None, sale.status) or self.channel not in (None, sale.channel):
            return False
        if self.since is not None and sale.created_at < self.since:
            return False
        if self.until is not None and sale.created_at >= self.until:
            return False
        words = words_of(self.text)
        if not words:
            return True
        text = folded_text(sale)
        return all(word in text for word in words)


class SortKey(StrEnum):
    """By what a list is sorted."""

    CREATED = "created"
    NUMBER = "number"
    CUSTOMER = "customer"
    CHANNEL = "channel"
    STATUS = "status"
    TOTAL = "total"


class Order(msgspec.Struct, frozen=True):
    """How a list is sorted; the default is the server's own order, the newest first."""

    key: SortKey = SortKey.CREATED
    descending: bool = True
