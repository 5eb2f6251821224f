"""What a server does not start on, and leaves as it was."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from salebell_server.log.sqlite.database import Database, DatabaseRefused
from salebell_server.log.sqlite.schema import SCHEMA_VERSION
from tests.server.log.shop import created
from tests.server.log.stand import append_all, sqlite_opener


@pytest.fixture
async def directory(tmp_path: Path) -> Path:
    """A data directory with some sales in it."""
    async with sqlite_opener(tmp_path / "log")() as stand:
        await append_all(stand.log, *(created(f"s{number}") for number in range(50)))
    return tmp_path / "log"


def snapshot(directory: Path) -> dict[str, bytes]:
    """Every file but the lock's."""
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.name != "lock"}


async def refusal(directory: Path, *, serve: bool = True) -> str:
    with pytest.raises(DatabaseRefused) as refused:
        async with Database(directory, serve=serve):
            pass
    assert "\n" not in str(refused.value)
    assert str(refused.value) == f"{refused.value.path} {refused.value.reason}"
    return str(refused.value)


def garbage(path: Path) -> None:
    path.write_bytes(b"these are not the bytes of a database\n" * 200)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def first_bytes_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def torn_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:16] + bytes(84) + path.read_bytes()[100:])


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])


def scribbled_over(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xa5" * 4096 * 3
    path.write_bytes(content)


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (text)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")


def without_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE events")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (garbage, "is not a database"),
        (emptied, "is empty"),
        (first_bytes_only, "is damaged (its header is torn)"),
        (torn_header, "is damaged (its header is torn)"),
        (cut_short, "is damaged"),
        (of_another_program, "is the database of another program"),
        (newer, "was written by a newer Salebell"),
        (without_tables, "is damaged (tables are missing)"),
    ],
)
@pytest.mark.parametrize("serve", [True, False], ids=["server", "tool"])
async def test_a_file_that_is_no_good_is_left_alone(
    directory: Path, spoil: Callable[[Path], None], words: str, serve: bool
) -> None:
    spoil(directory / "salebell.db")
    before = snapshot(directory)
    assert words in await refusal(directory, serve=serve)
    assert snapshot(directory) == before
    assert words in await refusal(directory, serve=serve)


async def test_a_server_looks_at_every_page_when_it_starts(directory: Path) -> None:
    scribbled_over(directory / "salebell.db")
    before = snapshot(directory)
    assert "is damaged (*** in database main ***; " in await refusal(directory)
    assert snapshot(directory) == before


async def test_newer_in_what_is_not_yet_moved_into_the_file(directory: Path, tmp_path: Path) -> None:
    """A newer server that was killed has its version in the write-ahead log only."""
    with closing(sqlite3.connect(directory / "salebell.db")) as connection:
        newer_than_ours = SCHEMA_VERSION + 1
        connection.execute(f"PRAGMA user_version = {newer_than_ours}")
        killed = tmp_path / "killed"
        killed.mkdir()
        for name in ("salebell.db", "salebell.db-wal"):
            (killed / name).write_bytes((directory / name).read_bytes())
    before = snapshot(killed)
    assert before["salebell.db-wal"]
    assert "was written by a newer Salebell" in await refusal(killed)
    after = snapshot(killed)
    after.pop("salebell.db-shm", None)  # an index of the write-ahead log; holds nothing
    assert after == before


async def test_a_second_server_is_refused_and_the_first_goes_on(directory: Path) -> None:
    async with sqlite_opener(directory)() as stand:
        assert f"is in use by another server (process {os.getpid()})" in await refusal(directory)
        await append_all(stand.log, created("after"))
    async with sqlite_opener(directory)() as stand:
        assert (await stand.log.position("main")).offset == 51


async def test_a_directory_that_is_a_file(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"precious")
    assert "is not a directory" in await refusal(place)
    assert "cannot be made: not a directory" in await refusal(place / "below")
    assert place.read_bytes() == b"precious"


@pytest.fixture
def unchangeable() -> Iterator[Callable[[Path], None]]:
    """Makes a path one that nothing can be written to, whoever runs the tests."""
    made: list[Path] = []

    def forbid(path: Path) -> None:
        if os.geteuid():
            path.chmod(0o500 if path.is_dir() else 0o400)
        elif sys.platform != "linux" or subprocess.run(["chattr", "+i", path], capture_output=True).returncode:
            pytest.skip("nothing keeps root from writing on this file system")
        made.append(path)

    yield forbid
    for path in made:
        if os.geteuid():
            path.chmod(0o700)
        else:
            subprocess.run(["chattr", "-i", path], check=True)


@pytest.mark.parametrize("serve", [True, False], ids=["server", "tool"])
async def test_a_directory_that_cannot_be_written_to(
    tmp_path: Path, unchangeable: Callable[[Path], None], serve: bool
) -> None:
    place = tmp_path / "log"
    place.mkdir()
    unchangeable(place)
    assert "cannot be written to: " in await refusal(place, serve=serve)
    assert list(place.iterdir()) == []


async def test_a_database_that_cannot_be_written_to(directory: Path, unchangeable: Callable[[Path], None]) -> None:
    before = snapshot(directory)
    unchangeable(directory / "salebell.db")
    assert "cannot be read and written to: " in await refusal(directory)
    assert snapshot(directory) == before


async def test_what_was_refused_can_be_opened_once_it_is_mended(directory: Path) -> None:
    path = directory / "salebell.db"
    whole = path.read_bytes()
    garbage(path)
    await refusal(directory)
    path.write_bytes(whole)
    async with sqlite_opener(directory)() as stand:
        assert (await stand.log.position("main")).offset == 50
