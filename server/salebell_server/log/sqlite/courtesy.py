"""Letting the database's threads run when the event loop never rests.

Python lets one thread run at a time. A thread that works in small steps (a statement, then the next) asks for its
turn at each of them, and a loop that is busy without a pause, but calls the operating system every now and then, can
keep it waiting for seconds: each time it gives its turn up for a moment, and takes it back before the other is awake.
So while work is under way for long, the loop steps back now and then, long enough for dozens of statements.
"""

import asyncio
import time
from collections.abc import Callable

PATIENCE = 0.02
"""Seconds that work may take before the loop steps back, and between two such times."""

STEP_BACK = 0.002
"""Seconds that the loop steps back: a tenth of its time at the most, and only while somebody waits for the database."""


class Courtesy:
    """Watches work that the loop has given to other threads. All methods are called on the loop.

    Args:
        loop: the event loop.
        sleep: blocks the loop's thread for so many seconds, while others may run.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, sleep: Callable[[float], None] = time.sleep) -> None:
        self._loop = loop
        self._sleep = sleep
        self._under_way = 0
        self._timer: asyncio.TimerHandle | None = None

    def began(self) -> None:
        """A thread was given something to do."""
        self._under_way += 1
        if self._timer is None:
            self._timer = self._loop.call_later(PATIENCE, self._look)

    def ended(self) -> None:
        """It is done, or nobody waits for it any more."""
        self._under_way -= 1

    def _look(self) -> None:
        self._timer = None
        if self._under_way:
            self._sleep(STEP_BACK)
            self._timer = self._loop.call_later(PATIENCE, self._look)
