"""Puts the API together, out of what it is given."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, ControllerRouterHandler

from salebell_server.api.bodies import JsonRequest
from salebell_server.api.description import OPERATORS, description
from salebell_server.api.edge import Edge
from salebell_server.api.identity import AdminGuard, ProducerGuard
from salebell_server.api.ingest import IngestRoutes
from salebell_server.api.operations import OperationRoutes
from salebell_server.api.problems import answer
from salebell_server.api.reading import ReadingRoutes
from salebell_server.auth import TokenVerifier
from salebell_server.auth.rate import FailureLimit
from salebell_server.log import SaleLog
from salebell_server.log.keys import KeyStore
from salebell_server.metrics import Metrics
from salebell_server.readiness import ReadinessSource
from salebell_server.sales.payments import PaymentService
from salebell_server.sales.service import SalesService


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the API needs.

    Attributes:
        log: read by admins; producers go through the services.
        keys: the ingest keys.
        verifier: judges admins' tokens.
        failures: counts wrong keys and tokens; shared with whoever else counts failures.
        readiness: what `/readyz` answers.
        clock: the time, in UTC.
        version: of this server.
        auth_routes: how admins sign in.
    """

    log: SaleLog
    keys: KeyStore
    sales: SalesService
    payments: PaymentService
    verifier: TokenVerifier
    failures: FailureLimit
    readiness: ReadinessSource
    metrics: Metrics
    clock: Callable[[], datetime]
    version: str
    auth_routes: Sequence[ControllerRouterHandler] = ()


def create_api(parts: Parts) -> ASGIApp:
    """The HTTP API, as an ASGI application."""
    litestar = Litestar(
        [*_handlers(parts), _openapi(parts)],
        request_class=JsonRequest,
        exception_handlers={Exception: answer},
        openapi_config=None,
        logging_config=None,
    )
    return Edge(litestar, parts.metrics.answered)


def _handlers(parts: Parts) -> list[ControllerRouterHandler]:
    producers = ProducerGuard(parts.keys, parts.failures)
    admins = AdminGuard(parts.verifier, parts.failures)
    return [
        *IngestRoutes(producers, parts.sales, parts.payments).handlers(),
        *ReadingRoutes(parts.log, admins, parts.clock).handlers(),
        *OperationRoutes(parts.version, parts.readiness, parts.metrics.render).handlers(),
        *parts.auth_routes,
    ]


def _openapi(parts: Parts) -> HTTPRouteHandler:
    """Answers the description, which is made when somebody first asks: it takes as long as all else at start."""
    making = asyncio.Lock()
    document = b""

    @get("/openapi.json", tags=[OPERATORS], include_in_schema=False)
    async def openapi() -> Response[bytes]:
        nonlocal document
        async with making:
            document = document or await asyncio.to_thread(description, parts.version, _handlers(parts))
        return Response(document, media_type="application/json")

    return openapi
