"""The badge: how many sales the admin has not looked at, exactly.

The rule (docs/protocol.md, "The badge"): the latest known count, which the server took at the offset `as_of`; plus
the `SALE_CREATED` events received with an offset above both `as_of` and `seen` whose sale was not unread before
(`created_before` at or below `seen`); plus one for each distinct sale that is only provisional so far.
"""

from collections import deque

import msgspec

_SALES_REMEMBERED = 10_000


class Reading(msgspec.Struct, frozen=True):
    """The server's count of one instant.

    Attributes:
        count: distinct sales whose latest `SALE_CREATED` lies above `seen`, up to `as_of`.
        seen: the admin's cursor.
        as_of: the offset up to which `count` counts.
    """

    count: int
    seen: int
    as_of: int


NOTHING = Reading(0, 0, 0)


class _Created(msgspec.Struct, frozen=True):
    offset: int
    created_before: int


class Badge:
    """The badge of one store and admin.

    Within a log (until `adopt`), offsets given to `confirmed` may repeat, but are otherwise dense and rising.
    """

    def __init__(self, reading: Reading = NOTHING) -> None:
        self._reading = reading
        self._look: int | None = None
        self._received = 0
        self._after: deque[_Created] = deque()
        self._after_counts = 0
        self._provisional: set[str] = set()
        self._latest: dict[str, int] = {}

    @property
    def count(self) -> int:
        """What to show: never negative."""
        return self._base.count + self._after_counts + self._provisional_counts()

    @property
    def seen(self) -> int:
        """The cursor as the server last told it."""
        return self._reading.seen

    @property
    def reading(self) -> Reading:
        """The latest reading with the events received since worked in, as the server would give it now.

        It leaves out what is provisional, and a look that the server has not acknowledged. For the cache: a badge
        that starts from it shows the same.
        """
        if not self._after:
            return self._reading
        known = self._reading
        return Reading(known.count + self._counted_from(known), known.seen, max(known.as_of, self._received))

    def adopt(self, reading: Reading) -> None:
        """`auth_success` with `fresh` or `reset`: replaces all that is known; earlier events no longer count."""
        self._reading = reading
        self._look = None
        self._received = 0
        self._after.clear()
        self._latest.clear()
        self._provisional.clear()
        self._recount()

    def update(self, reading: Reading) -> None:
        """`auth_success` with `complete`, or `unread`: a reading older than the known one is ignored."""
        if (reading.seen, reading.as_of) < (self._reading.seen, self._reading.as_of):
            return
        self._reading = reading
        counted = max(reading.as_of, reading.seen)
        while self._after and self._after[0].offset <= counted:
            self._after.popleft()
        self._latest = {sale_id: offset for sale_id, offset in self._latest.items() if offset > reading.seen}
        self._recount()

    def confirmed(self, sale_id: str, offset: int, created_before: int) -> None:
        """A confirmed `SALE_CREATED` was received."""
        if offset <= self._received:
            return
        self._received = offset
        self._provisional.discard(sale_id)
        self._latest.pop(sale_id, None)
        self._latest[sale_id] = offset
        if len(self._latest) > _SALES_REMEMBERED:
            del self._latest[next(iter(self._latest))]
        if offset <= max(self._reading.as_of, self._reading.seen):
            return
        created = _Created(offset, created_before)
        self._after.append(created)
        self._after_counts += _counts(created, self._base)

    def provisional(self, sale_id: str) -> None:
        """A provisional `SALE_CREATED` was received."""
        self._provisional.add(sale_id)

    def forget_provisional(self) -> None:
        """Any `auth_success` but `deferred`, or a look: nothing is counted as provisional any more."""
        self._provisional.clear()

    def looked(self, offset: int | None) -> None:
        """The admin has looked at all sales up to `offset`, and the server has not acknowledged it yet.

        None: no look waits for an acknowledgement (any more).
        """
        self._look = offset
        self._recount()

    @property
    def _base(self) -> Reading:
        look = self._look
        if look is not None and look >= self._reading.as_of:
            return Reading(0, look, look)
        return self._reading

    def _recount(self) -> None:
        self._after_counts = self._counted_from(self._base)

    def _counted_from(self, base: Reading) -> int:
        if not self._after or self._after[-1].offset <= base.as_of:
            return 0
        return sum(_counts(created, base) for created in self._after)

    def _provisional_counts(self) -> int:
        if not self._provisional:
            return 0
        # A sale that is unread already, by an event of the log, must not be counted twice.
        seen = self._base.seen
        return sum(self._latest.get(sale_id, 0) <= seen for sale_id in self._provisional)


def _counts(created: _Created, base: Reading) -> bool:
    return created.offset > max(base.as_of, base.seen) and created.created_before <= base.seen
