import asyncio
from collections.abc import Sequence

import pytest

from salebell_server.auth.batches import Batches, Crowded


class Work:
    """Doubles numbers, a batch each time that it is let; a negative number is refused."""

    def __init__(self) -> None:
        self.done: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None

    async def __call__(self, items: Sequence[int]) -> Sequence[int | Exception]:
        await self.gate.wait()
        self.done.append(list(items))
        if self.failure is not None:
            raise self.failure
        return [ValueError("negative") if item < 0 else 2 * item for item in items]


def batches(work: Work, *, most: int = 3, at_once: int = 1, room: int = 10) -> Batches[int, int]:
    return Batches(work, most=most, at_once=at_once, room=room)


async def test_one_after_the_other() -> None:
    """Whoever gets a result may ask again at once."""
    work = Work()
    doubled = batches(work)
    async with asyncio.timeout(10):
        assert [await doubled.put(number) for number in range(200)] == [2 * number for number in range(200)]


async def test_what_waits_is_done_together_and_in_order() -> None:
    work = Work()
    work.gate.clear()
    doubled = batches(work)
    wishes = [doubled.put(0)]
    await asyncio.sleep(0)  # the first is begun
    wishes += [doubled.put(number) for number in range(1, 6)]
    work.gate.set()
    assert await asyncio.gather(*wishes) == [0, 2, 4, 6, 8, 10]
    assert work.done == [[0], [1, 2, 3], [4, 5]]


async def test_a_failure_of_one_is_its_own() -> None:
    work = Work()
    doubled = batches(work)
    bad, good = doubled.put(-1), doubled.put(4)
    with pytest.raises(ValueError, match="negative"):
        await bad
    assert await good == 8


async def test_a_failure_of_a_batch_is_everybodys_and_then_over() -> None:
    work = Work()
    work.failure = ConnectionError("gone")
    doubled = batches(work, most=1)
    wishes = [doubled.put(number) for number in range(3)]
    for wish in wishes:
        with pytest.raises(ConnectionError):
            await wish
    assert work.done == [[0]]
    work.failure = None
    assert await doubled.put(5) == 10


async def test_there_is_room_for_so_many() -> None:
    work = Work()
    work.gate.clear()
    doubled = batches(work, most=1, room=2)
    first = doubled.put(1)
    await asyncio.sleep(0)
    waiting = [doubled.put(2), doubled.put(3)]
    with pytest.raises(Crowded):
        doubled.put(4)
    work.gate.set()
    assert await asyncio.gather(first, *waiting) == [2, 4, 6]


async def test_who_gives_up_is_left_out() -> None:
    work = Work()
    work.gate.clear()
    doubled = batches(work)
    first = doubled.put(1)
    await asyncio.sleep(0)
    second, third = doubled.put(2), doubled.put(3)
    second.cancel()
    work.gate.set()
    assert (await first, await third) == (2, 6)
    assert work.done == [[1], [3]]
