"""What was kept while the log was away always comes to an event under its id, whatever has happened since."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from salebell_protocol.events import EventType
from salebell_protocol.sales import Sale, SaleStatus
from salebell_server.log import Known, Lookup, Record
from salebell_server.sales.draining import Resolution, resolve
from salebell_server.sales.intake import Deferred, Kind
from tests.server.log.shop import NOON

PENDING, APPROVED, CANCELLED, REFUNDED = SaleStatus
UNKNOWN = Lookup(known=None, record=None)


def sale(status: SaleStatus = PENDING, *, hours: int = 0, **changes: Any) -> Sale:
    at = NOON + timedelta(hours=hours)
    plain = Sale(
        id="s1", number="s1", status=status, total="10.00", currency="ARS", channel="web", created_at=at, updated_at=at
    )
    return replace(plain, **changes)


def command(kind: Kind = Kind.CREATION, status: SaleStatus = PENDING, **changes: Any) -> Deferred:
    return Deferred(
        store="main",
        event_id="e1",
        kind=kind,
        occurred_at=NOON,
        sale=sale(status, hours=1, **changes),
        digest=b"mine",
    )


def has(found: Sale) -> Lookup:
    return Lookup(known=None, record=Record(sale=found, version=3, status_event_id="e0", status_offset=7))


@pytest.mark.parametrize(("digest", "conflict"), [(b"mine", False), (b"another", True)])
def test_an_event_id_that_the_log_has_keeps_its_content(digest: bytes, *, conflict: bool) -> None:
    looked = Lookup(known=Known("e1", 4, digest), record=has(sale()).record)
    assert resolve(command(), looked) == Resolution(None, conflict=conflict)


@pytest.mark.parametrize(
    ("kind", "status"), [(Kind.CREATION, PENDING), (Kind.CREATION, APPROVED), (Kind.PAYMENT, APPROVED)]
)
def test_a_sale_that_the_log_does_not_have_is_created_as_it_was_brought(kind: Kind, status: SaleStatus) -> None:
    resolution = resolve(command(kind, status), UNKNOWN)
    draft = resolution.draft
    assert draft is not None
    assert (draft.store, draft.event_id, draft.type, draft.digest) == ("main", "e1", EventType.SALE_CREATED, b"mine")
    assert (draft.sale, draft.occurred_at) == (sale(status, hours=1), NOON)
    assert (draft.expected_version, draft.sets_status, resolution.conflict) == (0, True, False)


@pytest.mark.parametrize(
    ("kind", "brought", "found", "becomes", "rings", "conflict"),
    [
        (Kind.PAYMENT, APPROVED, PENDING, APPROVED, True, False),
        (Kind.PAYMENT, APPROVED, CANCELLED, APPROVED, True, False),
        (Kind.PAYMENT, APPROVED, APPROVED, APPROVED, False, True),
        (Kind.PAYMENT, APPROVED, REFUNDED, REFUNDED, False, True),
        (Kind.CREATION, PENDING, PENDING, PENDING, False, False),
        (Kind.CREATION, PENDING, APPROVED, APPROVED, False, False),
        (Kind.CREATION, PENDING, CANCELLED, CANCELLED, False, False),
        (Kind.CREATION, PENDING, REFUNDED, REFUNDED, False, False),
        (Kind.CREATION, APPROVED, PENDING, APPROVED, True, False),
        (Kind.CREATION, APPROVED, APPROVED, APPROVED, False, False),
        (Kind.CREATION, APPROVED, CANCELLED, CANCELLED, False, True),
        (Kind.CREATION, APPROVED, REFUNDED, REFUNDED, False, True),
    ],
)
def test_a_sale_that_the_log_has_takes_what_was_brought(
    kind: Kind, brought: SaleStatus, found: SaleStatus, becomes: SaleStatus, *, rings: bool, conflict: bool
) -> None:
    resolution = resolve(command(kind, brought, number="1001"), has(sale(found)))
    draft = resolution.draft
    assert draft is not None
    assert draft.type is (EventType.SALE_CREATED if rings else EventType.SALE_UPDATED)
    assert draft.sale == sale(becomes, hours=1, number="1001", created_at=NOON)
    assert (draft.event_id, draft.expected_version, draft.occurred_at) == ("e1", 3, NOON)
    assert draft.sets_status == (becomes is not found)
    assert resolution.conflict == conflict


@pytest.mark.parametrize(
    ("amount", "conflict"),
    [({"total": "10"}, False), ({"total": "10.01"}, True), ({"currency": "USD"}, True)],
)
def test_a_sale_that_was_created_twice_with_another_amount_is_a_conflict(
    amount: dict[str, Any], *, conflict: bool
) -> None:
    assert resolve(command(**amount), has(sale())).conflict == conflict


def test_a_payment_may_bring_another_amount() -> None:
    resolution = resolve(command(Kind.PAYMENT, APPROVED, total="12.00"), has(sale()))
    assert resolution.draft is not None
    assert resolution.draft.sale.total == "12.00"
    assert not resolution.conflict


@pytest.mark.parametrize("unsaid", ["checkout", "admin"])
def test_where_a_sale_came_from_stays_unless_the_request_said_so(unsaid: str) -> None:
    for brought, kept in ((unsaid, "shopify"), ("web", "web")):
        draft = resolve(command(channel=brought), has(sale(channel="shopify"))).draft
        assert draft is not None
        assert draft.sale.channel == kept


def test_a_sale_that_changed_since_does_not_become_older() -> None:
    later = NOON + timedelta(hours=5)
    draft = resolve(command(), has(sale(updated_at=later))).draft
    assert draft is not None
    assert draft.sale.updated_at == later


@given(
    kind=st.sampled_from(Kind),
    brought=st.sampled_from([PENDING, APPROVED]),
    found=st.none() | st.sampled_from(SaleStatus),
    known=st.booleans(),
)
def test_whatever_the_log_has_the_event_id_will_be_in_it(
    kind: Kind, brought: SaleStatus, found: SaleStatus | None, known: bool
) -> None:
    record = None if found is None else has(sale(found)).record
    resolution = resolve(command(kind, brought), Lookup(Known("e1", 1, b"mine") if known else None, record))
    if known:
        assert resolution.draft is None
        return
    draft = resolution.draft
    assert draft is not None
    assert draft.event_id == "e1"
    assert draft.expected_version == (0 if record is None else record.version)
    if record is not None:
        assert draft.sale.status in (record.sale.status, APPROVED)
        assert draft.sale.created_at == record.sale.created_at
    assert (draft.type is EventType.SALE_CREATED) == draft.sets_status
