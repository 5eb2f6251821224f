"""The stores that somebody listens to."""

from collections.abc import Callable

from salebell_server.bus import Bus
from salebell_server.hub.channel import Channel
from salebell_server.hub.member import Member, Outlet
from salebell_server.hub.replay import Replays
from salebell_server.hub.tasks import Tasks
from salebell_server.log import SaleLog

MAX_SOCKETS = 64
"""Sockets that one admin may have in one store."""

RETRY_SECONDS = 1.0


class TooManySockets(Exception):
    """The admin has as many sockets in the store as one may have."""


def _ignore(_events: int) -> None:
    """Nobody counts."""


class Hub:
    """Connections by store: a channel for each store that has any, subscribed on the bus as long as it has.

    Args:
        log: where the events are.
        bus: tells what happens to them.
        delivered: told how many events were written to connections.
        max_sockets: how many an admin may have in a store.
        retry: seconds before a log that could not be read is tried again.
    """

    def __init__(
        self,
        *,
        log: SaleLog,
        bus: Bus,
        delivered: Callable[[int], None] = _ignore,
        max_sockets: int = MAX_SOCKETS,
        retry: float = RETRY_SECONDS,
    ) -> None:
        self._log = log
        self._bus = bus
        self._delivered = delivered
        self._max_sockets = max_sockets
        self._retry = retry
        self._tasks = Tasks()
        self._replays = Replays(log=log, retry=retry, delivered=delivered)
        self._channels: dict[str, Channel] = {}

    def join(self, outlet: Outlet, store: str, uid: str) -> tuple[Channel, Member]:
        """A place for a connection of `uid` in `store`.

        The counts of the admin reach it at once. Before reading the log for it, wait for `Channel.opened`; with the
        reading, `Channel.attach` it. Whatever happens, `Channel.leave` ends it.

        Raises:
            TooManySockets: the admin has no place left there.
        """
        channel = self._channels.get(store)
        if channel is not None and channel.sockets(uid) >= self._max_sockets:
            raise TooManySockets
        if channel is None:
            channel = self._channels[store] = Channel(
                store,
                log=self._log,
                replays=self._replays,
                tasks=self._tasks,
                retry=self._retry,
                delivered=self._delivered,
                ended=self._ended,
            )
            self._tasks.spawn(channel.open(self._bus))
        member = Member(outlet, uid)
        channel.join(member)
        return channel, member

    async def close(self) -> None:
        """End everything that runs in the background. The connections are closed before."""
        await self._tasks.cancel()

    def _ended(self, channel: Channel) -> None:
        del self._channels[channel.store]
        self._tasks.spawn(self._bus.unsubscribe(channel.store, channel))
