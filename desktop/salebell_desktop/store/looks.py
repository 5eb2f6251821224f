"""Looks: what the admin has looked at, until the server says that it knows."""

import msgspec

from salebell_protocol.messages import Seen

SEEN_INTERVAL = 0.5
"""Seconds between two `seen` of one store at least."""


class Look(msgspec.Struct, frozen=True):
    """The admin has looked at all sales up to `offset` of the log `epoch`."""

    epoch: str
    offset: int


class Looks:
    """The latest look that is not acknowledged, and when to tell the server of it.

    Times are in seconds of any clock that only goes forward.
    """

    def __init__(self, pending: Look | None = None) -> None:
        self.pending = pending
        self._sent: Look | None = None
        self._sent_at: float | None = None

    def add(self, look: Look) -> None:
        """A new look; it takes the place of the one before."""
        self.pending = look

    def acknowledge(self, seen: int) -> None:
        """The cursor came back from the server, for the log of the pending look."""
        if self.pending is not None and seen >= self.pending.offset:
            self.pending = None

    def drop(self) -> None:
        """The log is another one: the look has no meaning there."""
        self.pending = None

    def send_again(self) -> None:
        """A new `auth_success`: what was sent before may never have arrived."""
        self._sent = None

    def due(self) -> float | None:
        """When `take` has something to send; None when there is nothing."""
        if self.pending is None or self.pending == self._sent:
            return None
        return 0.0 if self._sent_at is None else self._sent_at + SEEN_INTERVAL

    def take(self, now: float) -> Seen | None:
        """The message to send now, or None: nothing to tell, or too early."""
        due = self.due()
        if self.pending is None or due is None or now < due:
            return None
        self._sent, self._sent_at = self.pending, now
        return Seen(epoch=self.pending.epoch, offset=self.pending.offset)
