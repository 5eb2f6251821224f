"""Requests to sales: fills in what producers leave out, and keeps what they may not change."""

from datetime import datetime
from typing import TypeVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from salebell_protocol.sales import Sale, SaleStatus
from salebell_server.sales.requests import Cart, Changes, NewSale

T = TypeVar("T")

ADMIN_CHANNEL = "admin"
CHECKOUT_CHANNEL = "checkout"


def given(value: T | UnsetType, default: T) -> T:
    """`value`, unless it is absent."""
    return default if value is UNSET else value


def new_sale(request: NewSale | Cart, status: SaleStatus, channel: str, now: datetime) -> Sale:
    """A sale as a producer describes it.

    `number` is the id when absent or empty, `channel` as given here.
    """
    return Sale(
        id=request.id,
        number=given(request.number, "") or request.id,
        status=status,
        total=request.amount() if isinstance(request, Cart) else request.total,
        currency=request.currency,
        channel=given(request.channel, "") or channel,
        customer=given(request.customer, None),
        items=given(request.items, ()),
        created_at=given(request.created_at, now),
        updated_at=given(request.updated_at, now),
        url=given(request.url, None),
    )


def paid_sale(current: Sale, request: NewSale | UnsetType, now: datetime) -> Sale:
    """The approved sale, after its payment.

    A `request` is the whole sale: it replaces all fields, but where the sale came from and when, unless it says so.
    """
    if request is UNSET:
        return with_status(current, SaleStatus.APPROVED, now)
    sale = new_sale(request, SaleStatus.APPROVED, current.channel, now)
    return replace(sale, created_at=current.created_at) if request.created_at is UNSET else sale


def changed_sale(current: Sale, changes: Changes, status: SaleStatus, now: datetime) -> Sale:
    """The sale with the fields replaced that `changes` names."""
    return Sale(
        id=current.id,
        number=given(changes.number, current.number) or current.id,
        status=status,
        total=given(changes.total, current.total),
        currency=given(changes.currency, current.currency),
        channel=given(changes.channel, current.channel) or ADMIN_CHANNEL,
        customer=given(changes.customer, current.customer),
        items=given(changes.items, current.items),
        created_at=current.created_at,
        updated_at=given(changes.updated_at, now),
        url=given(changes.url, current.url),
    )


def with_status(current: Sale, status: SaleStatus, now: datetime) -> Sale:
    """The sale with another status, and nothing else but `updated_at` changed."""
    return replace(current, status=status, updated_at=now)
