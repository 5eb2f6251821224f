"""Events that wait for the log, as the hub shows them: provisional, to the admins who are connected here."""

from typing import Protocol

import msgspec


class Waiting(msgspec.Struct, frozen=True):
    """One event without a place.

    Attributes:
        number: ascending in the order in which they were kept, whatever the store; never used again.
        event: the JSON of the provisional Event.
    """

    number: int
    event_id: str
    event: bytes


class Pending(Protocol):
    """What waits for the log on this machine."""

    async def waiting(self, store: str, after: int, limit: int) -> tuple[Waiting, ...]:
        """The events of a store that still wait, with numbers above `after`, in order, at most `limit`.

        Raises:
            LogUnavailable: they cannot be read.
        """
        ...


class NothingWaits:
    """A `Pending` where nothing ever waits."""

    async def waiting(self, store: str, after: int, limit: int) -> tuple[Waiting, ...]:
        """See `Pending.waiting`."""
        return ()


class Audience(Protocol):
    """The admins who are connected here, as whoever knows how the log fares sees them.

    Called on the event loop; does not block or raise, and does no harm when repeated.
    """

    def defer(self) -> None:
        """The log is away: tell them so, then what waits for it, and nothing of the log any more."""
        ...

    def restore(self) -> None:
        """The log is back, with everything that waited: bring each on from where it was."""
        ...

    def announce(self, store: str, waiting: Waiting) -> None:
        """An event was just kept: send it now."""
        ...
