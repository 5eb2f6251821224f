import asyncio
import gc

import structlog

from salebell_server.hub.tasks import Tasks
from tests.server.hub.stage import settle


async def test_a_task_that_fails_is_logged_without_its_variables() -> None:
    tasks = Tasks()

    async def fail(token: str) -> None:
        raise RuntimeError(f"broken after {len(token)}")

    with structlog.testing.capture_logs() as logs:
        tasks.spawn(fail("a-secret-token"))
        await settle()
    assert [entry["event"] for entry in logs] == ["task_failed"]
    assert "broken after 14" in logs[0]["traceback"]
    assert "a-secret-token" not in str(logs)


async def test_a_task_is_kept_alive_until_it_ends() -> None:
    tasks = Tasks()
    done: list[int] = []

    async def work() -> None:
        await asyncio.sleep(0)
        done.append(1)

    tasks.spawn(work())
    gc.collect()
    await settle()
    assert done == [1]


async def test_cancelling_waits_for_the_end_of_all_even_of_those_begun_meanwhile() -> None:
    tasks = Tasks()
    ended: list[str] = []

    async def last() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("last")

    async def first() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("first")
            tasks.spawn(last())
            await asyncio.sleep(0)

    tasks.spawn(first())
    await settle()
    await tasks.cancel()
    assert ended[0] == "first"
    await tasks.cancel()
