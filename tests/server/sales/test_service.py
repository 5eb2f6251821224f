"""Creating, changing, cancelling and refunding, on a real log."""

import asyncio
from datetime import UTC, datetime

import pytest

from salebell_protocol.errors import MalformedMessage
from salebell_protocol.events import EventType
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus
from salebell_server.sales.errors import EventIdConflict, InvalidTransition, SaleExists, UnknownSale
from salebell_server.sales.requests import Receipt
from tests.server.sales.stand import NOON, Shop

LONGEST_ID = "s" * 100


class TestCreate:
    async def test_a_sale_of_three_fields_is_filled_in(self, shop: Shop) -> None:
        receipt = await shop.create("s1")

        assert receipt == Receipt(event_id="created:s1", offset=1, duplicate=False)
        assert await shop.sale() == Sale(
            id="s1",
            number="s1",
            status=SaleStatus.PENDING,
            total="15999.00",
            currency="ARS",
            channel="admin",
            created_at=NOON,
            updated_at=NOON,
        )
        [event] = await shop.history()
        assert (event.type, event.occurred_at, event.created_before) == (EventType.SALE_CREATED, NOON, 0)
        assert shop.appended == [EventType.SALE_CREATED]

    async def test_what_the_producer_says_is_kept(self, shop: Shop) -> None:
        await shop.create(
            "s1",
            number="1001",
            status="approved",
            channel="shopify",
            customer={"name": "Ana Gómez", "email": "ana@example.com"},
            items=[{"name": "Shoes", "quantity": 1, "unit_price": "15999.00"}],
            created_at="2025-01-02T03:04:05Z",
            updated_at="2025-01-03T00:00:00Z",
            url="https://shop.example.com/1001",
        )
        assert await shop.sale() == Sale(
            id="s1",
            number="1001",
            status=SaleStatus.APPROVED,
            total="15999.00",
            currency="ARS",
            channel="shopify",
            customer=Customer("Ana Gómez", "ana@example.com"),
            items=(Item("Shoes", 1, "15999.00"),),
            created_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
            updated_at=datetime(2025, 1, 3, tzinfo=UTC),
            url="https://shop.example.com/1001",
        )

    async def test_empty_texts_are_as_absent_ones(self, shop: Shop) -> None:
        await shop.create("s1", number=" ", channel="\u202e")
        sale = await shop.sale()
        assert (sale.number, sale.channel) == ("s1", "admin")

    async def test_a_retry_is_answered_as_the_first_time(self, shop: Shop) -> None:
        first = await shop.create("s1", created_at="2026-11-24T12:00:00Z")
        shop.passes(hours=1)
        again = await shop.create("s1", created_at="2026-11-24T09:00:00-03:00")

        assert again == Receipt(event_id=first.event_id, offset=first.offset, duplicate=True)
        assert await shop.top() == 1
        assert shop.appended == [EventType.SALE_CREATED]

    async def test_a_retry_is_known_after_everything_that_happened_since(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.pay()
        await shop.cancel()
        assert await shop.create("s1") == Receipt(event_id="created:s1", offset=1, duplicate=True)

    async def test_a_known_event_id_with_another_body_is_refused(self, shop: Shop) -> None:
        await shop.create("s1", event_id="e1")
        with pytest.raises(EventIdConflict):
            await shop.create("s1", event_id="e1", total="1.00")
        with pytest.raises(EventIdConflict):
            await shop.create("s2", event_id="e1")
        with pytest.raises(EventIdConflict):
            await shop.create("s1", event_id="e1", number="s1")  # what the default would be, but said
        assert await shop.top() == 1

    async def test_an_existing_sale_under_a_new_event_id_is_refused(self, shop: Shop) -> None:
        await shop.create("s1")
        with pytest.raises(SaleExists):
            await shop.create("s1", event_id="another")
        with pytest.raises(SaleExists):
            await shop.check_out("s1", event_id="another", total="1.00")
        assert await shop.top() == 1

    async def test_a_known_event_id_is_judged_before_an_existing_sale(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.create("s2", event_id="e2")
        with pytest.raises(EventIdConflict):
            await shop.create("s1", event_id="e2")

    async def test_one_of_many_at_once_creates_it(self, shop: Shop) -> None:
        receipts = await asyncio.gather(*(shop.create("s1") for _ in range(20)))
        assert [receipt.duplicate for receipt in receipts].count(False) == 1
        assert {receipt.offset for receipt in receipts} == {1}

    async def test_the_longest_sale_id_has_default_event_ids(self, shop: Shop) -> None:
        assert (await shop.create(LONGEST_ID)).event_id == f"created:{LONGEST_ID}"
        assert (await shop.pay(LONGEST_ID)).event_id == f"paid:{LONGEST_ID}"
        assert (await shop.cancel(LONGEST_ID)).event_id == f"cancelled:{LONGEST_ID}"


class TestCheckout:
    async def test_a_cart_becomes_a_pending_sale(self, shop: Shop) -> None:
        item = {"name": "Shoes", "quantity": 3, "unit_price": "10.50"}
        receipt = await shop.check_out("s1", items=[item])

        assert receipt == Receipt(event_id="created:s1", offset=1, duplicate=False)
        sale = await shop.sale()
        assert (sale.status, sale.total, sale.channel) == (SaleStatus.PENDING, "31.50", "checkout")

    async def test_it_is_another_request_than_a_creation(self, shop: Shop) -> None:
        await shop.check_out("s1", total="15999.00")
        with pytest.raises(EventIdConflict):
            await shop.create("s1")

    async def test_a_retry_is_answered_as_the_first_time(self, shop: Shop) -> None:
        await shop.check_out("s1", total="1.00")
        assert (await shop.check_out("s1", total="1.00")).duplicate


class TestUpdate:
    async def test_only_the_named_fields_change(self, shop: Shop) -> None:
        await shop.create("s1", customer={"name": "Ana"}, url="https://shop.example.com/1", channel="shopify")
        before = await shop.sale()
        shop.passes(minutes=5)
        receipt = await shop.change(total="17000.00", number="1001")

        assert receipt == Receipt(event_id="random-1", offset=2, duplicate=False)
        after = await shop.sale()
        assert (after.total, after.number, after.updated_at) == ("17000.00", "1001", shop.now)
        kept = ("id", "status", "currency", "channel", "customer", "items", "created_at", "url")
        assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
        assert (await shop.history())[-1].type is EventType.SALE_UPDATED

    async def test_null_clears_and_empty_texts_fall_back(self, shop: Shop) -> None:
        await shop.create("s1", customer={"name": "Ana"}, url="https://shop.example.com/1", number="1001")
        await shop.change(customer=None, url=None, number="", channel="")
        sale = await shop.sale()
        assert (sale.customer, sale.url, sale.number, sale.channel) == (None, None, "s1", "admin")

    async def test_everything_can_change_but_id_creation_and_status(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.change(
            id="s1",
            number="1001",
            total="1",
            currency="EUR",
            channel="shopify",
            customer={"name": "Ana"},
            items=[{"name": "Shoes", "quantity": 1, "unit_price": "1"}],
            updated_at="2026-11-24T13:00:00Z",
            url="https://shop.example.com/1001",
        )
        assert await shop.sale() == Sale(
            id="s1",
            number="1001",
            status=SaleStatus.PENDING,
            total="1",
            currency="EUR",
            channel="shopify",
            customer=Customer("Ana"),
            items=(Item("Shoes", 1, "1"),),
            created_at=NOON,
            updated_at=datetime(2026, 11, 24, 13, tzinfo=UTC),
            url="https://shop.example.com/1001",
        )

    async def test_another_id_is_refused_by_name(self, shop: Shop) -> None:
        await shop.create("s1")
        with pytest.raises(MalformedMessage) as caught:
            await shop.change(id="s2", total="1")
        assert caught.value.field == "sale.id"

    async def test_without_an_event_id_each_change_is_its_own(self, shop: Shop) -> None:
        await shop.create("s1")
        receipts = [await shop.change(total="1") for _ in range(2)]
        assert [receipt.offset for receipt in receipts] == [2, 3]

    async def test_under_an_event_id_a_retry_changes_nothing(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.change(event_id="e1", total="1")
        await shop.change(event_id="e2", total="2")
        assert await shop.change(event_id="e1", total="1") == Receipt(event_id="e1", offset=2, duplicate=True)
        assert (await shop.sale()).total == "2"
        with pytest.raises(EventIdConflict):
            await shop.change(event_id="e1", total="3")

    async def test_an_unknown_sale_is_refused(self, shop: Shop) -> None:
        with pytest.raises(UnknownSale):
            await shop.change("nobody", total="1")

    async def test_the_status_stays_that_of_the_event_that_set_it(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.pay()
        await shop.change(total="1")
        assert await shop.pay(event_id="again") == Receipt(event_id="paid:s1", offset=2, duplicate=True)

    async def test_changes_at_once_all_happen(self, shop: Shop) -> None:
        await shop.create("s1")
        receipts = await asyncio.gather(*(shop.change(event_id=f"e{n}", number=str(n)) for n in range(40)))
        assert sorted(receipt.offset or 0 for receipt in receipts) == list(range(2, 42))
        assert [event.type for event in await shop.history()].count(EventType.SALE_UPDATED) == 40


class TestRefund:
    async def test_an_approved_sale_is_refunded(self, shop: Shop) -> None:
        await shop.create("s1", status="approved")
        shop.passes(days=1)
        receipt = await shop.sales.refund("main", "s1", "r1")

        assert receipt == Receipt(event_id="r1", offset=2, duplicate=False)
        assert (await shop.sale()).status is SaleStatus.REFUNDED
        assert (await shop.history())[-1].type is EventType.SALE_UPDATED
        assert (await shop.sales.refund("main", "s1", "r1")).duplicate

    async def test_it_is_a_change_of_the_status(self, shop: Shop) -> None:
        await shop.create("s1", status="approved")
        await shop.sales.refund("main", "s1", "r1")
        assert (await shop.change(event_id="r1", status="refunded")).duplicate


class TestCancel:
    async def test_a_sale_is_cancelled(self, shop: Shop) -> None:
        await shop.create("s1")
        shop.passes(minutes=1)
        receipt = await shop.cancel()

        assert receipt == Receipt(event_id="cancelled:s1", offset=2, duplicate=False)
        sale = await shop.sale()
        assert (sale.status, sale.updated_at) == (SaleStatus.CANCELLED, shop.now)
        assert (await shop.history())[-1].type is EventType.SALE_CANCELLED

    async def test_again_is_answered_with_the_event_that_did_it(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.cancel(event_id="c1")
        for event_id in (None, "c1", "c2"):
            assert await shop.cancel(event_id=event_id) == Receipt(event_id="c1", offset=2, duplicate=True)
        assert await shop.top() == 2

    async def test_an_unknown_sale_is_refused(self, shop: Shop) -> None:
        with pytest.raises(UnknownSale):
            await shop.cancel("nobody")

    async def test_its_default_event_id_is_not_taken_for_another_request(self, shop: Shop) -> None:
        await shop.create("s1")
        await shop.create("s2", event_id="cancelled:s1")
        with pytest.raises(EventIdConflict):
            await shop.cancel("s1")
        assert (await shop.sale("s1")).status is SaleStatus.PENDING

    async def test_many_at_once_cancel_once(self, shop: Shop) -> None:
        await shop.create("s1")
        receipts = await asyncio.gather(*(shop.cancel(event_id=f"c{n}") for n in range(20)))
        assert [receipt.duplicate for receipt in receipts].count(False) == 1
        assert len({receipt.event_id for receipt in receipts}) == 1


async def bring_to(shop: Shop, status: SaleStatus) -> None:
    await shop.create("s1", status="approved" if status is SaleStatus.REFUNDED else "pending")
    if status is SaleStatus.APPROVED:
        await shop.pay(event_id="p0")
    if status is SaleStatus.CANCELLED:
        await shop.cancel(event_id="c0")
    if status is SaleStatus.REFUNDED:
        await shop.sales.refund("main", "s1", "r0")


REFUSED = [
    *((status, "refund") for status in (SaleStatus.PENDING, SaleStatus.CANCELLED, SaleStatus.REFUNDED)),
    *((status, to) for status in SaleStatus for to in ("pending", "approved", "cancelled")),
    (SaleStatus.REFUNDED, "pay"),
    (SaleStatus.REFUNDED, "pay whole"),
    (SaleStatus.REFUNDED, "cancel"),
]


async def ask(shop: Shop, command: str) -> Receipt:
    match command:
        case "refund":
            return await shop.sales.refund("main", "s1")
        case "pay":
            return await shop.pay()
        case "pay whole":
            return await shop.pay(sale={"id": "s1", "total": "1", "currency": "EUR"})
        case "cancel":
            return await shop.cancel()
        case _:
            return await shop.change(status=command, total="1")


@pytest.mark.parametrize(("status", "command"), REFUSED)
async def test_every_refused_transition_changes_nothing(shop: Shop, status: SaleStatus, command: str) -> None:
    await bring_to(shop, status)
    before, top = await shop.sale(), await shop.top()
    with pytest.raises(InvalidTransition) as caught:
        await ask(shop, command)
    assert str(status) in str(caught.value)
    assert (await shop.sale(), await shop.top()) == (before, top)


async def test_stores_do_not_share_sales_or_event_ids(shop: Shop) -> None:
    await shop.create("s1", total="1")
    await shop.create("s1", store="other", total="2", event_id="e1")
    await shop.create("s2", event_id="e1")
    assert ((await shop.sale()).total, (await shop.sale(store="other")).total) == ("1", "2")
    with pytest.raises(UnknownSale):
        await shop.pay("s2", store="other")
