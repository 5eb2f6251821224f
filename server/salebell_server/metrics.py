"""What Prometheus is told. Nothing here names a store, a customer, a key or a token.

`Metrics` is what the HTTP API, the ledger, the gateway (as its `GatewayMetrics`) and the fallback (as its
`DrainMetrics`) count with.

A server of several workers adds up what they count: each keeps its figures in files of a directory that all can read
(prometheus.github.io/client_python/multiprocess), whichever of them Prometheus asks. A single process needs no files.
"""

import os
import shutil
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from salebell_protocol.events import EventType
from salebell_server.gateway.metrics import SocketState

MEDIA_TYPE = "text/plain; version=0.0.4"
"""Of what `Metrics.render` returns, in UTF-8: the text format that every Prometheus reads."""

_LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds: a durable append takes a few milliseconds."""

_METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))


_DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Makes the library keep figures in files; it looks when it is imported."""


def share(directory: Path) -> None:
    """Have the processes that are started from here on keep their figures in `directory`, which is emptied.

    Raises:
        OSError: it cannot be made or emptied.
    """
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700)
    os.environ[_DIRECTORY_VARIABLE] = str(directory)


def forget(directory: Path, process: int) -> None:
    """Take what a process that has ended had open off the figures. What it has counted stays."""
    for file in directory.glob(f"gauge_live*_{process}.db"):
        file.unlink(missing_ok=True)


class Across(StrEnum):
    """What becomes of a figure that every worker reads for itself."""

    SUM = "livesum"
    HIGHEST = "livemax"
    LOWEST = "livemin"


class Metrics:
    """The figures of one server, in a registry of its own.

    Args:
        shared: in a worker, the directory that the server made with `share`.
    """

    def __init__(self, shared: Path | None = None) -> None:
        self._registry = registry = CollectorRegistry()
        self._shown = registry
        if shared is not None:
            self._shown = CollectorRegistry()
            MultiProcessCollector(self._shown, str(shared))  # type: ignore[no-untyped-call]
        self._reads: list[tuple[Gauge, Callable[[], float]]] = []
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
        self._connections = Gauge(
            "salebell_sockets", "Open sockets.", ("state",), registry=registry, multiprocess_mode="livesum"
        )
        self._sign_ins = Counter(
            "salebell_socket_sign_ins", "Sign-ins and renewals on sockets.", ("result",), registry=registry
        )
        self._closes = Counter("salebell_socket_closes", "Sockets that ended.", ("code",), registry=registry)
        self._deliveries = Counter("salebell_deliveries", "Events written to sockets.", registry=registry)
        self._drained = Counter(
            "salebell_outbox_drained",
            "Commands from the outbox that the log has now.",
            ("conflict",),
            registry=registry,
        )
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

    def drained(self, *, conflict: bool) -> None:
        """See `DrainMetrics.drained`."""
        self._drained.labels("yes" if conflict else "no").inc()

    def gauge(self, name: str, documentation: str, read: Callable[[], float], across: Across = Across.SUM) -> None:
        """Add a figure that is read whenever Prometheus asks.

        Args:
            name: without the prefix `salebell_`.
            documentation: one line.
            read: must not block or raise.
            across: what is told when every worker reads another one. Those who are not asked are known by what they
                read at their last `refresh`.
        """
        gauge = Gauge(f"salebell_{name}", documentation, registry=self._registry, multiprocess_mode=across.value)
        self._reads.append((gauge, read))

    def refresh(self) -> None:
        """Read every `gauge`. A worker does so about once a second, for others to tell."""
        for gauge, read in self._reads:
            gauge.set(read())

    def render(self) -> bytes:
        """All figures, in the text format."""
        self.refresh()
        return generate_latest(self._shown)
