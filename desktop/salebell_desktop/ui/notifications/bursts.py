"""What to ring for, and when: single sales while they come one by one, a sum when they come in numbers. Pure.

Times are in seconds of a clock that only goes forward.
"""

from collections import deque

import msgspec

from salebell_desktop.store import Announcement
from salebell_protocol.sales import Sale

SINGLES = 3
"""So many sales in `WINDOW` are told one by one; from there on they are summed up."""
WINDOW = 5.0
GATHER = 0.15
"""A sale waits so long for others that come with it."""
QUIET = 1.0
"""A sum is told once nothing came for so long, or `WINDOW` after its first sale."""


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """One notification to show.

    Attributes:
        sales: the sales in it, each once, as they are now.
        announcements: what it tells; several may be of one sale.
        missed: all of it happened while this device was not connected.
        paid: the only sale is not new: its payment was confirmed.
    """

    sales: tuple[Sale, ...]
    announcements: tuple[Announcement, ...]
    missed: bool
    paid: bool


class Bursts:
    """Collects announcements and decides how they are told."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], list[Announcement]] = {}
        self._first_at = 0.0
        self._last_at = 0.0
        self._rung: deque[float] = deque()

    def add(self, announcement: Announcement, now: float) -> None:
        """A sale to ring for."""
        if not self._waiting:
            self._first_at = now
        self._last_at = now
        self._waiting.setdefault((announcement.store, announcement.event.sale.id), []).append(announcement)
        self._forget(now)

    def due(self) -> float | None:
        """When `take` has something to tell; None when nothing waits. More sales may put it off, never forward."""
        if not self._waiting:
            return None
        if self._many:
            return min(self._first_at + WINDOW, max(self._last_at + QUIET, self._first_at + GATHER))
        return self._first_at + GATHER

    def take(self, now: float) -> tuple[Ring, ...]:
        """What to tell now; nothing before it is due."""
        due = self.due()
        if due is None or now < due:
            return ()
        waiting, self._waiting = tuple(self._waiting.values()), {}
        groups = [waiting] if self._many_of(len(waiting)) else [(announcements,) for announcements in waiting]
        self._rung.extend([now] * min(len(waiting), SINGLES + 1))
        return tuple(_ring(group) for group in groups)

    def drop(self) -> tuple[Announcement, ...]:
        """Nothing that waits is to be told; the answer is what that was."""
        waiting, self._waiting = self._waiting, {}
        return tuple(announcement for announcements in waiting.values() for announcement in announcements)

    @property
    def _many(self) -> bool:
        return self._many_of(len(self._waiting))

    def _many_of(self, waiting: int) -> bool:
        return len(self._rung) + waiting > SINGLES

    def _forget(self, now: float) -> None:
        while self._rung and now - self._rung[0] >= WINDOW:
            self._rung.popleft()


def _ring(group: tuple[list[Announcement], ...]) -> Ring:
    latest = [announcements[-1] for announcements in group]
    first = group[0][0].event
    return Ring(
        sales=tuple(announcement.event.sale for announcement in latest),
        announcements=tuple(announcement for announcements in group for announcement in announcements),
        missed=all(announcement.missed for announcement in latest),
        paid=len(group) == 1 and bool(first.created_before),
    )
