"""Retention: forgetting events and sales, a slice at a time, so that nobody waits long for Redis.

Several servers may do it at once: each slice is one script, which looks for itself at what there is to forget.
"""

from salebell_server.log.redis.keyspace import store_keys
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.scripts import TRIM_EVENTS, TRIM_SALES

SLICE = 100
"""Events, sales and event ids that one script forgets at the most (a sale goes whole): a few milliseconds."""


async def trim_events(lane: Lane, store: str, keep: int, before: int) -> None:
    """Forget the oldest retained events: those too many, and those recorded earlier than `before`."""
    keys = store_keys(store)
    while await lane.call(TRIM_EVENTS, (keys.meta, keys.log), keep, before, SLICE) == SLICE:
        pass


async def trim_sales(lane: Lane, store: str, before: int, channel: str) -> None:
    """Forget sales whose last event was recorded earlier than `before`, and is not retained any more."""
    keys = store_keys(store)
    more, skip = 1, 0
    while more:
        more, kept = await lane.call(
            TRIM_SALES,
            (keys.meta, keys.ids, keys.sales, keys.created, keys.latest, keys.touched, keys.cursors),
            channel,
            before,
            skip,
            SLICE,
        )
        skip += kept
