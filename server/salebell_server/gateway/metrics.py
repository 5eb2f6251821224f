"""What the gateway counts. Nothing here names an admin, a store or a token."""

from enum import StrEnum
from typing import Protocol


class SocketState(StrEnum):
    """Where a socket stands, as far as the figures go."""

    SIGNING_IN = "signing_in"
    OPEN = "open"
    CLOSING = "closing"


class GatewayMetrics(Protocol):
    """Takes the figures as they change; called on the event loop, must not block or raise."""

    def connections(self, state: SocketState, change: int) -> None:
        """One socket more (1) or less (-1) in a state."""
        ...

    def signed_in(self, result: str) -> None:
        """A sign-in or a renewal was answered: `success`, or the code of the `auth_error`."""
        ...

    def closed(self, code: int) -> None:
        """A socket ended: its close code, 1006 when there was none. 4413 are clients that were too slow."""
        ...

    def delivered(self, events: int) -> None:
        """So many events were written, counted once for each socket."""
        ...


class NoMetrics:
    """A `GatewayMetrics` that counts nothing."""

    def connections(self, state: SocketState, change: int) -> None:
        """See `GatewayMetrics.connections`."""

    def signed_in(self, result: str) -> None:
        """See `GatewayMetrics.signed_in`."""

    def closed(self, code: int) -> None:
        """See `GatewayMetrics.closed`."""

    def delivered(self, events: int) -> None:
        """See `GatewayMetrics.delivered`."""
