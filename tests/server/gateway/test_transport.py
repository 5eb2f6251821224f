"""What real sockets do too seldom to wait for: full buffers, TLS, and writing at the wrong moment."""

import asyncio
import gc
from typing import Any

import uvicorn
from uvicorn.server import ServerState
from websockets.server import ServerProtocol

from salebell_protocol.codec import encode
from salebell_protocol.messages import Auth, Ping
from salebell_server.gateway.connection import Connection
from salebell_server.gateway.metrics import SocketState
from salebell_server.gateway.socket import MAX_BUFFER, QUIET_BUFFER, Phase
from salebell_server.hub.member import Member
from tests.server.gateway.raw import CLOSE, TEXT, frame, request
from tests.server.gateway.stand import Stand, hello, until


class Pipe(asyncio.Transport):
    """A transport that goes nowhere, and whose buffer is as full as the test says."""

    def __init__(self, *, half_closes: bool = True) -> None:
        super().__init__()
        self.written = b""
        self.waiting = 0
        self.high: int | None = None
        self.reading = True
        self.ended: list[str] = []
        self._half_closes = half_closes

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 4711) if name == "peername" else default

    def write(self, data: Any) -> None:
        assert not self.ended, "written after the end"
        self.written += bytes(data)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = high

    def can_write_eof(self) -> bool:
        return self._half_closes

    def write_eof(self) -> None:
        self.ended.append("eof")

    def is_closing(self) -> bool:
        return "close" in self.ended

    def close(self) -> None:
        self.ended.append("close")

    def abort(self) -> None:
        self.ended.append("abort")

    def pause_reading(self) -> None:
        self.reading = False


class Line:
    """A connection on a pipe."""

    def __init__(self, stand: Stand, *, half_closes: bool = True) -> None:
        self.pipe = Pipe(half_closes=half_closes)
        self.state = ServerState()
        self.connection: Connection = stand.gateway.protocol()(uvicorn.Config(hello), self.state, {})
        self.connection.connection_made(self.pipe)

    def shake_hands(self) -> "Line":
        self.connection.data_received(request())
        assert b'"welcome"' in self.pipe.written
        return self

    def sign_in(self, stand: Stand) -> None:
        auth = Auth(token=stand.verifier.knows("t", "ana", "main"))
        self.connection.data_received(frame(TEXT, encode(auth)))

    def lose(self) -> None:
        self.connection.connection_lost(None)


async def test_a_live_connection_may_have_more_waiting_than_another(stand: Stand) -> None:
    made = Line(stand).shake_hands()
    assert made.pipe.high == QUIET_BUFFER
    made.sign_in(stand)
    await until(lambda: b"auth_success" in made.pipe.written)
    assert made.pipe.high == MAX_BUFFER
    made.lose()


async def test_a_connection_whose_buffer_is_full_goes_live_when_it_is_not(stand: Stand) -> None:
    made = Line(stand).shake_hands()
    made.pipe.waiting = QUIET_BUFFER + 1
    made.connection.pause_writing()
    made.sign_in(stand)
    await until(lambda: b"auth_success" in made.pipe.written)
    ids = await stand.sell()
    await asyncio.sleep(0)
    assert made.pipe.high == QUIET_BUFFER
    made.pipe.waiting = 0
    made.connection.resume_writing()
    await until(lambda: ids[0].encode() in made.pipe.written)
    assert made.pipe.high == MAX_BUFFER
    made.lose()


async def test_a_sign_in_to_somebody_too_slow_to_hear_of_it_is_none(stand: Stand) -> None:
    made = Line(stand).shake_hands()
    made.pipe.waiting = MAX_BUFFER + 1
    made.sign_in(stand)
    await until(lambda: made.connection.phase is Phase.CLOSING)
    assert made.pipe.written.endswith(b"too slow")
    assert stand.figures.sockets == {SocketState.SIGNING_IN: 0, SocketState.CLOSING: 1}
    made.lose()
    assert stand.figures.codes == [4413]


async def test_writing_and_closing_after_the_end_do_nothing(stand: Stand) -> None:
    made = Line(stand).shake_hands()
    made.connection.close(4429, "rate_limited")
    assert made.pipe.ended == ["eof"]
    before = made.pipe.written
    made.connection.write(b"late")
    made.connection.close(4400, "malformed")
    made.connection.pause_writing()
    made.connection.resume_writing()
    made.lose()
    made.connection.write(b"later")
    assert made.pipe.written == before


async def test_without_half_closing_as_under_tls_the_client_gets_its_time_to_read(stand: Stand) -> None:
    made = Line(stand, half_closes=False).shake_hands()
    made.connection.close(4429, "rate_limited")
    assert made.pipe.ended == []
    await stand.pass_time(6)
    assert made.pipe.ended == ["abort"]
    made.lose()


async def test_a_client_that_was_told_to_go_is_read_for_its_answer_only(stand: Stand) -> None:
    made = Line(stand).shake_hands()
    made.connection.close(4401, "token_invalid")
    made.connection.data_received(frame(TEXT, b'{"type":"ping"}') * 500)
    assert made.pipe.reading
    assert b"pong" not in made.pipe.written
    made.connection.data_received(frame(TEXT, b'{"type":"ping"}') * 3000)
    assert not made.pipe.reading
    made.lose()


async def test_an_answer_to_a_close_ends_the_connection(stand: Stand) -> None:
    made = Line(stand).shake_hands()
    made.connection.close(4401, "token_invalid")
    assert made.pipe.ended == []
    made.connection.data_received(frame(CLOSE, (4401).to_bytes(2, "big")))
    assert made.pipe.ended == ["close"]
    made.lose()


async def test_a_server_that_stops_ends_what_is_no_socket_yet(stand: Stand) -> None:
    made = Line(stand)
    made.connection.shutdown()
    assert made.pipe.ended == ["close"]
    made.lose()
    assert made.state.connections == set()


async def test_nothing_is_left_of_a_connection_that_has_ended_even_without_a_collector(stand: Stand) -> None:
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            async with stand.signed_in() as client:
                await client.say(Ping())
                await client.hear()
            async with stand.client() as client:
                await client.say("no json")
                await client.last_words()
        await until(lambda: len(stand.figures.codes) == 6)
        await asyncio.sleep(0)
        left = [each for each in gc.get_objects() if issubclass(type(each), Connection | ServerProtocol | Member)]
    finally:
        gc.enable()
    assert left == []


async def test_stopping_twice_is_harmless(stand: Stand) -> None:
    await stand.gateway.stop()
    await stand.gateway.stop()
