"""The composition root of a server: with `embedded` and `shared`, the only module that names implementations."""

import asyncio
import gc
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from socket import socket
from typing import Protocol

import structlog
from limits.aio.storage import Storage as WindowStorage
from litestar.types import ASGIApp

from salebell_server import __version__, embedded, identity, logs, serving
from salebell_server.api.application import Parts, create_api
from salebell_server.api.auth import auth_router
from salebell_server.auth.counting import FailureCounts
from salebell_server.auth.rate import FailureLimit
from salebell_server.bus import Bus
from salebell_server.cli.context import StartRefused
from salebell_server.gateway.gateway import Gateway
from salebell_server.gateway.services import GatewaySettings
from salebell_server.hub.pending import Audience, Pending
from salebell_server.log import LogError, Retention, SaleLog
from salebell_server.log.accounts import AccountStore
from salebell_server.log.address import RedisAddress
from salebell_server.log.keys import KeyStore
from salebell_server.log.sqlite.database import DatabaseRefused
from salebell_server.log.sqlite.directory import DirectoryLock, hold, make_directory
from salebell_server.metrics import Metrics, forget, share
from salebell_server.readiness import ReadinessSource
from salebell_server.sales.intake import Intake
from salebell_server.sales.ledger import Ledger
from salebell_server.sales.payments import PaymentService
from salebell_server.sales.service import SalesService
from salebell_server.settings import Settings
from salebell_server.stopping import Stop
from salebell_server.workers import Worker, supervise

TRIM_EVERY_SECONDS = 3600.0
FIGURES_EVERY_SECONDS = 1.0
FIGURES_NAME = "figures"
MISCONFIGURED = 2
"""The exit status for what a change of the configuration mends."""

_logger = structlog.get_logger("salebell.server")


class Storage(Protocol):
    """What a server stores, and how it hears of it."""

    @property
    def log(self) -> SaleLog:
        """Where events, counts and cursors are."""
        ...

    @property
    def bus(self) -> Bus:
        """Tells what happens to them."""
        ...

    @property
    def keys(self) -> KeyStore:
        """The ingest keys."""
        ...

    @property
    def accounts(self) -> AccountStore:
        """The local accounts."""
        ...

    @property
    def intake(self) -> Intake | None:
        """Keeps sales while the log is away, if anything does."""
        ...

    @property
    def pending(self) -> Pending | None:
        """What waits for a log that may be away; None for one that is embedded."""
        ...

    @property
    def readiness(self) -> ReadinessSource:
        """How it all is."""
        ...

    @property
    def windows(self) -> WindowStorage | None:
        """Where servers count failed sign-ins together; None for a server that is alone."""
        ...

    async def begin(self, audience: Audience) -> None:
        """Connect, and tell `audience` from now on how the log fares."""
        ...


def serve(settings: Settings, stop: Stop, workers: int) -> None:
    """Run a server of so many processes until it is told to stop.

    Raises:
        StartRefused: it cannot start.
        SystemExit: with the status of a worker that could not be started.
    """
    logs.configure(settings.log_level, settings.log_format)
    serving.raise_file_limit()
    identity.warn(settings.firebase)
    lock = DirectoryLock(settings.data_dir)
    try:
        if settings.redis is not None:  # else its database takes it
            _prepare(settings, settings.redis, lock)
        if workers > 1:
            _supervise(settings, stop, workers)
        else:
            serving.run_loop(lambda: _serve(settings, stop))
    finally:
        lock.release()


def _prepare(settings: Settings, address: RedisAddress, lock: DirectoryLock) -> None:
    """See, once for all workers, that the Redis will do; take the data directory, with its outbox, for this server."""
    from salebell_server import shared  # an embedded server does without what it imports

    serving.run_loop(lambda: shared.refuse_unfit(settings, address))
    try:
        make_directory(settings.data_dir)
        hold(settings.data_dir, lock)
    except DatabaseRefused as error:
        raise StartRefused(str(error)) from None


def _supervise(settings: Settings, stop: Stop, workers: int) -> None:
    figures = settings.data_dir / FIGURES_NAME
    try:
        sockets = serving.bind_each(settings.host, settings.port, workers)
        share(figures)
    except serving.AddressRefused as error:
        raise StartRefused(str(error)) from None
    except OSError as error:
        raise StartRefused(f"{figures} cannot be used: {error.strerror}") from None
    for sock in sockets[0]:
        _logger.info("workers listen", url=serving.url_of(sock), version=__version__, workers=workers)
    status = supervise(partial(_work, settings), sockets, stop, ended=partial(forget, figures))
    if status:
        raise SystemExit(status)


def _work(settings: Settings, worker: Worker) -> None:
    """What a worker's process does."""
    logs.configure(settings.log_level, settings.log_format, worker=worker.number)
    try:
        serving.run_loop(lambda: _serve_as(settings, worker))
    except StartRefused as error:
        _logger.error("this server cannot start", reason=str(error))  # noqa: TRY400 - the reason is all there is
        raise SystemExit(MISCONFIGURED) from None


async def _serve_as(settings: Settings, worker: Worker) -> None:
    metrics = Metrics(settings.data_dir / FIGURES_NAME)
    async with _storage(settings, metrics) as stored:
        await _run(settings, stored, metrics, worker.sockets, worker.stop, worker.ready)


async def _serve(settings: Settings, stop: Stop) -> None:
    metrics = Metrics()
    async with _storage(settings, metrics) as stored:
        try:
            sockets = serving.bind(settings.host, settings.port)
        except serving.AddressRefused as error:
            raise StartRefused(str(error)) from None
        await _run(settings, stored, metrics, sockets, stop, _nobody_waits)


def _storage(settings: Settings, metrics: Metrics) -> AbstractAsyncContextManager[Storage]:
    if settings.redis is not None:
        from salebell_server import shared

        return shared.opened(settings, settings.redis, metrics)
    return embedded.opened(settings, serve=True)


def _nobody_waits() -> None:
    """A server of one process tells nobody that it is ready."""


async def _run(
    settings: Settings,
    stored: Storage,
    metrics: Metrics,
    sockets: Sequence[socket],
    stop: Stop,
    ready: Callable[[], None],
) -> None:
    failures = FailureCounts(time.monotonic, shared=stored.windows)
    async with identity.opened(settings.firebase, stored.accounts, failures) as admitted:
        gateway = _gateway(settings, stored, metrics, admitted, failures)
        api = _api(stored, metrics, admitted, failures)
        await stored.begin(gateway)
        trimming = asyncio.create_task(_now_and_then(stored.log, settings.retention, metrics))
        gateway.start()
        # What is made until here stays: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        for sock in sockets:
            _logger.info("listening", url=serving.url_of(sock), version=__version__, data=str(settings.data_dir))
        ready()
        try:
            await serving.run(
                api,
                sockets,
                stop,
                ws=gateway.protocol(),
                forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
            )
        finally:
            trimming.cancel()
            await gateway.stop()
            _logger.info("stopped")


def _gateway(
    settings: Settings, stored: Storage, metrics: Metrics, admitted: identity.Identity, failures: FailureLimit
) -> Gateway:
    return Gateway(
        log=stored.log,
        bus=stored.bus,
        verifier=admitted.verifier,
        failures=failures,
        metrics=metrics,
        clock=asyncio.get_running_loop().time,
        unix=time.time,
        settings=GatewaySettings(trusted_proxies=settings.trusted_proxies, allowed_origins=settings.allowed_origins),
        pending=stored.pending,
    )


def _api(stored: Storage, metrics: Metrics, admitted: identity.Identity, failures: FailureLimit) -> ASGIApp:
    ledger = Ledger(stored.log, metrics.appended, stored.intake)
    return create_api(
        Parts(
            log=stored.log,
            keys=stored.keys,
            sales=SalesService(ledger, _now, lambda: secrets.token_urlsafe(16)),
            payments=PaymentService(ledger, _now),
            verifier=admitted.verifier,
            failures=failures,
            readiness=stored.readiness,
            metrics=metrics,
            clock=_now,
            version=__version__,
            auth_routes=[auth_router(admitted.config, admitted.sign_in)],
        )
    )


async def _now_and_then(log: SaleLog, retention: Retention, metrics: Metrics) -> None:
    """Forget what is too old, each hour; leave figures for other workers to tell, each second."""
    while True:
        try:
            await log.trim(retention, _now())
        except LogError as error:
            _logger.warning("retention has to wait", reason=str(error))
        due = time.monotonic() + TRIM_EVERY_SECONDS
        while time.monotonic() < due:
            await asyncio.sleep(FIGURES_EVERY_SECONDS)
            metrics.refresh()


def _now() -> datetime:
    return datetime.now(UTC)
