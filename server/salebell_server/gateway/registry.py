"""All connections of a server, and when each is due for something."""

import itertools
from typing import Protocol

from salebell_protocol.close_codes import CloseCode
from salebell_server.gateway.metrics import GatewayMetrics, SocketState
from salebell_server.gateway.waiting import Waiting


class Registered(Protocol):
    """A connection as the registry sees it.

    Attributes:
        address: of the client.
        deadline: loop seconds at which `expire` is due.
    """

    address: str
    deadline: float

    def expire(self) -> None:
        """Do what is due."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close the connection."""
        ...


class Registry:
    """Knows every connection, from its handshake to its end.

    Args:
        max_unauthenticated: connections that may be signing in at once; one more ends one of them, so that idle ones
            cannot keep honest ones out. `Waiting` says which.
        metrics: told the connections by state.
    """

    def __init__(self, max_unauthenticated: int, metrics: GatewayMetrics) -> None:
        self._states: dict[Registered, SocketState] = {}
        self._signing_in = Waiting[Registered](max_unauthenticated)
        self._metrics = metrics
        self._numbers = itertools.count(1)

    def add(self, connection: Registered) -> int:
        """Take in a connection that has yet to sign in. Returns its number, for logs."""
        one_too_many = self._signing_in.one_too_many()
        if one_too_many is not None:
            one_too_many.close(CloseCode.AUTH_TIMEOUT, "too many sockets wait for their auth")
        self._enter(connection, SocketState.SIGNING_IN)
        return next(self._numbers)

    def signed_in(self, connection: Registered) -> None:
        """It need not sign in any more."""
        self._enter(connection, SocketState.OPEN)

    def closing(self, connection: Registered) -> None:
        """Its closing handshake has begun."""
        self._enter(connection, SocketState.CLOSING)

    def remove(self, connection: Registered) -> None:
        """It is gone, after it was closing."""
        self._metrics.connections(self._states.pop(connection), -1)

    def sweep(self, now: float) -> None:
        """Let every connection do what is due; to be called each second."""
        for connection in [each for each in self._states if each.deadline <= now]:
            connection.expire()

    def _enter(self, connection: Registered, state: SocketState) -> None:
        before = self._states.get(connection)
        if before is not None:
            self._metrics.connections(before, -1)
        self._metrics.connections(state, 1)
        self._states[connection] = state
        if state is SocketState.SIGNING_IN:
            self._signing_in.add(connection, connection.address)
        elif before is SocketState.SIGNING_IN:
            self._signing_in.remove(connection, connection.address)
