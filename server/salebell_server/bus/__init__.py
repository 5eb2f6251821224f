"""The bus: tells hubs what happened to a log, as it happens.

A bus may lose, repeat or delay messages; the log is the truth. A subscriber therefore checks that what it gets
continues what it has, and reads the log where it does not.
"""

from typing import Protocol

from salebell_server.log import Counted, Entry


class Subscriber(Protocol):
    """What a hub hears of one store. Called on the event loop; must not block or raise."""

    def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
        """Events that became durable, in offset order."""
        ...

    def counted(self, store: str, admin: str, counted: Counted) -> None:
        """The answer to a `seen` of this admin, for all of the admin's sockets."""
        ...

    def recount(self, store: str) -> None:
        """Counts may have changed otherwise (retention): every admin's is to be read and sent again."""
        ...


class Bus(Protocol):
    """Brings what a log publishes to the subscribers of its stores."""

    async def subscribe(self, store: str, subscriber: Subscriber) -> None:
        """From the return on, `subscriber` hears of `store`."""
        ...

    async def unsubscribe(self, store: str, subscriber: Subscriber) -> None:
        """Stop it. Harmless when there was no subscription."""
        ...
