"""Reads counts again that changed other than by an event or a `seen`, and tells them."""

import asyncio
from collections.abc import Callable, Iterable

from salebell_server.hub.tasks import Tasks
from salebell_server.log import Counted, LogUnavailable, SaleLog

AT_ONCE = 8
"""Counts that are read at the same time for one store."""


class Recounts:
    """The counts of one store's admins that are to be read again; each is read once, however often it is asked for.

    Args:
        store: its name.
        log: where the counts are.
        turns: counts that may be read at once, of all stores.
        tasks: where reading goes on.
        retry: seconds before a log that could not be read is tried again.
        told: called with store, admin and count.
    """

    def __init__(
        self,
        store: str,
        *,
        log: SaleLog,
        turns: asyncio.Semaphore,
        tasks: Tasks,
        retry: float,
        told: Callable[[str, str, Counted], None],
    ) -> None:
        self._store = store
        self._log = log
        self._turns = turns
        self._tasks = tasks
        self._retry = retry
        self._told = told
        self._due: dict[str, None] = {}
        self._reading: asyncio.Task[None] | None = None

    def add(self, admins: Iterable[str]) -> None:
        """Read the counts of these admins."""
        self._due.update(dict.fromkeys(admins))
        if self._due and (self._reading is None or self._reading.done()):
            self._reading = self._tasks.spawn(self._read_all())

    def clear(self) -> None:
        """Nobody wants to know any more."""
        self._due.clear()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    async def _read_all(self) -> None:
        while self._due:
            batch = [self._due.popitem()[0] for _ in range(min(AT_ONCE, len(self._due)))]
            failed = [admin for admin in await asyncio.gather(*map(self._read, batch)) if admin is not None]
            if failed:
                await asyncio.sleep(self._retry)
                self._due.update(dict.fromkeys(failed))

    async def _read(self, admin: str) -> str | None:
        """Read and tell one count; the admin again when the log cannot be read."""
        try:
            async with self._turns:
                counted = await self._log.unread(self._store, admin)
        except LogUnavailable:
            return admin
        self._told(self._store, admin, counted)
        return None
