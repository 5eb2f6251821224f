"""Coroutines that a view starts: held while they run, cancelled with the view."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)


class Tasks:
    """Runs coroutines on the loop that Qt shares. A fault in one is logged, never lost."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin `work`."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def cancel(self) -> None:
        """End all that runs."""
        for task in tuple(self._running):
            task.cancel()

    async def settle(self) -> None:
        """Wait for the end of all that runs. After `cancel` it takes no longer than giving up does."""
        if self._running:
            await asyncio.wait(self._running)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a task of the interface failed", exc_info=error)


def running() -> bool:
    """Whether there is a loop to start coroutines on; Qt's timers fire before its begin and after its end, too."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
