"""The routes of producers, over real sockets, on a real log."""

from typing import Any

import pytest

from tests.server.api.stand import Service, accepted, problem, sale_body

ITEM = {"name": "Shoes", "quantity": 3, "unit_price": "10.50"}


async def test_a_sale_from_its_creation_to_its_end(api: Service) -> None:
    accepted(await api.create("s1", customer={"name": "Ana"}), "created:s1", 1)
    accepted(await api.post("/v1/sales/s1/payment", {"event_id": "p1", "reference": "MP 42"}), "p1", 2)
    accepted(await api.send("PATCH", "/v1/sales/s1", {"event_id": "u1", "sale": {"customer": None}}), "u1", 3)
    accepted(await api.post("/v1/sales/s1/cancel"), "cancelled:s1", 4)
    accepted(await api.post("/v1/sales/s1/payment", {"event_id": "p2"}), "p2", 5)
    accepted(await api.send("PATCH", "/v1/sales/s1", {"event_id": "r1", "sale": {"status": "refunded"}}), "r1", 6)

    history = (await api.get("/v1/sales/s1/events")).json()["events"]
    assert [(event["type"], event["sale"]["status"]) for event in history] == [
        ("SALE_CREATED", "pending"),
        ("SALE_CREATED", "approved"),
        ("SALE_UPDATED", "approved"),
        ("SALE_CANCELLED", "cancelled"),
        ("SALE_CREATED", "approved"),
        ("SALE_UPDATED", "refunded"),
    ]
    assert [event["sale"]["customer"] is None for event in history] == [False, False, True, True, True, True]


async def test_a_cart_becomes_a_sale(api: Service) -> None:
    accepted(
        await api.post("/v1/checkouts", {"sale": {"id": "s1", "currency": "ARS", "items": [ITEM]}}), "created:s1", 1
    )
    sale = (await api.get("/v1/sales/s1")).json()
    assert (sale["status"], sale["total"], sale["channel"]) == ("pending", "31.50", "checkout")


async def test_a_whole_payment_creates_its_sale(api: Service) -> None:
    accepted(await api.post("/v1/sales/s1/payment", {"sale": sale_body()}), "paid:s1", 1)
    assert (await api.get("/v1/sales/s1")).json()["status"] == "approved"


@pytest.mark.parametrize("body", [None, {}])
async def test_payment_and_cancel_need_no_body(api: Service, body: Any) -> None:
    await api.create("s1")
    accepted(await api.post("/v1/sales/s1/payment", body), "paid:s1", 2)
    accepted(await api.post("/v1/sales/s1/cancel", body), "cancelled:s1", 3)


class TestRepeating:
    async def test_the_same_request_is_answered_as_the_first_time(self, api: Service) -> None:
        commands: list[tuple[str, str, Any]] = [
            ("POST", "/v1/sales", {"event_id": "e1", "sale": sale_body()}),
            ("PATCH", "/v1/sales/s1", {"event_id": "e2", "sale": {"total": "1"}}),
            ("POST", "/v1/sales/s1/payment", {"event_id": "e3"}),
            ("POST", "/v1/sales/s1/cancel", {"event_id": "e4"}),
        ]
        for duplicate in (False, True):
            for offset, (method, path, body) in enumerate(commands, start=1):
                answer = await api.send(method, path, body)
                accepted(answer, f"e{offset}", offset, duplicate=duplicate)

    async def test_a_known_event_id_with_another_body_is_a_conflict(self, api: Service) -> None:
        await api.create("s1")
        problem(await api.create("s1", total="1.00"), 409, "event_id_conflict")
        problem(await api.post("/v1/checkouts", {"sale": sale_body()}), 409, "event_id_conflict")
        assert (await api.get("/v1/sales/s1")).json()["total"] == "15999.00"

    async def test_an_existing_sale_under_a_new_event_id_is_a_conflict(self, api: Service) -> None:
        await api.create("s1")
        told = problem(await api.post("/v1/sales", {"event_id": "e2", "sale": sale_body()}), 409, "sale_exists")
        assert "s1" in told["detail"]

    async def test_a_payment_twice_is_answered_with_the_event_that_approved(self, api: Service) -> None:
        await api.create("s1")
        await api.post("/v1/sales/s1/payment", {"event_id": "p1"})
        accepted(await api.post("/v1/sales/s1/payment"), "p1", 2, duplicate=True)
        accepted(await api.post("/v1/sales/s1/payment", {"reference": "MP 42"}), "p1", 2, duplicate=True)


class TestIdempotencyKey:
    async def test_the_header_is_the_event_id(self, api: Service) -> None:
        body = {"sale": sale_body()}
        accepted(await api.post("/v1/sales", body, headers={"Idempotency-Key": "e1"}), "e1", 1)
        accepted(await api.post("/v1/sales", {"event_id": "e1", **body}), "e1", 1, duplicate=True)

    async def test_both_may_be_given_when_they_are_the_same(self, api: Service) -> None:
        body = {"event_id": "e1", "sale": sale_body()}
        accepted(await api.post("/v1/sales", body, headers={"Idempotency-Key": "e1"}), "e1", 1)

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "/v1/sales", {"event_id": "e1", "sale": sale_body()}),
            ("POST", "/v1/checkouts", {"event_id": "e1", "sale": sale_body()}),
            ("POST", "/v1/sales/s1/payment", {"event_id": "e1"}),
            ("PATCH", "/v1/sales/s1", {"event_id": "e1", "sale": {"total": "1"}}),
            ("POST", "/v1/sales/s1/cancel", {"event_id": "e1"}),
        ],
    )
    async def test_different_ones_are_refused(self, api: Service, method: str, path: str, body: Any) -> None:
        answer = await api.send(method, path, body, headers={"Idempotency-Key": "e2"})
        problem(answer, 400, "invalid_request", "event_id")

    @pytest.mark.parametrize("keys", [("e1", "e2"), ("e1", "e1"), ("e1", "")])
    async def test_two_of_them_are_refused(self, api: Service, keys: tuple[str, str]) -> None:
        headers = [("Authorization", f"Bearer {api.key}"), *(("Idempotency-Key", key) for key in keys)]
        answer = await api.http.post("/v1/sales", json={"sale": sale_body()}, headers=headers)
        problem(answer, 400, "invalid_request", "Idempotency-Key")
        assert (await api.get("/v1/sales")).json()["sales"] == []

    async def test_a_wrong_one_is_refused_by_its_name(self, api: Service) -> None:
        answer = await api.post("/v1/sales", {"sale": sale_body()}, headers={"Idempotency-Key": "a b"})
        problem(answer, 400, "invalid_request", "Idempotency-Key")


class TestRefused:
    @pytest.mark.parametrize(
        ("sale", "field"),
        [
            ({"total": "-1"}, "sale.total"),
            ({"total": "12,50"}, "sale.total"),
            ({"total": 12.5}, "sale.total"),
            ({"total": None}, "sale.total"),
            ({"currency": "XXX"}, "sale.currency"),
            ({"currency": "pesos"}, "sale.currency"),
            ({"status": "refunded"}, "sale.status"),
            ({"id": ""}, "sale.id"),
            ({"items": [{**ITEM, "quantity": -1}]}, "sale.items[0].quantity"),
            ({"customer": {"email": 1}}, "sale.customer.email"),
            ({"url": "http://shop.example.com"}, "sale.url"),
        ],
    )
    async def test_a_wrong_field_is_named(self, api: Service, sale: dict[str, Any], field: str) -> None:
        body = {"sale": {**sale_body(), **sale}}
        told = problem(await api.post("/v1/sales", body), 400, "invalid_request", field)
        assert told["detail"].startswith(field)
        assert (await api.get("/v1/sales")).json()["sales"] == []

    async def test_a_checkout_without_a_total_needs_items(self, api: Service) -> None:
        answer = await api.post("/v1/checkouts", {"sale": {"id": "s1", "currency": "ARS"}})
        problem(answer, 400, "invalid_request", "sale.total")

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "/v1/sales/s1/payment", None),
            ("POST", "/v1/sales/s1/payment", {"reference": "MP 42"}),
            ("POST", "/v1/sales/s1/cancel", None),
            ("PATCH", "/v1/sales/s1", {"sale": {"total": "1"}}),
            ("PATCH", "/v1/sales/s1", {"sale": {"status": "approved"}}),
        ],
    )
    async def test_an_unknown_sale(self, api: Service, method: str, path: str, body: Any) -> None:
        problem(await api.send(method, path, body), 404, "unknown_sale")

    @pytest.mark.parametrize(
        ("status", "method", "path", "body"),
        [
            ("pending", "PATCH", "", {"sale": {"status": "refunded"}}),
            *(
                (status, "PATCH", "", {"sale": {"status": "approved"}})
                for status in ("pending", "approved", "cancelled")
            ),
            *(
                (status, "PATCH", "", {"sale": {"status": "cancelled"}})
                for status in ("pending", "approved", "cancelled")
            ),
            *(
                (status, "PATCH", "", {"sale": {"status": "pending"}})
                for status in ("pending", "approved", "cancelled")
            ),
            ("cancelled", "PATCH", "", {"sale": {"status": "refunded"}}),
            ("refunded", "PATCH", "", {"sale": {"status": "refunded"}}),
            ("refunded", "POST", "/payment", None),
            ("refunded", "POST", "/cancel", None),
        ],
    )
    async def test_a_transition(self, api: Service, status: str, method: str, path: str, body: Any) -> None:
        await api.create("s1", status="pending" if status in ("pending", "cancelled") else "approved")
        if status == "cancelled":
            await api.post("/v1/sales/s1/cancel", {"event_id": "c0"})
        if status == "refunded":
            await api.send("PATCH", "/v1/sales/s1", {"sale": {"status": "refunded"}})
        told = problem(await api.send(method, f"/v1/sales/s1{path}", body), 409, "invalid_transition")
        assert status in told["detail"]
        assert (await api.get("/v1/sales/s1")).json()["status"] == status

    async def test_fields_that_never_change(self, api: Service) -> None:
        await api.create("s1")
        for sale, field in (({"id": "s2"}, "sale.id"), ({"created_at": "2026-11-24T12:00:00Z"}, "sale.created_at")):
            answer = await api.send("PATCH", "/v1/sales/s1", {"sale": {"total": "1", **sale}})
            problem(answer, 400, "invalid_request", field)
        answer = await api.post("/v1/sales/s1/payment", {"sale": sale_body("s2")})
        problem(answer, 400, "invalid_request", "sale.id")

    async def test_an_id_in_the_path_that_is_none(self, api: Service) -> None:
        for sale_id in ("a%20b", "%00", "a%0A", "%FF", "é", "s" * 101, "a%2Cb"):
            path = f"/v1/sales/{sale_id}"
            problem(await api.post(f"{path}/payment"), 400, "invalid_request", "sale_id")
            problem(await api.post(f"{path}/cancel"), 400, "invalid_request", "sale_id")
            problem(await api.send("PATCH", path, {"sale": {"total": "1"}}), 400, "invalid_request", "sale_id")
