"""What runs in the background: kept alive, ended together, never failing silently."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from salebell_server.logs import traceback_of

_logger = structlog.get_logger(__name__)


class Tasks:
    """A set of tasks.

    asyncio itself keeps only weak references to tasks (Python documentation, `asyncio.create_task`).
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work`. An exception that it raises is logged as a fault of ours."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def cancel(self) -> None:
        """Cancel them all and wait until they have ended."""
        while self._running:
            running = tuple(self._running)
            for task in running:
                task.cancel()
            await asyncio.wait(running)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            _logger.error("task_failed", traceback=traceback_of(error))
