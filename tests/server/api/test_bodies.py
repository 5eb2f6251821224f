"""Bodies: too large, too slow, in pieces, of another type. Over plain sockets, since clients differ."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest

from salebell_server.api import bodies
from salebell_server.api.bodies import DRAIN_BYTES, MAX_BYTES
from salebell_server.api.problems import Refusal
from tests.server.api.stand import Service, accepted, problem, sale_body

MIB = 1024 * 1024
PATIENCE = 20.0


@dataclass
class Raw:
    """A plain connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    key: str

    async def head(self, *headers: str, method: str = "POST", path: str = "/v1/sales") -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {self.key}", *headers, "", ""]
        await self.send("\r\n".join(lines).encode())

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> httpx.Response:
        """One answer with its body, read off the wire."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            status, *lines = head.decode().split("\r\n")
            headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines) if name]
            length = int({name.lower(): value for name, value in headers}.get("content-length", "0"))
            body = await self.reader.readexactly(length)
        return httpx.Response(int(status.split()[1]), headers=headers, content=body)

    async def closed(self) -> bool:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read() == b""


@asynccontextmanager
async def connected(api: Service) -> AsyncGenerator[Raw, None]:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    try:
        yield Raw(reader, writer, api.key)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def padded(size: int, sale_id: str = "s1") -> bytes:
    """A good body of exactly so many bytes."""
    body = msgspec.json.encode({"sale": sale_body(sale_id)})
    return body + b" " * (size - len(body))


class TestTooLarge:
    @pytest.mark.parametrize("size", [MAX_BYTES + 1, MIB])
    async def test_httpx_is_told(self, api: Service, size: int) -> None:
        answer = await api.http.post("/v1/sales", content=padded(size), headers={"Authorization": f"Bearer {api.key}"})
        problem(answer, 413, "body_too_large")
        accepted(await api.create("s1"), "created:s1", 1)

    async def test_httpx_is_told_when_it_announces_no_length(self, api: Service) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(64):
                yield b" " * 16 * 1024

        answer = await api.http.post("/v1/sales", content=pieces(), headers={"Authorization": f"Bearer {api.key}"})
        problem(answer, 413, "body_too_large")

    @pytest.mark.parametrize(
        "path", ["/v1/sales", "/v1/checkouts", "/v1/sales/s1/payment", "/v1/sales/s1/cancel", "/nowhere"]
    )
    async def test_every_route_has_the_bound(self, api: Service, path: str) -> None:
        problem(await api.post(path, {"x": "y" * MAX_BYTES}), 413, "body_too_large")

    async def test_a_client_that_sends_all_before_it_listens_is_told(self, api: Service) -> None:
        async with connected(api) as raw:
            await raw.head(f"Content-Length: {MIB}")
            await raw.send(padded(MIB))
            problem(await raw.answer(), 413, "body_too_large")
            await raw.head("Content-Length: 0", path="/v1/sales/s1/cancel")
            problem(await raw.answer(), 404, "unknown_sale")

    async def test_so_is_one_that_sends_in_chunks(self, api: Service) -> None:
        async with connected(api) as raw:
            await raw.head("Transfer-Encoding: chunked")
            for _ in range(16):
                await raw.send(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            await raw.send(b"0\r\n\r\n")
            problem(await raw.answer(), 413, "body_too_large")

    async def test_one_that_asks_first_need_not_send_at_all(self, api: Service) -> None:
        async with connected(api) as raw:
            await raw.head(f"Content-Length: {MIB}", "Expect: 100-continue")
            answer = await raw.answer()
            problem(answer, 413, "body_too_large")
            assert answer.headers["connection"] == "close"
            assert await raw.closed()

    @staticmethod
    async def send_chunks(raw: Raw, size: int) -> None:
        for _ in range(size // 0x40000):
            await raw.send(b"40000\r\n" + b" " * 0x40000 + b"\r\n")

    async def test_one_that_never_ends_is_cut_off(self, api: Service) -> None:
        async with connected(api) as raw:
            await raw.head("Transfer-Encoding: chunked")
            with pytest.raises(ConnectionError):
                await asyncio.wait_for(self.send_chunks(raw, 100 * DRAIN_BYTES), PATIENCE)
        accepted(await api.create("s1"), "created:s1", 1)


class TestWithinTheBound:
    async def test_the_largest_body(self, api: Service) -> None:
        headers = {"Authorization": f"Bearer {api.key}"}
        accepted(await api.http.post("/v1/sales", content=padded(MAX_BYTES), headers=headers), "created:s1", 1)

    async def test_in_pieces(self, api: Service) -> None:
        async with connected(api) as raw:
            await raw.head("Transfer-Encoding: chunked")
            for byte in padded(200):
                await raw.send(b"1\r\n" + bytes([byte]) + b"\r\n")
            await raw.send(b"0\r\n\r\n")
            accepted(await raw.answer(), "created:s1", 1)

    async def test_in_no_piece_at_all(self, api: Service) -> None:
        await api.create("s1")
        async with connected(api) as raw:
            await raw.head("Transfer-Encoding: chunked", path="/v1/sales/s1/cancel")
            await raw.send(b"0\r\n\r\n")
            accepted(await raw.answer(), "cancelled:s1", 2)

    async def test_after_it_was_asked_for(self, api: Service) -> None:
        async with connected(api) as raw:
            await raw.head("Content-Length: 200", "Expect: 100-continue")
            assert (await raw.answer()).status_code == 100
            await raw.send(padded(200))
            accepted(await raw.answer(), "created:s1", 1)

    async def test_several_on_one_connection_at_once(self, api: Service) -> None:
        async with connected(api) as raw:
            for n in range(3):
                await raw.head("Content-Length: 200")
                await raw.send(padded(200, f"s{n}"))
            for n in range(3):
                accepted(await raw.answer(), f"created:s{n}", n + 1)

    async def test_a_client_that_leaves_halfway_leaves_nothing(self, api: Service) -> None:
        async with connected(api) as raw:
            await raw.head("Content-Length: 200")
            await raw.send(padded(200)[:100])
        accepted(await api.create("s2"), "created:s2", 1)


class TestTooSlow:
    async def test_the_rest_does_not_come(self) -> None:
        never = asyncio.Event()

        async def receive() -> Any:
            await never.wait()

        with pytest.raises(Refusal) as caught:
            await bodies.read([(b"content-length", b"5")], receive, seconds=0.01)
        assert (caught.value.problem.status, caught.value.problem.code) == (408, "body_timeout")
        assert caught.value.headers["Connection"] == "close"

    async def test_the_rest_of_one_that_is_too_large_does_not_come(self) -> None:
        never = asyncio.Event()

        async def receive() -> Any:
            await never.wait()

        with pytest.raises(Refusal) as caught:
            await bodies.read([(b"content-length", b"1000000")], receive, seconds=0.01)
        assert caught.value.problem.status == 413
        assert caught.value.headers["Connection"] == "close"


class TestContentType:
    @pytest.mark.parametrize(
        "content_type",
        [
            None,
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/vnd.shop+json",
            "text/json",
            "text/plain",
        ],
    )
    async def test_what_may_be_json_is_read(self, api: Service, content_type: str | None) -> None:
        headers = {"Authorization": f"Bearer {api.key}"} | ({"Content-Type": content_type} if content_type else {})
        accepted(await api.http.post("/v1/sales", content=padded(100), headers=headers), "created:s1", 1)

    @pytest.mark.parametrize(
        "content_type",
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "image/png", "x"],
    )
    async def test_what_is_not_is_refused(self, api: Service, content_type: str) -> None:
        headers = {"Authorization": f"Bearer {api.key}", "Content-Type": content_type}
        answer = await api.http.post("/v1/sales", content=padded(100), headers=headers)
        problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "The body is not valid JSON."),
        (b"\xff\xfe", "The body is not valid JSON."),
        (b"\x00", "The body is not valid JSON."),
        (b'{"sale":', "The body is not valid JSON."),
        (b'"' + b"a" * 1000, "The body is not valid JSON."),
        (b'"a"', "The body: expected an object, got text."),
        (b"[" * 50_000, "The body: expected an object, got a list."),
        (b'{"x":' * 10_000, "The body is not valid JSON."),
        (b"1" * 60_000, "The body: number out of range."),
    ],
)
async def test_what_is_no_object(api: Service, content: bytes, reason: str) -> None:
    answer = await api.http.post("/v1/sales", content=content, headers={"Authorization": f"Bearer {api.key}"})
    assert problem(answer, 400, "invalid_request")["detail"] == reason


async def test_an_empty_body_lacks_its_fields(api: Service) -> None:
    problem(await api.post("/v1/sales"), 400, "invalid_request", "sale")
