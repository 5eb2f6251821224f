"""Sends members what waits for the log of their store, before the log has it.

Most members are level: they were sent everything up to `_sent`, and what comes to wait is read once for all of them.
One that joins later, or whose buffer is full, catches up by itself, at the pace at which its connection takes it.
"""

import asyncio
from collections.abc import Callable, Sequence

from salebell_server.hub.frames import batches, waiting_frame
from salebell_server.hub.member import Member, Stage
from salebell_server.hub.pending import Pending, Waiting
from salebell_server.hub.tasks import Tasks
from salebell_server.log import LogUnavailable

PAGE = 100
"""Events read at once."""


class Provisional:
    """The DEFERRED members of one store.

    What they are sent is read, never taken from an announcement: several servers may share what waits, so that an
    event may be announced before an earlier one.

    Args:
        store: its name.
        pending: what waits.
        turns: pages that may be in memory at once, of all members of all stores.
        tasks: where reading goes on.
        retry: seconds before it is tried again when it could not be read.
        delivered: told how many events were written.
    """

    def __init__(
        self,
        store: str,
        *,
        pending: Pending,
        turns: asyncio.Semaphore,
        tasks: Tasks,
        retry: float,
        delivered: Callable[[int], None],
    ) -> None:
        self._store = store
        self._pending = pending
        self._turns = turns
        self._tasks = tasks
        self._retry = retry
        self._delivered = delivered
        self._level: dict[Member, None] = {}
        self._sent = 0
        self._due = False
        self._reading = False

    def add(self, member: Member) -> None:
        """Send a member what waits with numbers above its `shown`, then what comes to wait."""
        if member.shown < self._sent or member.choked:
            member.pace = self._tasks.spawn(self._catch_up(member))
        else:
            member.pace = None
            self._level[member] = None
            self.look()

    def discard(self, member: Member) -> None:
        """Send it no more. Harmless when it was not there."""
        self._level.pop(member, None)
        member.stop()

    def restart(self) -> None:
        """Begin with the first that waits: the log went away anew."""
        self._sent = 0

    def look(self) -> None:
        """Something may have come to wait."""
        self._due = True
        if self._level and not self._reading:
            self._reading = True
            self._tasks.spawn(self._read())

    async def _read(self) -> None:
        try:
            while self._due and self._level:
                self._due = False
                try:
                    while await self._send_page():
                        pass
                except LogUnavailable:
                    self._due = True
                    await asyncio.sleep(self._retry)
        finally:
            self._reading = False

    async def _send_page(self) -> bool:
        """Send what follows `_sent` to those who are level; False when nothing does."""
        after = self._sent
        async with self._turns:
            page = await self._pending.waiting(self._store, after, PAGE)
            if self._sent != after:
                return True
            for waiting, frames in batches(page, waiting_frame):
                self._sent = waiting[-1].number
                for member in tuple(self._level):
                    if member.choked:
                        self._level.pop(member)
                        self.add(member)
                    else:
                        self._send(member, waiting, frames)
        return bool(page)

    async def _catch_up(self, member: Member) -> None:
        while member.stage is Stage.DEFERRED:
            await member.drained()
            if member.shown >= self._sent:
                self.add(member)
                return
            try:
                async with self._turns:
                    await self._send_own_page(member)
            except LogUnavailable:
                await asyncio.sleep(self._retry)

    async def _send_own_page(self, member: Member) -> None:
        sent = self._sent
        page = await self._pending.waiting(self._store, member.shown, PAGE)
        for waiting, frames in batches(page, waiting_frame):
            if member.choked or member.gone:
                return
            self._send(member, waiting, frames)
        if len(page) < PAGE:
            # The rest of what the others were sent waits no more: the log has it.
            member.shown = max(member.shown, sent)

    def _send(self, member: Member, waiting: Sequence[Waiting], frames: bytes) -> None:
        """Send a member what of `waiting` it was not sent; `frames` are those of all."""
        lacking = waiting if member.shown < waiting[0].number else [w for w in waiting if w.number > member.shown]
        if not lacking:
            return
        member.shown = lacking[-1].number
        self._delivered(len(lacking))
        member.outlet.write(frames if lacking is waiting else b"".join(map(waiting_frame, lacking)))
