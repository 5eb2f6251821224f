"""How much a client may send."""

BURST = 200
"""Frames that may come at once. A client of ours sends a `ping` each 30 s and at most two `seen` a second."""

PER_SECOND = 20
"""Frames a second that may go on for ever."""


class Allowance:
    """A token bucket (IETF RFC 2697 describes the like) that starts full.

    Args:
        now: loop seconds.
    """

    __slots__ = ("_filled_at", "_left")

    def __init__(self, now: float) -> None:
        self._left = float(BURST)
        self._filled_at = now

    def take(self, now: float) -> bool:
        """Use one up; False when there is none left."""
        self._left = min(float(BURST), self._left + (now - self._filled_at) * PER_SECOND)
        self._filled_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
