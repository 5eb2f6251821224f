"""Liveness, readiness and the description."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import post
from litestar.params import JSONBody
from openapi_spec_validator import validate

from salebell_protocol.http import Refresh
from salebell_server.bus.memory import MemoryBus
from salebell_server.log import LogUnavailable
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.readiness import FRESH_SECONDS, Health, LogReadiness, Readiness
from salebell_server.sales import requests
from tests.server.api.stand import NOON, Service, problem, serving


class Checked(SqliteSaleLog):
    """A log whose readiness is in the test's hands."""

    looks = 0
    reason = ""

    async def check(self) -> None:
        self.looks += 1
        await super().check()
        if self.reason:
            raise LogUnavailable(self.reason)


async def test_it_is_alive(api: Service) -> None:
    answer = await api.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": "1.2.3"})


class TestReadiness:
    async def test_it_is_ready_on_a_log_that_can_be_written(self, api: Service) -> None:
        answer = await api.http.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "reasons": []})

    @pytest.mark.parametrize(("health", "status"), [(Health.DEGRADED, 200), (Health.UNAVAILABLE, 503)])
    async def test_the_reasons_are_told(self, tmp_path: Path, health: Health, status: int) -> None:
        async def readiness() -> Readiness:
            return Readiness(status=health, reasons=("log: the disk is full",))

        async with serving(tmp_path, readiness=readiness) as api:
            answer = await api.http.get("/readyz")
        assert (answer.status_code, answer.json()) == (status, {"status": health, "reasons": ["log: the disk is full"]})

    async def test_nobody_is_told_where_the_log_is(self, tmp_path: Path) -> None:
        async with serving(tmp_path) as api:
            (tmp_path / "salebell.db").rename(tmp_path / "aside.db")
            answer = await api.http.get("/readyz")
            assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
            refused = await api.create("s1")
            problem(refused, 503, "log_unavailable")
            for text in (answer.text, refused.text):
                assert "the database cannot be" in text
                assert tmp_path.name not in text

    async def test_the_log_is_looked_at_once_a_second_however_many_ask(self, tmp_path: Path) -> None:
        now = 100.0
        async with Database(tmp_path, serve=True) as database:
            log = Checked(database, MemoryBus(), lambda: NOON)
            readiness = LogReadiness(log, lambda: now)
            answers = await asyncio.gather(*(readiness() for _ in range(20)))
            assert {answer.status for answer in answers} == {Health.OK}
            assert log.looks == 1

            log.reason = "the disk is full"
            assert (await readiness()).status is Health.OK
            now += FRESH_SECONDS + 0.1
            assert await readiness() == Readiness(status=Health.UNAVAILABLE, reasons=("log: the disk is full",))
            log.reason = ""
            now += FRESH_SECONDS + 0.1
            assert await readiness() == Readiness(status=Health.OK)


class TestDescription:
    async def test_it_is_valid_openapi(self, api: Service) -> None:
        answer = await api.http.get("/openapi.json")
        assert answer.headers["content-type"] == "application/json"
        document = answer.json()
        validate(document)
        assert document["openapi"].startswith("3.1")
        assert document["info"]["version"] == "1.2.3"

    async def test_it_is_the_same_for_all_who_ask_at_once(self, api: Service) -> None:
        answers = await asyncio.gather(*(api.http.get("/openapi.json") for _ in range(5)))
        assert len({answer.content for answer in answers}) == 1

    async def test_it_has_every_route_with_who_may_use_it(self, api: Service) -> None:
        paths = (await api.http.get("/openapi.json")).json()["paths"]
        found = {
            (method.upper(), path): [*operation.get("security", [])]
            for path, operations in paths.items()
            for method, operation in operations.items()
        }
        ingest: list[object] = [{"ingestKey": []}]
        admin: list[object] = [{"adminToken": []}]
        assert found == {
            ("POST", "/v1/sales"): ingest,
            ("POST", "/v1/checkouts"): ingest,
            ("POST", "/v1/sales/{sale_id}/payment"): ingest,
            ("PATCH", "/v1/sales/{sale_id}"): ingest,
            ("POST", "/v1/sales/{sale_id}/cancel"): ingest,
            ("GET", "/v1/sales"): admin,
            ("GET", "/v1/sales/{sale_id}"): admin,
            ("GET", "/v1/sales/{sale_id}/events"): admin,
            ("GET", "/v1/stats"): admin,
            ("GET", "/healthz"): [],
            ("GET", "/readyz"): [],
            ("GET", "/metrics"): [],
        }

    async def test_bodies_are_described_as_they_are_decoded(self, api: Service) -> None:
        document = (await api.http.get("/openapi.json")).json()
        schemas = document["components"]["schemas"]
        for path, method, wanted, required in (
            ("/v1/sales", "post", requests.CreateSale, True),
            ("/v1/checkouts", "post", requests.Checkout, True),
            ("/v1/sales/{sale_id}/payment", "post", requests.Payment, False),
            ("/v1/sales/{sale_id}", "patch", requests.Change, True),
            ("/v1/sales/{sale_id}/cancel", "post", requests.Cancel, False),
        ):
            body = document["paths"][path][method]["requestBody"]
            name = wanted.__name__
            assert body["content"] == {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
            assert body["required"] is required
            _, exact = msgspec.json.schema_components((wanted,), ref_template="#/components/schemas/{name}")
            for component, schema in exact.items():
                assert schemas[component]["required"] == schema["required"] if "required" in schema else True
                assert schemas[component].get("properties") == schema.get("properties")

    async def test_every_schema_is_the_structs_own(self, api: Service) -> None:
        """One that msgspec did not make would be Litestar's guess: those say `oneOf` where several may hold."""
        document = (await api.http.get("/openapi.json")).json()
        assert "oneOf" not in msgspec.json.encode(document["components"]).decode()

    async def test_every_error_is_a_problem(self, api: Service) -> None:
        paths = (await api.http.get("/openapi.json")).json()["paths"]
        for path, operations in paths.items():
            for method, operation in operations.items():
                errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
                if path.startswith("/v1/"):
                    assert {"400", "401", "429", "503"} <= errors.keys(), (method, path)
                    assert ({"408", "413", "415"} <= errors.keys()) == ("requestBody" in operation), (method, path)
                    assert all(answer["content"].keys() == {"application/problem+json"} for answer in errors.values())

    async def test_routes_that_are_passed_in_belong_to_it(self, tmp_path: Path) -> None:
        @post("/v1/auth/refresh", status_code=200)
        async def refresh(data: JSONBody[Refresh]) -> dict[str, Any]:
            return {"length": len(data.refresh_token)}

        async with serving(tmp_path, auth_routes=(refresh,)) as api:
            assert "/v1/auth/refresh" in (await api.http.get("/openapi.json")).json()["paths"]
            assert (await api.post("/v1/auth/refresh", {"refresh_token": "abc"})).json() == {"length": 3}
            problem(await api.post("/v1/auth/refresh", {}), 400, "invalid_request", "refresh_token")
