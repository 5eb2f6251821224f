"""What a shop sold."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec.structs import force_setattr

from salebell_protocol.money import Amount, check_currency
from salebell_protocol.names import RecordedSaleId
from salebell_protocol.text import plain

MAX_ITEMS = 500

Instant = Annotated[datetime, msgspec.Meta(tz=True, description="RFC 3339; kept in UTC.")]
Currency = Annotated[str, msgspec.Meta(min_length=3, max_length=3, description="ISO 4217.", examples=["ARS"])]
Number = Annotated[str, msgspec.Meta(max_length=100, description="What people call the sale; default: its id.")]
Channel = Annotated[str, msgspec.Meta(max_length=50, description="Where it came from.", examples=["checkout"])]
PersonName = Annotated[str, msgspec.Meta(max_length=200)]
Email = Annotated[str, msgspec.Meta(max_length=320)]
ItemName = Annotated[str, msgspec.Meta(max_length=500)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Url = Annotated[str, msgspec.Meta(max_length=2000, description="https: the sale's page in the shop's admin.")]


class SaleStatus(StrEnum):
    """Where a sale stands. `refunded` is final; a cancelled sale comes back when its money does."""

    PENDING = "pending"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Customer(msgspec.Struct, frozen=True):
    """Who bought. Both texts may be empty."""

    name: PersonName = ""
    email: Email = ""

    def __post_init__(self) -> None:
        force_setattr(self, "name", plain(self.name))
        force_setattr(self, "email", plain(self.email))


class Item(msgspec.Struct, frozen=True):
    """One line of a sale."""

    name: ItemName
    quantity: Quantity
    unit_price: Amount

    def __post_init__(self) -> None:
        force_setattr(self, "name", plain(self.name))


Items = Annotated[tuple[Item, ...], msgspec.Meta(max_length=MAX_ITEMS)]


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as everybody sees it. Texts are plain (see `text.plain`), times are in UTC.

    Raises:
        ValueError: an unknown currency, a `url` that is not https, or a time outside the years 1 to 9999 in UTC.
    """

    id: RecordedSaleId
    number: Number
    status: SaleStatus
    total: Amount
    currency: Currency
    channel: Channel
    customer: Customer | None = None
    items: Items = ()
    created_at: Instant
    updated_at: Instant
    url: Url | None = None

    def __post_init__(self) -> None:
        check_currency(self.currency)
        if self.url is not None:
            check_url(self.url)
        force_setattr(self, "number", plain(self.number))
        force_setattr(self, "channel", plain(self.channel))
        force_setattr(self, "created_at", in_utc(self.created_at, "created_at"))
        force_setattr(self, "updated_at", in_utc(self.updated_at, "updated_at"))


def in_utc(instant: datetime, field: str) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: it has no time zone, or lies outside the years 1 to 9999 in UTC.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{field} must say its time zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{field} must lie in the years 1 to 9999") from None


def check_url(url: str) -> None:
    """Refuse what is no link to a page: only https, with a host, printable ASCII without spaces.

    Raises:
        ValueError: `url` is anything else.
    """
    scheme, separator, rest = url.partition("://")
    host = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    named = host != "" and not host.startswith(":") and "@" not in host
    printable = all("!" <= char <= "~" and char not in '"<>\\^`{|}' for char in url)
    if scheme.lower() != "https" or not separator or not named or not printable:
        raise ValueError("url must be an https address, such as https://shop.example.com/sales/1")
