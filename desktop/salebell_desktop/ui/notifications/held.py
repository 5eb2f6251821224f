"""What came while nobody was to be disturbed, kept for the digest. Pure."""

from collections.abc import Mapping

import msgspec

from salebell_desktop.store import Announcement
from salebell_desktop.ui.notifications.bursts import Ring, Sum
from salebell_protocol.money import add

LIMIT = 5_000
"""So many announcements are kept; of older ones only their sums."""


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What to do when the quiet is over.

    Attributes:
        rings: what to tell: one thing, or nothing, when everything was looked at meanwhile.
        looked_at: what need not be told.
    """

    rings: tuple[Ring, ...]
    looked_at: tuple[Announcement, ...]


class Held:
    """Announcements that were held back, each sale once, as it is now.

    The guarantee: an announcement that is kept counts as not shown, so that after a crash it is announced again. Those
    beyond the `limit`, the oldest first, become sums by store and currency; they count as shown, so that a quiet
    without end takes no memory without end and the position on disk moves on. A crash loses their part of the digest,
    and no more than that: the badge and the list have them.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: dict[tuple[str, str], list[Announcement]] = {}
        self._count = 0
        self._sums: dict[tuple[str, str], Sum] = {}

    def __bool__(self) -> bool:
        return bool(self._kept or self._sums)

    def hold(self, announcement: Announcement) -> tuple[Announcement, ...]:
        """Keep one more. The answer is what is kept as a sum only from now on."""
        key = (announcement.store, announcement.event.sale.id)
        # At the end again: what comes later is looked at later.
        self._kept[key] = [*self._kept.pop(key, ()), announcement]
        self._count += 1
        summed: list[Announcement] = []
        while self._count > self._limit:
            oldest = self._kept.pop(next(iter(self._kept)))
            self._count -= len(oldest)
            self._add_up(oldest[-1])
            summed += oldest
        return tuple(summed)

    def drop(self, store: str | None = None) -> tuple[Announcement, ...]:
        """What was held of a store, or at all, is not to be told; the answer is what that was."""
        keys = [key for key in self._kept if store is None or key[0] == store]
        for key in [key for key in self._sums if store is None or key[0] == store]:
            del self._sums[key]
        dropped = [announcement for key in keys for announcement in self._kept.pop(key)]
        self._count -= len(dropped)
        return tuple(dropped)

    def take(self, badges: Mapping[str, int]) -> Digest:
        """Everything that was held, as one thing to tell.

        Args:
            badges: how many sales of each store the admin has not looked at: those are the newest ones.
        """
        unseen, looked_at = self._split(badges)
        sums = tuple(each for (store, _), each in self._sums.items() if badges.get(store, 0) > self._of(store))
        self._kept, self._count, self._sums = {}, 0, {}
        if not unseen and not sums:
            return Digest(rings=(), looked_at=tuple(looked_at))
        ring = Ring(
            sales=tuple(announcements[-1].event.sale for announcements in unseen),
            announcements=tuple(announcement for announcements in unseen for announcement in announcements),
            away=True,
            paid=False,
            sums=sums,
        )
        return Digest(rings=(ring,), looked_at=tuple(looked_at))

    def _split(self, badges: Mapping[str, int]) -> tuple[list[list[Announcement]], list[Announcement]]:
        left = dict(badges)
        unseen: list[list[Announcement]] = []
        looked_at: list[Announcement] = []
        for (store, _), announcements in reversed(self._kept.items()):
            if left.get(store, 0) > 0:
                left[store] -= 1
                unseen.append(announcements)
            else:
                looked_at += announcements
        return unseen[::-1], looked_at[::-1]

    def _of(self, store: str) -> int:
        return sum(key[0] == store for key in self._kept)

    def _add_up(self, announcement: Announcement) -> None:
        sale = announcement.event.sale
        key = (announcement.store, sale.currency)
        before = self._sums.get(key, Sum(store=announcement.store, currency=sale.currency, count=0, amount="0"))
        amount = add([before.amount, sale.total])
        self._sums[key] = Sum(store=before.store, currency=before.currency, count=before.count + 1, amount=amount)
