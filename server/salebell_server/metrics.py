"""What Prometheus is told. Nothing here names a store, a customer, a key or a token.

`Metrics` is what the HTTP API, the ledger and the gateway (as its `GatewayMetrics`) count with.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from salebell_protocol.events import EventType
from salebell_server.gateway.metrics import SocketState

MEDIA_TYPE = "text/plain; version=0.0.4"
"""Of what `Metrics.render` returns, in UTF-8: the text format that every Prometheus reads."""

_LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds: a durable append takes a few milliseconds."""

_METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))


class Metrics:
    """The figures of one server, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "salebell_http_requests", "Answers given.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "salebell_http_request_seconds",
            "Time from the headers of a request to the end of its answer.",
            ("method", "route"),
            buckets=_LATENCIES,
            registry=registry,
        )
        self._events = Counter("salebell_events_appended", "Events made durable.", ("type",), registry=registry)
        self._connections = Gauge("salebell_sockets", "Open sockets.", ("state",), registry=registry)
        self._sign_ins = Counter(
            "salebell_socket_sign_ins", "Sign-ins and renewals on sockets.", ("result",), registry=registry
        )
        self._closes = Counter("salebell_socket_closes", "Sockets that ended.", ("code",), registry=registry)
        self._deliveries = Counter("salebell_deliveries", "Events written to sockets.", registry=registry)
        for event_type in EventType:
            self._events.labels(event_type)
        for state in SocketState:
            self._connections.labels(state)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered.

        Args:
            method: as the client wrote it; what HTTP does not know is counted as `other`.
            route: the template, never the path: a path names sales.
            status: 0 when the client left without an answer.
            seconds: how long it took.
        """
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)

    def appended(self, event_type: EventType) -> None:
        """An event became durable."""
        self._events.labels(event_type).inc()

    def connections(self, state: SocketState, change: int) -> None:
        """See `GatewayMetrics.connections`."""
        self._connections.labels(state).inc(change)

    def signed_in(self, result: str) -> None:
        """See `GatewayMetrics.signed_in`."""
        self._sign_ins.labels(result).inc()

    def closed(self, code: int) -> None:
        """See `GatewayMetrics.closed`."""
        self._closes.labels(code).inc()

    def delivered(self, events: int) -> None:
        """See `GatewayMetrics.delivered`."""
        self._deliveries.inc(events)

    def gauge(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        """Add a figure that is read whenever Prometheus asks.

        Args:
            name: without the prefix `salebell_`.
            documentation: one line.
            read: must not block or raise.
        """
        Gauge(f"salebell_{name}", documentation, registry=self._registry).set_function(read)

    def render(self) -> bytes:
        """All figures, in the text format."""
        return generate_latest(self._registry)
