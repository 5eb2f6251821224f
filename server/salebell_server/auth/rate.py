"""How often an address may fail to prove who it is."""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable

BURST = 60
PER_MINUTE = 30.0
"""Never fewer than 30 failures a minute an address: an office behind one address may mistype now and then."""

MAX_TRACKED = 10_000


def network(address: str) -> str:
    """The part of a client's address that one customer of a provider holds.

    That is the whole of an IPv4 address, and the /64 of an IPv6 one (RFC 6177): otherwise one machine has 2**64.
    Anything that is no address is taken as it is.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(parsed) >> 64 << 64)) + "/64"


class FailureLimit:
    """Counts failures by address: a token bucket each, from which only failures take.

    An address that has failed `burst` times at once is allowed again as failures are forgotten, `per_minute` of them.
    Successes never count. Memory is bounded: beyond `tracked` addresses, the one that failed longest ago is forgotten.

    Args:
        monotonic: seconds, from any start, never backwards.
        burst: failures that an address may make at once.
        per_minute: how many of them are forgotten in a minute.
        tracked: how many addresses (with subjects) are remembered.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        burst: int = BURST,
        per_minute: float = PER_MINUTE,
        tracked: int = MAX_TRACKED,
    ) -> None:
        self._monotonic = monotonic
        self._burst = burst
        self._per_second = per_minute / 60
        self._tracked = tracked
        self._failures: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def allowed(self, address: str, subject: str = "") -> bool:
        """Whether the address may try; asking changes nothing.

        Args:
            address: of the client.
            subject: what it tries, where that is counted apart, such as an account.
        """
        return self._count(address, subject) <= self._burst - 1

    def failed(self, address: str, subject: str = "") -> None:
        """Note a failure."""
        key = (network(address), subject)
        count = min(self._count(address, subject) + 1, float(self._burst))
        self._failures[key] = (count, self._monotonic())
        self._failures.move_to_end(key)
        if len(self._failures) > self._tracked:
            self._failures.popitem(last=False)

    def retry_after(self, address: str, subject: str = "") -> int:
        """Whole seconds until the address may try again; 0 when it may now."""
        excess = self._count(address, subject) - (self._burst - 1)
        return max(0, math.ceil(excess / self._per_second))

    def _count(self, address: str, subject: str) -> float:
        count, since = self._failures.get((network(address), subject), (0.0, 0.0))
        return max(0.0, count - (self._monotonic() - since) * self._per_second)
