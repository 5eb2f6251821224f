"""The loop steps back for the database's threads, and only for them."""

import asyncio

from salebell_server.log.sqlite.courtesy import PATIENCE, STEP_BACK, Courtesy


class Sleeps:
    """Counts instead of sleeping."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.twice = asyncio.Event()

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) == 2:
            self.twice.set()


async def test_it_steps_back_again_and_again_while_work_is_under_way() -> None:
    sleeps = Sleeps()
    courtesy = Courtesy(asyncio.get_running_loop(), sleeps)
    courtesy.began()
    async with asyncio.timeout(10):
        await sleeps.twice.wait()
    courtesy.ended()
    assert sleeps.slept == [STEP_BACK, STEP_BACK]


async def test_work_that_is_done_soon_costs_nothing() -> None:
    sleeps = Sleeps()
    courtesy = Courtesy(asyncio.get_running_loop(), sleeps)
    for _ in range(3):
        courtesy.began()
        courtesy.began()
        courtesy.ended()
        courtesy.ended()
        await asyncio.sleep(PATIENCE * 2)
    assert sleeps.slept == []
