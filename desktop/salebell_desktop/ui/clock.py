"""The two clocks that views need, passed in so that tests can turn them."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic, time

import msgspec


class Clock(msgspec.Struct, frozen=True):
    """Where the time comes from.

    Attributes:
        unix: the time of day, in seconds since 1970; it may jump.
        steady: seconds that only go forward, from any beginning.
    """

    unix: Callable[[], float] = time
    steady: Callable[[], float] = monotonic

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.fromtimestamp(self.unix(), UTC)
