"""What producers send, decoded: every wrong field is named, and everything else is kept as it was meant."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from salebell_protocol import codec
from salebell_protocol.errors import MalformedMessage
from salebell_protocol.sales import Customer
from salebell_server.sales.requests import Cancel, Change, Checkout, CreateSale, Payment

ITEM = {"name": "Shoes", "quantity": 2, "unit_price": "10.50"}


def creation(**sale: Any) -> dict[str, Any]:
    return {"sale": {"id": "s1", "total": "1.00", "currency": "ARS", **sale}}


def without(field: str) -> dict[str, Any]:
    body = creation()
    del body["sale"][field]
    return body


def decode(wanted: type[msgspec.Struct], body: Any) -> Any:
    return codec.decode(msgspec.json.encode(body), wanted)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "sale"),
        ({"sale": None}, "sale"),
        ({"sale": []}, "sale"),
        ([], ""),
        (None, ""),
        (without("id"), "sale.id"),
        (without("total"), "sale.total"),
        (without("currency"), "sale.currency"),
        ({**creation(), "event_id": ""}, "event_id"),
        ({**creation(), "event_id": "a b"}, "event_id"),
        ({**creation(), "event_id": "e" * 129}, "event_id"),
        ({**creation(), "event_id": None}, "event_id"),
        (creation(id="s" * 101), "sale.id"),
        (creation(id="a/b"), "sale.id"),
        (creation(id="."), "sale.id"),
        (creation(id=".."), "sale.id"),
        ({**creation(), "event_id": ".."}, "event_id"),
        (creation(id="a\n"), "sale.id"),
        (creation(total="-1"), "sale.total"),
        (creation(total="1e3"), "sale.total"),
        (creation(total="1,50"), "sale.total"),
        (creation(total="NaN"), "sale.total"),
        (creation(total="1" * 16), "sale.total"),
        (creation(total=1.5), "sale.total"),
        (creation(total=15999), "sale.total"),
        (creation(currency="XXX"), "sale.currency"),
        (creation(currency="ars"), "sale.currency"),
        (creation(status="cancelled"), "sale.status"),
        (creation(status="refunded"), "sale.status"),
        (creation(status="paid"), "sale.status"),
        (creation(number="n" * 101), "sale.number"),
        (creation(number=None), "sale.number"),
        (creation(channel="c" * 51), "sale.channel"),
        (creation(customer={"name": "n" * 201}), "sale.customer.name"),
        (creation(customer="Ana"), "sale.customer"),
        (creation(items=[ITEM, {**ITEM, "quantity": 0}]), "sale.items[1].quantity"),
        (creation(items=[{**ITEM, "unit_price": "-1"}]), "sale.items[0].unit_price"),
        (creation(items=[ITEM] * 501), "sale.items"),
        (creation(created_at="2026-11-24T12:00:00"), "sale.created_at"),
        (creation(created_at="yesterday"), "sale.created_at"),
        (creation(updated_at="0001-01-01T00:00:00+14:00"), "sale.updated_at"),
        (creation(url="http://shop.example.com/1"), "sale.url"),
        (creation(url="javascript:alert(1)"), "sale.url"),
    ],
)
def test_a_wrong_field_of_a_sale_is_named(body: Any, field: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        decode(CreateSale, body)
    assert caught.value.field == field


def test_a_reason_never_repeats_the_value() -> None:
    with pytest.raises(MalformedMessage) as caught:
        decode(CreateSale, creation(currency="QQQ", total="1"))
    assert "QQQ" not in str(caught.value)


def test_texts_are_made_plain() -> None:
    request: CreateSale = decode(
        CreateSale,
        creation(number=" 10\u202e01 ", channel="web\nshop", customer={"name": "Ana\x00 Gómez"}),
    )
    assert request.sale.number == "1001"
    assert request.sale.channel == "web shop"
    assert request.sale.customer == Customer("Ana Gómez", "")


def test_times_are_kept_in_utc() -> None:
    request: CreateSale = decode(CreateSale, creation(created_at="2026-11-24T09:00:00-03:00"))
    assert request.sale.created_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert isinstance(request.sale.created_at, datetime)
    assert request.sale.created_at.tzinfo is UTC


class TestCheckout:
    @pytest.mark.parametrize(
        ("sale", "total"),
        [
            ({"items": [ITEM]}, "21.00"),
            ({"items": [ITEM, {"name": "Laces", "quantity": 3, "unit_price": "0.105"}]}, "21.315"),
            ({"items": [ITEM], "total": "19.99"}, "19.99"),
            ({"total": "5"}, "5"),
            ({"items": [{**ITEM, "quantity": 1_000_000, "unit_price": "999999999"}]}, "999999999000000"),
        ],
    )
    def test_the_total_is_as_given_or_the_sum_of_the_items(self, sale: dict[str, Any], total: str) -> None:
        request: Checkout = decode(Checkout, {"sale": {"id": "s1", "currency": "ARS", **sale}})
        assert request.sale.amount() == total

    @pytest.mark.parametrize(
        ("sale", "field"),
        [
            ({}, "sale.total"),
            ({"items": []}, "sale.total"),
            ({"items": [{**ITEM, "quantity": 1_000_000, "unit_price": "9999999999"}]}, "sale.total"),
            ({"items": [ITEM], "status": "approved"}, "sale.status"),
            ({"items": [ITEM], "currency": "XXX"}, "sale.currency"),
            ({"items": [ITEM], "total": "-3"}, "sale.total"),
        ],
    )
    def test_a_wrong_field_is_named(self, sale: dict[str, Any], field: str) -> None:
        with pytest.raises(MalformedMessage) as caught:
            decode(Checkout, {"sale": {"id": "s1", "currency": "ARS", **sale}})
        assert caught.value.field == field


class TestPayment:
    def test_nothing_is_needed(self) -> None:
        assert decode(Payment, {}) == Payment()

    def test_the_reference_is_made_plain(self) -> None:
        assert decode(Payment, {"reference": "MP\t42\u202e "}).reference == "MP 42"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"paid_at": "1999-12-31T23:59:59Z"}, "paid_at"),
            ({"paid_at": "0001-01-01T00:00:00+10:00"}, "paid_at"),
            ({"paid_at": "2026-11-24"}, "paid_at"),
            ({"paid_at": None}, "paid_at"),
            ({"reference": "r" * 201}, "reference"),
            ({"sale": {"id": "s1", "currency": "ARS"}}, "sale.total"),
            ({"sale": {"id": "s1", "currency": "ARS", "total": "1", "status": "cancelled"}}, "sale.status"),
        ],
    )
    def test_a_wrong_field_is_named(self, body: dict[str, Any], field: str) -> None:
        with pytest.raises(MalformedMessage) as caught:
            decode(Payment, body)
        assert caught.value.field == field


class TestChange:
    @pytest.mark.parametrize(
        ("sale", "field"),
        [
            ({}, "sale"),
            ({"id": "s1"}, "sale"),
            ({"unheard": 1}, "sale"),
            ({"created_at": "2026-11-24T12:00:00Z"}, "sale.created_at"),
            ({"currency": "XXX"}, "sale.currency"),
            ({"number": None}, "sale.number"),
            ({"total": None}, "sale.total"),
            ({"items": None}, "sale.items"),
            ({"status": "paid"}, "sale.status"),
            ({"url": "ftp://shop.example.com"}, "sale.url"),
        ],
    )
    def test_a_wrong_field_is_named(self, sale: dict[str, Any], field: str) -> None:
        with pytest.raises(MalformedMessage) as caught:
            decode(Change, {"sale": sale})
        assert caught.value.field == field

    @pytest.mark.parametrize("field", ["customer", "url"])
    def test_null_clears_what_may_be_absent(self, field: str) -> None:
        request: Change = decode(Change, {"sale": {field: None}})
        assert getattr(request.sale, field) is None
        assert request.sale.items is UNSET


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@pytest.mark.parametrize("wanted", [CreateSale, Checkout, Payment, Change, Cancel])
def test_no_bytes_raise_anything_else(wanted: type[msgspec.Struct], body: bytes) -> None:
    with contextlib.suppress(MalformedMessage):
        codec.decode(body, wanted)
