"""What is shared is asked while it answers, and left alone when it does not."""

import asyncio
from collections.abc import Generator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from salebell_server.auth.sharing import AT_ONCE, RETRY_SECONDS, Sharing
from tests.server.auth.stand import Time


class Shared:
    """Answers how often it was asked, unless it is away."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self) -> int:
        self.asked += 1
        await self.go.wait()
        if self.away:
            raise ConnectionError("nobody listens there")
        return self.asked


@pytest.fixture
def told() -> Generator[list[EventDict], None, None]:
    with capture_logs() as captured:
        yield captured


async def test_the_answer_is_handed_on(told: list[EventDict]) -> None:
    sharing, shared = Sharing(Time().monotonic), Shared()
    assert [await sharing.ask(shared) for _ in range(3)] == [1, 2, 3]
    assert told == []


async def test_what_is_away_is_asked_again_once_in_a_while(told: list[EventDict]) -> None:
    time, shared = Time(), Shared()
    sharing = Sharing(time.monotonic)
    shared.away = True
    for expected in (1, 2, 3):
        for _ in range(10):
            assert await sharing.ask(shared) is None
        assert shared.asked == expected
        time.passes(seconds=RETRY_SECONDS)
    shared.away = False
    assert await sharing.ask(shared) == 4
    assert await sharing.ask(shared) == 5
    assert [(entry["log_level"], entry.get("reason")) for entry in told] == [
        ("warning", "nobody listens there"),
        ("info", None),
    ]


async def test_each_change_is_told_once(told: list[EventDict]) -> None:
    time, shared = Time(), Shared()
    sharing = Sharing(time.monotonic)
    for away in (True, True, False, False, True, False):
        shared.away = away
        time.passes(seconds=RETRY_SECONDS)
        await sharing.ask(shared)
    assert [entry["log_level"] for entry in told] == ["warning", "info", "warning", "info"]


async def test_those_who_stand_in_line_do_not_ask_what_was_found_to_be_away() -> None:
    sharing, shared = Sharing(Time().monotonic), Shared()
    shared.go.clear()
    waiting = [asyncio.create_task(sharing.ask(shared)) for _ in range(10 * AT_ONCE)]
    while shared.asked < AT_ONCE:
        await asyncio.sleep(0)
    shared.away = True
    shared.go.set()
    assert await asyncio.gather(*waiting) == [None] * (10 * AT_ONCE)
    assert shared.asked == AT_ONCE


async def test_only_one_tries_whether_it_is_back() -> None:
    time, shared = Time(), Shared()
    sharing = Sharing(time.monotonic)
    shared.away = True
    await sharing.ask(shared)
    time.passes(seconds=RETRY_SECONDS)
    shared.go.clear()
    trying = asyncio.create_task(sharing.ask(shared))
    while shared.asked < 2:
        await asyncio.sleep(0)
    assert await asyncio.gather(*(sharing.ask(shared) for _ in range(20))) == [None] * 20
    shared.go.set()
    assert await trying is None
    assert shared.asked == 2


async def test_a_question_that_is_given_up_says_nothing_about_what_is_shared(told: list[EventDict]) -> None:
    sharing, shared = Sharing(Time().monotonic), Shared()
    shared.go.clear()
    for _ in range(2 * AT_ONCE):
        asking = asyncio.create_task(sharing.ask(shared))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    shared.go.set()
    assert await sharing.ask(shared) == shared.asked
    assert told == []
