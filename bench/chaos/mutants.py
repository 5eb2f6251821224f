"""Servers with a defect on purpose, to show that the judge finds it: `python -m bench.chaos.mutants NAME serve ...`."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bench.chaos.faults import OF_REDIS, OF_SERVERS, Fault, messages_are_lost, redis_is_killed, server_is_killed
from salebell_server.__main__ import main
from salebell_server.fallback.outbox import Outbox
from salebell_server.hub.channel import Channel
from salebell_server.log import Entry
from salebell_server.log.redis import scripts
from salebell_server.log.redis.client import Script
from salebell_server.sales.intake import Deferred
from salebell_server.sales.requests import Receipt

LATE_SECONDS = 3.0


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


class Mutant(NamedTuple):
    """A defect, and what shows it.

    Attributes:
        mutate: gives the defect to this process.
        faults: each kind torments beside the others.
    """

    mutate: Callable[[], None]
    faults: Sequence[Sequence[Fault]]


MUTANTS = {
    "no-dedupe": Mutant(no_dedupe, (OF_REDIS, OF_SERVERS)),
    "no-gap-resume": Mutant(no_gap_resume, ((messages_are_lost,),) * 4),
    "early-ack": Mutant(early_ack, ((redis_is_killed,), (server_is_killed,))),
}

if __name__ == "__main__":
    MUTANTS[sys.argv.pop(1)].mutate()
    main()
