"""Confirming payments, on a real log."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from salebell_protocol.errors import MalformedMessage
from salebell_protocol.events import EventType
from salebell_protocol.sales import Customer, Sale, SaleStatus
from salebell_server.sales.errors import EventIdConflict, UnknownSale
from salebell_server.sales.requests import Receipt
from tests.server.sales.stand import NOON, Shop

WHOLE = {"id": "s1", "total": "20000.00", "currency": "ARS", "customer": {"name": "Ana"}}


async def test_a_payment_approves_and_rings_again(shop: Shop) -> None:
    await shop.create("s1", created_at="2026-11-24T10:00:00Z")
    before = await shop.sale()
    shop.passes(minutes=10)
    receipt = await shop.pay()

    assert receipt == Receipt(event_id="paid:s1", offset=2, duplicate=False)
    sale = await shop.sale()
    assert (sale.status, sale.updated_at) == (SaleStatus.APPROVED, shop.now)
    assert (sale.total, sale.created_at) == (before.total, before.created_at)
    event = (await shop.history())[-1]
    assert (event.type, event.created_before, event.occurred_at) == (EventType.SALE_CREATED, 1, shop.now)


async def test_an_unknown_sale_without_fields_is_refused(shop: Shop) -> None:
    with pytest.raises(UnknownSale):
        await shop.pay("nobody", reference="MP 42")
    assert await shop.top() == 0


class TestWhole:
    async def test_it_creates_an_unknown_sale(self, shop: Shop) -> None:
        receipt = await shop.pay(sale=WHOLE)
        assert receipt == Receipt(event_id="paid:s1", offset=1, duplicate=False)
        assert await shop.sale() == Sale(
            id="s1",
            number="s1",
            status=SaleStatus.APPROVED,
            total="20000.00",
            currency="ARS",
            channel="checkout",
            customer=Customer("Ana"),
            created_at=NOON,
            updated_at=NOON,
        )

    async def test_it_replaces_all_but_where_the_sale_came_from_and_when(self, shop: Shop) -> None:
        await shop.create(
            "s1",
            number="1001",
            channel="shopify",
            url="https://shop.example.com/1",
            items=[{"name": "Shoes", "quantity": 1, "unit_price": "15999.00"}],
        )
        shop.passes(hours=1)
        await shop.pay(sale=WHOLE)
        assert await shop.sale() == Sale(
            id="s1",
            number="s1",
            status=SaleStatus.APPROVED,
            total="20000.00",
            currency="ARS",
            channel="shopify",
            customer=Customer("Ana"),
            created_at=NOON,
            updated_at=shop.now,
        )

    async def test_it_replaces_those_too_when_it_says_so(self, shop: Shop) -> None:
        await shop.create("s1", channel="shopify")
        await shop.pay(sale={**WHOLE, "channel": "web", "created_at": "2026-11-23T12:00:00Z"})
        sale = await shop.sale()
        assert (sale.channel, sale.created_at) == ("web", NOON - timedelta(days=1))

    async def test_the_sale_is_approved_whatever_its_status_was_said_to_be(self, shop: Shop) -> None:
        await shop.pay(sale={**WHOLE, "status": "pending"})
        assert (await shop.sale()).status is SaleStatus.APPROVED

    async def test_another_sale_than_that_of_the_path_is_refused_by_name(self, shop: Shop) -> None:
        with pytest.raises(MalformedMessage) as caught:
            await shop.pay("s2", sale=WHOLE)
        assert caught.value.field == "sale.id"

    async def test_many_at_once_create_one_sale(self, shop: Shop) -> None:
        receipts = await asyncio.gather(*(shop.pay(event_id=f"p{n}", sale=WHOLE) for n in range(20)))
        assert [receipt.duplicate for receipt in receipts].count(False) == 1
        assert {receipt.offset for receipt in receipts} == {1}


class TestAgain:
    async def test_an_approved_sale_is_answered_with_the_event_that_approved_it(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.pay(event_id="p1")
        for event_id in (None, "p1", "p2"):
            assert await shop.pay(event_id=event_id) == Receipt(event_id="p1", offset=2, duplicate=True)
        assert await shop.top() == 2

    async def test_a_sale_that_was_approved_from_the_start_is_answered_with_its_creation(self, shop: Shop) -> None:
        await shop.create("s1", status="approved")
        assert await shop.pay() == Receipt(event_id="created:s1", offset=1, duplicate=True)

    async def test_the_default_event_id_compares_no_body(self, shop: Shop) -> None:
        await shop.create("s1")
        first = await shop.pay()
        await shop.cancel()
        again = await shop.pay(reference="MP 42", paid_at="2026-11-24T11:00:00Z", sale=WHOLE)
        assert again == Receipt(event_id="paid:s1", offset=first.offset, duplicate=True)
        assert (await shop.sale()).status is SaleStatus.CANCELLED

    async def test_nor_when_it_is_written_out(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.pay(reference="MP 42")
        assert (await shop.pay(event_id="paid:s1", reference="MP 43")).duplicate

    @pytest.mark.parametrize(
        "other", [{"reference": "MP 43"}, {"paid_at": "2026-11-24T11:00:00Z"}, {"sale": WHOLE}, {}]
    )
    async def test_another_event_id_does(self, shop: Shop, other: dict[str, Any]) -> None:
        await shop.create("s1")
        await shop.pay(event_id="p1", reference="MP 42")
        assert (await shop.pay(event_id="p1", reference=" MP 42")).duplicate
        with pytest.raises(EventIdConflict):
            await shop.pay(event_id="p1", **other)

    async def test_the_default_event_id_is_not_taken_for_another_request(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.create("s2", event_id="paid:s1")
        with pytest.raises(EventIdConflict):
            await shop.pay("s1")
        with pytest.raises(EventIdConflict):
            await shop.pay("s2", event_id="paid:s1")

    async def test_many_at_once_approve_once(self, shop: Shop) -> None:
        await shop.create("s1")
        receipts = await asyncio.gather(*(shop.pay(event_id=f"p{n}") for n in range(20)))
        assert [receipt.duplicate for receipt in receipts].count(False) == 1
        assert len({receipt.event_id for receipt in receipts}) == 1
        assert await shop.top() == 2


class TestAfterACancellation:
    async def test_the_money_came_after_all(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.cancel()
        assert await shop.pay() == Receipt(event_id="paid:s1", offset=3, duplicate=False)
        assert (await shop.sale()).status is SaleStatus.APPROVED

    async def test_paying_again_needs_an_event_id_of_its_own(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.pay()
        await shop.cancel()
        assert (await shop.pay()).duplicate
        assert await shop.pay(event_id="p2") == Receipt(event_id="p2", offset=4, duplicate=False)
        assert (await shop.sale()).status is SaleStatus.APPROVED

    async def test_a_payment_and_a_cancellation_at_once_both_happen_or_one_is_a_duplicate(self, shop: Shop) -> None:
        await shop.create("s1")
        paid, cancelled = await asyncio.gather(shop.pay(), shop.cancel())
        assert sorted((paid.offset or 0, cancelled.offset or 0)) == [2, 3]
        last = SaleStatus.APPROVED if paid.offset == 3 else SaleStatus.CANCELLED
        assert (await shop.sale()).status is last


class TestWhen:
    @pytest.mark.parametrize(
        ("paid_at", "occurred"),
        [
            ("2026-11-24T11:30:00Z", NOON - timedelta(minutes=30)),
            ("2000-01-01T00:00:00Z", NOON.replace(year=2000, month=1, day=1, hour=0)),
            ("2026-11-24T12:00:01Z", NOON),
            ("9999-12-31T23:59:59Z", NOON),
        ],
    )
    async def test_the_event_occurred_when_it_was_paid_but_never_in_the_future(
        self, shop: Shop, paid_at: str, occurred: object
    ) -> None:
        await shop.create("s1")
        await shop.pay(paid_at=paid_at)
        assert (await shop.history())[-1].occurred_at == occurred
        assert (await shop.sale()).updated_at == NOON
