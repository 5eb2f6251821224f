"""The bus: tells hubs what happened to a log, as it happens.

A bus may lose, repeat or delay messages; the log is the truth. A subscriber therefore checks that what it gets
continues what it has, and reads the log where it does not.
"""

from typing import Protocol

from salebell_server.log import Publisher


class Subscriber(Publisher, Protocol):
    """What a hub hears of one store: what its log published, and that something of it may have been lost."""

    def missed(self, store: str) -> None:
        """Events or counts may not have been brought: compare with the log."""
        ...


class LinkWatcher(Protocol):
    """What hears how a bus between servers is connected. Called on the event loop; must not block or raise."""

    def link_up(self) -> None:
        """Everything that was subscribed is confirmed, and what is published comes back."""
        ...

    def link_down(self, reason: str) -> None:
        """Nothing was heard for two seconds, however often it was tried. Told once until the next `link_up`.

        Args:
            reason: why, for people; names no secret.
        """
        ...


class Bus(Protocol):
    """Brings what a log publishes to the subscribers of its stores."""

    async def subscribe(self, store: str, subscriber: Subscriber) -> None:
        """From the return on, `subscriber` hears of `store`.

        The subscription outlives every loss of a connection: after each, `missed` is called.

        Raises:
            LogUnavailable: it could not be confirmed now; there is no subscription.
        """
        ...

    async def unsubscribe(self, store: str, subscriber: Subscriber) -> None:
        """Stop it. Harmless when there was no subscription."""
        ...
