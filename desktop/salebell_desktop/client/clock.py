"""Time and timers."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is to come."""

    def cancel(self) -> None:
        """It is not to come any more. Harmless when it has."""
        ...


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> float:
        """Seconds of a clock that only goes forward."""
        ...

    def unix(self) -> float:
        """The time of day, in seconds since 1970."""
        ...

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call `call` after `seconds`, or somewhat earlier or later."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`, or somewhat earlier or later."""
        ...


class SystemClock:
    """The system's clock, and the timers of the running loop."""

    def now(self) -> float:
        """See `Clock.now`."""
        return time.monotonic()

    def unix(self) -> float:
        """See `Clock.unix`."""
        return time.time()

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """See `Clock.call_later`."""
        return asyncio.get_running_loop().call_later(seconds, call)

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(seconds)
