"""The same request has the same digest, however its JSON was written; any other request has another."""

import itertools
from typing import Any

import msgspec

from salebell_protocol import codec
from salebell_server.sales.digests import Route, digest
from salebell_server.sales.requests import CreateSale, NewSale, Payment

SALE = {"id": "s1", "total": "1.00", "currency": "ARS"}


def of_sale(text: str) -> bytes:
    sale = codec.decode(text, NewSale)
    return digest(Route.SALES, sale.id, sale)


def test_the_spelling_of_the_json_does_not_matter() -> None:
    spellings = [
        '{"id":"s1","total":"1.00","currency":"ARS","number":"Nº 1","created_at":"2026-11-24T12:00:00Z"}',
        '{"currency":"ARS","created_at":"2026-11-24T09:00:00-03:00",\n"number":"N\\u00ba 1","total":"1.00","id":"s1"}',
        '{"id":"s1","total":"1.00","currency":"ARS","number":" Nº 1 ","created_at":"2026-11-24T12:00:00.000Z","x":1}',
    ]
    assert len(set(map(of_sale, spellings))) == 1


def test_everything_that_is_said_matters() -> None:
    variants: list[dict[str, Any]] = [
        SALE,
        {**SALE, "id": "s2"},
        {**SALE, "total": "1.0"},
        {**SALE, "currency": "EUR"},
        {**SALE, "number": "s1"},
        {**SALE, "status": "pending"},
        {**SALE, "channel": "admin"},
        {**SALE, "customer": None},
        {**SALE, "customer": {"name": "Ana"}},
        {**SALE, "items": []},
        {**SALE, "items": [{"name": "a", "quantity": 1, "unit_price": "1"}]},
        {**SALE, "created_at": "2026-11-24T12:00:00Z"},
        {**SALE, "updated_at": "2026-11-24T12:00:00Z"},
        {**SALE, "url": "https://shop.example.com/1"},
        {**SALE, "url": None},
    ]
    digests = [of_sale(msgspec.json.encode(variant).decode()) for variant in variants]
    assert len(set(digests)) == len(variants)
    assert {len(made) for made in digests} == {32}


def test_routes_and_sales_are_told_apart() -> None:
    bodies = (None, Payment(), codec.decode(msgspec.json.encode({"sale": SALE}), CreateSale))
    made = [digest(*asked) for asked in itertools.product(Route, ("s1", "s2", "s11"), bodies)]
    assert len(set(made)) == len(made)


def test_digests_do_not_change_between_versions() -> None:
    """They are stored: another value here turns every retry over an update into a conflict."""
    assert (
        of_sale(msgspec.json.encode(SALE).decode()).hex()
        == "f081d2e636a370eea9856ff7d59f224abf5509aa9bc3eb8010718641c510c70e"
    )
    assert digest(Route.CANCEL, "s1", None).hex() == "4721648780fad920d466cc75a009314d1983485be07e681f58755ea27aa62e56"
