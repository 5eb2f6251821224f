"""The facts: what a sale, an event and a reading may be."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salebell_protocol import codec, http, money
from salebell_protocol.errors import MalformedMessage
from salebell_protocol.events import Event, Position
from salebell_protocol.messages import AuthSuccess
from salebell_protocol.names import EventId, SaleId
from salebell_protocol.sales import Customer, Item, Sale
from salebell_protocol.text import plain
from tests.protocol import strategies

SALE: dict[str, Any] = {
    "id": "s-1",
    "number": "1",
    "status": "pending",
    "total": "15999.00",
    "currency": "ARS",
    "channel": "web",
    "created_at": "2026-11-24T12:00:00Z",
    "updated_at": "2026-11-24T12:00:00Z",
}
EVENT: dict[str, Any] = {
    "id": "e-1",
    "type": "SALE_CREATED",
    "store": "main",
    "occurred_at": "2026-11-24T12:00:00Z",
    "sale": SALE,
}
READING: dict[str, Any] = {
    "type": "auth_success",
    "admin": {"uid": "u", "email": "e", "name": "n"},
    "store": "main",
    "stores": ["main"],
    "position": {"epoch": "e", "offset": 0, "event_id": ""},
    "unread": 0,
    "seen": 0,
    "expires_at": 1,
    "server_time": 1,
    "recovery": "fresh",
}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total": "-1"}, "total"),
        ({"total": "1e3"}, "total"),
        ({"total": "1,5"}, "total"),
        ({"total": "NaN"}, "total"),
        ({"total": "01"}, "total"),
        ({"total": "1.2345678"}, "total"),
        ({"total": "\u0661"}, "total"),
        ({"total": "1\n"}, "total"),
        ({"total": 15999.0}, "total"),
        ({"total": 15999}, "total"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "ars"}, "currency"),
        ({"id": ""}, "id"),
        ({"id": "a b"}, "id"),
        ({"id": "x" * 101}, "id"),
        ({"status": "paid"}, "status"),
        ({"number": "x" * 101}, "number"),
        ({"channel": "x" * 51}, "channel"),
        ({"created_at": "2026-11-24T12:00:00"}, "created_at"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"created_at": "0001-01-01T00:00:00+02:00"}, "created_at"),
        ({"updated_at": "9999-12-31T23:59:59-02:00"}, "updated_at"),
        ({"url": "http://shop.example/1"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://:443/"}, "url"),
        ({"url": "https://:443"}, "url"),
        ({"url": "https://user@shop.example/"}, "url"),
        ({"url": "https://shop.example/a b"}, "url"),
        ({"url": "https://shop.example/\u202etxt"}, "url"),
        ({"customer": {"name": "x" * 201}}, "customer.name"),
        ({"items": [{"name": "x", "quantity": 0, "unit_price": "1"}]}, "items[0].quantity"),
        ({"items": [{"name": "x", "quantity": 1, "unit_price": "-1"}]}, "items[0].unit_price"),
        ({"items": [{"name": "x", "quantity": 1, "unit_price": "1"}] * 501}, "items"),
    ],
)
def test_a_wrong_sale_names_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedMessage) as raised:
        codec.decode(codec.encode({**SALE, **changes}), Sale)
    assert raised.value.field == field


@pytest.mark.parametrize("url", ["https://shop.example", "HTTPS://shop.example:8443/a?b=c#d", "https://[::1]/x"])
def test_an_https_link_is_kept(url: str) -> None:
    assert codec.decode(codec.encode({**SALE, "url": url}), Sale).url == url


@pytest.mark.parametrize("missing", ["id", "number", "status", "total", "currency", "channel", "created_at"])
def test_a_sale_lacks_nothing(missing: str) -> None:
    with pytest.raises(MalformedMessage) as raised:
        codec.decode(codec.encode({name: value for name, value in SALE.items() if name != missing}), Sale)
    assert raised.value.field == missing


@pytest.mark.parametrize("name", [".", ".."])
def test_ids_that_are_not_given_any_more_can_be_read(name: str) -> None:
    event = codec.decode(codec.encode({**EVENT, "id": name, "sale": {**SALE, "id": name}}), Event)
    assert (event.id, event.sale.id) == (name, name)


@pytest.mark.parametrize(("wanted", "longest"), [(SaleId, 100), (EventId, 128)])
def test_an_id_is_no_step_in_a_path(wanted: Any, longest: int) -> None:
    for name in ("...", ".a", "a.", "a..b", ":", "-", "." * longest):
        assert codec.decode(codec.encode(name), wanted) == name
    for name in (".", "..", "", ".\n", "..\n", "...\n", "." * (longest + 1)):
        with pytest.raises(MalformedMessage) as raised:
            codec.decode(codec.encode(name), wanted)
        assert raised.value.reason == f'must be 1 to {longest} letters, digits or . _ : -, and neither "." nor ".."'


def test_times_are_kept_in_utc() -> None:
    sale = codec.decode(codec.encode({**SALE, "created_at": "2026-11-24T09:00:00.5-03:00"}), Sale)
    assert sale.created_at == datetime(2026, 11, 24, 12, 0, 0, 500_000, tzinfo=UTC)
    assert sale.created_at.tzinfo is UTC
    assert b'"created_at":"2026-11-24T12:00:00.500000Z"' in codec.encode(sale)


def test_a_time_without_a_zone_is_refused_in_code_too() -> None:
    sale = codec.decode(codec.encode(SALE), Sale)
    with pytest.raises(ValueError, match="time zone"):
        Event(id="e", type="SALE_UPDATED", store="main", occurred_at=datetime(2026, 1, 1), sale=sale)  # type: ignore[arg-type]  # noqa: DTZ001  # pyright: ignore[reportArgumentType]
    east = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=3)))
    assert codec.decode(codec.encode({**EVENT, "occurred_at": east}), Event).occurred_at.tzinfo is UTC


@given(st.text())
def test_plain_text_neither_breaks_lines_nor_turns(text: str) -> None:
    cleaned = plain(text)
    assert cleaned == plain(cleaned)
    assert len(cleaned.splitlines()) <= 1
    assert not set(cleaned) & set("\x00\x1b\x7f\x9b\u061c\u200e\u202e\u2066\u2069")


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("María  Pérez", "María  Pérez"),
        (" a\r\nb\tc ", "a b c"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("\x1b[31mred", "[31mred"),
        ("👩\u200d🍳 cook", "👩\u200d🍳 cook"),
    ],
)
def test_plain_text_keeps_what_people_write(given_text: str, kept: str) -> None:
    assert plain(given_text) == kept
    assert Customer(given_text, given_text) == Customer(kept, kept)
    assert Item(given_text, 1, "1").name == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"offset": 1},
        {"offset": 1, "previous": "e-0", "created_before": 0},
        {"offset": 2, "previous": "", "created_before": 0},
        {"offset": 2, "previous": "e-0"},
        {"offset": 2, "previous": "e-0", "created_before": 2},
        {"offset": 2, "previous": "e-0", "created_before": 1, "type": "SALE_UPDATED"},
        {"offset": 0, "previous": ""},
        {"previous": "e-0"},
        {"created_before": 0},
    ],
)
def test_an_event_is_confirmed_wholly_or_not_at_all(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage):
        codec.decode(codec.encode({**EVENT, **changes}), Event)


@pytest.mark.parametrize(("offset", "event_id"), [(0, "e"), (1, "")])
def test_a_position_names_its_event(offset: int, event_id: str) -> None:
    with pytest.raises(ValueError, match="event_id"):
        Position("epoch", offset, event_id)


@pytest.mark.parametrize(
    "changes",
    [{"position": None}, {"unread": None}, {"seen": None}, {"recovery": "deferred"}, {"recovery": "later"}],
)
def test_a_reading_is_whole_or_deferred(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage):
        codec.decode_server(codec.encode({**READING, **changes}))


def test_a_deferred_reading_says_null() -> None:
    nothing = {"position": None, "unread": None, "seen": None, "recovery": "deferred"}
    decoded = codec.decode_server(codec.encode({**READING, **nothing}))
    assert isinstance(decoded, AuthSuccess)
    assert b'"position":null,"unread":null,"seen":null' in codec.encode(decoded)


@given(st.lists(strategies.amounts, max_size=20))
def test_sums_are_exact(amounts: list[str]) -> None:
    assert Decimal(money.add(amounts)) == sum(map(Decimal, amounts), Decimal(0))


@given(strategies.amounts, st.integers(1, 1_000_000))
def test_products_are_exact(amount: str, quantity: int) -> None:
    assert money.times(amount, quantity) == format(Decimal(amount) * quantity, "f")


@given(strategies.amounts, st.integers(1, 1_000_000), st.integers(0, 4))
def test_means_are_the_nearest_there_is(amount: str, count: int, decimals: int) -> None:
    mean = Fraction(money.mean(amount, count, decimals))
    assert abs(mean - Fraction(amount) / count) <= Fraction(1, 2 * 10**decimals)


def test_a_mean_in_between_is_rounded_up() -> None:
    assert money.mean("10.01", 2, 2) == "5.01"
    assert money.mean("5", 2, 0) == "3"


def test_sums_keep_the_cents() -> None:
    assert money.add(["0.10", "0.20"]) == "0.30"
    assert money.add([]) == "0"


@pytest.mark.parametrize(
    "secretive",
    [
        http.SignIn("a@b.example", "s3cret"),
        http.Refresh("s3cret"),
        http.Tokens(id_token="s3cret", refresh_token="s3cret", expires_in=1, uid="u", email="a@b.example", name="A"),
    ],
)
def test_a_repr_tells_no_secret(secretive: object) -> None:
    assert "s3cret" not in repr(secretive)
