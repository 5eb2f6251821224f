"""The composition of everything that is stored in a Redis that many servers share: for a server, and for commands."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial

import structlog

from salebell_server.bus.redis.bus import RedisBus
from salebell_server.cli.context import StartRefused
from salebell_server.fallback.copied_file import CopyFile
from salebell_server.fallback.copied_stores import CopiedAccountStore, CopiedKeyStore
from salebell_server.fallback.copies import LocalCopies
from salebell_server.fallback.drain import Drain
from salebell_server.fallback.keeper import Keeper
from salebell_server.fallback.machine import State
from salebell_server.fallback.outbox import Outbox, database_in
from salebell_server.fallback.readiness import SharedReadiness
from salebell_server.fallback.shared_log import SharedLog
from salebell_server.hub.pending import Audience, NothingWaits, Pending
from salebell_server.log import LogUnavailable
from salebell_server.log.address import RedisAddress
from salebell_server.log.findings import Finding, Report, Severity
from salebell_server.log.redis.accounts import RedisAccountStore
from salebell_server.log.redis.checks import examine
from salebell_server.log.redis.client import connect
from salebell_server.log.redis.keys import RedisKeyStore
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.sale_log import RedisSaleLog
from salebell_server.log.redis.snapshot import RedisSnapshots
from salebell_server.log.sqlite.database import DatabaseRefused
from salebell_server.metrics import Across, Metrics
from salebell_server.readiness import ReadinessSource
from salebell_server.sales.intake import Intake
from salebell_server.settings import Fallback, Settings

REFRESH_SECONDS = 60.0
"""How old the copy of keys and accounts gets."""

START_SECONDS = 3.0
"""How long a server waits for the shared log before it starts without."""

OUTBOX_NAME = "outbox"

_logger = structlog.get_logger("salebell.server")


class ForCommands:
    """The shared database itself. See `cli.context.Stored`."""

    def __init__(self, settings: Settings, address: RedisAddress) -> None:
        self._settings = settings
        self._address = address
        self._lane = Lane(connect(address, connections=1))
        self.log = RedisSaleLog(address, _now)
        self.keys = RedisKeyStore(self._lane)
        self.accounts = RedisAccountStore(self._lane)

    async def examine(self) -> Report:
        """See `Stored.examine`."""
        report = await examine(self._address, time.time)
        return Report((*report.findings, await self._look_into_outbox()))

    async def close(self) -> None:
        """Close the connections."""
        await self.log.close()
        await self._lane.close()

    async def _look_into_outbox(self) -> Finding:
        directory = self._settings.data_dir / OUTBOX_NAME
        if not directory.exists():
            return Finding("outbox", Severity.FINE, f"{directory}: nothing was ever kept there")
        try:
            async with database_in(directory) as database:
                contents = await Outbox(database, _now).contents()
        except (DatabaseRefused, LogUnavailable) as error:
            return Finding("outbox", Severity.FATAL, str(error))
        if contents.aside:
            detail = f"{contents.aside} events can never come into the log: look for them in the server's own log"
            return Finding("outbox", Severity.WARNING, f"{directory}: {detail}")
        return Finding("outbox", Severity.FINE, f"{directory}: {contents.waiting} events wait for the log")


@asynccontextmanager
async def for_commands(settings: Settings, address: RedisAddress) -> AsyncGenerator[ForCommands, None]:
    """The shared database, for a command."""
    stored = ForCommands(settings, address)
    try:
        yield stored
    finally:
        await stored.close()


class Shared:
    """What a server works with: see `app.Storage`."""

    def __init__(self, settings: Settings, address: RedisAddress, outbox: Outbox, metrics: Metrics) -> None:
        from salebell_server.log.redis.windows import RedisWindows  # commands do without what it imports

        self._settings = settings
        self._address = address
        self._lane = Lane(connect(address, connections=1))
        self._log = RedisSaleLog(address, _now)
        self._copies = LocalCopies(
            CopyFile(settings.data_dir), RedisSnapshots(self._lane), lambda: secrets.token_urlsafe(12)
        )
        keeps = settings.fallback is Fallback.OUTBOX
        self._keeper = keeper = Keeper(
            log=self._log,
            outbox=outbox,
            drain=Drain(outbox, self._log, metrics),
            prepared=self._prepared,
            monotonic=time.monotonic,
        )
        self._bus = RedisBus(address, secrets.token_hex(8), asyncio.get_running_loop().time)
        self._bus.watcher = keeper
        self._refreshing: asyncio.Task[None] | None = None
        self.bus = self._bus
        self.log = SharedLog(self._log, keeper, self._copies.known_stores)
        self.keys = CopiedKeyStore(RedisKeyStore(self._lane), keeper, self._copies)
        self.accounts = CopiedAccountStore(RedisAccountStore(self._lane), keeper, self._copies)
        self.intake: Intake | None = outbox if keeps else None
        self.pending: Pending | None = outbox if keeps else NothingWaits()
        self.readiness: ReadinessSource = SharedReadiness(keeper, keeps=keeps)
        self.windows = RedisWindows(address)
        for state in State:
            metrics.gauge(
                f"log_{state.value}",
                f"Whether the shared log is {state.value}, for this server or some of its workers.",
                partial(self._is, state),
                Across.HIGHEST,
            )
        metrics.gauge("outbox_events", "Events that wait for the log.", lambda: keeper.contents.waiting, Across.HIGHEST)
        metrics.gauge("outbox_oldest_seconds", "How long the first of them has waited.", self._oldest, Across.HIGHEST)
        metrics.gauge(
            "outbox_set_aside", "Events that can never come into the log.", lambda: keeper.contents.aside,
            Across.HIGHEST,
        )  # fmt: skip

    async def begin(self, audience: Audience) -> None:
        """Connect; returns when the log is used, or it is clear that it takes longer."""
        await self._copies.open()
        self._keeper.audience = audience
        self._bus.start()
        self._keeper.start()
        self._refreshing = asyncio.create_task(self._refresh_now_and_then())
        if not await self._keeper.ready_within(START_SECONDS):
            _logger.warning(
                "the shared log cannot be used yet; starting without",
                redis=str(self._address),
                reason=self._keeper.away,
            )

    async def close(self) -> None:
        """End it, and close the connections."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            with suppress(asyncio.CancelledError):
                await self._refreshing
        await self._keeper.close()
        await self._bus.close()
        await self._log.close()
        await self._lane.close()
        await self.windows.close()

    async def _prepared(self) -> None:
        """The Redis that is back is one to rely on, and has the keys and accounts. See `Probe`."""
        await self._copies.refresh()
        report = await examine(self._address, time.time)
        refusal = report.refusal(allow_weak=self._settings.allow_weak_redis)
        if refusal is not None:
            raise LogUnavailable(refusal)

    async def _refresh_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            if self._keeper.away is None:
                try:
                    await self._copies.refresh()
                except LogUnavailable as error:
                    self._keeper.failed(str(error))

    def _is(self, state: State) -> float:
        return float(self._keeper.state is state)

    def _oldest(self) -> float:
        oldest = self._keeper.contents.oldest
        return 0.0 if oldest is None else (_now() - oldest).total_seconds()


async def refuse_unfit(settings: Settings, address: RedisAddress) -> None:
    """See whether the Redis at `address` will do; one that is away may. What else should be looked at goes to the log.

    Raises:
        StartRefused: it will never do as it is.
    """
    report = await examine(address, time.time)
    refusal = report.refusal(allow_weak=settings.allow_weak_redis)
    if refusal is not None:
        raise StartRefused(refusal)
    for finding in report.findings:
        if finding.severity is not Severity.FINE:
            _logger.warning(finding.detail, subject=finding.subject)


@asynccontextmanager
async def opened(settings: Settings, address: RedisAddress, metrics: Metrics) -> AsyncGenerator[Shared, None]:
    """The storage of a server, or of one of its workers; `begin` connects it.

    Raises:
        StartRefused: this machine's disk cannot be used.
    """
    async with AsyncExitStack() as stack:
        try:
            database = database_in(settings.data_dir / OUTBOX_NAME)
            await stack.enter_async_context(database)
        except DatabaseRefused as error:
            raise StartRefused(str(error)) from None
        shared = Shared(settings, address, Outbox(database, _now), metrics)
        stack.push_async_callback(shared.close)
        yield shared


def _now() -> datetime:
    return datetime.now(UTC)
