import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from salebell_desktop.client import web as web_module
from salebell_desktop.client.web import HttpxWeb
from salebell_desktop.identity import Reply
from salebell_desktop.identity.errors import ServerUnreachable

pytestmark = pytest.mark.plain_asyncio


class Blob(msgspec.Struct):
    text: str


@pytest.fixture
async def web() -> AsyncIterator[HttpxWeb]:
    web = HttpxWeb("salebell-desktop/test")
    yield web
    await web.close()


async def test_what_is_sent(web: HttpxWeb, server: Any) -> None:
    asked: list[Any] = []

    def answer(query: str, body: bytes, headers: dict[str, str]) -> Any:
        asked.append((query, body, headers))
        return 200, Blob("good")

    server.routes["POST /v1/accounts:signInWithPassword"] = answer
    url = f"{server.origin}/v1/accounts:signInWithPassword"
    assert await web.post(url, b"a=b", {"X-Goog-Api-Key": "k", "Content-Type": "text/plain"}) == Reply(
        200, b'{"text":"good"}'
    )
    ((query, body, headers),) = asked
    assert (query, body) == ("", b"a=b")
    assert headers["x-goog-api-key"] == "k"
    assert headers["content-type"] == "text/plain"
    assert headers["user-agent"] == "salebell-desktop/test"


@pytest.mark.parametrize("status", [400, 403, 404, 503])
async def test_an_answer_is_one_whatever_its_status(web: HttpxWeb, server: Any, always: Any, status: int) -> None:
    server.routes["POST /here"] = always(status, Blob("no"))
    assert await web.post(f"{server.origin}/here", b"", {}) == Reply(status, b'{"text":"no"}')


async def test_no_redirect_is_followed(web: HttpxWeb, server: Any) -> None:
    server.redirect = server.origin
    assert (await web.post(f"{server.origin}/here", b"", {})).status == 307
    assert server.requests == ["POST /here"]


async def test_no_proxy_of_the_environment_is_asked(
    web: HttpxWeb, server: Any, always: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.routes["POST /here"] = always(200, Blob("good"))
    assert (await web.post(f"{server.origin}/here", b"", {})).status == 200


async def test_an_answer_without_end(web: HttpxWeb, server: Any, always: Any) -> None:
    server.routes["POST /here"] = always(200, Blob("x" * (web_module.MAX_ANSWER + 1)))
    with pytest.raises(ServerUnreachable, match="Something else than Salebell"):
        await web.post(f"{server.origin}/here", b"", {})


async def test_an_answer_that_takes_its_time(server: Any) -> None:
    """Each byte comes soon enough, but not all of them."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b"x")
                await asyncio.sleep(0.01)
        finally:
            writer.close()

    web = HttpxWeb("test", patience=0.2)
    async with await asyncio.start_server(drip, "127.0.0.1", 0) as slow:
        with pytest.raises(ServerUnreachable, match=r"does not answer\."):
            await web.post(f"http://127.0.0.1:{slow.sockets[0].getsockname()[1]}/", b"", {})
        await web.close()


@pytest.mark.parametrize(
    ("header", "sentence"),
    [(b"", "connection to the server was lost"), (b"Content-Encoding: gzip\r\n", "Something else")],
)
async def test_an_answer_that_breaks_off_or_is_damaged(web: HttpxWeb, header: bytes, sentence: str) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n" + header + b"\r\nno gzip")
        writer.close()

    async with await asyncio.start_server(break_off, "127.0.0.1", 0) as other:
        with pytest.raises(ServerUnreachable, match=sentence):
            await web.post(f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}/", b"", {})


@pytest.mark.parametrize("secret", ["two\nlines", "secrét"])
async def test_what_cannot_be_a_header_is_not_told(web: HttpxWeb, server: Any, secret: str) -> None:
    with pytest.raises(ServerUnreachable) as caught:
        await web.post(f"{server.origin}/here", b"", {"Authorization": f"Bearer {secret}"})
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert secret not in repr(caught.value)


async def test_no_secret_in_an_error(web: HttpxWeb, server: Any) -> None:
    await server.stop()
    with pytest.raises(ServerUnreachable) as caught:
        await web.post(f"{server.origin}/here", b"pass-word", {"Authorization": "Bearer pass-word"})
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_giving_up(web: HttpxWeb) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        left.set()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as other:
        url = f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}/"
        asking = asyncio.create_task(web.post(url, b"", {}))
        await asyncio.wait_for(asked.wait(), 10)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(left.wait(), 10)


async def test_closing(web: HttpxWeb, server: Any, always: Any) -> None:
    server.routes["POST /here"] = always(200, Blob("good"))
    await web.post(f"{server.origin}/here", b"", {})
    await web.close()
    await web.close()
    with pytest.raises(ServerUnreachable):
        await web.post(f"{server.origin}/here", b"", {})


async def test_two_first_requests_at_once(web: HttpxWeb, server: Any, always: Any) -> None:
    server.routes["POST /here"] = always(200, Blob("good"))
    first, second = await asyncio.gather(*(web.post(f"{server.origin}/here", b"", {}) for _ in range(2)))
    assert first == second


def test_a_start_does_not_wait_for_httpx() -> None:
    """It takes longer to import than all the rest of the client."""
    script = (
        "import sys; import salebell_desktop.client.http, salebell_desktop.client.dialer; "
        "import salebell_desktop.identity.firebase, salebell_desktop.identity.google; sys.exit('httpx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
