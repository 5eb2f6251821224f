"""What is acknowledged while the log is away is on the disk, once, and in order."""

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from salebell_protocol import codec
from salebell_protocol.events import Event
from salebell_server.fallback.outbox import MIGRATIONS, Outbox, OutboxUnavailable, database_in
from salebell_server.hub.pending import Waiting
from salebell_server.log import LogUnavailable
from salebell_server.log.sqlite.errors import DatabaseRefused
from salebell_server.sales.errors import EventIdConflict, SaleExists
from salebell_server.sales.requests import Receipt
from tests.needs import small_disk
from tests.server.fallback.stand import creation, no_room, now, outbox_in, payment


async def test_what_is_taken_is_told_at_once_and_waits_in_order(tmp_path: Path) -> None:
    told: list[tuple[str, Waiting]] = []
    async with outbox_in(tmp_path) as outbox:
        outbox.announce = lambda store, waiting: told.append((store, waiting))
        for number in range(1, 4):
            receipt = await outbox.take(creation(number))
            assert receipt == Receipt(event_id=f"created:s{number}", offset=None, duplicate=False)
        await outbox.take(creation(1, store="other"))
        waiting = await outbox.waiting("main", 0, 10)
        assert [each.event_id for each in waiting] == ["created:s1", "created:s2", "created:s3"]
        assert [("main", each) for each in waiting] == told[:3]
        assert told[3][0] == "other"
        assert await outbox.waiting("main", waiting[0].number, 1) == (waiting[1],)
        event = codec.decode(waiting[0].event, Event)
        assert (event.id, event.store, event.sale, event.confirmed) == ("created:s1", "main", creation(1).sale, False)


async def test_a_retry_is_a_duplicate_and_another_request_under_the_id_a_conflict(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.take(creation())
        assert (await outbox.take(creation())).duplicate
        with pytest.raises(EventIdConflict):
            await outbox.take(creation(digest=b"another"))
        with pytest.raises(SaleExists):
            await outbox.take(creation(event_id="another"))
        assert len(await outbox.kept(10)) == 1


async def test_a_sale_is_approved_once(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.take(creation())
        assert not (await outbox.take(payment(1, "paid:s1"))).duplicate
        assert await outbox.take(payment(1, "again")) == Receipt(event_id="paid:s1", offset=None, duplicate=True)
        assert len(await outbox.kept(10)) == 2


async def test_numbers_are_never_used_again(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.take(creation(1))
        (first,) = await outbox.kept(10)
        await outbox.forget(first.number)
        await outbox.take(creation(2))
    async with outbox_in(tmp_path) as again:
        (second,) = await again.kept(10)
        assert second.number > first.number
        await again.forget(second.number)
        await again.take(creation(3))
        assert (await again.kept(10))[0].number > second.number


async def test_what_is_set_aside_waits_no_more_and_is_kept(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.take(creation(1))
        await outbox.take(creation(2))
        first, second = await outbox.kept(10)
        await outbox.set_aside(first.number, "it cannot be read")
        assert await outbox.kept(10) == (second,)
        assert [each.number for each in await outbox.waiting("main", 0, 10)] == [second.number]
        contents = await outbox.contents()
        assert (contents.waiting, contents.aside) == (1, 1)
        assert contents.oldest is not None


async def test_another_worker_sees_what_came_to_wait(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as mine, outbox_in(tmp_path) as theirs:
        await asyncio.gather(*(mine.take(creation(number)) for number in range(10)))
        await theirs.take(creation(1, store="other"))
        newest, stores = await theirs.newest(0)
        assert set(stores) == {"main", "other"}
        assert await mine.newest(newest) == (newest, ())


PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.server.fallback.stand import creation, outbox_in

async def main():
    async with outbox_in(Path(sys.argv[1])) as outbox:
        for number in range(1000):
            await outbox.take(creation(number))
            print(number, flush=True)

asyncio.run(main())
"""


async def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(tmp_path / "outbox"),
        stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert process.stdout is not None
    acknowledged = [int(await process.stdout.readline()) for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in (await process.stdout.read()).split()]
    await process.wait()
    async with outbox_in(tmp_path / "outbox") as outbox:
        waiting = [each.event_id for each in await outbox.waiting("main", 0, 2000)]
    assert waiting[: len(acknowledged)] == [f"created:s{number}" for number in acknowledged]


async def test_a_full_disk_acknowledges_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        async with outbox_in(disk / "outbox") as outbox:
            (disk / "filler").write_bytes(b"x" * (disk_free(disk) - 64 * 1024))
            taken = await fill(outbox)
            assert [each.event_id for each in await outbox.waiting("main", 0, 2000)] == taken


async def fill(outbox: Outbox) -> list[str]:
    """Take commands in until none goes in any more; the event ids of those that did."""
    taken: list[str] = []
    with suppress(LogUnavailable):
        while len(taken) < 1000:
            taken.append((await outbox.take(creation(len(taken)))).event_id)
    assert 0 < len(taken) < 1000
    return taken


def disk_free(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


async def test_a_damaged_file_is_refused_and_left(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.take(creation())
    file = tmp_path / "salebell.db"
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(DatabaseRefused, match="not a database"):
        async with outbox_in(tmp_path):
            pass
    assert file.read_bytes().startswith(b"not a database")


async def test_nothing_is_acknowledged_or_told_before_it_is_on_the_disk(tmp_path: Path) -> None:
    async with database_in(tmp_path) as database:
        outbox, told = Outbox(database, now), list[str]()
        outbox.announce = lambda _, waiting: told.append(waiting.event_id)
        assert await database.write(lambda c: c.execute("PRAGMA synchronous").fetchone()) == (2,)  # FULL
        with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            taking = asyncio.create_task(outbox.take(creation(1)))
            done, _ = await asyncio.wait([taking], timeout=0.2)
            assert not done
            assert not told
            other.execute("ROLLBACK")
        assert (await taking).event_id == "created:s1"
        assert told == ["created:s1"]


async def test_a_set_aside_command_may_be_brought_again(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.take(creation(1))
        (first,) = await outbox.kept(10)
        await outbox.set_aside(first.number, "it cannot be read")
        assert not (await outbox.take(creation(1, digest=b"another"))).duplicate
        (second,) = await outbox.kept(10)
        assert second.number > first.number
        contents = await outbox.contents()
        assert (contents.waiting, contents.aside) == (1, 1)


async def test_one_process_forgets_or_sets_aside_what_waits(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as mine, outbox_in(tmp_path) as theirs:
        await mine.take(creation(1))
        await mine.take(creation(2))
        first, second = await mine.kept(10)
        assert [await mine.forget(first.number), await theirs.forget(first.number)] == [True, False]
        assert [await mine.set_aside(second.number, "no"), await theirs.set_aside(second.number, "no")] == [True, False]
        assert not await theirs.forget(second.number)
        assert (await mine.contents()).aside == 1


async def test_one_process_at_a_time_drains(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as mine, outbox_in(tmp_path) as theirs:
        with mine.turn() as first, theirs.turn() as second:
            assert (first, second) == (True, False)
        with theirs.turn() as third:
            assert third


async def test_it_is_idle_when_nothing_is_being_taken(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.idle()
        taking = [asyncio.create_task(outbox.take(creation(number))) for number in range(3)]
        await asyncio.sleep(0)
        await outbox.idle()
        assert all(task.done() for task in taking)


async def test_a_full_outbox_says_why_until_there_is_room(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        with no_room():
            for attempt in (outbox.take(creation(1)), outbox.check()):
                with pytest.raises(
                    OutboxUnavailable, match="the outbox on this server's disk cannot be used: the disk"
                ):
                    await attempt
                assert outbox.fault.startswith("the outbox")
        await outbox.check()
        assert outbox.fault == ""
        assert not (await outbox.take(creation(1))).duplicate


async def test_a_file_that_is_damaged_in_the_middle_is_refused(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await asyncio.gather(*(outbox.take(creation(number)) for number in range(200)))
    file = tmp_path / "salebell.db"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 8] = b"\xa5" * 4096 * 5
    file.write_bytes(content)
    with pytest.raises(DatabaseRefused, match="is damaged"):
        async with outbox_in(tmp_path):
            pass
    assert file.read_bytes() == content


async def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.take(creation())
    with closing(sqlite3.connect(tmp_path / "salebell.db")) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(DatabaseRefused, match="was written by a newer Salebell"):
        async with outbox_in(tmp_path):
            pass


async def test_many_processes_open_it_at_once(tmp_path: Path) -> None:
    """The workers of a server that starts for the first time."""

    async def take(number: int) -> None:
        async with outbox_in(tmp_path / "outbox") as outbox:
            await outbox.take(creation(number))

    await asyncio.gather(*(take(number) for number in range(8)))
    async with outbox_in(tmp_path / "outbox") as outbox:
        assert len(await outbox.kept(100)) == 8
