"""`/v1/auth/…` and `/v1/client-config`, over a real socket."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest_asyncio
import uvicorn
from litestar import Litestar

from salebell_protocol import codec
from salebell_protocol.http import ClientConfig, Problem, Provider, Tokens
from salebell_server.api.auth import auth_router
from salebell_server.api.bodies import JsonRequest
from salebell_server.api.edge import Edge
from salebell_server.api.problems import answer as as_problem
from tests.server.auth.stand import EMAIL, PASSWORD, Stand

CONFIG = ClientConfig(provider=Provider.LOCAL, server="salebell/0.1.0")


@pytest_asyncio.fixture
async def http(stand: Stand) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client of a server that has these routes."""
    app = Litestar(
        [auth_router(CONFIG, stand.service)],
        request_class=JsonRequest,
        exception_handlers={Exception: as_problem},
        openapi_config=None,
    )
    # asyncio spares small answers Nagle's delay only where the protocol is named.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            Edge(app, lambda _method, _route, _status, _seconds: None),
            log_config=None,
            lifespan="off",
            ws="none",
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}") as client:
            yield client
        server.should_exit = True
        await serving


async def sign_in(http: httpx.AsyncClient, email: str = EMAIL, password: str = PASSWORD, **headers: str) -> Any:
    return await http.post("/v1/auth/sign-in", json={"email": email, "password": password}, headers=headers)


async def refresh(http: httpx.AsyncClient, token: str) -> httpx.Response:
    return await http.post("/v1/auth/refresh", json={"refresh_token": token})


def problem(answer: httpx.Response, status: int, code: str) -> Problem:
    assert answer.headers["content-type"] == "application/problem+json"
    told = codec.decode(answer.content, Problem)
    assert (answer.status_code, told.status, told.code) == (status, status, code)
    return told


async def test_the_way_of_a_session(http: httpx.AsyncClient, stand: Stand) -> None:
    account = await stand.add()
    answer = await sign_in(http)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"id_token", "refresh_token", "expires_in", "uid", "email", "name"}
    first = codec.decode(answer.content, Tokens)
    assert (first.uid, first.email, first.name, first.expires_in) == (account.uid, EMAIL, "Ana", 3600)
    answer = await refresh(http, first.refresh_token)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    second = codec.decode(answer.content, Tokens)
    assert (await stand.verifier.verify(second.id_token)).uid == account.uid
    answer = await http.post("/v1/auth/sign-out", json={"refresh_token": second.refresh_token})
    assert (answer.status_code, answer.content) == (204, b"")
    problem(await refresh(http, second.refresh_token), 401, "revoked")


async def test_wrong_credentials_are_told_alike(http: httpx.AsyncClient, stand: Stand) -> None:
    await stand.add()
    wrong_password = await sign_in(http, password="wrong password")
    unknown_address = await sign_in(http, email="ben@example.com")
    problem(wrong_password, 401, "invalid_credentials")
    assert wrong_password.content == unknown_address.content
    assert "ben" not in unknown_address.text


async def test_what_became_of_an_account_is_told_after_the_right_password(
    http: httpx.AsyncClient, stand: Stand
) -> None:
    await stand.add()
    await stand.administration.disable(EMAIL)
    problem(await sign_in(http), 403, "account_disabled")
    problem(await sign_in(http, password="wrong password"), 401, "invalid_credentials")
    await stand.administration.enable(EMAIL)
    await stand.administration.revoke(EMAIL, None)
    problem(await sign_in(http), 403, "not_admin")


async def test_refresh_tokens_that_are_not_good(http: httpx.AsyncClient, stand: Stand) -> None:
    await stand.add()
    tokens = codec.decode((await sign_in(http)).content, Tokens)
    problem(await refresh(http, "hunter2"), 401, "token_invalid")
    stand.time.passes(days=90)
    problem(await refresh(http, tokens.refresh_token), 401, "token_expired")
    await stand.administration.remove(EMAIL)
    problem(await refresh(http, tokens.refresh_token), 401, "revoked")


async def test_too_many_failures_say_when_to_come_back(http: httpx.AsyncClient, stand: Stand) -> None:
    await stand.add()
    for _ in range(60):
        problem(await refresh(http, "hunter2"), 401, "token_invalid")
    for answer in (await sign_in(http), await refresh(http, "hunter2")):
        problem(answer, 429, "rate_limited")
        assert answer.headers["retry-after"] == "61"
    assert (await sign_in(http, **{"X-Forwarded-For": "198.51.100.9"})).status_code == 200
    stand.time.passes(seconds=61)
    assert (await sign_in(http)).status_code == 200


async def test_a_store_that_is_away_is_unavailable(http: httpx.AsyncClient, stand: Stand) -> None:
    await stand.database.close()
    sign_out = await http.post("/v1/auth/sign-out", json={"refresh_token": "sbr_" + "A" * 64})
    for answer in (await sign_in(http), await refresh(http, "sbr_" + "A" * 64), sign_out):
        problem(answer, 503, "auth_unavailable")
        assert answer.headers["retry-after"] == "5"


NO_SIGN_IN: dict[bytes, str | None] = {
    b"": "email",
    b"{": None,
    b"[]": None,
    b"\xff": None,
    b"{}": "email",
    b'{"email":"ana@example.com"}': "password",
    b'{"email":"ana@example.com","password":""}': "password",
    b'{"email":"ana@example.com","password":1}': "password",
    b'{"email":["ana@example.com"],"password":"correct horse"}': "email",
    b'{"email":"' + b"a" * 321 + b'","password":"correct horse"}': "email",
    b'{"email":"ana@example.com","password":"' + b"a" * 1025 + b'"}': "password",
}
"""Bodies, and the fields that are wrong in them."""


async def test_what_is_no_sign_in_names_the_field_and_no_value(http: httpx.AsyncClient) -> None:
    named: dict[bytes, str | None] = {}
    for body in NO_SIGN_IN:
        answer = await http.post("/v1/auth/sign-in", content=body, headers={"Content-Type": "application/json"})
        named[body] = problem(answer, 400, "invalid_request").field or None
        assert "correct horse" not in answer.text
    assert named == NO_SIGN_IN


async def test_a_body_of_many_small_tries_is_one_try(http: httpx.AsyncClient, stand: Stand) -> None:
    await stand.add()
    body = b'{"email":"ana@example.com","password":"wrong password","password":"correct horse"}'
    answer = await http.post("/v1/auth/sign-in", content=body)
    assert answer.status_code == 200
    assert len(stand.hasher.checked) == 1


async def test_the_desktop_is_told_how_to_sign_in(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/client-config")
    assert answer.status_code == 200
    assert answer.json() == {"provider": "local", "server": "salebell/0.1.0", "protocol": 1, "firebase": None}


async def test_a_server_without_local_accounts_has_no_routes_for_them() -> None:
    app = Litestar([auth_router(CONFIG, None)])
    paths = {route.path for route in app.routes}
    assert "/v1/client-config" in paths
    assert not any("/auth/" in path for path in paths)
