"""Certificates, as the HTTP check and the sockets see them: both say the same."""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from salebell_desktop.client.address import parse_address
from salebell_desktop.client.dialer import DialFailure, WebsocketDialer
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.trust import Trust, system_trust
from salebell_desktop.client.web import HttpxWeb
from salebell_desktop.identity.errors import ServerProblem, ServerUnreachable

pytest.importorskip("cryptography")
from tests.desktop.client.authority import Authority

pytestmark = pytest.mark.plain_asyncio

Tls = Callable[[], ssl.SSLContext]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def trust(tmp_path: Path, authority: Authority) -> Trust:
    """Trusts the authority."""
    settings = tmp_path / "settings"
    settings.mkdir()
    trust = Trust(settings)
    trust.choose(authority.file)
    return trust


@asynccontextmanager
async def serving(certificate: Path, host: str = "localhost") -> AsyncGenerator[int]:
    """A server with a certificate, that greets on sockets and answers 418 to all else; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def greet(connection: ServerConnection) -> None:
        await connection.send("hello")

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        return None if request.path == "/ws" else connection.respond(HTTPStatus.IM_A_TEAPOT, "")

    quiet = logging.getLogger("tests.tls")
    quiet.setLevel(logging.CRITICAL)
    async with serve(greet, host, 0, ssl=context, process_request=answer, logger=quiet) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def both(where: str, tls: Tls) -> list[tuple[str, bool]]:
    """What the HTTP check and the dialer say of an address such as `wss://localhost:9`."""
    http = ServerHttp(parse_address(where), "test", tls=tls)
    with pytest.raises(ServerUnreachable) as unreachable:
        await http.client_config()
    await http.close()
    with pytest.raises(DialFailure) as failure:
        await WebsocketDialer("test", tls=tls)(f"{where}/ws")
    return [(str(caught), caught.untrusted) for caught in (unreachable.value, failure.value)]


async def agreed(where: str, tls: Tls) -> tuple[str, bool]:
    said = await both(where, tls)
    assert said[0] == said[1]
    return said[0]


class TestACertificate:
    async def test_that_is_trusted(self, authority: Authority, trust: Trust) -> None:
        async with serving(authority.issue()) as port:
            socket = await WebsocketDialer("test", tls=trust.context)(f"wss://localhost:{port}/ws")
            assert await socket.receive() == "hello"
            await socket.close()
            http = ServerHttp(parse_address(f"wss://localhost:{port}"), "test", tls=trust.context)
            with pytest.raises(ServerProblem) as caught:
                await http.client_config()
            assert caught.value.status == 418
            await http.close()

    async def test_of_an_authority_that_nobody_knows(self, authority: Authority) -> None:
        async with serving(authority.issue()) as port:
            sentence, untrusted = await agreed(f"wss://localhost:{port}", system_trust)
        assert sentence == "The server's certificate is not trusted on this computer."
        assert untrusted

    async def test_of_another_authority(self, tmp_path: Path, trust: Trust) -> None:
        """Trusting one authority is not trusting everybody."""
        async with serving(Authority(tmp_path, "Other CA").issue()) as port:
            _, untrusted = await agreed(f"wss://localhost:{port}", trust.context)
        assert untrusted

    @pytest.mark.parametrize(("days", "word"), [((-3, -1), "has run out"), ((1, 3), "not valid yet")])
    async def test_of_another_time(
        self, authority: Authority, trust: Trust, days: tuple[float, float], word: str
    ) -> None:
        async with serving(authority.issue(days=days)) as port:
            sentence, untrusted = await agreed(f"wss://localhost:{port}", trust.context)
        assert word in sentence
        assert "clock" in sentence
        assert not untrusted

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    async def test_for_another_name(self, authority: Authority, trust: Trust, host: str) -> None:
        async with serving(authority.issue("shop.example.com"), host) as port:
            sentence, untrusted = await agreed(f"wss://{host}:{port}", trust.context)
        assert "for another name" in sentence
        assert not untrusted

    async def test_of_the_server_itself(self, authority: Authority, trust: Trust) -> None:
        """Somebody may get that one to choose, without the authority's."""
        certificate = authority.issue()
        trust.choose(certificate)
        async with serving(certificate) as port:
            socket = await WebsocketDialer("test", tls=trust.context)(f"wss://localhost:{port}/ws")
            await socket.close()


class TestAChoice:
    async def test_that_is_made_while_the_program_runs(self, authority: Authority, tmp_path: Path) -> None:
        trust = Trust(tmp_path)
        web, dial = HttpxWeb("test", trust.context), WebsocketDialer("test", trust.context)
        async with serving(authority.issue()) as port:
            url = f"https://localhost:{port}/"
            with pytest.raises(ServerUnreachable):
                await web.post(url, b"", {})
            with pytest.raises(DialFailure):
                await dial(f"wss://localhost:{port}/ws")
            trust.choose(authority.file)
            assert (await web.post(url, b"", {})).status in (405, 418)
            await (await dial(f"wss://localhost:{port}/ws")).close()
        await web.close()


@asynccontextmanager
async def speaking(*words: bytes, context: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
    """A server that hears somebody out, says some words, and hangs up; its port."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        for word in words:
            writer.write(word)
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


class TestEncryption:
    @pytest.mark.parametrize("words", [[b"HTTP/1.1 400 Bad Request\r\n\r\n"], [b"220 mail.example.com ESMTP\r\n"]])
    async def test_that_is_not_offered(self, words: Iterable[bytes]) -> None:
        async with speaking(*words) as port:
            sentence, untrusted = await agreed(f"wss://127.0.0.1:{port}", system_trust)
        assert "offers no encrypted connection" in sentence
        assert not untrusted

    async def test_that_is_not_agreed_on(self) -> None:
        async with speaking() as port:
            sentence, _ = await agreed(f"wss://127.0.0.1:{port}", system_trust)
        assert sentence.startswith("No encrypted connection to the server could be made.")

    async def test_that_is_wanted(self, authority: Authority) -> None:
        """As this project's server does: it hangs up on whoever speaks in plain."""
        async with serving(authority.issue()) as port:
            sentence, _ = await agreed(f"ws://localhost:{port}", system_trust)
        assert sentence == ("The server at this address wants an encrypted connection. Begin its address with wss://.")

    async def test_that_is_wanted_in_words(self) -> None:
        """As proxies do on a port that is for TLS. This one refuses the handshake too, without the right name."""

        async def explain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked = await reader.read(4096)
            writer.write(_HANDSHAKE_FAILURE if asked.startswith(_HANDSHAKE) else b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(explain, "127.0.0.1", 0) as server:
            address = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            http = ServerHttp(parse_address(address), "test")
            with pytest.raises(ServerProblem, match="wants an encrypted connection"):
                await http.client_config()
            await http.close()
            with pytest.raises(DialFailure, match="wants an encrypted connection"):
                await WebsocketDialer("test")(f"{address}/ws")


_HANDSHAKE = b"\x16\x03"
_HANDSHAKE_FAILURE = b"\x15\x03\x03\x00\x02\x02\x28"
"""RFC 8446, sections 5.1 and 6."""
