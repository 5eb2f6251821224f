"""Commands that travel together, on a real connection that breaks where the test wants it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from salebell_server.log import LogUnavailable
from salebell_server.log.redis.client import Script, connect
from salebell_server.log.redis.errors import Cause, RedisUnavailable
from salebell_server.log.redis.lane import MAX_BATCH, MAX_BATCH_BYTES, Answer, Lane
from tests.redis_server import RedisServer
from tests.server.log.redis.stage import LossyClient, awake

PUSH = Script("redis.call('RPUSH', KEYS[1], ARGV[1]) return redis.call('LLEN', KEYS[1])")
POP = Script("return redis.call('RPOP', KEYS[1])")


@pytest.fixture
def client(server: RedisServer) -> LossyClient:
    return LossyClient(connect(server.address, connections=1))


@pytest_asyncio.fixture
async def lane(client: LossyClient) -> AsyncGenerator[Lane, None]:
    opened = Lane(client)
    yield opened
    await opened.close()


async def test_what_is_given_meanwhile_travels_together_in_the_order_of_the_calls(
    lane: Lane, client: LossyClient
) -> None:
    await lane.command("PING")
    answers = await asyncio.gather(*(lane.call(PUSH, ["key"], n) for n in range(50)))
    assert answers == list(range(1, 51))
    assert await lane.command("LRANGE", "key", 0, -1) == [b"%d" % n for n in range(50)]
    assert client.batches == [1, 50, 51, 1]  # those of the script once more, with the script


async def test_a_batch_is_bounded_in_number_and_size(lane: Lane, client: LossyClient) -> None:
    await asyncio.gather(*(lane.command("PING") for _ in range(2 * MAX_BATCH + 1)))
    assert client.batches == [MAX_BATCH, MAX_BATCH, 1]
    client.batches.clear()
    await asyncio.gather(*(lane.command("SET", "key", bytes(MAX_BATCH_BYTES // 3)) for _ in range(4)))
    await asyncio.gather(*(lane.command("PING", expect=MAX_BATCH_BYTES) for _ in range(2)))
    assert client.batches == [2, 2, 1, 1]


async def test_a_refused_command_fails_alone(lane: Lane) -> None:
    await lane.command("SET", "text", "x")
    answers = await asyncio.gather(
        lane.command("GET", "text"),
        lane.call(PUSH, ["text"], "x"),
        lane.command("GET", "text", "too much"),
        lane.call(PUSH, ["key"], "x"),
        lane.command("GET", "\ud800"),
        lane.command("GET", "text"),
        return_exceptions=True,
    )
    assert [answers[n] for n in (0, 3, 5)] == [b"x", 1, b"x"]
    assert [getattr(answers[n], "cause", None) for n in (1, 2)] == [Cause.FOREIGN, Cause.REFUSED]
    assert isinstance(answers[4], UnicodeEncodeError)


async def test_a_command_of_a_caller_that_gave_up_is_carried_out(lane: Lane) -> None:
    given_up = [asyncio.create_task(lane.call(PUSH, ["key"], n)) for n in range(3)]
    await asyncio.sleep(0)
    for task in given_up:
        task.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    assert await lane.call(PUSH, ["key"], 3) == 4


async def test_scripts_that_the_server_forgot_are_sent_again(lane: Lane, server: RedisServer) -> None:
    for round_ in range(1, 4):
        assert await asyncio.gather(*(lane.call(PUSH, ["key"], "x") for _ in range(2))) == [2 * round_ - 1, 2 * round_]
        server.command("SCRIPT", "FLUSH")


async def test_a_broken_connection_is_dialled_again_and_the_answer_says_so(lane: Lane, client: LossyClient) -> None:
    assert await lane.ask(PUSH, ["key"], "x") == Answer(1, repeated=False)
    client.breaks = 1
    assert await asyncio.gather(*(lane.ask(PUSH, ["key"], n) for n in range(2))) == [
        Answer(4, repeated=True),
        Answer(5, repeated=True),
    ]
    assert await lane.ask(PUSH, ["key"], "x") == Answer(6, repeated=False)


async def test_a_connection_that_breaks_twice_fails_what_was_sent_and_what_waits(
    lane: Lane, client: LossyClient
) -> None:
    await lane.command("PING")
    client.breaks = 2
    pushes = [lane.call(PUSH, ["key"], n) for n in range(MAX_BATCH + 10)]
    answers = await asyncio.gather(*pushes, return_exceptions=True)
    assert {getattr(answer, "cause", None) for answer in answers} == {Cause.UNREACHABLE}
    assert await lane.command("PING") == b"PONG"


async def test_an_idle_connection_survives_a_restart_of_the_server(lane: Lane, server: RedisServer) -> None:
    await lane.call(PUSH, ["key"], "x")
    server.stop()
    server.start()
    assert await lane.call(PUSH, ["key"], "x") == 2


async def test_nobody_queues_for_a_server_that_is_silent(server: RedisServer) -> None:
    lane = Lane(connect(server.address, connections=1))
    await lane.command("PING")
    server.freeze()
    async with asyncio.timeout(10):  # a second for each batch would be more
        answers = await asyncio.gather(
            *(lane.call(PUSH, ["key"], n) for n in range(20 * MAX_BATCH)), return_exceptions=True
        )
    assert {getattr(answer, "cause", None) for answer in answers} == {Cause.SILENT}
    server.thaw()
    await awake(server)
    assert await lane.call(POP, ["no such key"]) is None  # what comes late is nobody's answer
    await lane.close()


async def test_closing_finishes_what_was_given(server: RedisServer) -> None:
    lane = Lane(connect(server.address, connections=1))
    pushes = [asyncio.create_task(lane.call(PUSH, ["key"], n)) for n in range(3)]
    await asyncio.sleep(0)
    await lane.close()
    assert await asyncio.gather(*pushes) == [1, 2, 3]
    with pytest.raises(LogUnavailable):
        await lane.command("PING")
    await lane.close()


async def test_a_lane_to_nowhere_fails_and_goes_on(server: RedisServer) -> None:
    lane = Lane(connect(server.address, connections=1))
    server.stop()
    for _ in range(2):
        with pytest.raises(RedisUnavailable, match="cannot be reached"):
            await lane.command("PING")
    server.start()
    assert await lane.command("PING") == b"PONG"
    await lane.close()
