"""Those who wait for something in a bounded room, by their addresses: nobody takes it all for long."""

from typing import Generic, TypeVar

from salebell_server.auth.rate import network

T = TypeVar("T")

SHARES = 16
"""An address that has more than this part of the places is the first to lose one."""


class Waiting(Generic[T]):
    """Who waits, and who has to go when one more comes and every place is taken.

    That is the oldest of the address that has most, if that is more than its share: a client that opens one socket
    after the other ends its own. Otherwise it is the oldest of all. To pick on an address that has no more than its
    share would be worse: with enough addresses of one socket each, strangers could drive an office out that way.

    It takes a few microseconds, however many wait.

    Args:
        room: how many may wait.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._share = max(1, room // SHARES)
        self._all: dict[T, None] = {}
        self._of: dict[str, dict[T, None]] = {}
        self._with: dict[int, dict[str, None]] = {}
        self._most = 0

    def __len__(self) -> int:
        return len(self._all)

    def add(self, who: T, address: str) -> None:
        """Let one more wait."""
        place = network(address)
        theirs = self._of.setdefault(place, {})
        theirs[who] = self._all[who] = None
        self._recount(place, len(theirs) - 1, len(theirs))

    def remove(self, who: T, address: str) -> None:
        """One who waits, at that address, does so no more."""
        place = network(address)
        theirs = self._of[place]
        del theirs[who], self._all[who]
        self._recount(place, len(theirs) + 1, len(theirs))

    def one_too_many(self) -> T | None:
        """Who has to go before one more comes; None while there is room."""
        if len(self._all) < self._room:
            return None
        return next(iter(self._of[next(iter(self._with[self._most]))] if self._most > self._share else self._all))

    def _recount(self, place: str, before: int, now: int) -> None:
        if before:
            having = self._with[before]
            del having[place]
            if not having:
                del self._with[before]
        if now:
            self._with.setdefault(now, {})[place] = None
        else:
            del self._of[place]
        if now > self._most or (before == self._most and before not in self._with):
            self._most = now
