"""How the server is: for supervisors, load balancers and Prometheus. Open to anyone who can reach the port."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec

from salebell_server.api.description import OPERATORS
from salebell_server.metrics import MEDIA_TYPE
from salebell_server.readiness import Health, Readiness, ReadinessSource


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str = "ok"
    version: str = ""


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
