"""Group commit: what shares a transaction, what fails with it, and what is told when."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest_asyncio

from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.writer import MAX_BATCH


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database, None]:
    async with Database(tmp_path, serve=True) as opened:
        await opened.write(lambda connection: connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)"))
        yield opened


class Insert:
    """A command that inserts a number, and then may find that it should not have."""

    def __init__(self, number: int, error: Exception | None = None) -> None:
        self.number = number
        self.error = error

    def __call__(self, connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO numbers VALUES (?)", (self.number,))
        if self.error is not None:
            raise self.error
        return self.number


async def numbers(database: Database) -> list[int]:
    rows = await database.read(lambda connection: connection.execute("SELECT n FROM numbers ORDER BY n").fetchall())
    return [n for (n,) in rows]


class Announcements:
    """Keeps what it is told, and what could be read at that moment."""

    def __init__(self) -> None:
        self.told: list[list[Any]] = []

    def __call__(self, results: Sequence[Any]) -> None:
        self.told.append(list(results))


async def test_what_waits_together_is_committed_together(database: Database) -> None:
    announced = Announcements()
    results = await asyncio.gather(*(database.write(Insert(n), announced) for n in range(100)))
    assert results == list(range(100))
    assert announced.told == [list(range(100))]


async def test_a_batch_is_bounded(database: Database) -> None:
    announced = Announcements()
    await asyncio.gather(*(database.write(Insert(n), announced) for n in range(2 * MAX_BATCH + 1)))
    assert [len(told) for told in announced.told] == [MAX_BATCH, MAX_BATCH, 1]
    assert [n for told in announced.told for n in told] == list(range(2 * MAX_BATCH + 1))


async def test_one_that_is_refused_fails_alone(database: Database) -> None:
    announced = Announcements()
    outcomes = await asyncio.gather(
        *(database.write(Insert(n, KeyError(n) if n % 3 == 1 else None), announced) for n in range(9)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [int, KeyError, int] * 3
    assert await numbers(database) == [0, 2, 3, 5, 6, 8]
    assert announced.told == [[0, 2, 3, 5, 6, 8]]


async def test_a_broken_constraint_is_the_commands_own_fault(database: Database) -> None:
    outcomes = await asyncio.gather(*(database.write(Insert(n)) for n in (1, 2, 1, 3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, int, sqlite3.IntegrityError, int]
    assert await numbers(database) == [1, 2, 3]


async def test_a_command_that_runs_out_keeps_nobody_waiting(database: Database) -> None:
    outcomes = await asyncio.gather(
        database.write(Insert(1, StopIteration())), database.write(Insert(2)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [RuntimeError, int]
    assert await numbers(database) == [2]


async def test_the_durable_is_announced_before_anybody_goes_on(database: Database) -> None:
    order: list[str] = []

    async def write(number: int) -> None:
        await database.write(Insert(number), announce)
        order.append(f"went on {number}")

    def announce(results: Sequence[int]) -> None:
        order.append(f"announced {list(results)}")

    await asyncio.gather(write(1), write(2))
    assert order == ["announced [1, 2]", "went on 1", "went on 2"]


async def test_each_listener_hears_of_its_own_commands(database: Database) -> None:
    odd, even = Announcements(), Announcements()
    await asyncio.gather(*(database.write(Insert(n), odd if n % 2 else even) for n in range(6)))
    assert (odd.told, even.told) == ([[1, 3, 5]], [[0, 2, 4]])


async def test_a_cancelled_caller_does_not_undo_its_command(database: Database) -> None:
    announced = Announcements()
    tasks = [asyncio.create_task(database.write(Insert(n), announced)) for n in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, asyncio.CancelledError, int, int]
    assert await numbers(database) == [0, 1, 2, 3]
    assert announced.told == [[0, 1, 2, 3]]


async def test_a_listener_that_fails_keeps_nobody_waiting(database: Database) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    def fail(_: Sequence[int]) -> None:
        raise ZeroDivisionError

    announced = Announcements()
    results = await asyncio.gather(database.write(Insert(1), fail), database.write(Insert(2), announced))
    assert list(results) == [1, 2]
    assert [type(context["exception"]) for context in reported] == [ZeroDivisionError]
    assert announced.told == [[2]]
