"""What is logged and counted, and what never is."""

import logging

import pytest
import structlog

from salebell_protocol.messages import Auth, Ping
from salebell_server.gateway.metrics import NoMetrics, SocketState
from tests.server.gateway.raw import TEXT, frame, raw, request
from tests.server.gateway.stand import Stand, until

SECRET = "header.payload.signature-that-nobody-may-see"


async def test_a_connection_leaves_a_line_each_for_its_stations(stand: Stand) -> None:
    with structlog.testing.capture_logs() as logs:
        async with stand.client() as client:
            stand.verifier.knows(SECRET, "ana", "main")
            await client.say(Auth(token=SECRET, device="till 3\x1b[31m"))
            await client.hear()
        async with stand.client() as client:
            await client.say(Auth(token="wrong"))
            await client.last_words()
        await until(lambda: len(stand.figures.codes) == 2)
    first, second = ([entry for entry in logs if entry["connection"] == number] for number in (1, 2))
    assert [entry["event"] for entry in first] == ["socket_opened", "signed_in", "socket_closed"]
    assert (first[1]["uid"], first[1]["store"], first[1]["device"]) == ("ana", "main", "till 3[31m")
    assert (first[2]["uid"], first[2]["store"], first[2]["code"]) == ("ana", "main", 1000)
    assert [entry["event"] for entry in second] == ["socket_opened", "auth_error", "socket_closed"]
    assert (second[1]["code"], second[2]["code"]) == ("token_invalid", 4401)


async def test_no_token_and_no_query_string_is_ever_logged(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("websockets", "websockets.server", "uvicorn", "uvicorn.error", "uvicorn.access"):
        caplog.set_level(logging.DEBUG, logger=name)
    # The client logs what it sends, and it is this process: so it is a client that does not log.
    with structlog.testing.capture_logs() as logs:
        async with raw(stand.port, hands_shaken=False) as client:
            stand.verifier.knows(SECRET, "ana", "main")
            await client.send(request(f"/ws?token={SECRET}", "X-Test: 1"))
            await client.head()
            await client.hear()
            await client.send(frame(TEXT, b'{"type":"auth","token":"%b"}' % SECRET.encode()))
            assert b"auth_success" in (await client.hear())[1]
            await client.send(frame(TEXT, b'{"type":"auth","token":"%b","store":7}' % SECRET.encode()))
            assert (await client.hear_close())[1] == 4400
        async with raw(stand.port, hands_shaken=False) as client:
            await client.send(request(f"/other?token={SECRET}"))
            await client.head()
        await until(lambda: stand.figures.codes == [4400])
    assert logs
    assert SECRET not in str(logs)
    assert SECRET not in caplog.text


async def test_sockets_are_counted_by_state(stand: Stand) -> None:
    async with stand.client() as client:
        assert stand.figures.sockets == {SocketState.SIGNING_IN: 1}
        await client.say(Ping())
        await client.hear()
        await client.sign_in(stand.verifier.knows("t", "ana"))
        assert stand.figures.sockets == {SocketState.SIGNING_IN: 0, SocketState.OPEN: 1}
    await until(lambda: stand.figures.codes == [1000])
    assert set(stand.figures.sockets.values()) == {0}


def test_nobody_has_to_count() -> None:
    metrics = NoMetrics()
    metrics.connections(SocketState.OPEN, 1)
    metrics.signed_in("success")
    metrics.closed(1000)
    metrics.delivered(1)
