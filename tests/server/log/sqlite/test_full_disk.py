"""A disk that takes no more: nothing is acknowledged, nothing is published, and it goes on when there is room again."""

import asyncio
import resource
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from salebell_server.log import Appended, Known, LogUnavailable
from salebell_server.log.sqlite.database import Database, DatabaseRefused
from tests.needs import small_disk
from tests.server.log.shop import created, digest
from tests.server.log.stand import Stand, all_entries, sqlite_opener

BATCH = 40


@contextmanager
def no_file_longer_than(size: int) -> Generator[None]:
    """The kernel refuses to let any file of this process grow beyond `size` (EFBIG; Python ignores SIGXFSZ)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def fill(stand: Stand) -> tuple[dict[str, int], list[str]]:
    """Append until not even one more fits: what was acknowledged, and what was refused."""
    acknowledged: dict[str, int] = {}
    refused: list[str] = []
    size = BATCH
    for number in range(1000):
        drafts = [created(f"s{number}-{n}") for n in range(size)]
        outcomes = await asyncio.gather(*(stand.log.append(draft) for draft in drafts), return_exceptions=True)
        lost = [draft.event_id for draft, outcome in zip(drafts, outcomes, strict=True) if outcome_is_loss(outcome)]
        if lost:
            assert len(lost) == size  # they had one commit, and it failed
            refused += lost
            if size == 1:
                return acknowledged, refused
            size = 1
        else:
            answers = (outcome for outcome in outcomes if isinstance(outcome, Appended))
            acknowledged |= {draft.event_id: each.offset for draft, each in zip(drafts, answers, strict=True)}
    raise AssertionError("the disk was never full")


def outcome_is_loss(outcome: object) -> bool:
    return isinstance(outcome, LogUnavailable)


async def recovers(stand: Stand, room_again: Callable[[], None]) -> None:
    """Fill up, look around, make room, and go on."""
    before = await all_entries(stand.log)
    acknowledged, refused = await fill(stand)
    with pytest.raises(LogUnavailable):
        await stand.log.check()
    entries = await all_entries(stand.log)  # reading needs no room
    assert {entry.event_id: entry.offset for entry in entries[len(before) :]} == acknowledged
    assert stand.heard.entries() == entries
    room_again()
    await stand.log.check()
    retried = [await stand.log.append(created(event_id.removeprefix("created:"))) for event_id in refused]
    assert retried == [Appended(len(entries) + number) for number in range(1, len(refused) + 1)]
    first = next(iter(acknowledged))
    assert await stand.log.append(created(first.removeprefix("created:"))) == Known(
        first, acknowledged[first], digest(first)
    )
    assert stand.heard.entries() == await all_entries(stand.log)


async def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    async with sqlite_opener(tmp_path)() as stand:
        await stand.log.append(created("before"))
        with ExitStack() as limited:
            limited.enter_context(no_file_longer_than((tmp_path / "salebell.db-wal").stat().st_size + 1_000_000))
            await recovers(stand, limited.close)
        entries = await all_entries(stand.log)
    async with sqlite_opener(tmp_path)() as stand:
        assert await all_entries(stand.log) == entries


@pytest.mark.parametrize("there", [True, False], ids=["started before", "new"])
async def test_a_start_is_refused_as_long_as_nothing_fits(tmp_path: Path, there: bool) -> None:
    directory = tmp_path / "log"
    if there:
        async with sqlite_opener(directory)() as stand:
            await stand.log.append(created("before"))
    with no_file_longer_than(0), pytest.raises(DatabaseRefused, match=r"salebell\.db cannot be .*disk"):
        await Database(directory, serve=True).open()
    async with sqlite_opener(directory)() as stand:
        assert len(await all_entries(stand.log)) == there
    assert {path.name for path in directory.iterdir()} == {"lock", "salebell.db"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    with small_disk(tmp_path / "disk") as place:
        yield place


async def test_a_disk_that_is_full(disk: Path) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(5_000_000))
    async with sqlite_opener(disk / "log")() as stand:
        await stand.log.append(created("before"))
        await recovers(stand, ballast.unlink)
