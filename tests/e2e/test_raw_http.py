"""HTTP as nobody should write it, against the real server."""

import asyncio
import json

import httpx

from tests.e2e.programs import Server

SALE = json.dumps({"sale": {"id": "s-1", "total": "1", "currency": "EUR"}})


async def answer_to(server: Server, request: str) -> str:
    """What the server answers to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request.encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    writer.close()
    await writer.wait_closed()
    return head.decode()


async def test_a_trailer_brings_no_key(server: Server) -> None:
    key = await server.new_key()
    chunk = f"{len(SALE):x}\r\n{SALE}\r\n0\r\n"
    head = "POST /v1/sales HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    trailed = await answer_to(server, f"{head}\r\n{chunk}Authorization: Bearer {key}\r\n\r\n")
    assert trailed.startswith("HTTP/1.1 401")
    honest = await answer_to(server, f"{head}Authorization: Bearer {key}\r\n\r\n{chunk}\r\n")
    assert honest.startswith("HTTP/1.1 201")


async def test_an_offer_of_another_protocol_does_not_empty_a_body(server: Server) -> None:
    """The parser reads no body behind `Upgrade: h2c`; an empty one would be another command."""
    key = await server.new_key()
    async with server.producer(key) as producer:
        assert (await producer.post("/v1/checkouts", content=SALE)).status_code == 201
        paid = json.dumps({"event_id": "paid-1", "sale": {"id": "s-1", "total": "77", "currency": "EUR"}})
        refused = await answer_to(
            server,
            f"POST /v1/sales/s-1/payment HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
            f"Content-Length: {len(paid)}\r\n\r\n{paid}",
        )
        assert refused.startswith("HTTP/1.1 400")
        retried: httpx.Response = await producer.post("/v1/sales/s-1/payment", content=paid)
        assert retried.json() == {"event_id": "paid-1", "offset": 2, "duplicate": False}


async def test_a_head_without_end_is_cut_off(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
    try:
        for _ in range(200):
            writer.write(b"X-More: " + b"a" * 1000 + b"\r\n")
            await writer.drain()
        assert await asyncio.wait_for(reader.read(), 10) == b""
    except ConnectionError:
        pass  # cut off while it was still sending
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        assert (await http.get("/healthz", headers={"X-Long": "a" * 20_000})).status_code == 200


async def test_a_head_that_never_comes_is_not_waited_for(server: Server) -> None:
    silent, slow = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(2)]
    slow[1].write(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")
    for reader, writer in (silent, slow):
        assert await asyncio.wait_for(reader.read(), 40) == b""
        writer.close()
