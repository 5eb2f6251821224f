"""Which requests become sockets, and whose they are."""

import ipaddress
from http import HTTPStatus
from pathlib import Path

import pytest
import structlog
from websockets.datastructures import Headers
from websockets.http11 import Request

from salebell_server.gateway.handshake import came_over_tls, client_address, refusal
from salebell_server.gateway.services import GatewaySettings
from tests.server.gateway.raw import raw, request
from tests.server.gateway.stand import Stand, running

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
PRIVATE = ipaddress.ip_network("10.0.0.0/8")
ULA = ipaddress.ip_network("fd00::/8")


@pytest.mark.every_loop
@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (request(), "101"),
        (request("/ws?token=secret&x=1"), "101"),
        (request("/"), "404"),
        (request("/ws/"), "404"),
        (request("/wss"), "404"),
        (request("/v1/sales"), "404"),
        (request("/ws", "Origin: https://evil.example"), "403"),
        (request("/ws", "Origin: null"), "403"),
        (request("/ws", "Origin: https://shop.example.com", "Origin: https://evil.example"), "403"),
        (request("/ws", "Origin: https://shop.example.com"), "101"),
        (request("/ws", "Origin: https://SHOP.example.com"), "101"),
        (request(drop="Sec-WebSocket-Key"), "400"),
        (request("/ws", "Sec-WebSocket-Key: c2hvcnQ=", drop="Sec-WebSocket-Key"), "400"),
        (request("/ws", "Sec-WebSocket-Version: 8", drop="Sec-WebSocket-Version"), "400"),
        (request().replace(b"GET", b"POST"), "405"),
        (request(*["/ws"], *[f"X-{number}: y" for number in range(200)]), "431"),
        (request("/ws", "X-Long: " + "y" * 20_000), "431"),
    ],
)
async def test_requests(stand: Stand, asked: bytes, answer: str) -> None:
    async with raw(stand.port, hands_shaken=False) as client:
        await client.send(asked)
        head = await client.head()
        assert head.startswith(f"HTTP/1.1 {answer}")
        if answer == "101":
            assert (await client.hear())[1].startswith(b'{"type":"welcome","protocol":1,"server":"salebell/')
        else:
            assert "connection: close" in head.lower()
            while await client.reader.read(4096):
                pass


async def test_neither_extensions_nor_subprotocols_are_agreed_on(stand: Stand) -> None:
    offers = "Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Protocol: chat"
    async with raw(stand.port, hands_shaken=False) as client:
        await client.send(request("/ws", *offers))
        head = (await client.head()).lower()
        assert head.startswith("http/1.1 101")
        assert "extensions" not in head
        assert "protocol" not in head.replace("switching protocols", "")


async def test_http_is_served_on_the_same_port(stand: Stand) -> None:
    async with raw(stand.port, hands_shaken=False) as client:
        await client.send(b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await client.head()).startswith("HTTP/1.1 200")


async def test_allowed_origins_are_let_in(tmp_path: Path) -> None:
    settings = GatewaySettings(allowed_origins=("https://panel.example.com",))
    async with running(tmp_path / "data", settings) as stand:
        for origin, answer in (("https://panel.example.com", "101"), ("https://evil.example", "403")):
            async with raw(stand.port, hands_shaken=False) as client:
                await client.send(request("/ws", f"Origin: {origin}"))
                assert (await client.head()).startswith(f"HTTP/1.1 {answer}")


async def test_the_address_behind_a_trusted_proxy_is_the_clients(tmp_path: Path) -> None:
    async with running(tmp_path / "data", GatewaySettings(trusted_proxies=(LOOPBACK,))) as stand:
        with structlog.testing.capture_logs() as logs:
            async with raw(stand.port, hands_shaken=False) as client:
                await client.send(request("/ws", "X-Forwarded-For: 198.51.100.9, 203.0.113.7"))
                await client.head()
        assert [entry["address"] for entry in logs if "address" in entry] == ["203.0.113.7"]


async def test_the_address_that_a_stranger_claims_is_not_believed(stand: Stand) -> None:
    with structlog.testing.capture_logs() as logs:
        async with raw(stand.port, hands_shaken=False) as client:
            await client.send(request("/ws", "X-Forwarded-For: 203.0.113.7"))
            await client.head()
    assert [entry["address"] for entry in logs if "address" in entry] == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", ["203.0.113.7"], "192.0.2.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["1.1.1.1", "203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["1.1.1.1, 203.0.113.7, 10.1.2.3"], "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7", "10.1.2.3, 10.9.9.9"], "203.0.113.7"),
        ("127.0.0.1", ["10.1.2.3, 10.9.9.9"], "10.1.2.3"),
        ("127.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"),
        ("127.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("127.0.0.1", ["2001:DB8:0::1"], "2001:db8::1"),
        ("127.0.0.1", ["203.0.113.7, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7, "], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7, evil\nline"], "127.0.0.1"),
        ("::ffff:127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("fd00::2%eth0", ["2001:db8::5"], "2001:db8::5"),
        ("", ["203.0.113.7"], ""),
    ],
)
def test_x_forwarded_for_is_read_from_the_right_as_far_as_it_is_trusted(
    peer: str, forwarded: list[str], expected: str
) -> None:
    assert client_address(peer, forwarded, (LOOPBACK, PRIVATE, ULA)) == expected


def test_nobody_is_trusted_without_being_named() -> None:
    assert client_address("127.0.0.1", ["203.0.113.7"], ()) == "127.0.0.1"


SHOP = "shop.example.com"


def may_come(
    *origins: str, hosts: tuple[str, ...] = (SHOP,), allowed: tuple[str, ...] = (), over_tls: bool = False
) -> bool:
    headers = Headers([*(("Origin", origin) for origin in origins), *(("Host", host) for host in hosts)])
    refused = refusal(Request("/ws", headers), allowed, over_tls=over_tls)
    assert refused is None or refused[0] is HTTPStatus.FORBIDDEN
    return refused is None


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://shop.example.com", "shop.example.com"),
        ("HTTPS://Shop.Example.COM", "sHOP.example.com"),
        ("https://shop.example.com", "shop.example.com:443"),
        ("https://shop.example.com:443", "shop.example.com"),
        ("http://shop.example.com", "shop.example.com"),
        ("http://shop.example.com", "shop.example.com:80"),
        ("http://localhost:3001", "localhost:3001"),
        ("http://[::1]:3001", "[::1]:3001"),
        ("https://[2001:db8::1]", "[2001:db8::1]:443"),
    ],
)
def test_pages_of_this_host_may_come(origin: str, host: str) -> None:
    assert may_come(origin, hosts=(host,))


@pytest.mark.parametrize(
    ("origin", "hosts"),
    [
        ("https://shop.example.com", ()),
        ("https://shop.example.com", (SHOP, SHOP)),
        ("https://shop.example.com", ("shop.example.com:8443",)),
        ("https://shop.example.com", ("shop.example.com:80",)),
        ("http://shop.example.com", ("shop.example.com:443",)),
        ("https://shop.example.com:8443", (SHOP,)),
        ("https://evil.shop.example.com", (SHOP,)),
        ("https://example.com", (SHOP,)),
        ("https://shop.example.com.evil.example", (SHOP,)),
        ("https://evil@shop.example.com", (SHOP,)),
        ("https://shop.example.com@evil.example", (SHOP,)),
        ("https://shop.example.com/", (SHOP,)),
        ("https://shop.example.com#", ("shop.example.com#",)),
        ("https://shop.example.com https://evil.example", (SHOP,)),
        ("https://shop.example.com\\", ("shop.example.com\\",)),
        ("https://shop.example.com:", ("shop.example.com:",)),
        ("https://", ("",)),
        ("file://shop.example.com", (SHOP,)),
        ("ws://shop.example.com", (SHOP,)),
        ("shop.example.com", (SHOP,)),
        ("null", ("null",)),
        ("", ("",)),
    ],
)
def test_what_is_not_this_host(origin: str, hosts: tuple[str, ...]) -> None:
    assert not may_come(origin, hosts=hosts)


@pytest.mark.parametrize("origin", ["null", "", "*", "https://*", "file://", "https://evil.example"])
def test_only_real_origins_can_be_allowed(origin: str) -> None:
    assert not may_come(origin, allowed=("null", "", "*", "https://*.example", "file://", "https://panel.example.com"))


@pytest.mark.parametrize(
    "written", ["https://panel.example.com", "https://panel.example.com:443", "HTTPS://Panel.example.com"]
)
def test_an_allowed_origin_may_be_written_in_any_way(written: str) -> None:
    for origin in ("https://panel.example.com", "https://panel.example.com:443", "https://PANEL.example.com"):
        assert may_come(origin, allowed=(written,))
    for origin in ("http://panel.example.com", "https://panel.example.com:8443", "http://panel.example.com:443"):
        assert not may_come(origin, allowed=(written,))


def test_who_has_two_origins_has_none() -> None:
    assert not may_come("https://shop.example.com", "https://shop.example.com")
    assert not may_come("https://shop.example.com", "https://evil.example", allowed=("https://evil.example",))
    assert not may_come("https://shop.example.com,https://shop.example.com")


def test_where_clients_come_with_tls_a_page_without_is_anybodys() -> None:
    assert not may_come("http://shop.example.com", over_tls=True)
    assert may_come("https://shop.example.com", over_tls=True)
    assert may_come("http://shop.example.com", over_tls=True, allowed=("http://shop.example.com",))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("127.0.0.1", [], False),
        ("127.0.0.1", ["https"], True),
        ("127.0.0.1", ["WSS"], True),
        ("127.0.0.1", ["http"], False),
        ("127.0.0.1", ["http, https"], True),
        ("127.0.0.1", ["https", "http"], False),
        ("127.0.0.1", [""], False),
        ("192.0.2.1", ["https"], False),
        ("", ["https"], False),
    ],
)
def test_only_a_trusted_proxy_says_how_it_was_reached(peer: str, forwarded: list[str], expected: bool) -> None:
    assert came_over_tls(peer, forwarded, (LOOPBACK,)) is expected


async def test_a_trusted_proxy_that_was_reached_with_tls_brings_no_page_without(tmp_path: Path) -> None:
    async with running(tmp_path / "data", GatewaySettings(trusted_proxies=(LOOPBACK,))) as stand:
        for proto, answer in (("https", "403"), ("http", "101")):
            async with raw(stand.port, hands_shaken=False) as client:
                await client.send(request("/ws", "Origin: http://shop.example.com", f"X-Forwarded-Proto: {proto}"))
                assert (await client.head()).startswith(f"HTTP/1.1 {answer}")
