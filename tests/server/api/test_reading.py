"""The routes of admins, on a real log."""

from typing import Any

import pytest

from salebell_protocol import codec
from salebell_protocol.http import SaleHistory, SalesPage, Stats
from salebell_protocol.sales import Sale
from tests.server.api.stand import Service, problem, sale_body


async def shop(api: Service) -> None:
    """Six sales, an hour apart."""
    for n in range(6):
        body = sale_body(
            f"s{n}",
            created_at=f"2026-11-24T0{n}:00:00Z",
            channel="web" if n % 2 else "pos",
            status="approved" if n < 3 else "pending",
            customer={"name": "José Pérez" if n == 4 else "Ana"},
        )
        assert (await api.post("/v1/sales", {"sale": body})).status_code == 201


async def ids(api: Service, **query: Any) -> list[str]:
    answer = await api.get("/v1/sales", **query)
    assert answer.status_code == 200, answer.text
    return [sale["id"] for sale in answer.json()["sales"]]


class TestList:
    async def test_the_newest_first_page_by_page(self, api: Service) -> None:
        await shop(api)
        found: list[str] = []
        before: str | None = None
        for _ in range(3):
            query: dict[str, Any] = {"limit": 2} if before is None else {"limit": 2, "before": before}
            page = codec.decode((await api.get("/v1/sales", **query)).content, SalesPage)
            found += [sale.id for sale in page.sales]
            assert page.position.offset == 6
            before = page.next_before
        assert found == ["s5", "s4", "s3", "s2", "s1", "s0"]
        assert before is None

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"status": "approved"}, ["s2", "s1", "s0"]),
            ({"channel": "web"}, ["s5", "s3", "s1"]),
            ({"q": "perez"}, ["s4"]),
            ({"since": "2026-11-24T04:00:00Z"}, ["s5", "s4"]),
            ({"until": "2026-11-24T01:00:00Z"}, ["s0"]),
            ({"since": "2026-11-24T00:00:00-03:00", "until": "2026-11-24T05:00:00+01:00"}, ["s3"]),
            ({"status": "refunded"}, []),
        ],
    )
    async def test_filters(self, api: Service, query: dict[str, str], expected: list[str]) -> None:
        await shop(api)
        assert await ids(api, **query) == expected

    async def test_unread_is_0_without_a_cursor(self, api: Service) -> None:
        await shop(api)
        assert (await api.get("/v1/sales")).json()["unread"] == 0

    async def test_unread_is_what_came_after_the_cursor(self, api: Service) -> None:
        await api.log.open("main", "uid-of-ana", None)
        await shop(api)
        page = (await api.get("/v1/sales", limit=1)).json()
        assert (page["unread"], page["position"]["offset"]) == (6, 6)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=-1", "limit"),
            ("limit=many", "limit"),
            ("limit=", "limit"),
            ("limit=1.5", "limit"),
            ("limit=1e1", "limit"),
            ("limit=1.0", "limit"),
            ("limit=%2B1", "limit"),
            ("limit=%201", "limit"),
            ("limit=1e1&limit=1", "limit"),
            ("limit=1&limit=1e1", "limit"),
            ("since=1764000000", "since"),
            ("since=1764000000.5", "since"),
            ("since=1e9", "since"),
            ("until=0", "until"),
            ("until=-1", "until"),
            ("status=bad", "status"),
            ("status=", "status"),
            ("since=bad", "since"),
            ("since=2026-11-24", "since"),
            ("since=2026-11-24T12:00:00", "since"),
            ("until=0001-01-01T00:00:00%2B14:00", "until"),
            ("before=bad", "before"),
            ("before=" + "b" * 1001, "before"),
            ("channel=" + "c" * 51, "channel"),
            ("q=" + "q" * 201, "q"),
        ],
    )
    async def test_a_wrong_parameter_is_named(self, api: Service, query: str, field: str) -> None:
        await shop(api)
        problem(await api.get(f"/v1/sales?{query}"), 400, "invalid_request", field)

    async def test_what_it_does_not_know_is_left_alone(self, api: Service) -> None:
        await shop(api)
        assert len(await ids(api, unheard="1")) == 6

    @pytest.mark.parametrize(
        "query", ["q=%00", "q=%FF", "q=%25_*\"'--", "channel=%00", "q=", "channel=", "%FF=%FF", "&&=&"]
    )
    async def test_strange_texts_find_what_they_find(self, api: Service, query: str) -> None:
        await shop(api)
        assert (await api.get(f"/v1/sales?{query}")).status_code == 200


class TestOne:
    async def test_a_sale(self, api: Service) -> None:
        await shop(api)
        sale = codec.decode((await api.get("/v1/sales/s4")).content, Sale)
        assert (sale.id, sale.customer and sale.customer.name) == ("s4", "José Pérez")

    async def test_its_history(self, api: Service) -> None:
        await api.create("s1")
        await api.create("s2")
        await api.post("/v1/sales/s1/payment")
        history = codec.decode((await api.get("/v1/sales/s1/events")).content, SaleHistory)
        assert [(event.id, event.offset) for event in history.events] == [("created:s1", 1), ("paid:s1", 3)]

    @pytest.mark.parametrize("path", ["/v1/sales/nobody", "/v1/sales/nobody/events"])
    async def test_an_unknown_one(self, api: Service, path: str) -> None:
        problem(await api.get(path), 404, "unknown_sale")

    @pytest.mark.parametrize("path", ["/v1/sales/a%20b", "/v1/sales/a%20b/events"])
    async def test_an_id_that_is_none(self, api: Service, path: str) -> None:
        problem(await api.get(path), 400, "invalid_request", "sale_id")


class TestStats:
    async def test_counts_and_revenue_by_the_callers_clock(self, api: Service) -> None:
        await shop(api)
        answer = await api.get("/v1/stats", tz="America/Argentina/Buenos_Aires")
        stats = codec.decode(answer.content, Stats)
        assert (stats.store, stats.tz) == ("main", "America/Argentina/Buenos_Aires")
        assert [(day.sales, day.approved) for day in stats.days[-2:]] == [(3, 3), (3, 0)]
        [revenue] = stats.days[-2].revenue
        assert (revenue.currency, revenue.total, revenue.sales) == ("ARS", "47997.00", 3)
        assert sum(hour.sales for hour in stats.hours) == 6

    async def test_utc_by_default(self, api: Service) -> None:
        assert (await api.get("/v1/stats")).json()["tz"] == "UTC"

    @pytest.mark.parametrize("tz", ["", "Nowhere", "America", "../../etc/passwd", "/etc/localtime", "a" * 101])
    async def test_a_zone_that_is_none(self, api: Service, tz: str) -> None:
        problem(await api.get("/v1/stats", tz=tz), 400, "invalid_request", "tz")

    async def test_sums_beyond_an_amount_can_be_decoded(self, api: Service) -> None:
        for sale_id in ("s1", "s2"):
            await api.create(sale_id, total="999999999999999", status="approved")
        stats = codec.decode((await api.get("/v1/stats")).content, Stats)
        assert stats.days[-1].revenue[0].total == "1999999999999998"
