"""The bus of a single process: plain calls."""

from salebell_server.bus import Subscriber
from salebell_server.log import Counted, Entry


class MemoryBus:
    """A `Bus` and what an embedded log publishes to. Loses nothing; all calls are made on the event loop."""

    def __init__(self) -> None:
        self._subscribers: dict[str, list[Subscriber]] = {}

    async def subscribe(self, store: str, subscriber: Subscriber) -> None:
        """See `Bus.subscribe`."""
        self._subscribers.setdefault(store, []).append(subscriber)

    async def unsubscribe(self, store: str, subscriber: Subscriber) -> None:
        """See `Bus.unsubscribe`."""
        subscribers = self._subscribers.get(store, [])
        if subscriber in subscribers:
            subscribers.remove(subscriber)
        if not subscribers:
            self._subscribers.pop(store, None)

    def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
        """Pass events on."""
        for subscriber in tuple(self._subscribers.get(store, ())):
            subscriber.published(store, epoch, entries)

    def counted(self, store: str, admin: str, counted: Counted) -> None:
        """Pass an admin's count on."""
        for subscriber in tuple(self._subscribers.get(store, ())):
            subscriber.counted(store, admin, counted)

    def recount(self, store: str) -> None:
        """Pass on that counts may have changed."""
        for subscriber in tuple(self._subscribers.get(store, ())):
            subscriber.recount(store)
