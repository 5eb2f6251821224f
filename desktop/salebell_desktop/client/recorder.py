"""Keeping the stores in the cache: some time after a change, all changes together, on a thread."""

import asyncio
import logging
from collections.abc import Callable

from salebell_desktop.cache import Cache, CacheFailed, CacheKey
from salebell_desktop.client.clock import Clock, Timer
from salebell_desktop.client.tasks import Tasks
from salebell_desktop.store import Change, Desk, SaveDue, Unsaved

DELAY = 1.0
"""Seconds from a change to its being kept: a burst of sales is one transaction."""
RETRY = 60.0
"""Seconds after which what could not be kept is tried again."""
FINISH_SECONDS = 0.5
"""What is being written when the program ends may take so long."""

_logger = logging.getLogger(__name__)


class Recorder:
    """Keeps the stores of a desk, while somebody is signed in.

    Args:
        desk: whose stores.
        cache: where to.
        key: under whose name.
        clock: for the delay.
    """

    def __init__(self, desk: Desk, cache: Cache, key: CacheKey, clock: Clock) -> None:
        self._desk = desk
        self._cache = cache
        self._key = key
        self._clock = clock
        self._tasks = Tasks()
        self._turn = asyncio.Lock()
        self._timer: Timer | None = None
        self._ended = False
        self._last: dict[str, Unsaved] | None = {}
        self._stop_observing = desk.observe(self._observed)

    def forget_store(self, store: str) -> None:
        """The admin may not open that store any more, and it is not on the desk any more."""
        self._tasks.spawn(self._forget_store(store))

    async def _forget_store(self, store: str) -> None:
        await self._use(lambda: self._cache.forget_store(self._key, store))

    def end(self, *, keep: bool) -> None:
        """Observe no more. `finish` keeps what the stores are now, or forgets all of them."""
        self._ended = True
        self._stop_observing()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._last = self._collect() if keep else None

    async def finish(self) -> None:
        """Write what `end` has found."""
        await self._tasks.settle(FINISH_SECONDS)
        last = self._last
        if last is None:
            await self._use(lambda: self._cache.forget(self._key))
        elif last:
            await self._use(lambda: self._cache.save(self._key, last))

    def _observed(self, change: Change) -> None:
        if isinstance(change, SaveDue):
            self._schedule(DELAY)

    def _schedule(self, seconds: float) -> None:
        if self._timer is None and not self._ended:
            self._timer = self._clock.call_later(seconds, self._due)

    def _due(self) -> None:
        self._timer = None
        self._tasks.spawn(self._keep())

    def _collect(self) -> dict[str, Unsaved]:
        changes: dict[str, Unsaved] = {}
        for store in self._desk.stores:
            if (unsaved := store.take_unsaved()) is not None:
                changes[store.name] = unsaved
        return changes

    async def _keep(self) -> None:
        changes = self._collect()
        if not changes or await self._use(lambda: self._cache.save(self._key, changes)):
            return
        self._schedule(RETRY)
        for store in self._desk.stores:
            if store.name in changes and not self._ended:
                store.save_all()

    async def _use(self, work: Callable[[], None]) -> bool:
        async with self._turn:
            try:
                await asyncio.to_thread(work)
            except CacheFailed as failure:
                _logger.warning("the cache was not written: %s", failure)
                return False
        return True
