"""Which rows have just come, and how strongly they still show it. Pure.

Times are in seconds of a clock that only goes forward.
"""

from collections.abc import Iterable

LIT = 3.0
"""A new row is back to normal after so long."""
FADE = 0.2
"""The last part of it: nothing on the screen moves for longer than this at a time."""
FRAME = 0.04
_MOST = 200


class Highlights:
    """The sales that came within the last `LIT` seconds."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def add(self, sale_ids: Iterable[str], now: float) -> None:
        """These sales have just come. Of more than fit a screen the first are enough."""
        for sale_id in tuple(sale_ids)[:_MOST]:
            self._since.pop(sale_id, None)
            self._since[sale_id] = now
        while len(self._since) > _MOST:
            del self._since[next(iter(self._since))]

    def clear(self) -> None:
        """Nothing is new."""
        self._since.clear()

    def strength(self, sale_id: str, now: float, *, calm: bool) -> float:
        """1 while it is new, falling to 0 at the end of `LIT`; at once when the user wants it `calm`."""
        since = self._since.get(sale_id)
        if since is None:
            return 0.0
        left = LIT - (now - since)
        if left <= 0:
            return 0.0
        return 1.0 if calm else min(1.0, left / FADE)

    def expire(self, now: float) -> tuple[str, ...]:
        """Forget those that are over; the answer names them."""
        over = tuple(sale_id for sale_id, since in self._since.items() if now - since >= LIT)
        for sale_id in over:
            del self._since[sale_id]
        return over

    def next_change(self, now: float, *, calm: bool) -> float | None:
        """In how many seconds something looks different; None when nothing is new."""
        if not self._since:
            return None
        left = min(self._since.values()) + LIT - now
        if calm:
            return max(0.0, left)
        return max(0.0, left - FADE) if left > FADE else FRAME

    def fading(self, now: float) -> tuple[str, ...]:
        """Those that look different from one frame to the next."""
        return tuple(sale_id for sale_id, since in self._since.items() if now - since >= LIT - FADE)
