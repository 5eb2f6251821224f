"""Appending an event: what is sent, and what the answer means."""

import asyncio
from datetime import datetime

from salebell_protocol import codec
from salebell_protocol.events import Event, EventType
from salebell_server.log import Appended, Draft, Known, Stale
from salebell_server.log.instants import to_micros
from salebell_server.log.redis.keyspace import STORES, place_of, store_keys
from salebell_server.log.redis.lane import Answer, Lane
from salebell_server.log.redis.scripts import APPEND
from salebell_server.log.redis.wire import channel

_STALE = b"stale"


class Appender:
    """Appends on one lane, and sees to it that every store with an event is listed in `STORES`.

    Args:
        lane: what carries the commands.
        db: the number of the database, for the channel.
    """

    def __init__(self, lane: Lane, db: int) -> None:
        self._lane = lane
        self._db = db
        self._listed: set[str] = set()

    async def append(self, draft: Draft, now: datetime, new_epoch: str) -> Appended | Known | Stale:
        """See `SaleLog.append`.

        A store is listed before its first event, by a command of its own: it lies in another slot.
        """
        store = draft.store
        if store not in self._listed:
            _, outcome = await asyncio.gather(self._list(store), self._append(draft, now, new_epoch))
            return outcome
        outcome = await self._append(draft, now, new_epoch)
        if outcome == Appended(1):  # the database was emptied since, and so was the list
            await self._list(store)
        return outcome

    async def _list(self, store: str) -> None:
        await self._lane.command("SADD", STORES, store)
        self._listed.add(store)

    async def _append(self, draft: Draft, now: datetime, new_epoch: str) -> Appended | Known | Stale:
        keys = store_keys(draft.store)
        answer = await self._lane.ask(
            APPEND,
            (keys.meta, keys.log, keys.ids, keys.sales, keys.created, keys.latest, keys.touched),
            channel(self._db, draft.store),
            new_epoch,
            *_arguments(draft, now),
        )
        return _outcome(answer, draft)


def _arguments(draft: Draft, now: datetime) -> tuple[str | bytes | int, ...]:
    event = Event(id=draft.event_id, type=draft.type, store=draft.store, occurred_at=draft.occurred_at, sale=draft.sale)
    return (
        draft.event_id,
        int(draft.type is EventType.SALE_CREATED),
        to_micros(now),
        draft.digest,
        codec.encode(event),
        draft.sale.id,
        draft.expected_version,
        int(draft.sets_status),
        place_of(to_micros(draft.sale.created_at)),
        codec.encode(draft.sale),
    )


def _outcome(answer: Answer, draft: Draft) -> Appended | Known | Stale:
    if answer.value == _STALE:
        return Stale()
    if isinstance(answer.value, bytes):
        return Appended(int(answer.value))
    offset, digest = answer.value
    if answer.repeated and digest == draft.digest:  # it is this very append that was carried out the first time
        return Appended(int(offset))
    return Known(draft.event_id, int(offset), digest)
