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
PAUSE = 1.0
"""A sum is told once nothing came for so long, or `WINDOW` after its first sale."""


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """Sales of which no more is known than how many of a currency there were in a store, and what they come to."""

    store: str
    currency: str
    count: int
    amount: str


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """One notification to show.

    Attributes:
        sales: the sales in it, each once, as they are now.
        announcements: what it tells; several may be of one sale.
        away: it sums up what came while nobody was there: this device was not connected, or not to ring.
        paid: the only sale is not new: its payment was confirmed.
        sums: further sales.
    """

    sales: tuple[Sale, ...]
    announcements: tuple[Announcement, ...]
    away: bool
    paid: bool
    sums: tuple[Sum, ...] = ()

    @property
    def stores(self) -> frozenset[str]:
        """The stores that it is about."""
        return frozenset(each.store for each in self.announcements) | {each.store for each in self.sums}


class Bursts:
    """Collects announcements and decides how they are told.

    More than `SINGLES` sales within `WINDOW` become one ring, and a stream of sales without an end one every `WINDOW`.
    """

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
        if not self._many:
            return self._first_at + GATHER
        quiet_at = max(self._last_at + PAUSE, self._first_at + GATHER)
        if self._rung:
            quiet_at = max(quiet_at, self._rung[-1] + WINDOW)
        return min(self._first_at + WINDOW, quiet_at)

    def take(self, now: float) -> tuple[Ring, ...]:
        """What to tell now; nothing before it is due."""
        due = self.due()
        if due is None or now < due:
            return ()
        waiting, self._waiting = tuple(self._waiting.values()), {}
        groups = [waiting] if self._many_of(len(waiting)) else [(announcements,) for announcements in waiting]
        self._rung.extend([now] * min(len(waiting), SINGLES + 1))
        return tuple(_ring(group) for group in groups)

    def drop(self, store: str | None = None) -> tuple[Announcement, ...]:
        """Nothing that waits, of a store or at all, is to be told; the answer is what that was."""
        keys = [key for key in self._waiting if store is None or key[0] == store]
        return tuple(announcement for key in keys for announcement in self._waiting.pop(key))

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
        away=len(group) > 1 and all(announcement.missed for announcement in latest),
        paid=len(group) == 1 and bool(first.created_before),
    )
