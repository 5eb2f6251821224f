"""The shared log as the rest of the server sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from salebell_server.bus.memory import MemoryBus
from salebell_server.fallback.shared_log import SharedLog
from salebell_server.log import BadPageMark, LogUnavailable, PositionAhead, Retention, SalesQuery
from salebell_server.log.sqlite.database import Database
from tests.server.fallback.stand import Stand, Switchable, standing
from tests.server.log.shop import NOON, created

COMMANDS: dict[str, Callable[[SharedLog], Awaitable[object]]] = {
    "append": lambda log: log.append(created("s1")),
    "lookup": lambda log: log.lookup("main", "s1", "e1"),
    "position": lambda log: log.position("main"),
    "open": lambda log: log.open("main", "ana", None),
    "entries": lambda log: log.entries("main", "epoch", 0, 10),
    "see": lambda log: log.see("main", "ana", "epoch", 0),
    "unread": lambda log: log.unread("main", "ana"),
    "sales": lambda log: log.sales(SalesQuery(store="main"), "ana"),
    "sale": lambda log: log.sale("main", "s1"),
    "history": lambda log: log.history("main", "s1"),
    "figures": lambda log: log.figures("main", NOON),
    "trim": lambda log: log.trim(Retention(), NOON),
    "check": lambda log: log.check(),
}


class Guarding:
    """A gate in the test's hands."""

    def __init__(self) -> None:
        self.away: str | None = None
        self.failures: list[str] = []
        self.passes = asyncio.Event()
        self.passes.set()

    def failed(self, reason: str) -> None:
        self.failures.append(reason)

    async def clear(self) -> None:
        await self.passes.wait()


async def closed(directory: Path) -> Switchable:
    """A log of which every command fails."""
    database = Database(directory, serve=True)
    await database.open()
    await database.close()
    return Switchable(database, MemoryBus(), lambda: NOON)


def test_every_command_is_tried_here() -> None:
    public = {name for name in vars(SharedLog) if not name.startswith("_")}
    assert public == {*COMMANDS, "stores"}


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_that_fails_is_told_before_its_caller_hears_of_it(tmp_path: Path, name: str) -> None:
    gate = Guarding()
    shared = SharedLog(await closed(tmp_path), gate, tuple)
    with pytest.raises(LogUnavailable):
        await COMMANDS[name](shared)
    assert gate.failures == ["the database is closed"]


@pytest.mark.parametrize("name", COMMANDS)
async def test_nothing_is_asked_while_it_is_away(tmp_path: Path, name: str) -> None:
    gate = Guarding()
    gate.away = "it is full"
    shared = SharedLog(await closed(tmp_path), gate, tuple)
    with pytest.raises(LogUnavailable, match=r"^it is full$"):
        await COMMANDS[name](shared)
    assert gate.failures == []


async def used(stand: Stand) -> SharedLog:
    stand.keeper.link_up()
    assert await stand.keeper.ready_within(10)
    return stand.shared


async def test_what_is_no_failure_of_the_log_passes_through(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        shared = await used(stand)
        with pytest.raises(BadPageMark):
            await shared.sales(SalesQuery(store="main", before="!"), "ana")
        position = await shared.position("main")
        with pytest.raises(PositionAhead):
            await shared.see("main", "ana", position.epoch, 7)
        assert stand.keeper.away is None


async def test_the_stores_that_are_known_are_named_while_it_is_away(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        assert await stand.shared.stores() == ("copied",)
        shared = await used(stand)
        await shared.append(created("s1", store="north"))
        assert await shared.stores() == ("main", "north")
        stand.log.away = True
        assert await shared.stores() == ("copied", "main", "north")
        assert stand.keeper.away == "it is switched off"


async def test_a_command_may_wait_for_the_moments_in_which_it_becomes_clear(tmp_path: Path) -> None:
    gate = Guarding()
    gate.away = "it is full"
    async with Database(tmp_path, serve=True) as database:
        log = Switchable(database, MemoryBus(), lambda: NOON)
        shared = SharedLog(log, gate, tuple)
        gate.passes.clear()
        asking = asyncio.create_task(shared.sale("main", "s1"))
        await asyncio.sleep(0)
        assert not asking.done()
        gate.away = None
        gate.passes.set()
        assert await asking is None
