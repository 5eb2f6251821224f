"""How long nothing has been heard."""

import asyncio
from collections.abc import Callable

LOOKS = 10
"""How often it is looked at within the time that it may last."""


class Silence:
    """Counts up to a limit while nothing is heard.

    What was said while this process was held up lies ready to be read when it goes on: a pause of its own, a suspended
    machine or a busy event loop, counts as one look, however long it was.

    Args:
        limit: seconds.
        monotonic: seconds, never backwards.
    """

    def __init__(self, limit: float, monotonic: Callable[[], float]) -> None:
        self._limit = limit
        self._monotonic = monotonic
        self._lasted = 0.0

    def broken(self) -> None:
        """Something was heard."""
        self._lasted = 0.0

    async def reached(self) -> None:
        """Return when the limit is reached; then begin again."""
        pause = self._limit / LOOKS
        now = self._monotonic()
        while self._lasted < self._limit:
            await asyncio.sleep(pause)
            before, now = now, self._monotonic()
            self._lasted += min(now - before, 2 * pause)
        self._lasted = 0.0
