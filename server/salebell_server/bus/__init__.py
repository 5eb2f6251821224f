"""The bus: tells hubs what happened to a log, as it happens.

A bus may lose, repeat or delay messages; the log is the truth. A subscriber therefore checks that what it gets
continues what it has, and reads the log where it does not.
"""

from typing import Protocol

from salebell_server.log import Publisher


class Subscriber(Publisher, Protocol):
    """What a hub hears of one store: what its log published."""


class Bus(Protocol):
    """Brings what a log publishes to the subscribers of its stores."""

    async def subscribe(self, store: str, subscriber: Subscriber) -> None:
        """From the return on, `subscriber` hears of `store`."""
        ...

    async def unsubscribe(self, store: str, subscriber: Subscriber) -> None:
        """Stop it. Harmless when there was no subscription."""
        ...
