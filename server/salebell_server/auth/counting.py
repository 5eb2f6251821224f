"""Counts failures to sign in, with the `limits` library: in this process's memory, and in what many servers share.

The strategy is its sliding window counter. It keeps two numbers a key, whatever the limit, and lets time be measured by
whoever keeps them; a moving window would keep the time of each failure, and of several servers, each by its own clock.

What is left of the previous window counts in proportion. So 60 a minute let an address fail 60 times at once; 30 times
in each minute, however these lie, for ever; and never more than 120 times in any one minute. 60 an hour let it guess 60
times at an account and, from an hour after the first, about once a minute.

Each failure is counted here and, when it can be, with the others. What is beyond the limit here is so for all, and they
need not be asked: an address that goes on and on keeps this process busy, not what the servers share.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import cast

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import SlidingWindowCounterSupport, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from salebell_server.auth.rate import ACCOUNT_BURST, BURST, network
from salebell_server.auth.sharing import Sharing
from salebell_server.auth.windows import MemoryWindows

PER_ADDRESS = RateLimitItemPerMinute(BURST, namespace="address")
PER_ACCOUNT = RateLimitItemPerHour(ACCOUNT_BURST, namespace="account")

SHARED = RateLimitItemPerMinute(3_000, namespace="shared")
"""What this process lets the others know. A flood from ever new addresses is counted here alone beyond that: each would
leave a key in what the servers share, where there must be room for other things."""

MAX_TRACKED = 10_000


class FailureCounts:
    """The `FailureLimit`.

    Args:
        monotonic: seconds, from any start, never backwards.
        shared: where several servers count together; it knows sliding windows, and bounds how long it takes. None
            when this process is alone.
        per_address: how many failures of an address are too many.
        per_account: how many for one account, from one address.
        tracked: how many addresses, and how many accounts at addresses, are remembered here. Beyond it, the one that
            failed longest ago is forgotten.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        shared: Storage | None = None,
        per_address: RateLimitItem = PER_ADDRESS,
        per_account: RateLimitItem = PER_ACCOUNT,
        tracked: int = MAX_TRACKED,
    ) -> None:
        sharing, allowance = Sharing(monotonic), _Windows(SHARED, MemoryWindows(monotonic, 1))

        def limit(item: RateLimitItem) -> _Limit:
            here = _Windows(item, MemoryWindows(monotonic, tracked))
            return _Limit(here, None if shared is None else _Shared(_Windows(item, shared), sharing, allowance))

        self._addresses = limit(per_address)
        self._accounts = limit(per_account)

    async def retry_after(self, address: str, subject: str = "") -> int:
        """See `FailureLimit.retry_after`."""
        wait = await self._addresses.wait(_key(address))
        if subject:
            wait = max(wait, await self._accounts.wait(_key(address, subject)))
        return wait

    async def failed(self, address: str, subject: str = "") -> int:
        """See `FailureLimit.failed`."""
        wait = await self._addresses.hit(_key(address))
        if wait or not subject:
            return wait
        return await self._accounts.hit(_key(address, subject))


class _Windows:
    """One limit in one storage."""

    def __init__(self, item: RateLimitItem, storage: Storage) -> None:
        self._item = item
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._storage = cast("SlidingWindowCounterSupport", storage)  # or the line above has raised

    async def hit(self, key: str) -> bool:
        """Count one more, unless that is too many."""
        return await self._limiter.hit(self._item, key)

    async def wait(self, key: str) -> int:
        """Whole seconds after which one more is allowed.

        `RateLimiter.get_window_stats` tells that as a time of the wall clock, which may be set while it is told.
        """
        length, most = self._item.get_expiry(), self._item.amount
        previous, previous_left, current, current_left = await self._storage.get_sliding_window(
            self._item.key_for(key), length
        )
        if previous * previous_left / length + current < most:
            return 0
        # Until the current window, which is full, becomes the previous one; or enough of the previous one has passed.
        left = current_left - length if current >= most else previous_left - (most - current) * length / previous
        return int(left) + 1


class _Shared:
    """One limit in what several servers share. Its answers are None when there are none to be had."""

    def __init__(self, windows: _Windows, sharing: Sharing, allowance: _Windows) -> None:
        self._windows = windows
        self._sharing = sharing
        self._allowance = allowance

    async def hit(self, key: str) -> bool | None:
        """Count one more, unless that is too many, or this process has told too much."""
        if not await self._allowance.hit(""):
            return None
        return await self._sharing.ask(partial(self._windows.hit, key))

    async def wait(self, key: str) -> int | None:
        """Whole seconds after which one more is allowed."""
        return await self._sharing.ask(partial(self._windows.wait, key))


class _Limit:
    """One limit, here and with the others."""

    def __init__(self, here: _Windows, shared: _Shared | None) -> None:
        self._here = here
        self._shared = shared

    async def wait(self, key: str) -> int:
        """Whole seconds after which one more is allowed."""
        wait = await self._here.wait(key)
        if wait or self._shared is None:
            return wait
        return await self._shared.wait(key) or 0

    async def hit(self, key: str) -> int:
        """Count one more, unless that is too many: then, seconds after which one is allowed."""
        wait = await self._here.wait(key)
        if wait:
            return wait
        if self._shared is not None and await self._shared.hit(key) is False:
            return await self._shared.wait(key) or 1
        return 0 if await self._here.hit(key) else await self._here.wait(key) or 1


def _key(address: str, subject: str = "") -> str:
    """What stands for an address, or for an account at one: always as short, whatever they are."""
    text = f"{network(address)}\0{subject}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
