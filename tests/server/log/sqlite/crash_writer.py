"""A program that appends and looks until it is killed, and says on stdout what was acknowledged.

python -m tests.server.log.sqlite.crash_writer DIRECTORY RUN
"""

import asyncio
import itertools
import os
import sys
from pathlib import Path

from salebell_server.log import Appended
from tests.server.log.shop import created
from tests.server.log.stand import Stand, sqlite_opener

PRODUCERS = 16


def acknowledge(text: str) -> None:
    os.write(sys.stdout.fileno(), f"{text}\n".encode())


async def produce(stand: Stand, prefix: str) -> None:
    for number in itertools.count():
        draft = created(f"{prefix}-{number}")
        outcome = await stand.log.append(draft)
        assert isinstance(outcome, Appended)
        acknowledge(f"event {draft.event_id} {outcome.offset}")


async def look(stand: Stand) -> None:
    while True:
        position = (await stand.log.open("main", "ana", None)).position
        await stand.log.see("main", "ana", position.epoch, position.offset)
        acknowledge(f"seen {position.offset}")


async def main(directory: Path, run: str) -> None:
    async with sqlite_opener(directory)() as stand:
        await asyncio.gather(look(stand), *(produce(stand, f"{run}-{number}") for number in range(PRODUCERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
