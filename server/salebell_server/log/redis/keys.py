"""The ingest keys, in Redis beside the events."""

from datetime import datetime

from salebell_server.log.keys import IngestKey, KeyNameTaken
from salebell_server.log.redis.keyspace import KEYS, KEYS_BY_HASH
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.scripts import CREATE_KEY, REVOKE_KEY
from salebell_server.log.redis.values import Values

EXPECTED_BYTES = 200
"""What a key takes in an answer, roughly."""

MANY = 1000

key_values = Values(IngestKey)


class RedisKeyStore:
    """A `KeyStore`. Any number of processes may use the same database.

    Args:
        lane: what carries the commands; its owner closes it.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def create(self, name: str, store: str, hashed: bytes, now: datetime) -> None:
        """See `KeyStore.create`."""
        value = key_values.encode(IngestKey(name=name, store=store, created_at=now))
        answer = await self._lane.ask(CREATE_KEY, (KEYS, KEYS_BY_HASH), name, hashed, value)
        # Repeated, it finds the key that it made the first time.
        if answer.value is not None and not (answer.repeated and answer.value == hashed):
            raise KeyNameTaken

    async def find(self, hashed: bytes) -> IngestKey | None:
        """See `KeyStore.find`."""
        value = await self._lane.command("HGET", KEYS_BY_HASH, hashed)
        return None if value is None else key_values.decode(value)

    async def list(self) -> tuple[IngestKey, ...]:
        """See `KeyStore.list`."""
        values = await self._lane.command("HVALS", KEYS_BY_HASH, expect=MANY * EXPECTED_BYTES)
        return tuple(sorted(map(key_values.decode, values), key=lambda key: key.name))

    async def revoke(self, name: str) -> bool:
        """See `KeyStore.revoke`."""
        if not await self._lane.command("HEXISTS", KEYS, name):
            return False
        answer = await self._lane.ask(REVOKE_KEY, (KEYS, KEYS_BY_HASH), name)
        return answer.value == 1 or answer.repeated  # repeated, it finds nothing any more


async def stores_of_keys(lane: Lane) -> set[str]:
    """The stores that have an ingest key."""
    return {key.store for key in await RedisKeyStore(lane).list()}
