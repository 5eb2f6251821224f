"""Tells the log what the outbox has kept."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol, TypeVar

import msgspec
import structlog

from salebell_server.fallback.outbox import Kept, Outbox
from salebell_server.log import Appended, Known, LogUnavailable, Lookup, SaleLog, Stale
from salebell_server.logs import traceback_of
from salebell_server.sales.draining import resolve
from salebell_server.sales.intake import Deferred

PAGE = 1000
"""Commands that are looked at together."""

STORES_AT_ONCE = 16

RUN = 64
"""Commands of one store that are on their way at once: the log makes them durable together, and so does the outbox."""

TURN_SECONDS = 0.05
"""How often it is looked whether another process has finished."""

PATIENCE_SECONDS = 2.0
"""How long another process may get nowhere (it was stopped, say) before it is waited for no more. That does no harm:
what two processes tell the log is in it once."""

T = TypeVar("T")

_commands = msgspec.json.Decoder(Deferred)
_logger = structlog.get_logger(__name__)


class DrainMetrics(Protocol):
    """What is counted."""

    def drained(self, *, conflict: bool) -> None:
        """The log has a command that was kept; with `conflict`, see `Resolution.conflict`."""
        ...


class _Looked(msgspec.Struct, frozen=True):
    """A command, and what the log knew of it."""

    number: int
    command: Deferred
    lookup: Lookup


class Drain:
    """Moves commands from the outbox into the log: each store's in order, under the event ids that were acknowledged.

    It may end at any point and be run again: a command is forgotten only once the log has it, and what the log has
    is not told twice. Of the processes that share an outbox, one at a time moves anything.

    Args:
        outbox: what is kept.
        log: the shared log itself; carries out appends in the order of the calls.
        metrics: what is counted.
    """

    def __init__(self, outbox: Outbox, log: SaleLog, metrics: DrainMetrics) -> None:
        self._outbox = outbox
        self._log = log
        self._metrics = metrics

    async def run(self) -> int:
        """Return when all that waited at the call waits no more; how much of it this process has moved.

        What comes to wait meanwhile is left: with many producers, that would have no end.

        Raises:
            OutboxUnavailable: the outbox cannot be read or written now.
            LogUnavailable: the log cannot be told now.
        """
        clock = asyncio.get_running_loop().time
        last = await self._outbox.last()
        ahead, since = 0, clock()
        while first := await self._outbox.kept(1, last):
            if first[0].number != ahead:
                ahead, since = first[0].number, clock()
            with self._outbox.turn() as mine:
                if mine or clock() - since > PATIENCE_SECONDS:
                    return await self._move_up_to(last)
            await asyncio.sleep(TURN_SECONDS)
        return 0

    async def _move_up_to(self, last: int) -> int:
        moved = 0
        turns = asyncio.Semaphore(STORES_AT_ONCE)
        while page := await self._outbox.kept(PAGE, last):
            by_store = sorted(page, key=attrgetter("store"))  # stable: each store's stay in order
            stores = [self._move_all(tuple(kept), turns) for _, kept in groupby(by_store, attrgetter("store"))]
            moved += sum(await _together(stores))
        return moved

    async def _move_all(self, commands: Sequence[Kept], turns: asyncio.Semaphore) -> int:
        """Move what waits for one store."""
        async with turns:
            return sum([await self._move_run(run) for run in _runs(commands)])

    async def _move_run(self, run: Sequence[Kept]) -> int:
        """Move commands of different sales: all are looked up, then all appended, in order."""
        looked = await _together(self._look(kept) for kept in run)
        return sum(await _together(self._finish(each) for each in looked if each is not None))

    async def _look(self, kept: Kept) -> _Looked | None:
        """None when the command was set aside."""
        try:
            command = _commands.decode(kept.command)
            lookup = await self._log.lookup(command.store, command.sale.id, command.event_id)
        except LogUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, what comes after must not wait for it
            await self._set_aside(kept.number, error)
            return None
        return _Looked(kept.number, command, lookup)

    async def _finish(self, looked: _Looked) -> bool:
        """Whether the log has it now, and by this process."""
        command = looked.command
        try:
            conflict = await self._tell(command, looked.lookup)
        except LogUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            await self._set_aside(looked.number, error)
            return False
        if not await self._outbox.forget(looked.number):
            return False
        if conflict:
            _logger.warning("a kept sale met another one in the log", store=command.store, event_id=command.event_id)
        self._metrics.drained(conflict=conflict)
        return True

    async def _tell(self, command: Deferred, lookup: Lookup) -> bool:
        """Have the log know it; whether that was a conflict."""
        while True:
            resolution = resolve(command, lookup)
            if resolution.draft is None:
                return resolution.conflict
            match await self._log.append(resolution.draft):
                case Appended():
                    return resolution.conflict
                case Known(digest=digest):
                    return digest != command.digest
                case Stale():
                    lookup = await self._log.lookup(command.store, command.sale.id, command.event_id)

    async def _set_aside(self, number: int, error: Exception) -> None:
        _logger.error(
            "a kept sale can never come into the log and is set aside",
            number=number,
            traceback=traceback_of(error),
        )
        await self._outbox.set_aside(number, f"{type(error).__name__}: {error}")


def _runs(commands: Sequence[Kept]) -> Iterator[Sequence[Kept]]:
    """The commands in order, as many together as concern different sales, up to `RUN`."""
    run: dict[str, Kept] = {}
    for kept in commands:
        if kept.sale_id in run or len(run) == RUN:
            yield tuple(run.values())
            run.clear()
        run[kept.sale_id] = kept
    yield tuple(run.values())


async def _together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all of it at once, begun in order. The first failure ends the rest, and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
