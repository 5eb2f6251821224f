"""What is wrong below the messages, and what is right but unusual (RFC 6455)."""

import asyncio
import contextlib

import pytest

from salebell_protocol.messages import Auth, AuthSuccess, Ping
from salebell_server.gateway.socket import CLOSE_SECONDS, CLOSING_BYTES
from tests.server.gateway.raw import BINARY, CLOSE, CONT, PING, PONG, TEXT, Raw, frame, raw, request
from tests.server.gateway.stand import Stand, until

PING_TEXT = b'{"type":"ping","id":"p"}'
PONG_TEXT = b'{"type":"pong","id":"p"}'

pytestmark = pytest.mark.every_loop


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(frame(TEXT, b"x" * (16 * 1024 + 1)), 1009, id="over 16 KiB"),
        pytest.param(frame(TEXT, b"x" * 200_000), 1009, id="far over 16 KiB"),
        pytest.param(
            frame(TEXT, b"x" * 10_000, fin=False) + frame(CONT, b"x" * 10_000), 1009, id="over 16 KiB in two parts"
        ),
        pytest.param(frame(BINARY, b"x"), 4400, id="binary"),
        pytest.param(frame(BINARY, b"x", fin=False), 4400, id="the beginning of a binary message"),
        pytest.param(frame(TEXT, b"\xff\xfe"), 1007, id="no UTF-8"),
        pytest.param(frame(TEXT, b"\xc3", fin=False) + frame(CONT, b"\x28"), 1007, id="no UTF-8 in two parts"),
        pytest.param(frame(TEXT, b"no json"), 4400, id="no JSON"),
        pytest.param(frame(TEXT, b""), 4400, id="empty"),
        pytest.param(frame(TEXT, PING_TEXT, masked=False), 1002, id="not masked"),
        pytest.param(frame(TEXT, PING_TEXT, rsv=4), 1002, id="compressed"),
        pytest.param(frame(0x3), 1002, id="a reserved opcode"),
        pytest.param(frame(CONT, b"x"), 1002, id="the rest of nothing"),
        pytest.param(frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"), 1002, id="a message in a message"),
        pytest.param(frame(PING, b"x" * 126), 1002, id="a long ping"),
        pytest.param(frame(PING, fin=False), 1002, id="a ping in parts"),
        pytest.param(frame(CLOSE, b"\x03"), 1002, id="half a close code"),
        pytest.param(frame(CLOSE, b"\x03\xed"), 1002, id="a close code that may not be sent"),
        pytest.param(frame(CLOSE, b"\x03\xe8\xff"), 1007, id="a close reason that is no UTF-8"),
    ],
)
async def test_what_is_wrong_is_closed_with_the_right_code(stand: Stand, sent: bytes, code: int) -> None:
    async with raw(stand.port) as client:
        await client.send(sent)
        assert (await client.hear_close())[1] == code
        await client.send(frame(CLOSE, code.to_bytes(2, "big")))
        client.writer.write_eof()
        assert await client.ended()
    await until(lambda: stand.figures.codes == [code])


async def test_a_message_may_come_in_parts_with_pings_between_and_in_any_pieces(stand: Stand) -> None:
    parts = [frame(TEXT, PING_TEXT[:5], fin=False), frame(PING, b"?"), frame(CONT, PING_TEXT[5:9], fin=False)]
    whole = b"".join([*parts, frame(CONT, b"", fin=False), frame(CONT, PING_TEXT[9:]), frame(TEXT, PING_TEXT)])
    async with raw(stand.port) as client:
        for at in range(len(whole)):
            await client.send(whole[at : at + 1])
        answers = [await client.hear() for _ in range(3)]
        assert sorted(answers) == sorted([(PONG, b"?"), (TEXT, PONG_TEXT), (TEXT, PONG_TEXT)])


async def test_a_message_as_long_as_allowed_is_understood(stand: Stand) -> None:
    token = stand.verifier.knows("t", "ana", "main")
    auth = b'{"type":"auth","token":"%b","padding":"%b"}' % (token.encode(), b"x" * 16_000)
    padded = auth.ljust(16 * 1024)
    async with raw(stand.port) as client:
        await client.send(frame(TEXT, padded[:9000], fin=False) + frame(CONT, padded[9000:]))
        assert b"auth_success" in (await client.hear())[1]


async def test_pings_of_the_transport_are_answered(stand: Stand) -> None:
    async with raw(stand.port) as client:
        await client.send(frame(PING, b"are you there") + frame(PONG, b"unasked"))
        assert await client.hear() == (PONG, b"are you there")


@pytest.mark.parametrize("payload", [b"", b"\x03\xe8", b"\x03\xe9goodbye", b"\x0f\xa0"])
async def test_a_close_is_answered_with_the_same_and_ends_the_connection(stand: Stand, payload: bytes) -> None:
    async with raw(stand.port) as client:
        await client.send(frame(CLOSE, payload))
        assert await client.hear() == (CLOSE, payload)
        assert await client.ended()
    codes = {b"": 1005, b"\x03\xe8": 1000, b"\x03\xe9goodbye": 1001, b"\x0f\xa0": 1005}
    await until(lambda: stand.figures.codes == [codes[payload]])


async def test_what_comes_with_a_close_is_answered_before_it(stand: Stand) -> None:
    async with raw(stand.port) as client:
        await client.send(frame(TEXT, PING_TEXT) + frame(CLOSE, b"\x03\xe8") + frame(TEXT, PING_TEXT))
        assert await client.hear() == (TEXT, PONG_TEXT)
        assert await client.hear() == (CLOSE, b"\x03\xe8")
        assert await client.ended()


async def test_a_client_that_says_no_more_is_gone(stand: Stand) -> None:
    async with raw(stand.port) as client:
        client.writer.write_eof()
        assert await client.ended()
    await until(lambda: stand.figures.codes == [1006])
    assert sum(stand.figures.sockets.values()) == 0


async def test_a_client_that_vanishes_disturbs_nobody(stand: Stand) -> None:
    async with stand.signed_in() as witness:
        for _ in range(5):
            async with raw(stand.port) as client:
                token = stand.verifier.knows("t", "eva")
                await client.send(frame(TEXT, b'{"type":"auth","token":"%b"}' % token.encode()))
                await client.hear()
                client.reset()
                ids = await stand.sell()
                assert await witness.hear_events(1) == ids
    await until(lambda: sum(stand.figures.sockets.values()) == 0)


async def test_ten_thousand_pings_at_once_end_in_4429_and_harm_nobody(stand: Stand) -> None:
    async with stand.signed_in() as witness, raw(stand.port) as flooder:
        flood = asyncio.create_task(send_all(flooder, frame(TEXT, PING_TEXT) * 10_000))
        texts, code = await flooder.hear_close()
        assert code == 4429
        assert texts[-1].startswith(b'{"type":"error","code":"rate_limited"')
        assert len(texts) <= 201
        ids = await stand.sell()
        assert await witness.hear_events(1) == ids
        flood.cancel()


@pytest.mark.parametrize("junk", [frame(PING), frame(PONG), frame(CONT, fin=False), frame(TEXT, b'{"type":"no"}')])
async def test_a_flood_of_anything_ends_in_4429(stand: Stand, junk: bytes) -> None:
    start = frame(TEXT, b"x", fin=False) if junk[0] & 0x0F == CONT else b""
    async with raw(stand.port) as flooder:
        flood = asyncio.create_task(send_all(flooder, start + junk * 5_000))
        assert (await flooder.hear_close())[1] == 4429
        flood.cancel()


async def test_who_floods_on_after_4429_is_dropped_unread_and_ends_when_he_ends(stand: Stand) -> None:
    async with raw(stand.port) as flooder:
        await send_all(flooder, frame(TEXT, PING_TEXT) * 20_000)
        assert (await flooder.hear_close())[1] == 4429
        flooder.writer.write_eof()
        # Long before the time for an answer is over.
        async with asyncio.timeout(CLOSE_SECONDS / 2):
            await until(lambda: stand.figures.codes == [4429])


async def test_who_floods_after_being_sent_away_is_not_read_any_more(stand: Stand) -> None:
    async with raw(stand.port) as client:
        await client.send(frame(TEXT, b'{"type":"auth","token":"wrong"}'))
        assert (await client.hear_close())[1] == 4401
        flood = asyncio.create_task(send_all(client, frame(PING) * 3_000_000))
        await stand.pass_time(0)
        async with stand.signed_in() as witness:
            ids = await stand.sell()
            assert await witness.hear_events(1) == ids
        assert not flood.done()
        await stand.pass_time(6)
        await until(lambda: 4401 in stand.figures.codes)
        await flood
    assert CLOSING_BYTES < 1024 * 1024


async def test_who_does_not_answer_a_close_is_cut_off(stand: Stand) -> None:
    async with raw(stand.port) as client:
        await client.send(frame(TEXT, b'{"type":"auth","token":"wrong"}'))
        assert (await client.hear_close())[1] == 4401
        await stand.pass_time(4)
        assert stand.figures.codes == []
        await stand.pass_time(2)
        await until(lambda: stand.figures.codes == [4401])
        with contextlib.suppress(ConnectionResetError):
            assert await client.ended()


async def test_nothing_is_written_to_who_was_sent_away(stand: Stand) -> None:
    token = stand.verifier.knows("t", "ana", "main")
    async with raw(stand.port) as client:
        await client.send(frame(TEXT, b'{"type":"auth","token":"%b"}' % token.encode()))
        await client.hear()
        await client.send(frame(TEXT, b'{"type":"seen","offset":0}') * 3 + frame(TEXT, b"no json"))
        assert (await client.hear_close())[1] == 4400
        await stand.sell(3)
        await client.send(frame(PING, b"x"))
        client.writer.write_eof()
        assert await client.ended()


async def test_a_request_that_ends_in_the_middle_is_no_socket(stand: Stand) -> None:
    async with raw(stand.port, hands_shaken=False) as client:
        await client.send(request()[:-10])
        client.writer.write_eof()
        assert await client.ended()
    assert stand.figures.codes == []


async def test_libraries_close_as_they_should(stand: Stand) -> None:
    async with stand.client() as client:
        await client.say(Ping())
        await client.hear()
        await client.connection.close(1000, "done")
        assert client.connection.close_code == 1000
    async with stand.client() as client:
        await client.say(b"binary")
        assert (await client.last_words())[1] == 4400
    async with stand.client() as client:
        await client.say(Auth(token=stand.verifier.knows("t", "ana")))
        assert isinstance(await client.hear(), AuthSuccess)
    await until(lambda: stand.figures.codes == [1000, 4400, 1000])


async def send_all(client: Raw, data: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        await client.send(data)
