"""What identifies a database in Redis, and everything by which people and producers are known, at one instant."""

import asyncio
from typing import Any

from salebell_server.log.accounts import MAX_SIGNING_KEYS, email_key
from salebell_server.log.redis import accounts, keys
from salebell_server.log.redis.accounts import account_values, signing_key_values
from salebell_server.log.redis.client import Argument
from salebell_server.log.redis.keys import key_values
from salebell_server.log.redis.keyspace import (
    ACCOUNTS,
    ACCOUNTS_BY_EMAIL,
    KEYS,
    KEYS_BY_HASH,
    META,
    SIGNING_KEYS,
    STORES,
)
from salebell_server.log.redis.lane import Lane
from salebell_server.log.redis.scripts import BEGIN_DATABASE, SNAPSHOT
from salebell_server.log.snapshot import NewerSchema, Snapshot

SCHEMA = 1
"""Of everything under `keyspace`; a program that cannot read what another wrote must have a lower one."""

_EXPECTED_BYTES = keys.MANY * keys.EXPECTED_BYTES + accounts.MANY * accounts.EXPECTED_BYTES


class RedisSnapshots:
    """`Snapshots` of one database.

    Args:
        lane: what carries the commands; its owner closes it.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def read(self) -> Snapshot | None:
        """See `Snapshots.read`."""
        touched = (META, KEYS_BY_HASH, ACCOUNTS, SIGNING_KEYS, STORES)
        answer = await self._lane.call(SNAPSHOT, touched, expect=_EXPECTED_BYTES)
        # Many accounts take a while to decode, in which others have their turn.
        return await asyncio.to_thread(_snapshot, *answer)

    async def begin(self, snapshot: Snapshot, *, instead_of: str | None) -> bool:
        """See `Snapshots.begin`."""
        touched = (META, KEYS, KEYS_BY_HASH, ACCOUNTS, ACCOUNTS_BY_EMAIL, SIGNING_KEYS)
        head = (instead_of or "", snapshot.id, SCHEMA, snapshot.replaces, MAX_SIGNING_KEYS)
        there = await self._lane.call(BEGIN_DATABASE, touched, *head, *_content(snapshot))
        return bool(there == snapshot.id.encode())


def _snapshot(
    meta: list[bytes | None], keys: list[bytes], accounts: list[bytes], signing_keys: list[bytes], stores: list[bytes]
) -> Snapshot | None:
    database, schema, replaces = meta
    if database is None:
        return None
    if int(schema or 0) > SCHEMA:
        raise NewerSchema(
            f"Redis was written by a newer Salebell (schema {int(schema or 0)}, this one knows {SCHEMA}): upgrade"
        )
    pairs = zip(keys[::2], map(key_values.decode, keys[1::2]), strict=True)
    return Snapshot(
        id=database.decode(),
        replaces=(replaces or b"").decode(),
        keys=tuple(sorted(pairs, key=lambda pair: pair[1].name)),
        accounts=tuple(sorted(map(account_values.decode, accounts), key=lambda account: account.uid)),
        signing_keys=tuple(map(signing_key_values.decode, signing_keys)),
        stores=tuple(sorted(store.decode() for store in stores)),
    )


def _content(snapshot: Snapshot) -> list[Argument]:
    """What `begin_database.lua` is given after the numbers."""
    content: list[Any] = [len(snapshot.keys), len(snapshot.accounts), len(snapshot.signing_keys)]
    for hashed, key in snapshot.keys:
        content += key.name, hashed, key_values.encode(key)
    for account in snapshot.accounts:
        content += account.uid, email_key(account.email), account_values.encode(account)
    content += map(signing_key_values.encode, snapshot.signing_keys)
    return content
