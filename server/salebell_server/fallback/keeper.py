"""Keeps the server in line with how the shared log fares: tries it, drains the outbox, tells the admins."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from salebell_server.fallback.drain import Drain
from salebell_server.fallback.machine import (
    Drained,
    Effect,
    Failed,
    Input,
    LinkDown,
    LinkUp,
    Machine,
    State,
    Written,
)
from salebell_server.fallback.outbox import Contents, Outbox, OutboxUnavailable
from salebell_server.hub.pending import Audience
from salebell_server.hub.tasks import Tasks
from salebell_server.log import LogUnavailable, SaleLog
from salebell_server.logs import traceback_of

PROBE_SECONDS = 0.5
"""How often a log that is away is tried; a little more or less, so that servers do not do it in step."""

LOOK_SECONDS = 1.0
"""How often the outbox is looked at; also while all is well: another worker may have left something."""

NUDGE_SECONDS = 0.1
"""How often other workers' commands are looked for while the log is away."""

FEW = 100
"""So many commands are drained within milliseconds, for which those who ask the log may wait."""

PASSES = 20
"""How often at the most it is tried to come down to so few. Each time less has come to wait during the last."""

EMPTY = Contents(0, None, 0)

BROKEN = "this server failed to use it; its own log says how"
"""The reason after a fault of ours."""

_logger = structlog.get_logger(__name__)


class Probe(Protocol):
    """What is to be in order before the log is used again."""

    async def __call__(self) -> None:
        """Return when it is.

        Raises:
            LogUnavailable: with the reason, when it is not.
        """
        ...


class Keeper:
    """Runs the `Machine` of one process. A `Gate` of the log, and a `LinkWatcher` of the bus.

    Args:
        log: the shared log itself.
        outbox: what was kept while the log was away.
        drain: moves what it has.
        prepared: looked at before the log is used again.
        monotonic: seconds, never backwards.

    Attributes:
        audience: told when the log is away, when it is back, and of what waits for it.
        contents: of the outbox, at most a second old.
        outbox_fault: why nothing can be kept in it or read from it, as far as is known; "" when it can.
    """

    def __init__(
        self,
        *,
        log: SaleLog,
        outbox: Outbox,
        drain: Drain,
        prepared: Probe,
        monotonic: Callable[[], float],
    ) -> None:
        self.audience: Audience = _Nobody()
        self.contents = EMPTY
        self.outbox_fault = ""
        self._log = log
        self._outbox = outbox
        self._drain = drain
        self._prepared = prepared
        self._monotonic = monotonic
        self._machine = Machine(monotonic())
        self._failures = 0
        self._moved = 0
        self._draining: asyncio.Task[None] | None = None
        self._used = asyncio.Event()
        self._clear = asyncio.Event()
        self._clear.set()
        self._tasks = Tasks()
        self._announced = 0

    @property
    def state(self) -> State:
        """How the log fares."""
        return self._machine.state

    @property
    def away(self) -> str | None:
        """See `Guard.away`."""
        return None if self._machine.state is State.NORMAL else self._machine.reason

    @property
    def seconds(self) -> float:
        """For how long it has been so."""
        return self._monotonic() - self._machine.since

    async def clear(self) -> None:
        """See `Gate.clear`."""
        await self._clear.wait()

    def failed(self, reason: str) -> None:
        """See `Guard.failed`."""
        self._failures += 1
        self._feed(Failed(reason))

    def link_up(self) -> None:
        """See `LinkWatcher.link_up`."""
        self._feed(LinkUp())

    def link_down(self, reason: str) -> None:
        """See `LinkWatcher.link_down`."""
        self._failures += 1
        self._feed(LinkDown(reason))

    def start(self) -> None:
        """Begin to try the log, on the event loop."""
        self._outbox.announce = self.audience.announce
        self.audience.defer()
        self._tasks.spawn(self._repeat(self._probe, PROBE_SECONDS))
        self._tasks.spawn(self._repeat(self._look, LOOK_SECONDS))
        self._tasks.spawn(self._repeat(self._nudge, NUDGE_SECONDS))

    async def close(self) -> None:
        """End what runs in the background."""
        await self._tasks.cancel()

    async def ready_within(self, seconds: float) -> bool:
        """Wait until the log is used, but no longer than that; whether it is."""
        try:
            async with asyncio.timeout(seconds):
                await self._used.wait()
        except TimeoutError:
            return False
        return True

    def _feed(self, given: Input) -> None:
        before, lasted, why = self._machine.state, self.seconds, self._machine.reason
        effects = self._machine.feed(given, self._monotonic())
        after = self._machine.state
        if before is not after or why != self._machine.reason:
            self._report(before, after, lasted)
        for effect in effects:
            match effect:
                case Effect.DEFER:
                    self._used.clear()
                    self.audience.defer()
                case Effect.DRAIN:
                    self._moved = 0
                    self._draining = self._tasks.spawn(self._empty_outbox())
                case Effect.HALT:
                    self._halt()
                case Effect.RESTORE:
                    self._used.set()
                    self.audience.restore()

    def _report(self, before: State, after: State, lasted: float) -> None:
        if after is State.NORMAL:
            _logger.info("the shared log is back", away_seconds=round(lasted, 1), drained=self._moved)
        elif after is State.RECOVERING:
            _logger.info("the shared log can be written to again; telling it what was kept")
        elif before is State.NORMAL:
            _logger.warning("the shared log is away", reason=self._machine.reason, used_seconds=round(lasted, 1))
        else:
            _logger.warning("the shared log is still away", reason=self._machine.reason, kept=self.contents.waiting)

    def _halt(self) -> None:
        draining, self._draining = self._draining, None
        if draining is not None and draining is not asyncio.current_task():
            draining.cancel()

    async def _repeat(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - without this work the server would stay as it is for good
                _tell_of_fault(error)
            await asyncio.sleep(seconds * random.uniform(0.8, 1.2))  # noqa: S311 - nothing hangs on it

    async def _probe(self) -> None:
        if self._machine.state is not State.DEGRADED:
            return
        failures = self._failures
        try:
            await self._prepared()
            await self._log.check()
        except LogUnavailable as error:
            self._feed(Failed(str(error)))
        else:
            if self._failures == failures:
                self._feed(Written())

    async def _empty_outbox(self) -> None:
        """Drain until next to nothing waits, then the rest; then the log is used again."""
        try:
            for _ in range(PASSES):
                moved = await self._drain.run()
                self._moved += moved
                if moved < FEW:
                    break
            await self._empty_for_good()
        except LogUnavailable as error:
            self.failed(str(error))
        except Exception as error:  # noqa: BLE001 - as above
            _tell_of_fault(error)
            self.failed(BROKEN)

    async def _empty_for_good(self) -> None:
        """Drain while those who ask the log wait, so that nobody here leaves anything more, however much comes in."""
        self._clear.clear()
        try:
            await self._outbox.idle()
            self._moved += await self._drain.run()
            self._feed(Drained())
        finally:
            self._clear.set()

    async def _look(self) -> None:
        try:
            if self._outbox.fault:
                await self._outbox.check()
            self.contents = await self._outbox.contents()
            if self.contents.waiting and self._machine.state is State.NORMAL:
                await self._drain.run()
        except OutboxUnavailable as error:
            self._note(str(error))
        except LogUnavailable as error:
            self.failed(str(error))
        else:
            self._note("")

    def _note(self, fault: str) -> None:
        """Say once what is wrong with the outbox."""
        if fault and fault != self.outbox_fault:
            _logger.error("the outbox fails", reason=fault)
        self.outbox_fault = fault

    async def _nudge(self) -> None:
        """Tell the audience of what other workers have kept."""
        if self._machine.state is State.NORMAL:
            return
        try:
            before = self._announced
            self._announced, stores = await self._outbox.newest(before)
            for store in stores:
                for waiting in await self._outbox.waiting(store, before, 1):
                    self.audience.announce(store, waiting)
        except OutboxUnavailable:
            return  # `_look` says so


def _tell_of_fault(error: Exception) -> None:
    _logger.error("keeping up with the shared log fails", traceback=traceback_of(error))


class _Nobody:
    """Nobody is connected yet."""

    def defer(self) -> None:
        """See `Audience.defer`."""

    def restore(self) -> None:
        """See `Audience.restore`."""

    def announce(self, store: str, waiting: object) -> None:
        """See `Audience.announce`."""
