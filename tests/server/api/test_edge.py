"""Around the API: safe headers, a bound on requests, figures, and no secrets in errors."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from litestar.types import Message
from structlog.testing import capture_logs

from salebell_protocol.sales import Sale
from salebell_server.api.edge import Edge
from salebell_server.bus.memory import MemoryBus
from salebell_server.log import Appended, Draft, Known, LogUnavailable, Lookup, Stale
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.metrics import Metrics
from tests.server.api.stand import NOON, Service, listening, problem, sale_body, serving


class Away(SqliteSaleLog):
    """A log on a full disk."""

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        raise LogUnavailable("the disk is full")

    async def lookup(self, store: str, sale_id: str, event_id: str | None) -> Lookup:
        raise LogUnavailable("the disk is full")

    async def sale(self, store: str, sale_id: str) -> Sale | None:
        raise LogUnavailable("the disk is full")


class Broken(SqliteSaleLog):
    """A log with a fault of ours."""

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        raise RuntimeError(f"secret {draft.sale.number}")


async def raw_get(api: Service, path: str) -> tuple[int, str]:
    """Status and code of the answer for a path that no client library tidies up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ana\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await asyncio.wait_for(reader.read(), 20)).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    problem = body if b"problem+json" in head else b"{}"
    return int(head.split()[1]), json.loads(problem).get("code", "")


class TestErrors:
    @pytest.mark.parametrize(
        "path", ["/", "/v1", "/v1/sale", "/v1/sales/s1/refund", "/ws", "/v2/sales", "/openapi.json/x"]
    )
    async def test_an_unknown_address(self, api: Service, path: str) -> None:
        problem(await api.get(path), 404, "not_found")
        problem(await api.post(path, {}), 404, "not_found")

    @pytest.mark.parametrize("route", ["/metrics", "/healthz", "/openapi.json", "/v1/sales"])
    async def test_an_address_has_one_spelling(self, api: Service, route: str) -> None:
        """A proxy that hides `/metrics` hides no other."""
        assert (await api.get(route)).status_code == 200
        first, second = route[1], route[2:]
        for spelling in (
            f"{route}/",
            f"{route}//",
            f"/{route}",
            f"//{route}",
            f"/./{route[1:]}",
            f"/x/..{route}",
            f"/%{ord(first):x}{second}",
            f"/%{ord(first):X}{second}/",
            f"/%2F{route[1:]}",
            f"{route}%2F",
            f"{route}%00",
            f"{route};x",
            route.upper(),
        ):
            assert await raw_get(api, spelling) == (404, "not_found"), spelling

    async def test_a_sales_id_may_be_encoded(self, api: Service) -> None:
        await api.create("shop:1")
        assert (await api.get("/v1/sales/shop%3a1")).json()["id"] == "shop:1"
        assert (await api.get("/v1/sales/%73hop%3A1/events")).status_code == 200
        for other in ("shop%3A1%2Fevents", "shop:1/%65vents", "shop:1/", "/shop:1", "shop:1//events"):
            assert await raw_get(api, f"/v1/sales/{other}") == (404, "not_found"), other

    @pytest.mark.parametrize("step", [".", "..", "%2e", "%2E.", ".%2e", "%2E%2E"])
    async def test_a_step_in_a_path_is_no_sales_id(self, api: Service, step: str) -> None:
        assert await raw_get(api, f"/v1/sales/{step}") == (400, "invalid_request")
        assert await raw_get(api, f"/v1/sales/{step}/events") == (400, "invalid_request")

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("DELETE", "/v1/sales", {"GET", "POST"}),
            ("PUT", "/v1/sales/s1", {"GET", "PATCH"}),
            ("GET", "/v1/checkouts", {"POST"}),
            ("POST", "/healthz", {"GET"}),
        ],
    )
    async def test_a_method_that_an_address_does_not_know(
        self, api: Service, method: str, path: str, allowed: set[str]
    ) -> None:
        answer = await api.send(method, path)
        problem(answer, 405, "method_not_allowed")
        assert {name.strip() for name in answer.headers["allow"].split(",")} - {"OPTIONS"} == allowed

    async def test_a_log_that_is_away(self, tmp_path: Path) -> None:
        async with Database(tmp_path / "other", serve=True) as database:
            log = Away(database, MemoryBus(), lambda: NOON)
            async with serving(tmp_path / "data", log=log) as api:
                for answer in (
                    await api.create("s1"),
                    await api.post("/v1/sales/s1/payment"),
                    await api.get("/v1/sales/s1"),
                ):
                    told = problem(answer, 503, "log_unavailable")
                    assert "the disk is full" in told["detail"]
                    assert int(answer.headers["retry-after"]) > 0

    async def test_a_fault_of_ours_is_logged_and_not_told(self, tmp_path: Path) -> None:
        async with Database(tmp_path / "other", serve=True) as database:
            log = Broken(database, MemoryBus(), lambda: NOON)
            async with serving(tmp_path / "data", log=log) as api:
                with capture_logs() as logged:
                    answer = await api.create("s1", number="4711")
                problem(answer, 500, "internal_error")
                assert "4711" not in answer.text
                assert "RuntimeError" not in answer.text
                [record] = logged
                assert (record["log_level"], record["method"], record["path"]) == ("error", "POST", "/v1/sales")
                assert isinstance(record["exc_info"], RuntimeError)
                assert api.key not in str({name: value for name, value in record.items() if name != "exc_info"})


@pytest.mark.parametrize("path", ["/v1/sales", "/v1/stats", "/healthz", "/metrics", "/openapi.json", "/nowhere"])
async def test_answers_are_not_kept_nor_guessed_at(api: Service, path: str) -> None:
    for answer in (await api.get(path), await api.http.get(path), await api.post(path, "x" * 100_000)):
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
        assert answer.headers.get_list("cache-control") == ["no-store"]
        assert int(answer.headers["content-length"]) == len(answer.content)


class TestFigures:
    async def test_requests_are_counted_by_route_and_status(self, api: Service) -> None:
        await api.create("secret-id", customer={"name": "Ana"})
        await api.create("secret-id", customer={"name": "Ana"})
        await api.post("/v1/sales/secret-id/payment")
        await api.create("secret-id", total="1")
        await api.get("/v1/sales/secret-id")
        await api.get("/nowhere/secret-id")
        await api.http.request("BREW", "/v1/sales")
        figures = (await api.http.get("/metrics")).text

        assert 'salebell_http_requests_total{method="POST",route="/v1/sales",status="201"} 2.0' in figures
        assert 'salebell_http_requests_total{method="POST",route="/v1/sales",status="409"} 1.0' in figures
        assert 'salebell_http_requests_total{method="GET",route="/v1/sales/{sale_id}",status="200"} 1.0' in figures
        assert 'salebell_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in figures
        assert 'salebell_http_request_seconds_count{method="POST",route="/v1/sales"} 3.0' in figures
        assert 'salebell_events_appended_total{type="SALE_CREATED"} 2.0' in figures
        assert 'salebell_events_appended_total{type="SALE_CANCELLED"} 0.0' in figures
        for secret in ("secret-id", "main", "Ana", api.key, "ana"):
            assert secret not in figures


class Listening:
    """An ASGI application that keeps what it is given."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.given += [scope["type"], await receive(), await receive()]
        headers = [(b"content-length", b"0"), (b"cache-control", b"private")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("kind", ["http", "lifespan"])
async def test_the_application_hears_of_what_follows_the_body(kind: str) -> None:
    left: Any = {"type": f"{kind}.disconnect"}
    coming: list[Any] = [{"type": "http.request", "body": b"{}", "more_body": False}, left]
    sent: list[Any] = []

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    application = Listening()
    headers = [(b"content-length", b"2")]
    scope: Any = {"type": kind, "method": "POST", "path": "/", "raw_path": b"/", "headers": headers}
    await Edge(application, Metrics().answered)(scope, receive, send)
    assert application.given == [kind, {"type": "http.request", "body": b"{}", "more_body": False}, left]
    safe = [(b"x-content-type-options", b"nosniff")] if kind == "http" else []
    assert sent[0]["headers"] == [(b"content-length", b"0"), (b"cache-control", b"private"), *safe]


class Held:
    """An ASGI application that answers when it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.arrived = asyncio.Semaphore(0)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.arrived.release()
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


class TestHowManyAtOnce:
    async def test_one_too_many_is_told_to_come_back(self) -> None:
        answered: list[tuple[str, str, int]] = []
        held = Held()
        edge = Edge(held, lambda method, route, status, _: answered.append((method, route, status)), max_running=2)

        async def ask(path: str) -> int:
            sent: list[Message] = []

            async def receive() -> Any:
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: Message) -> None:
                sent.append(message)

            scope: Any = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": []}
            await edge(scope, receive, send)
            return sent[0]["status"] if sent[0]["type"] == "http.response.start" else 0

        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(ask("/v1/sales")) for _ in range(2)]
            for _ in running:
                await held.arrived.acquire()
            assert await ask("/v1/sales") == 503
            health = tasks.create_task(ask("/healthz"))
            await held.arrived.acquire()
            held.go.set()
        assert [await task for task in (*running, health)] == [200, 200, 200]
        assert await ask("/v1/sales") == 200
        assert answered[0] == ("GET", "unmatched", 503)

    async def test_over_a_socket_it_is_a_problem(self, tmp_path: Path) -> None:
        held = Held()
        async with listening(Edge(held, Metrics().answered, max_running=0)) as port, serving(tmp_path) as api:
            answer = await api.http.post(f"http://127.0.0.1:{port}/v1/sales", json={"sale": sale_body()})
            problem(answer, 503, "overloaded")
            assert answer.headers["retry-after"] == "1"
