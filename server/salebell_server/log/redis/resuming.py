"""What a socket starts from, and the events that it missed."""

import msgspec

from salebell_protocol import MAX_REPLAY_EVENTS
from salebell_protocol.events import Event, Position
from salebell_protocol.messages import Recovery
from salebell_server.log import Entry, LogDiverged, Reading
from salebell_server.log.redis.keyspace import store_keys
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.scripts import ENTRIES, HISTORY, OPEN

EXPECTED_BYTES = 1000
"""What an event takes in an answer, roughly."""

CHAIN = 500
"""Events of one sale that one script reads."""

_events = msgspec.json.Decoder(Event)


async def reading(lane: Lane, store: str, admin: str, resume: Position | None, new_epoch: str) -> Reading:
    """See `SaleLog.open`."""
    keys = store_keys(store)
    epoch, top, last, unread, seen, found = await lane.call(
        OPEN,
        (keys.meta, keys.log, keys.latest, keys.cursors),
        new_epoch,
        admin,
        "" if resume is None else resume.epoch,
        "" if resume is None else resume.offset,
        MAX_REPLAY_EVENTS,
    )
    return Reading(
        position=Position(epoch.decode(), int(top), last.decode()),
        unread=unread,
        seen=int(seen),
        recovery=_recovery(resume, found),
    )


def _recovery(resume: Position | None, found: bytes | None) -> Recovery:
    """Args: the id at the position to resume from, as far as it is known and everything after it is there."""
    if resume is None:
        return Recovery.FRESH
    same = found is not None and found.decode() == resume.event_id
    return Recovery.COMPLETE if same else Recovery.RESET


async def entries(lane: Lane, store: str, epoch: str, after: int, limit: int) -> tuple[Entry, ...]:
    """See `SaleLog.entries`."""
    keys = store_keys(store)
    expect = limit * EXPECTED_BYTES
    (own, first, top), *found = await lane.call(ENTRIES, (keys.meta, keys.log), epoch, after, limit, expect=expect)
    if own is None or own.decode() != epoch:
        raise LogDiverged(f"the log of {store} has another epoch")
    if not found:
        raise LogDiverged(f"the log of {store} retains {int(first)} to {int(top)}, not what follows {after}")
    return tuple(_entry(*each) for each in found[0])


def _entry(stream_id: bytes, fields: list[bytes]) -> Entry:
    _, event_id, _, previous, _, _, _, event = fields
    return Entry(int(stream_id.partition(b"-")[0]), event_id.decode(), previous.decode(), event)


async def history(lane: Lane, store: str, sale_id: str) -> tuple[Event, ...]:
    """See `SaleLog.history`."""
    keys = store_keys(store)
    touched = (keys.meta, keys.log, keys.ids, keys.sales)
    found: list[bytes] = []
    event_id: bytes | None = b""
    while event_id is not None:
        event_id, events = await lane.call(HISTORY, touched, sale_id, event_id, CHAIN, expect=CHAIN * EXPECTED_BYTES)
        found += events
    return tuple(_events.decode(event) for event in reversed(found))
