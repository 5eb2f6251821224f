import asyncio
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from salebell_desktop.client.address import parse_address
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.identity.errors import ServerProblem, ServerUnreachable
from salebell_protocol.http import ClientConfig, Problem, Provider, Refresh, SalesPage, SignIn, Tokens
from salebell_protocol.sales import Customer

pytestmark = pytest.mark.plain_asyncio

CONFIG = ClientConfig(provider=Provider.LOCAL, server="salebell/1.0.0")
TOKENS = Tokens(id_token="i", refresh_token="r", expires_in=60, uid="u1", email="a@example.com", name="A")


@pytest.fixture
async def http(server: Any) -> Any:
    opened = ServerHttp(parse_address(server.origin), "salebell-desktop/test")
    yield opened
    await opened.close()


async def test_an_answer(http: ServerHttp, server: Any) -> None:
    asked: list[Any] = []

    def answer(query: str, body: bytes, headers: dict[str, str]) -> Any:
        asked.append((query, body, headers))
        return 200, CONFIG

    server.routes["GET /v1/client-config"] = answer
    assert await http.client_config() == CONFIG
    ((query, body, headers),) = asked
    assert (query, body) == ("", b"")
    assert headers["user-agent"] == "salebell-desktop/test"
    assert "authorization" not in headers


async def test_a_body(http: ServerHttp, server: Any) -> None:
    bodies: list[bytes] = []

    def answer(_query: str, body: bytes, headers: dict[str, str]) -> Any:
        bodies.append(body)
        assert headers["content-type"] == "application/json"
        return 200, TOKENS

    server.routes["POST /v1/auth/sign-in"] = answer
    assert await http.post("/v1/auth/sign-in", SignIn("a@example.com", "pass"), Tokens) == TOKENS
    assert bodies == [b'{"email":"a@example.com","password":"pass"}']


async def test_an_answer_without_content(http: ServerHttp, server: Any, always: Any) -> None:
    server.routes["POST /v1/auth/sign-out"] = always(204, None)
    await http.tell("/v1/auth/sign-out", Refresh("r"))


async def test_a_page_of_sales(http: ServerHttp, server: Any, shop: Any) -> None:
    shop.sales = [shop.sale("b", 2), shop.sale("a", 1), shop.sale("z", 0)]
    page = await http.sales("main", "id-1")
    assert isinstance(page, SalesPage)
    assert [sale.id for sale in page.sales] == ["b", "a"]
    assert page.next_before is not None
    page = await http.sales("main", "id-1", before=page.next_before)
    assert [sale.id for sale in page.sales] == ["z"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503])
async def test_a_problem(http: ServerHttp, server: Any, always: Any, status: int) -> None:
    problem = Problem(title="No", status=status, code="some_code", detail="internal words")
    server.routes["GET /v1/client-config"] = always(status, problem)
    with pytest.raises(ServerProblem) as caught:
        await http.client_config()
    assert (caught.value.status, caught.value.code) == (status, "some_code")
    assert "internal words" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (400, "Something else than Salebell"),
        (401, "Something else than Salebell"),
        (404, "Something else than Salebell"),
        (429, "too many requests"),
        (500, "failed to answer"),
        (502, "not ready just now"),
    ],
)
async def test_an_error_page_of_somebody_else(
    http: ServerHttp, server: Any, always: Any, status: int, sentence: str
) -> None:
    server.routes["GET /v1/client-config"] = always(status, Customer(name="<html>"))
    with pytest.raises(ServerProblem, match=sentence) as caught:
        await http.client_config()
    assert (caught.value.status, caught.value.code) == (status, "")


class Other(msgspec.Struct):
    """What answers to `/v1/client-config` elsewhere."""

    server: str = "salebell/9.9.9"
    provider: str = "local"
    protocol: object = 1


@pytest.mark.parametrize("other", [Customer(name="a home page"), Other(server="tillbell/1.0"), Other(protocol="first")])
async def test_something_else_that_answers(http: ServerHttp, server: Any, always: Any, other: msgspec.Struct) -> None:
    server.routes["GET /v1/client-config"] = always(200, other)
    with pytest.raises(ServerUnreachable, match="Something else than Salebell"):
        await http.client_config()


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (Other(provider="smoke signals"), "means that this version of Salebell does not know"),
        (Other(provider="smoke signals", protocol=2), "needs a newer version of Salebell"),
        (Other(provider="smoke signals", protocol=0), "is too old for this version of Salebell"),
        (Other(server="salebell/0.0.9"), "is too old for this version of Salebell"),
        (Other(server="salebell/0.0"), "is too old for this version of Salebell"),
    ],
)
async def test_a_salebell_that_this_program_cannot_read(
    http: ServerHttp, server: Any, always: Any, other: msgspec.Struct, sentence: str
) -> None:
    server.routes["GET /v1/client-config"] = always(200, other)
    with pytest.raises(ServerUnreachable, match=sentence):
        await http.client_config()


@pytest.mark.parametrize("name", ["salebell/0.1", "salebell/0.1.0.dev3", "salebell/10.0.1", "salebell/test"])
async def test_versions_that_this_program_knows(http: ServerHttp, server: Any, always: Any, name: str) -> None:
    server.routes["GET /v1/client-config"] = always(200, Other(server=name))
    assert (await http.client_config()).server == name


async def test_a_salebell_that_does_not_know_the_question(http: ServerHttp, server: Any, always: Any) -> None:
    server.routes["GET /v1/client-config"] = always(
        404, Problem(title="No", status=404, code="not_found", detail="There is nothing at this address.")
    )
    with pytest.raises(ServerProblem, match="is too old for this version of Salebell"):
        await http.client_config()


async def test_pages_of_something_else(http: ServerHttp, server: Any, always: Any) -> None:
    server.routes["GET /v1/sales"] = always(200, Customer(name="a home page"))
    with pytest.raises(ServerUnreachable, match="Something else than Salebell"):
        await http.sales("main", "id-1")


async def test_no_redirect_is_followed(http: ServerHttp, server: Any) -> None:
    server.redirect = "http://127.0.0.1:9"
    with pytest.raises(ServerProblem, match="sends elsewhere"):
        await http.post("/v1/auth/sign-in", SignIn("a@example.com", "pass"), Tokens)


async def test_nobody_there(http: ServerHttp, server: Any) -> None:
    await server.stop()
    with pytest.raises(ServerUnreachable, match=r"no server is listening there\."):
        await http.client_config()


async def test_a_server_that_says_nothing(server: Any) -> None:
    server.silent = True
    http = ServerHttp(parse_address(server.origin), "test", patience=0.1)
    with pytest.raises(ServerUnreachable, match=r"does not answer\."):
        await http.client_config()
    await http.close()


async def test_a_name_that_nobody_has(server: Any) -> None:
    http = ServerHttp(parse_address("no-such-shop.invalid"), "test")
    with pytest.raises(ServerUnreachable, match="no server of that name"):
        await http.client_config()
    await http.close()


async def test_no_password_in_an_error(http: ServerHttp, server: Any) -> None:
    await server.stop()
    with pytest.raises(ServerUnreachable) as caught:
        await http.post("/v1/auth/sign-in", SignIn("a@example.com", "pass-word"), Tokens)
    assert caught.value.__cause__ is None
    assert "pass-word" not in repr(caught.value)


async def test_words_that_are_no_http(server: Any) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # it is also asked whether it speaks TLS
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"220 mail.example.com ESMTP\r\n")
        writer.close()

    other = await asyncio.start_server(babble, "127.0.0.1", 0)
    http = ServerHttp(parse_address(f"127.0.0.1:{other.sockets[0].getsockname()[1]}"), "test")
    with pytest.raises(ServerUnreachable, match="Something else than Salebell"):
        await http.client_config()
    await http.close()
    other.close()
    await other.wait_closed()


async def test_closing_twice(http: ServerHttp, shop: Any) -> None:
    assert await http.client_config()
    await http.close()
    await http.close()
    with pytest.raises(ServerUnreachable):
        await http.client_config()
