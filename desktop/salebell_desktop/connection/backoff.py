"""How long to wait before the next attempt.

Exponential with full jitter: evenly distributed between 0 and a ceiling that doubles with every failure, so that the
clients of a server that comes back do not arrive together (Marc Brooker, "Exponential Backoff And Jitter", AWS
Architecture Blog, 2015).
"""

FIRST = 1.0
"""The first ceiling, in seconds."""
CAP = 60.0
"""The last ceiling, in seconds."""
ATTEMPTS = 10
"""After so many failed attempts people are told that they are disconnected."""
SLOW = 300.0
"""Seconds between attempts from then on."""
RESTART_SPREAD = 5.0
"""A server that says it stops is dialled again within so many seconds at first."""
LONG = 60.0
"""A server that says "too many" is left alone for so many seconds, and up to as many more."""


def ceiling(failures: int) -> float:
    """The most that `delay` answers, in seconds: 1, 1, 2, 4 … 60 for 0, 1, 2, 3 … failures."""
    doublings = max(0, failures - 1)
    return min(CAP, FIRST * 2.0 ** min(doublings, 16))


def delay(failures: int, jitter: float) -> float:
    """Seconds to wait after `failures` attempts failed in a row; `jitter` is a random number in [0, 1)."""
    return SLOW if failures >= ATTEMPTS else ceiling(failures) * jitter


def restart_delay(failures: int, jitter: float) -> float:
    """The same, after a server said that it stops or restarts."""
    return SLOW if failures >= ATTEMPTS else max(RESTART_SPREAD, ceiling(failures)) * jitter


def long_delay(failures: int, jitter: float) -> float:
    """The same, after a server said that there were too many attempts or connections."""
    return SLOW if failures >= ATTEMPTS else LONG * (1.0 + jitter)
