"""Tasks that somebody answers for."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class Tasks:
    """Keeps tasks alive until they are done (the loop itself does not), and logs those that fail."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` beside everything else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def settle(self, seconds: float) -> None:
        """Wait until all are done, but not longer than `seconds`; cancel what is left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        await self.cancel()

    async def cancel(self) -> None:
        """Cancel all, and wait for their end."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("a task failed", exc_info=error)
