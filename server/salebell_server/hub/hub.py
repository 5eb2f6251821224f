"""The stores that somebody listens to."""

import asyncio
from collections.abc import Callable

from salebell_server.bus import Bus
from salebell_server.hub.channel import Channel
from salebell_server.hub.deferral import Deferral
from salebell_server.hub.member import Member, Outlet
from salebell_server.hub.pending import NothingWaits, Pending, Waiting
from salebell_server.hub.replay import Replays
from salebell_server.hub.surroundings import Surroundings
from salebell_server.hub.tasks import Tasks
from salebell_server.log import SaleLog

MAX_SOCKETS = 64
"""Sockets that one admin may have in one store."""

RETRY_SECONDS = 1.0

REOPENINGS = 64
"""Members that may ask the log at once where they are to go on, when it is back."""

PAGES = 16
"""Pages of events that may be in memory at once, for all members that catch up."""

RESYNCS = 16
"""Channels that may read the log at once because they missed something: a bus that was away has all miss something."""

RECOUNTS = 32
"""Counts that may be read at once, for the same reason."""


class TooManySockets(Exception):
    """The admin has as many sockets in the store as one may have."""


def _ignore(_events: int) -> None:
    """Nobody counts."""


class Hub:
    """Connections by store: a channel for each store that has any, subscribed on the bus as long as it has.

    Args:
        log: where the events are.
        bus: tells what happens to them.
        pending: what waits for a log that may be away; None: connections are closed when it cannot be read.
        delivered: told how many events were written to connections.
        max_sockets: how many an admin may have in a store.
        retry: seconds before a log that could not be read is tried again.

    Attributes:
        defers: whether connections wait for a log that cannot be read.
        reopenings: to be held while the log is read for a member that was deferred.
    """

    def __init__(
        self,
        *,
        log: SaleLog,
        bus: Bus,
        pending: Pending | None = None,
        delivered: Callable[[int], None] = _ignore,
        max_sockets: int = MAX_SOCKETS,
        retry: float = RETRY_SECONDS,
    ) -> None:
        self.defers = pending is not None
        self.reopenings = asyncio.Semaphore(REOPENINGS)
        self._max_sockets = max_sockets
        self._tasks = Tasks()
        self._deferral = Deferral(self._tasks)
        pages = asyncio.Semaphore(PAGES)
        self._around = Surroundings(
            log=log,
            bus=bus,
            pending=pending or NothingWaits(),
            replays=Replays(log=log, turns=pages, retry=retry, delivered=delivered),
            defers=self.defers,
            deferral=self._deferral,
            tasks=self._tasks,
            retry=retry,
            delivered=delivered,
            pages=pages,
            resyncs=asyncio.Semaphore(RESYNCS),
            recounts=asyncio.Semaphore(RECOUNTS),
        )
        self._channels: dict[str, Channel] = {}

    @property
    def deferred(self) -> int:
        """How many connections wait for the log."""
        return len(self._deferral)

    def join(self, outlet: Outlet, store: str, uid: str) -> tuple[Channel, Member]:
        """A place for a connection of `uid` in `store`.

        Before reading the log for it, wait for `Channel.opened`; with the reading, `Channel.attach` it. When the log
        cannot be read, `Channel.postpone` it, or end it. Whatever happens, `Channel.leave` ends it.

        Raises:
            TooManySockets: the admin has no place left there.
        """
        channel = self._channels.get(store)
        if channel is not None and channel.sockets(uid) >= self._max_sockets:
            raise TooManySockets
        if channel is None:
            channel = self._channels[store] = Channel(store, self._around, self._ended)
        channel.begin()
        member = Member(outlet, uid)
        channel.join(member)
        return channel, member

    def defer(self) -> None:
        """See `Audience.defer`."""
        self._deferral.away = True
        for channel in self._channels.values():
            channel.defer()
        self._deferral.tell()

    def restore(self) -> None:
        """See `Audience.restore`."""
        self._deferral.away = False
        self._deferral.tell()

    def announce(self, store: str, waiting: Waiting) -> None:
        """See `Audience.announce`."""
        channel = self._channels.get(store)
        if channel is not None:
            channel.announced()

    def sweep(self) -> None:
        """See that every member is in line with whether the log is away; to be called each second."""
        self._deferral.tell()

    async def close(self) -> None:
        """End everything that runs in the background. The connections are closed before."""
        await self._tasks.cancel()

    def _ended(self, channel: Channel) -> None:
        del self._channels[channel.store]
        self._tasks.spawn(self._around.bus.unsubscribe(channel.store, channel))
