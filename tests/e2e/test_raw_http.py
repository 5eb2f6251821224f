"""HTTP as nobody should write it, against the real server."""

import asyncio
import json
import socket

import httpx
import psutil

from tests.e2e.programs import Server, eventually

SALE = json.dumps({"sale": {"id": "s-1", "total": "1", "currency": "EUR"}})


async def answer_to(server: Server, *pieces: str) -> str:
    """What the server answers to these bytes, sent one piece after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for piece in pieces:
        writer.write(piece.encode())
        await writer.drain()
    async with asyncio.timeout(10):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        body = await reader.readexactly(int(head.lower().partition("content-length:")[2].split()[0]))
    writer.close()
    await writer.wait_closed()
    return head + body.decode()


async def test_a_trailer_brings_no_key(server: Server) -> None:
    key = await server.new_key()
    chunk = f"{len(SALE):x}\r\n{SALE}\r\n0\r\n"
    head = "POST /v1/sales HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    trailed = await answer_to(server, f"{head}\r\n{chunk}Authorization: Bearer {key}\r\n\r\n")
    assert trailed.startswith("HTTP/1.1 401")
    honest = await answer_to(server, f"{head}Authorization: Bearer {key}\r\n\r\n{chunk}\r\n")
    assert honest.startswith("HTTP/1.1 201")


async def test_an_offer_of_another_protocol_is_ignored(server: Server) -> None:
    """As `curl --http2` and Java's HttpClient make it: the parser by itself would read no body behind it."""
    key = await server.new_key()
    body = json.dumps({"event_id": "paid-1", "sale": {"id": "s-1", "total": "77", "currency": "EUR"}})
    head = (
        f"POST /v1/sales/s-1/payment HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
    )
    whole = f"{head}Content-Length: {len(body)}\r\n\r\n{body}"
    for split in range(len(whole)):
        paid = await answer_to(server, whole[:split], whole[split:])
        assert paid.startswith("HTTP/1.1 201")
        duplicate = json.dumps(split > 0)  # another body would be another command, and a conflict
        assert paid.endswith(f'{{"event_id":"paid-1","offset":1,"duplicate":{duplicate}}}')
    chunks = f"Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n{body}\r\n0\r\n\r\n"
    assert (await answer_to(server, head, chunks)).endswith('"duplicate":true}')


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


async def test_whoever_reads_nothing_is_not_waited_for(server: Server) -> None:
    await server.new_admin("ana@example.com")
    key, tokens = await server.new_key(), await server.sign_in("ana@example.com")
    item = {"name": "x" * 500, "quantity": 1, "unit_price": "1"}
    async with server.producer(key) as producer:
        for number in range(200):
            sale = {"id": f"s-{number}", "total": "1", "currency": "EUR", "items": [item] * 100}
            assert (await producer.post("/v1/sales", json={"sale": sale})).status_code == 201
    assert server.program is not None
    connections = psutil.Process(server.program.pid).net_connections
    with socket.create_connection(("127.0.0.1", server.port)) as stuck:
        ask = f"GET /v1/sales?limit=200 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tokens['id_token']}\r\n\r\n"
        stuck.sendall(ask.encode())
        assert stuck.recv(8) == b"HTTP/1.1"
        here = stuck.getsockname()
        await eventually(
            lambda: all(connection.raddr != here for connection in connections("tcp")), "the server lets go", 90
        )
