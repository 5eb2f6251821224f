"""Opening, sharing and closing a database."""

import asyncio
import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from salebell_server.bus.memory import MemoryBus
from salebell_server.log import LogUnavailable, SalesQuery
from salebell_server.log.keys import key_hash
from salebell_server.log.sqlite.database import Database, DatabaseRefused
from salebell_server.log.sqlite.directory import DirectoryLock
from salebell_server.log.sqlite.keys import SqliteKeyStore
from salebell_server.log.sqlite.readers import READERS
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.log.sqlite.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION
from tests.server.log.shop import NOON, created
from tests.server.log.stand import append_all, sqlite_opener


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


async def pragma(database: Database, name: str) -> object:
    return await database.write(lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0])


async def test_a_new_directory_is_its_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        directory = tmp_path / "a" / "log"
        async with Database(directory, serve=True) as database:
            await database.check()
            assert mode(directory) == 0o700
            assert {name: mode(directory / name) for name in names(directory)} == dict.fromkeys(
                ("lock", "salebell.db", "salebell.db-wal", "salebell.db-shm"), 0o600
            )
    finally:
        os.umask(old)
    assert names(directory) == {"lock", "salebell.db"}


async def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as database:
        assert await pragma(database, "journal_mode") == "wal"
        assert await pragma(database, "synchronous") == 2  # FULL
        assert await pragma(database, "fullfsync") == 1
        assert await pragma(database, "foreign_keys") == 1
        assert await pragma(database, "application_id") == APPLICATION_ID


async def test_a_directory_with_odd_characters(tmp_path: Path) -> None:
    directory = tmp_path / "a b?c#d%20é&mode=ro"
    async with Database(directory, serve=True) as database:
        await database.check()
    assert names(directory) == {"lock", "salebell.db"}


async def test_leftovers_of_a_crash_while_it_was_made(tmp_path: Path) -> None:
    (tmp_path / "salebell.db.new").write_bytes(b"half a")
    (tmp_path / "salebell.db.new-journal").write_bytes(b"half a")
    async with Database(tmp_path, serve=True) as database:
        await database.check()
    assert names(tmp_path) == {"lock", "salebell.db"}


async def test_tools_write_beside_a_server(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as served, Database(tmp_path, serve=False) as tools:
        mine, theirs = SqliteKeyStore(served), SqliteKeyStore(tools)

        async def create(keys: SqliteKeyStore, prefix: str) -> None:
            for number in range(20):
                await keys.create(f"{prefix}{number}", "main", key_hash(f"{prefix}{number}"), NOON)

        await asyncio.gather(create(mine, "server"), create(theirs, "tool"))
        assert len(await mine.list()) == 40
        assert await theirs.list() == await mine.list()
        assert await mine.find(key_hash("tool7")) is not None
    assert names(tmp_path) == {"lock", "salebell.db"}


async def test_many_tools_on_a_directory_that_is_not_there(tmp_path: Path) -> None:
    async def create(number: int) -> None:
        async with Database(tmp_path / "log", serve=False) as database:
            await SqliteKeyStore(database).create(f"key{number}", "main", key_hash(str(number)), NOON)

    await asyncio.gather(*(create(number) for number in range(6)))
    async with Database(tmp_path / "log", serve=True) as database:
        assert len(await SqliteKeyStore(database).list()) == 6


async def test_a_server_waits_for_a_tool_that_makes_the_database(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path)
    assert lock.acquire(0)
    database = Database(tmp_path, serve=True)
    opening = asyncio.create_task(database.open())
    await asyncio.sleep(0.1)
    assert not opening.done()
    lock.release()
    await opening
    await database.check()
    await database.close()


async def test_a_lock_is_free_again_after_a_refusal_and_after_close(tmp_path: Path) -> None:
    (tmp_path / "salebell.db").write_bytes(b"no database")
    for _ in range(2):
        with pytest.raises(DatabaseRefused, match="is not a database"):
            await Database(tmp_path, serve=True).open()
    (tmp_path / "salebell.db").unlink()
    for _ in range(2):
        async with Database(tmp_path, serve=True) as database:
            await database.check()


async def test_closed_it_is_unavailable(tmp_path: Path) -> None:
    database = Database(tmp_path, serve=True)
    with pytest.raises(LogUnavailable):
        await database.check()
    await database.open()
    await database.check()
    await database.close()
    await database.close()
    with pytest.raises(LogUnavailable):
        await database.check()
    with pytest.raises(LogUnavailable):
        await database.read(lambda connection: connection.execute("SELECT 1").fetchone())


async def test_close_finishes_what_was_submitted(tmp_path: Path) -> None:
    database = Database(tmp_path, serve=True)
    await database.open()
    checks = [asyncio.create_task(database.check()) for _ in range(300)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*checks)
    async with Database(tmp_path, serve=True) as again:
        assert await again.read(lambda connection: connection.execute("SELECT writes FROM probe").fetchone()) == (300,)


async def test_a_query_cannot_write(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as database:
        with pytest.raises(LogUnavailable):
            await database.read(lambda connection: connection.execute("DELETE FROM probe"))
        await database.check()
        assert await database.read(lambda connection: connection.execute("SELECT writes FROM probe").fetchone()) == (1,)


async def test_a_query_is_one_snapshot(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as database:
        written, started = threading.Event(), threading.Event()

        def twice(connection: sqlite3.Connection) -> tuple[int, int]:
            first = connection.execute("SELECT writes FROM probe").fetchone()[0]
            started.set()
            assert written.wait(10)
            return first, connection.execute("SELECT writes FROM probe").fetchone()[0]

        reading = asyncio.create_task(database.read(twice))
        await asyncio.to_thread(started.wait, 10)
        await database.check()
        written.set()
        assert await reading == (0, 0)
        assert await database.read(lambda connection: connection.execute("SELECT writes FROM probe").fetchone()) == (1,)


async def test_what_is_quick_does_not_wait_for_what_is_slow(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as database:
        log = SqliteSaleLog(database, MemoryBus(), lambda: NOON)
        await append_all(log, created("a"))
        searching, go = threading.Semaphore(0), threading.Event()

        def search(_: sqlite3.Connection) -> None:
            searching.release()
            assert go.wait(60)

        searches = [asyncio.create_task(database.read(search, slow=True)) for _ in range(2 * READERS)]
        for _ in range(READERS):
            await asyncio.to_thread(searching.acquire)
        listing = asyncio.create_task(log.sales(SalesQuery(store="main"), "ana"))
        figures = asyncio.create_task(log.figures("main", NOON))
        try:
            async with asyncio.timeout(30):
                assert (await log.lookup("main", "a", None)).record is not None
                assert (await log.open("main", "ana", None)).position.offset == 1
                assert await log.sale("main", "a") is not None
                assert await append_all(log, created("b")) == [2]
                position = await log.position("main")
                assert len(await log.entries("main", position.epoch, 0, 10)) == 2
            assert not listing.done()
            assert not figures.done()
        finally:
            go.set()
        await asyncio.gather(*searches)
        assert len((await listing).sales) == 2
        assert len(await figures) == 2


async def test_a_fault_in_a_query_is_raised_and_the_next_one_works(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as database:
        for _ in range(10):
            with pytest.raises(sqlite3.OperationalError, match="no such table"):
                await database.read(lambda connection: connection.execute("SELECT * FROM nowhere"))
            with pytest.raises(ZeroDivisionError):
                await database.read(lambda _: 1 // 0)
        assert await database.read(lambda connection: connection.execute("SELECT 1").fetchone()) == (1,)


async def test_a_write_waits_for_another_process(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as database:
        with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(database.check())
            done, _ = await asyncio.wait([writing], timeout=0.2)
            assert not done
            other.execute("ROLLBACK")
            await writing


async def test_nothing_is_written_to_a_file_that_was_moved_away(tmp_path: Path) -> None:
    async with sqlite_opener(tmp_path)() as stand:
        await append_all(stand.log, created("a"))
        path, aside = tmp_path / "salebell.db", tmp_path / "aside.db"
        path.rename(aside)
        with pytest.raises(LogUnavailable, match="cannot be found"):
            await stand.log.append(created("b"))
        shutil.copy(aside, path)
        with pytest.raises(LogUnavailable, match="was replaced by another file"):
            await stand.log.append(created("b"))
        aside.replace(path)
        assert await append_all(stand.log, created("b")) == [2]


async def test_where_the_file_is_is_told_to_the_operator_alone(tmp_path: Path) -> None:
    async with sqlite_opener(tmp_path)() as stand:
        await append_all(stand.log, created("a"))
        path, aside = tmp_path / "salebell.db", tmp_path / "aside.db"
        with capture_logs() as logged:
            path.rename(aside)
            told: list[str] = []
            for _ in range(3):
                with pytest.raises(LogUnavailable) as raised:
                    await stand.log.check()
                told.append(str(raised.value))
            shutil.copy(aside, path)
            with pytest.raises(LogUnavailable) as raised:
                await stand.log.check()
            told.append(str(raised.value))
            aside.replace(path)
            await stand.log.check()
        assert not [reason for reason in told if tmp_path.name in reason or "/" in reason]
        assert [(record["event"], record["path"], record.get("reason")) for record in logged] == [
            ("database_fails", str(path), told[0]),
            ("database_fails", str(path), told[3]),
            ("database_works_again", str(path), None),
        ]


async def test_an_upgrade_under_a_reader_names_no_path(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as database:
        with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
            other.execute("PRAGMA user_version = 99")
        with pytest.raises(LogUnavailable, match="upgraded by a newer Salebell") as raised:
            await database.read(lambda connection: connection.execute("SELECT 1").fetchone())
        assert tmp_path.name not in str(raised.value)


async def test_damage_that_comes_later_is_unavailable(tmp_path: Path) -> None:
    async with sqlite_opener(tmp_path)() as stand:
        await append_all(stand.log, *(created(f"s{number}") for number in range(200)))
    async with sqlite_opener(tmp_path)() as stand:
        path = tmp_path / "salebell.db"
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (path.stat().st_size - 4096))
        with pytest.raises(LogUnavailable, match="damaged"):
            await stand.log.append(created("a"))
        with pytest.raises(LogUnavailable, match="damaged"):
            await stand.log.sale("main", "s1")


async def test_an_index_that_lacks_a_row_is_found_when_asked_for(tmp_path: Path) -> None:
    """Too slow to look for at every start."""
    async with sqlite_opener(tmp_path)() as stand:
        await append_all(stand.log, created("a"))
    path = tmp_path / "salebell.db"
    entry = "SELECT * FROM sqlite_master WHERE name = 'sales_touched'"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        hidden = connection.execute(entry).fetchone()
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'sales_touched'")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE sales SET touched = touched + 1")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", hidden)
    async with Database(tmp_path, serve=True) as database:
        assert "row 1 missing from index sales_touched" in await database.faults()


LATER = (*MIGRATIONS, "CREATE TABLE later (x);", "CREATE TABLE latest (x);")


class TestUpgrade:
    async def test_a_server_does_it_and_keeps_everything(self, tmp_path: Path) -> None:
        async with sqlite_opener(tmp_path)() as stand:
            await append_all(stand.log, created("a"))
        async with Database(tmp_path, serve=True, migrations=LATER) as database:
            assert await pragma(database, "user_version") == SCHEMA_VERSION + 2
            rows = await database.read(
                lambda connection: connection.execute("SELECT event_id FROM events LEFT JOIN later LEFT JOIN latest")
            )
            assert [event_id for (event_id,) in rows] == ["created:a"]
        with pytest.raises(DatabaseRefused, match="was written by a newer Salebell"):
            await Database(tmp_path, serve=True).open()

    async def test_a_tool_does_it_when_no_server_runs(self, tmp_path: Path) -> None:
        async with Database(tmp_path, serve=True) as database:
            await database.check()
        async with Database(tmp_path, serve=False, migrations=LATER) as database:
            assert await pragma(database, "user_version") == SCHEMA_VERSION + 2

    async def test_a_newer_tool_leaves_a_running_server_alone(self, tmp_path: Path) -> None:
        async with Database(tmp_path, serve=True) as database:
            with pytest.raises(DatabaseRefused, match="is served by an older Salebell"):
                await Database(tmp_path, serve=False, migrations=LATER).open()
            assert await pragma(database, "user_version") == SCHEMA_VERSION

    async def test_one_that_fails_changes_nothing(self, tmp_path: Path) -> None:
        async with sqlite_opener(tmp_path)() as stand:
            await append_all(stand.log, created("a"))
        before = (tmp_path / "salebell.db").read_bytes()
        faulty = (*LATER, "CREATE TABLE probe (x);")
        with pytest.raises(DatabaseRefused, match="cannot be made or upgraded"):
            await Database(tmp_path, serve=True, migrations=faulty).open()
        assert (tmp_path / "salebell.db").read_bytes() == before
        assert names(tmp_path) == {"lock", "salebell.db"}
