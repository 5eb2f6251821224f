"""Sales and drafts for tests of the log."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from salebell_protocol.events import EventType
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus
from salebell_server.log import Draft

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def sale(sale_id: str = "s1", **changes: Any) -> Sale:
    """A pending sale of a pair of shoes."""
    plain = Sale(
        id=sale_id,
        number=sale_id,
        status=SaleStatus.PENDING,
        total="15999.00",
        currency="ARS",
        channel="checkout",
        customer=Customer("Ana Gómez", "ana@example.com"),
        items=(Item("Running shoes", 1, "15999.00"),),
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(plain, **changes)


def digest(text: str) -> bytes:
    """What a service would make of a request."""
    return hashlib.sha256(text.encode()).digest()


def created(sale_id: str = "s1", event_id: str | None = None, *, store: str = "main", **changes: Any) -> Draft:
    """The draft of a sale that is not there yet."""
    event_id = event_id or f"created:{sale_id}"
    return Draft(
        store=store,
        event_id=event_id,
        type=EventType.SALE_CREATED,
        occurred_at=NOON,
        sale=sale(sale_id, **changes),
        digest=digest(event_id),
        expected_version=0,
        sets_status=True,
    )


def changed(
    sale_id: str, event_id: str, version: int, type_: EventType = EventType.SALE_UPDATED, **changes: Any
) -> Draft:
    """The draft of an event of a sale that is at `version`. A `status` among the changes is set by it."""
    plain = created(sale_id, event_id, store=changes.pop("store", "main"), **changes)
    return replace(plain, type=type_, expected_version=version, sets_status="status" in changes)


def paid(sale_id: str, version: int, **changes: Any) -> Draft:
    """The draft of a confirmed payment: the bell rings again."""
    return changed(
        sale_id, f"paid:{sale_id}", version, EventType.SALE_CREATED, **({"status": SaleStatus.APPROVED} | changes)
    )
