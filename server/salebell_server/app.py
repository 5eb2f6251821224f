"""The composition root of a server: with `embedded`, the only module that names implementations."""

import asyncio
import gc
import secrets
import time
from contextlib import closing
from datetime import UTC, datetime
from socket import socket

import structlog

from salebell_protocol.http import ClientConfig
from salebell_server import __version__, embedded, logs, serving
from salebell_server.api.application import Parts, create_api
from salebell_server.api.auth import auth_router
from salebell_server.api.operations import LogReadiness
from salebell_server.auth.local.id_tokens import IdTokens
from salebell_server.auth.local.passwords import Passwords
from salebell_server.auth.local.service import ACCOUNT_BURST, ACCOUNT_PER_MINUTE, LocalSignIn
from salebell_server.auth.local.verifier import LocalVerifier
from salebell_server.auth.rate import FailureLimit
from salebell_server.bus.memory import MemoryBus
from salebell_server.cli.context import StartRefused
from salebell_server.gateway.gateway import Gateway
from salebell_server.gateway.services import GatewaySettings
from salebell_server.log import LogError, Retention, SaleLog
from salebell_server.metrics import Metrics
from salebell_server.sales.ledger import Ledger
from salebell_server.sales.payments import PaymentService
from salebell_server.sales.service import SalesService
from salebell_server.settings import Settings

TRIM_EVERY_SECONDS = 3600.0

_logger = structlog.get_logger("salebell.server")


def serve(settings: Settings) -> None:
    """Run a server until it is told to stop. Raises `StartRefused`."""
    logs.configure(settings.log_level, settings.log_format)
    serving.raise_file_limit()
    serving.run_loop(lambda: _serve(settings))


async def _serve(settings: Settings) -> None:
    bus = MemoryBus()
    async with embedded.opened(settings, bus, serve=True) as stored:
        try:
            sockets = serving.bind(settings.host, settings.port)
        except serving.AddressRefused as error:
            raise StartRefused(str(error)) from None
        with closing(Passwords()) as passwords:
            await _run(settings, stored, bus, passwords, sockets)


async def _run(
    settings: Settings, stored: embedded.Embedded, bus: MemoryBus, passwords: Passwords, sockets: list[socket]
) -> None:
    metrics = Metrics()
    id_tokens = IdTokens(stored.accounts, _now, secrets.token_bytes)
    verifier = LocalVerifier(stored.accounts, id_tokens, clock=_now, monotonic=time.monotonic)
    failures = FailureLimit(time.monotonic)
    sign_in = LocalSignIn(
        stored.accounts,
        passwords=passwords,
        id_tokens=id_tokens,
        addresses=failures,
        accounts=FailureLimit(time.monotonic, burst=ACCOUNT_BURST, per_minute=ACCOUNT_PER_MINUTE),
        clock=_now,
        random=secrets.token_bytes,
    )
    gateway = Gateway(
        log=stored.log,
        bus=bus,
        verifier=verifier,
        failures=failures,
        metrics=metrics,
        clock=asyncio.get_running_loop().time,
        unix=time.time,
        settings=GatewaySettings(trusted_proxies=settings.trusted_proxies, allowed_origins=settings.allowed_origins),
    )
    ledger = Ledger(stored.log, metrics.appended)
    config = ClientConfig(provider=settings.auth, server=f"salebell/{__version__}")
    api = create_api(
        Parts(
            log=stored.log,
            keys=stored.keys,
            sales=SalesService(ledger, _now, lambda: secrets.token_urlsafe(16)),
            payments=PaymentService(ledger, _now),
            verifier=verifier,
            readiness=LogReadiness(stored.log, time.monotonic),
            metrics=metrics,
            clock=_now,
            version=__version__,
            auth_routes=[auth_router(config, sign_in)],
        )
    )
    trimming = asyncio.create_task(_trim_now_and_then(stored.log, settings.retention))
    gateway.start()
    # What is made until here stays: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    for sock in sockets:
        _logger.info("listening", url=serving.url_of(sock), version=__version__, data=str(settings.data_dir))
    try:
        await serving.run(
            api,
            sockets,
            ws=gateway.protocol(),
            forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
        )
    finally:
        trimming.cancel()
        await gateway.stop()
        _logger.info("stopped")


async def _trim_now_and_then(log: SaleLog, retention: Retention) -> None:
    while True:
        try:
            await log.trim(retention, _now())
        except LogError as error:
            _logger.warning("retention has to wait", reason=str(error))
        await asyncio.sleep(TRIM_EVERY_SECONDS)


def _now() -> datetime:
    return datetime.now(UTC)
