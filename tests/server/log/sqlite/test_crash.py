"""A server that is killed in the middle of it has everything that it acknowledged."""

import asyncio
import random
import signal
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from pathlib import Path

from salebell_server.log.sqlite.database import Database
from tests.server.log.stand import all_entries, sqlite_opener

ROOT = Path(__file__).parents[4]
KILLS = 6


async def killed_run(directory: Path, run: int, lines: int) -> list[list[str]]:
    """What a server acknowledged that was killed after that many acknowledgements."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.log.sqlite.crash_writer", str(directory), f"run{run}", cwd=ROOT, stdout=PIPE
    )
    assert process.stdout is not None
    told: list[bytes] = []
    try:
        async with asyncio.timeout(60):
            while len(told) < lines and (line := await process.stdout.readline()):
                told.append(line)
            process.kill()
            told += (await process.stdout.read()).splitlines(keepends=True)
            status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert status == -signal.SIGKILL
    return [line.decode().split() for line in told if line.endswith(b"\n")]


async def test_killed_again_and_again_it_loses_and_repeats_nothing(tmp_path: Path) -> None:
    acknowledged: dict[str, int] = {}
    seen = 0
    chance = random.Random(7)
    for run in range(KILLS):
        for kind, *facts in await killed_run(tmp_path, run, chance.randrange(50, 600)):
            if kind == "event":
                assert facts[0] not in acknowledged
                acknowledged[facts[0]] = int(facts[1])
            else:
                seen = max(seen, int(facts[0]))
        async with sqlite_opener(tmp_path)() as stand:
            entries = await all_entries(stand.log)
            cursor = (await stand.log.unread("main", "ana")).seen
            unread = (await stand.log.unread("main", "ana")).count
        assert [entry.offset for entry in entries] == list(range(1, len(entries) + 1))
        ids = [entry.event_id for entry in entries]
        assert max(Counter(ids).values()) == 1
        assert [entry.previous for entry in entries] == ["", *ids[:-1]]
        kept = {entry.event_id: entry.offset for entry in entries}
        assert acknowledged.items() <= kept.items()
        assert seen <= cursor <= len(entries)
        assert unread == len(entries) - cursor
    assert len(acknowledged) > KILLS * 50 / 2
    async with Database(tmp_path, serve=True) as database:
        assert await database.faults() == ""
