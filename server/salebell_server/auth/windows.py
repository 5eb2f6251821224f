"""Sliding windows in memory, for the `limits` library: bounded, which its own storage is not.

That one keeps a counter for every key it has seen in the last two windows, and looks through all of them each time one
is changed. Also, its windows begin with the whole minutes of the wall clock; here they begin with the first hit, as
they do in Redis, and follow a clock that is never set.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from limits.aio.storage import SlidingWindowCounterSupport, Storage


class _Window(NamedTuple):
    """What was counted for a key.

    Attributes:
        started: when the current window began, in seconds.
        previous: what was counted in the window before it.
        current: what was counted in it.
    """

    started: float
    previous: int
    current: int


class MemoryWindows(Storage, SlidingWindowCounterSupport):
    """A storage of `limits` for `SlidingWindowCounterRateLimiter`, and for nothing else.

    Beyond `most` keys, the one that was hit longest ago is forgotten.

    Args:
        monotonic: seconds, from any start, never backwards.
        most: how many keys are kept.
    """

    STORAGE_SCHEME = None

    def __init__(self, monotonic: Callable[[], float], most: int) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._most = most
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """See `SlidingWindowCounterSupport.acquire_sliding_window_entry`.

        Nothing comes between looking and counting.
        """
        now = self._monotonic()
        window = self._window(key, expiry, now)
        if int(window.previous * (expiry - now + window.started) / expiry) + window.current + amount > limit:
            return False
        self._windows[key] = window._replace(current=window.current + amount)
        self._windows.move_to_end(key)
        if len(self._windows) > self._most:
            self._windows.popitem(last=False)
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """See `SlidingWindowCounterSupport.get_sliding_window`."""
        now = self._monotonic()
        window = self._window(key, expiry, now)
        left = expiry - now + window.started
        return window.previous, left if window.previous else 0.0, window.current, left + expiry

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        """See `SlidingWindowCounterSupport.clear_sliding_window`."""
        self._windows.pop(key, None)

    def _window(self, key: str, expiry: int, now: float) -> _Window:
        """What is counted for `key` now: the current window may have become the previous one."""
        window = self._windows.get(key)
        if window is None or now - window.started >= 2 * expiry:
            return _Window(now, 0, 0)
        if now - window.started >= expiry:
            return _Window(window.started + expiry, window.current, 0)
        return window

    # What other strategies need.

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """See `Storage.base_exceptions`: there are none."""
        return ()

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Not supported."""
        self._refuse()

    async def get(self, key: str) -> int:
        """Not supported."""
        self._refuse()

    async def get_expiry(self, key: str) -> float:
        """Not supported."""
        self._refuse()

    async def check(self) -> bool:
        """See `Storage.check`."""
        return True

    async def reset(self) -> int:
        """See `Storage.reset`."""
        forgotten = len(self._windows)
        self._windows.clear()
        return forgotten

    async def clear(self, key: str) -> None:
        """See `Storage.clear`."""
        self._windows.pop(key, None)

    def _refuse(self) -> NoReturn:
        raise NotImplementedError("this storage has sliding windows alone")
