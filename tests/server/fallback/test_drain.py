"""Every command that was kept comes into the log once, in its store's order, whoever is stopped at whatever point."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from msgspec.structs import replace

from salebell_protocol.events import EventType
from salebell_protocol.sales import SaleStatus
from salebell_server.bus.memory import MemoryBus
from salebell_server.fallback import drain
from salebell_server.fallback.drain import Drain
from salebell_server.fallback.outbox import Outbox
from salebell_server.log import Appended, Draft, Known, LogUnavailable, Lookup, SaleLog, Stale
from salebell_server.log.redis.sale_log import RedisSaleLog
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.sales.intake import Deferred
from tests.redis_server import redis_server
from tests.server.fallback.stand import Drained, Switchable, creation, now, outbox_in, payment, scribble
from tests.server.log.shop import created
from tests.server.log.stand import all_entries

ROOT = Path(__file__).parents[3]
LARGE = 3 * drain.PAGE // 2


async def ids(log: SaleLog, store: str = "main") -> list[str]:
    return [entry.event_id for entry in await all_entries(log, store)]


@pytest.fixture
async def log(tmp_path: Path) -> AsyncGenerator[Switchable, None]:
    async with Database(tmp_path / "log", serve=True) as database:
        yield Switchable(database, MemoryBus(), now)


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncGenerator[Outbox, None]:
    async with outbox_in(tmp_path / "outbox") as opened:
        yield opened


async def take_all(outbox: Outbox, *commands: Deferred) -> None:
    await asyncio.gather(*map(outbox.take, commands))


async def test_each_stores_commands_are_told_in_order(log: Switchable, outbox: Outbox) -> None:
    stores = [f"store-{number}" for number in range(20)]
    await take_all(outbox, *(creation(number, store=store) for number in range(100) for store in stores))
    metrics = Drained()
    assert await Drain(outbox, log, metrics).run() == 2000
    for store in stores:
        assert await ids(log, store) == [f"created:s{number}" for number in range(100)]
    assert metrics.conflicts == [False] * 2000
    assert (await outbox.contents()).waiting == 0
    assert await Drain(outbox, log, metrics).run() == 0


async def test_more_than_is_looked_at_together(log: Switchable, outbox: Outbox) -> None:
    await take_all(outbox, *map(creation, range(LARGE)))
    await Drain(outbox, log, Drained()).run()
    assert await ids(log) == [f"created:s{number}" for number in range(LARGE)]


async def test_a_sale_and_its_payment_are_told_one_after_the_other(log: Switchable, outbox: Outbox) -> None:
    for number in range(5):
        await take_all(outbox, creation(number), payment(number))
    await Drain(outbox, log, Drained()).run()
    assert await ids(log) == [f"{what}:s{number}" for number in range(5) for what in ("created", "paid")]
    history = await log.history("main", "s3")
    assert [(event.type, event.sale.status) for event in history] == [
        (EventType.SALE_CREATED, SaleStatus.PENDING),
        (EventType.SALE_CREATED, SaleStatus.APPROVED),
    ]


async def test_what_the_log_has_stays_and_differences_are_counted(log: Switchable, outbox: Outbox) -> None:
    known = created("s1", total="7.00")
    await log.append(known)
    await log.append(created("s2", "another"))
    await take_all(outbox, creation(1), creation(2), creation(3), replace(creation(4), digest=b"mine"))
    await log.append(replace(created("s4"), digest=b"mine"))
    metrics = Drained()
    await Drain(outbox, log, metrics).run()
    assert sorted(metrics.conflicts) == [False, False, True, True]
    assert await ids(log) == ["created:s1", "another", "created:s4", "created:s2", "created:s3"]
    assert await log.sale("main", "s1") == known.sale


class Overtaken(Switchable):
    """Somebody is always faster, at first."""

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        if draft.event_id.startswith("created:") and not draft.expected_version:
            await super().append(created(draft.sale.id, f"faster:{draft.sale.id}"))
        return await super().append(draft)


async def test_a_sale_that_somebody_creates_meanwhile_is_looked_up_again(tmp_path: Path, outbox: Outbox) -> None:
    async with Database(tmp_path / "log", serve=True) as database:
        log = Overtaken(database, MemoryBus(), now)
        await outbox.take(creation(1))
        await Drain(outbox, log, Drained()).run()
        events = await log.history("main", "s1")
        assert [(event.id, event.type) for event in events] == [
            ("faster:s1", EventType.SALE_CREATED),
            ("created:s1", EventType.SALE_UPDATED),
        ]


class Racing(Switchable):
    """Another request under the same event id is appended between looking and appending."""

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        await super().append(replace(draft, digest=b"of another request"))
        return await super().append(draft)


async def test_another_request_that_is_faster_under_the_same_id_is_a_conflict(tmp_path: Path, outbox: Outbox) -> None:
    async with Database(tmp_path / "log", serve=True) as database:
        metrics = Drained()
        await outbox.take(creation(1))
        await Drain(outbox, Racing(database, MemoryBus(), now), metrics).run()
        assert metrics.conflicts == [True]


async def test_what_can_never_be_told_is_set_aside(log: Switchable, outbox: Outbox, tmp_path: Path) -> None:
    await take_all(outbox, *map(creation, range(6)))
    first = (await outbox.kept(1))[0]
    scribble(tmp_path / "outbox", first.number)
    log.chokes_on = {"created:s2"}
    metrics = Drained()
    assert await Drain(outbox, log, metrics).run() == 4
    assert await ids(log) == ["created:s1", "created:s3", "created:s4", "created:s5"]
    contents = await outbox.contents()
    assert (contents.waiting, contents.aside) == (0, 2)
    assert len(metrics.conflicts) == 4


class Silent(SqliteSaleLog):
    """A log that answers nothing: each command takes its time until it fails."""

    failures = 0

    async def lookup(self, store: str, sale_id: str, event_id: str | None) -> Lookup:
        await asyncio.sleep(0.5)
        self.failures += 1
        raise LogUnavailable("silent")


async def test_the_first_failure_ends_it_for_all_stores(tmp_path: Path, outbox: Outbox) -> None:
    async with Database(tmp_path / "log", serve=True) as database:
        log = Silent(database, MemoryBus(), now)
        stores = 5 * drain.STORES_AT_ONCE
        await take_all(outbox, *(creation(1, store=f"store-{number}") for number in range(stores)))
        with pytest.raises(LogUnavailable, match="silent"):
            await Drain(outbox, log, Drained()).run()
        assert log.failures <= drain.STORES_AT_ONCE
        assert len(await outbox.kept(1000)) == stores


@pytest.mark.parametrize("turns", [1, 3, 7, 20, 50, 120, 300])
async def test_stopped_at_any_point_it_may_be_run_again(log: Switchable, outbox: Outbox, turns: int) -> None:
    await take_all(outbox, *map(creation, range(150)))
    for _ in range(8):
        running = asyncio.create_task(Drain(outbox, log, Drained()).run())
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
    await Drain(outbox, log, Drained()).run()
    assert await ids(log) == [f"created:s{number}" for number in range(150)]
    assert (await outbox.contents()).waiting == 0


async def test_two_processes_tell_it_once(log: Switchable, outbox: Outbox, tmp_path: Path) -> None:
    await take_all(outbox, *map(creation, range(500)))
    metrics = Drained()
    async with outbox_in(tmp_path / "outbox") as theirs:
        drains = [Drain(each, log, metrics).run() for each in (outbox, theirs)]
        assert sum(await asyncio.gather(*drains)) == 500
    assert await ids(log) == [f"created:s{number}" for number in range(500)]
    assert metrics.conflicts == [False] * 500


async def test_while_another_process_drains_this_one_waits(log: Switchable, outbox: Outbox, tmp_path: Path) -> None:
    await take_all(outbox, *map(creation, range(5)))
    async with outbox_in(tmp_path / "outbox") as theirs:
        with theirs.turn() as mine:
            assert mine
            running = asyncio.create_task(Drain(outbox, log, Drained()).run())
            done, _ = await asyncio.wait([running], timeout=4 * drain.TURN_SECONDS)
            assert not done
            assert await ids(log) == []
        assert await running == 5


PROGRAM = """
import asyncio, sys
from pathlib import Path
from contextlib import suppress
from salebell_server.fallback.drain import Drain
from salebell_server.log import LogUnavailable
from salebell_server.log.address import RedisAddress
from salebell_server.log.redis.sale_log import RedisSaleLog
from tests.server.fallback.stand import Drained, now, outbox_in

class Telling(Drained):
    def drained(self, *, conflict):
        print("drained", flush=True)

async def main():
    async with outbox_in(Path(sys.argv[1])) as outbox:
        async with RedisSaleLog(RedisAddress(port=int(sys.argv[2])), now) as log:
            with suppress(LogUnavailable):  # it was stopped for so long that no answer comes in time
                await Drain(outbox, log, Telling()).run()

asyncio.run(main())
"""


async def draining(outbox: Path, port: int) -> Process:
    """A process that drains, and has begun."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(outbox),
        str(port),
        cwd=ROOT,
        stdout=PIPE,
        env=os.environ | {"PYTHONPATH": "."},
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"drained\n"
    return process


async def test_killed_while_it_drains_it_loses_and_repeats_nothing(tmp_path: Path) -> None:
    with redis_server(tmp_path / "redis") as server:
        async with outbox_in(tmp_path / "outbox") as outbox, RedisSaleLog(server.address, now) as log:
            await take_all(outbox, *map(creation, range(LARGE)))
            for _ in range(3):
                process = await draining(tmp_path / "outbox", server.port)
                process.kill()
                await process.communicate()
                assert process.returncode == -signal.SIGKILL
            assert 0 < len(await outbox.kept(LARGE)) < LARGE
            metrics = Drained()
            await Drain(outbox, log, metrics).run()
            assert not any(metrics.conflicts)
            assert [entry.event_id for entry in await all_entries(log)] == [f"created:s{n}" for n in range(LARGE)]


async def test_another_process_that_is_stopped_is_not_waited_for(tmp_path: Path) -> None:
    with redis_server(tmp_path / "redis") as server:
        async with outbox_in(tmp_path / "outbox") as outbox, RedisSaleLog(server.address, now) as log:
            await take_all(outbox, *map(creation, range(LARGE)))
            process = await draining(tmp_path / "outbox", server.port)
            process.send_signal(signal.SIGSTOP)
            try:
                async with asyncio.timeout(20):
                    await Drain(outbox, log, Drained()).run()
                assert await outbox.kept(1) == ()
            finally:
                process.send_signal(signal.SIGCONT)
            await process.communicate()
            assert [entry.event_id for entry in await all_entries(log)] == [f"created:s{n}" for n in range(LARGE)]
