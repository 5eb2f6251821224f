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
