"""How the server is: for supervisors, load balancers and Prometheus. Open to anyone who can reach the port."""

import asyncio
from collections.abc import Callable, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec

from salebell_server.api.description import OPERATORS
from salebell_server.log import LogUnavailable, SaleLog
from salebell_server.metrics import MEDIA_TYPE

FRESH_SECONDS = 1.0
"""How long an answer about the log is good for: anyone may ask, and each look may cost the log a write."""


class Health(StrEnum):
    """What the server can do."""

    OK = "ok"
    DEGRADED = "degraded"
    """It takes sales in and delivers them, but some requests are refused."""
    UNAVAILABLE = "unavailable"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether to send requests here, and why not."""

    status: Health
    reasons: tuple[str, ...] = ()


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str = "ok"
    version: str = ""


class ReadinessSource(Protocol):
    """Knows how the server is."""

    async def __call__(self) -> Readiness:
        """How it is now; must not raise."""
        ...


class LogReadiness:
    """Ready when the log can be written to.

    Args:
        log: the log.
        monotonic: seconds, never backwards.
    """

    def __init__(self, log: SaleLog, monotonic: Callable[[], float]) -> None:
        self._log = log
        self._monotonic = monotonic
        self._looking = asyncio.Lock()
        self._known: tuple[float, Readiness] | None = None

    async def __call__(self) -> Readiness:
        """See `ReadinessSource`. One look at the log serves all who ask within a second."""
        async with self._looking:
            if self._known is None or self._monotonic() - self._known[0] > FRESH_SECONDS:
                readiness = await self._look()
                self._known = self._monotonic(), readiness
            return self._known[1]

    async def _look(self) -> Readiness:
        try:
            await self._log.check()
        except LogUnavailable as error:
            return Readiness(status=Health.UNAVAILABLE, reasons=(f"log: {error}",))
        return Readiness(status=Health.OK)


class OperationRoutes:
    """Liveness, readiness and figures.

    Args:
        version: of this server.
        readiness: knows how it is.
        figures: what `/metrics` answers.
    """

    def __init__(self, version: str, readiness: ReadinessSource, figures: Callable[[], bytes]) -> None:
        self._version = version
        self._readiness = readiness
        self._figures = figures

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, for an application."""
        away = ResponseSpec(Readiness, description="Not ready; `reasons` say why.", generate_examples=False)
        return (
            get("/healthz", tags=[OPERATORS], operation_id="getHealth", summary="Is the process alive?")(self.health),
            get(
                "/readyz", tags=[OPERATORS], operation_id="getReadiness", summary="Is the server ready?",
                responses={HTTPStatus.SERVICE_UNAVAILABLE: away},
            )(self.ready),
            get(
                "/metrics", tags=[OPERATORS], operation_id="getMetrics", summary="Figures for Prometheus",
                media_type=MEDIA_TYPE,
            )(self.metrics),
        )  # fmt: skip

    async def health(self) -> Alive:
        """The process answers; nothing else is looked at."""
        return Alive(version=self._version)

    async def ready(self) -> Response[Readiness]:
        """200 when sales are taken in, also while `degraded`; 503 with the reasons otherwise."""
        readiness = await self._readiness()
        ready = readiness.status is not Health.UNAVAILABLE
        return Response(readiness, status_code=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)

    async def metrics(self) -> Response[bytes]:
        """The text format. Names no store, customer or key; the supplied proxy files hide it all the same."""
        return Response(self._figures(), media_type=MEDIA_TYPE)
