"""Work done in batches: what is asked for while all hands are full is done together when one is free."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Crowded(Exception):
    """Too many wait already."""


class Batches(Generic[T, R]):
    """Gathers single wishes into batches, without a wait: the first is begun at once.

    When a batch fails as a whole, so does all that waits: nobody waits in line for what is gone.

    Args:
        work: does one batch, and gives a result or an exception for each item, in their order.
        most: items in a batch.
        at_once: batches under way at the same time.
        room: how many items may wait.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]],
        *,
        most: int,
        at_once: int,
        room: int,
    ) -> None:
        self._work = work
        self._most = most
        self._at_once = at_once
        self._room = room
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._hands: set[asyncio.Task[None]] = set()

    def put(self, item: T) -> asyncio.Future[R]:
        """The result, some time. Cancelling it takes an item out that still waits.

        Raises:
            Crowded: there is no room.
        """
        if len(self._waiting) >= self._room:
            raise Crowded
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._hands) < self._at_once:
            hand = asyncio.create_task(self._labour())
            self._hands.add(hand)
        return future

    async def _labour(self) -> None:
        try:
            await self._do_what_waits()
        finally:
            # At once: whoever was woken may ask again before a callback of the task would run.
            self._hands.discard(_this_task())

    async def _do_what_waits(self) -> None:
        while batch := self._next():
            try:
                results = await self._work([item for item, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it was, all wait for it
                for _, future in (*batch, *self._waiting):
                    if not future.done():
                        future.set_exception(error)
                self._waiting.clear()
                continue
            for (_, future), result in zip(batch, results, strict=True):
                if future.done():  # cancelled by who asked
                    continue
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)

    def _next(self) -> list[tuple[T, asyncio.Future[R]]]:
        batch: list[tuple[T, asyncio.Future[R]]] = []
        while self._waiting and len(batch) < self._most:
            item, future = self._waiting.popleft()
            if not future.done():
                batch.append((item, future))
        return batch


def _this_task() -> asyncio.Task[None]:
    task: asyncio.Task[None] | None = asyncio.current_task()
    if task is None:
        raise RuntimeError("a hand works in a task")
    return task
