"""Servers with a defect on purpose, to show that the judge finds it: `python -m bench.chaos.mutants NAME serve ...`."""

import asyncio
import sys
from collections.abc import Callable

from salebell_server.__main__ import main
from salebell_server.fallback.outbox import Outbox
from salebell_server.hub.channel import Channel
from salebell_server.log import Entry
from salebell_server.log.redis import scripts
from salebell_server.log.redis.client import Script
from salebell_server.sales.intake import Deferred
from salebell_server.sales.requests import Receipt

LATE_SECONDS = 0.3


def no_dedupe() -> None:
    """An event id that the log has is given another place."""
    for script, look in (
        (scripts.APPEND, "redis.call('HGET', ids, event_id)"),
        (scripts.LOOKUP, "redis.call('HGET', KEYS[1], ARGV[1])"),
    ):
        assert script.source.count(look) == 1
        mutant = Script(script.source.replace(look, "false"))
        script.source, script.sha = mutant.source, mutant.sha


def no_gap_resume() -> None:
    """What the bus brings is passed on as it comes, and what it does not bring is not looked for."""
    accept = vars(Channel)["_accept"]

    def published(self: Channel, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
        vars(self).update(_head=entries[0].offset - 1, _head_id=entries[0].previous)
        accept(self, entries)

    Channel.published = published  # type: ignore[method-assign]
    Channel.missed = lambda self, store: None  # type: ignore[method-assign]
    Channel.doubt = lambda self: None  # type: ignore[method-assign]
    Channel.hear_of = lambda self, offset: None  # type: ignore[method-assign]


def early_ack() -> None:
    """A sale is acknowledged before it is on the disk."""
    take = Outbox.take
    late: set[asyncio.Task[Receipt]] = set()

    async def later(self: Outbox, command: Deferred) -> Receipt:
        await asyncio.sleep(LATE_SECONDS)
        return await take(self, command)

    async def taken(self: Outbox, command: Deferred) -> Receipt:
        task = asyncio.create_task(later(self, command))
        late.add(task)
        task.add_done_callback(late.discard)
        return Receipt(event_id=command.event_id, offset=None, duplicate=False)

    Outbox.take = taken  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    "no-dedupe": no_dedupe,
    "no-gap-resume": no_gap_resume,
    "early-ack": early_ack,
}

if __name__ == "__main__":
    MUTANTS[sys.argv.pop(1)]()
    main()
