"""`salebell-server emit`, against a real server."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from salebell_protocol import codec
from salebell_protocol.http import Problem
from salebell_server.log.keys import new_key
from salebell_server.sales.requests import Receipt
from tests.server.api.stand import Service, listening
from tests.server.cli.stand import Done, Run, told

Emit = Callable[..., Awaitable[Done]]


@pytest.fixture
def emit(run: Run, api: Service) -> Emit:
    """Calls the command beside the server."""

    async def call(*arguments: str, key: str = api.key, url: str = f"http://127.0.0.1:{api.port}") -> Done:
        return await asyncio.to_thread(run, "emit", "--url", url, *arguments, SALEBELL_INGEST_KEY=key)

    return call


SALE = ("--total", "15999.00", "--currency", "ARS")


async def test_a_sale_arrives_and_its_event_is_told(emit: Emit, api: Service) -> None:
    done = await emit(*SALE, "--number", "1001", "--customer", "Ana Gómez", "--status", "approved")
    [sale] = (await api.get("/v1/sales")).json()["sales"]
    assert done == (0, f"created:{sale['id']} at offset 1\n", "")
    told_of = {name: sale[name] for name in ("number", "status", "total", "currency", "customer")}
    assert told_of == {
        "number": "1001",
        "status": "approved",
        "total": "15999.00",
        "currency": "ARS",
        "customer": {"name": "Ana Gómez", "email": ""},
    }


async def test_each_one_is_another_sale(emit: Emit, api: Service) -> None:
    offsets = [json.loads((await emit(*SALE, "--json")).out) for _ in range(2)]
    assert [(told["offset"], told["duplicate"]) for told in offsets] == [(1, False), (2, False)]
    assert len({told["event_id"] for told in offsets}) == 2
    assert (await api.get("/v1/sales")).json()["position"]["offset"] == 2


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("--total", "-1", "--currency", "ARS"), "--total"),
        (("--total", "1,5", "--currency", "ARS"), "--total"),
        (("--total", "1", "--currency", "pesos"), "--currency"),
        ((*SALE, "--status", "refunded"), "--status"),
        ((*SALE, "--number", "n" * 101), "--number"),
        ((*SALE, "--customer", "n" * 201), "--customer"),
    ],
)
async def test_a_refused_field_is_named(emit: Emit, arguments: tuple[str, ...], option: str) -> None:
    told(await emit(*arguments), 1, option)


async def test_a_wrong_key(emit: Emit) -> None:
    key = new_key()
    done = await emit(*SALE, key=key)
    told(done, 1, "SALEBELL_INGEST_KEY")
    assert key not in done.error


@pytest.mark.parametrize("key", ["", " ", "clé", "a\nb"])
async def test_no_key(emit: Emit, key: str) -> None:
    told(await emit(*SALE, key=key), 2, "SALEBELL_INGEST_KEY")


async def test_nobody_is_there(emit: Emit) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        told(await emit(*SALE, url=url), 1, url, "serve")


async def test_somebody_else_is_there(emit: Emit) -> None:
    async def greeting(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"hello"})

    async with listening(greeting) as port:
        told(await emit(*SALE, url=f"http://127.0.0.1:{port}"), 1, "200", "Salebell")


async def test_a_server_that_cannot_take_it_now(emit: Emit) -> None:
    body = codec.encode(Problem(title="", status=503, code="log_unavailable", detail="The disk is full."))

    async def away(_scope: Any, _receive: Any, send: Any) -> None:
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    async with listening(away) as port:
        told(await emit(*SALE, url=f"http://127.0.0.1:{port}"), 1, "The disk is full.")


async def test_a_server_that_keeps_it_for_its_log(emit: Emit) -> None:
    async def keeping(_scope: Any, _receive: Any, send: Any) -> None:
        body = codec.encode(Receipt(event_id="created:s1", offset=None, duplicate=False))
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    async with listening(keeping) as port:
        url = f"http://127.0.0.1:{port}"
        done = await emit(*SALE, url=url)
        assert done == (0, "created:s1 is kept by the server until it reaches its log\n", "")
        assert json.loads((await emit(*SALE, "--json", url=url)).out)["offset"] is None


async def test_the_path_of_the_address_is_kept(emit: Emit) -> None:
    asked: list[str] = []

    async def listener(scope: Any, _receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async with listening(listener) as port:
        for end in ("/shop", "/shop/"):
            await emit(*SALE, url=f"http://127.0.0.1:{port}{end}")
    assert asked == ["/shop/v1/sales"] * 2


@pytest.mark.parametrize(
    "url", ["", "localhost", "ftp://localhost", "http://", "http://a:b@localhost", "nowhere:1", "http://localhost:port"]
)
async def test_an_address_that_is_none(emit: Emit, url: str) -> None:
    told(await emit(*SALE, url=url), 2, "--url")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_without_an_address_it_is_that_of_the_settings(run: Run, api: Service, host: str) -> None:
    variables = {"SALEBELL_HOST": host, "SALEBELL_PORT": str(api.port), "SALEBELL_INGEST_KEY": api.key}
    done = await asyncio.to_thread(lambda: run("emit", *SALE, **variables))
    assert (done.status, done.error) == (0, "")


@pytest.mark.parametrize("arguments", [("--total", "1"), ("--currency", "ARS"), ()])
def test_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    told(run("emit", *arguments, SALEBELL_INGEST_KEY=new_key()), 2)


def test_wrong_settings_are_named(run: Run) -> None:
    told(run("emit", *SALE, SALEBELL_PORT="x", SALEBELL_INGEST_KEY=new_key()), 2, "SALEBELL_PORT")


def test_help(run: Run) -> None:
    status, out, _ = run("emit", "--help")
    assert status == 0
    assert "Example:" in out
