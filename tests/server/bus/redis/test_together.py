"""Work that begins together ends together, however that comes about."""

import asyncio

import pytest

from salebell_server.bus.redis.together import together


async def _wait(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("waiting")


async def _fail() -> None:
    raise LookupError


async def test_the_first_that_fails_ends_the_rest_and_is_raised() -> None:
    ended: list[str] = []
    with pytest.raises(LookupError):
        await together(_wait(ended), _fail())
    assert ended == ["waiting"]


async def test_the_first_that_returns_ends_the_rest() -> None:
    ended: list[str] = []
    await together(_wait(ended), asyncio.sleep(0))
    assert ended == ["waiting"]


async def test_a_cancellation_is_not_lost_where_it_meets_an_error() -> None:
    failing = asyncio.Event()

    async def fail() -> None:
        await failing.wait()
        raise LookupError

    ended: list[str] = []
    task = asyncio.create_task(together(_wait(ended), fail()))
    await asyncio.sleep(0.01)
    failing.set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["waiting"]
