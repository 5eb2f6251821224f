"""What producers send: the bodies of the ingest routes, before anything is filled in.

What is absent is `UNSET`, so that the digest of a request covers what was sent and no default.
"""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import force_setattr

from salebell_protocol import money
from salebell_protocol.money import Amount, check_currency
from salebell_protocol.names import EventId, SaleId
from salebell_protocol.sales import (
    Channel,
    Currency,
    Customer,
    Instant,
    Items,
    Number,
    SaleStatus,
    Url,
    check_url,
    in_utc,
)
from salebell_protocol.text import plain

Reference = Annotated[str, msgspec.Meta(max_length=200, description="The payment's name at whoever took the money.")]
CreationStatus = Annotated[SaleStatus, msgspec.Meta(description="At creation pending (default) or approved.")]
PatchStatus = Annotated[SaleStatus, msgspec.Meta(description="A sale can be patched to refunded only.")]

EARLIEST_PAYMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""A payment from before is a mistake of the producer's clock or of a unit."""

_MAX_WHOLE_DIGITS = 15
"""Of an amount, see `money.AMOUNT_PATTERN`."""


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What a producer may say about a sale, besides what it must.

    Raises:
        ValueError: a `url` that is not https, or a time outside the years 1 to 9999 in UTC.
    """

    number: Number | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    customer: Customer | UnsetType | None = UNSET
    items: Items | UnsetType = UNSET
    created_at: Instant | UnsetType = UNSET
    updated_at: Instant | UnsetType = UNSET
    url: Url | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        if self.number is not UNSET:
            force_setattr(self, "number", plain(self.number))
        if self.channel is not UNSET:
            force_setattr(self, "channel", plain(self.channel))
        if self.url is not UNSET and self.url is not None:
            check_url(self.url)
        if self.created_at is not UNSET:
            force_setattr(self, "created_at", in_utc(self.created_at, "created_at"))
        if self.updated_at is not UNSET:
            force_setattr(self, "updated_at", in_utc(self.updated_at, "updated_at"))


class NewSale(Details, frozen=True, kw_only=True):
    """A whole sale.

    Raises:
        ValueError: as `Details`; also an unknown currency, or a status that no sale starts with.
    """

    id: SaleId
    total: Amount
    currency: Currency
    status: CreationStatus | UnsetType = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        check_currency(self.currency)
        if self.status is not UNSET and self.status not in (SaleStatus.PENDING, SaleStatus.APPROVED):
            raise ValueError("status must be pending or approved")


class Cart(Details, frozen=True, kw_only=True):
    """What was bought, from which the total follows unless it is given.

    Raises:
        ValueError: as `Details`; also an unknown currency, a status other than `pending`, or neither a total nor
            items that give one.
    """

    id: SaleId
    total: Amount | UnsetType = UNSET
    currency: Currency
    status: Annotated[SaleStatus, msgspec.Meta(description="A checkout is pending.")] | UnsetType = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        check_currency(self.currency)
        if self.status is not UNSET and self.status is not SaleStatus.PENDING:
            raise ValueError("status must be pending")
        if len(self.amount().partition(".")[0]) > _MAX_WHOLE_DIGITS:
            raise ValueError(f"total must have at most {_MAX_WHOLE_DIGITS} digits before the point, and so must items")

    def amount(self) -> str:
        """The total: as given, else the exact sum of the items.

        Raises:
            ValueError: neither is there.
        """
        if self.total is not UNSET:
            return self.total
        if self.items is UNSET or not self.items:
            raise ValueError("total must be given, or items that it can be computed from")
        return money.add(money.times(item.unit_price, item.quantity) for item in self.items)


class Changes(Details, frozen=True, kw_only=True):
    """Fields of a sale to change. `customer` and `url` are cleared by null.

    Raises:
        ValueError: as `Details`; also an unknown currency, a `created_at`, or nothing to change.
    """

    id: SaleId | UnsetType = UNSET
    total: Amount | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    status: PatchStatus | UnsetType = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.created_at is not UNSET:
            raise ValueError("created_at must not be given: it never changes")
        if self.currency is not UNSET:
            check_currency(self.currency)


class CreateSale(msgspec.Struct, frozen=True, kw_only=True):
    """`POST /v1/sales`: an admin or a back end creates a sale."""

    event_id: EventId | UnsetType = UNSET
    sale: NewSale


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """`POST /v1/checkouts`: a cart becomes a pending sale."""

    event_id: EventId | UnsetType = UNSET
    sale: Cart


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """`POST /v1/sales/{id}/payment`: the money is there.

    Attributes:
        paid_at: when the event occurred; a time in the future counts as now.
        reference: not kept; it tells one payment from another under the same event id.
        sale: the whole sale; replaces its fields, and creates an unknown one.

    Raises:
        ValueError: a `paid_at` before 2000.
    """

    event_id: EventId | UnsetType = UNSET
    paid_at: Instant | UnsetType = UNSET
    reference: Reference | UnsetType = UNSET
    sale: NewSale | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.paid_at is not UNSET:
            force_setattr(self, "paid_at", in_utc(self.paid_at, "paid_at"))
            if self.paid_at < EARLIEST_PAYMENT:
                raise ValueError("paid_at must lie after the year 1999")
        if self.reference is not UNSET:
            force_setattr(self, "reference", plain(self.reference))


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """`PATCH /v1/sales/{id}`: fields to change."""

    event_id: EventId | UnsetType = UNSET
    sale: Changes

    def __post_init__(self) -> None:
        if all(getattr(self.sale, name) is UNSET for name in Changes.__struct_fields__ if name != "id"):
            raise ValueError("sale must name a field to change")


class Cancel(msgspec.Struct, frozen=True, kw_only=True):
    """`POST /v1/sales/{id}/cancel`: the sale is off."""

    event_id: EventId | UnsetType = UNSET


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a producer is told once its command is durable.

    Attributes:
        offset: the event's place in the store's log; None while it waits for one on the server's disk.
        duplicate: the event was there before; nothing was emitted this time.
    """

    event_id: str
    offset: int | None
    duplicate: bool
