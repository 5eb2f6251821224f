"""Accounts, sessions and signing keys, in the database beside the events."""

import sqlite3
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from salebell_server.log.accounts import (
    MAX_FAMILIES,
    MAX_SIGNING_KEYS,
    Account,
    EmailTaken,
    RefreshFamily,
    SigningKey,
    email_key,
)
from salebell_server.log.instants import from_micros, to_micros
from salebell_server.log.sqlite.database import Database

_ACCOUNT = "SELECT uid, email, name, password_hash, stores, disabled, valid_after, created_at FROM accounts"
_FAMILY = "SELECT id, uid, used, successors, opened_at, used_at FROM refresh_families WHERE id = ?"
_KEYS = "SELECT kid, secret, created_at FROM signing_keys ORDER BY id DESC"
_HASH_BYTES = 32
_AT_ONCE = 500
"""Ids in one query; SQLite allows 999 parameters (sqlite.org/limits.html)."""


class SqliteAccountStore:
    """An `AccountStore`. Works beside a server that has the same database open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account: Account) -> None:
        """See `AccountStore.add`."""

        def insert(connection: sqlite3.Connection) -> None:
            key = email_key(account.email)
            if connection.execute("SELECT 1 FROM accounts WHERE email_key = ?", (key,)).fetchone():
                raise EmailTaken
            connection.execute(
                "INSERT INTO accounts (uid, email, email_key, name, password_hash, stores, disabled, valid_after,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (account.uid, account.email, key, *_variable(account), to_micros(account.created_at)),
            )

        await self._database.write(insert)

    async def find(self, email: str) -> Account | None:
        """See `AccountStore.find`."""
        key = email_key(email)
        row = await self._database.read(
            lambda connection: connection.execute(f"{_ACCOUNT} WHERE email_key = ?", (key,)).fetchone()
        )
        return None if row is None else _account(row)

    async def get(self, uids: Collection[str]) -> Mapping[str, Account]:
        """See `AccountStore.get`."""
        wanted = tuple(uids)

        def select(connection: sqlite3.Connection) -> list[Any]:
            rows: list[Any] = []
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                rows += connection.execute(f"{_ACCOUNT} WHERE uid IN ({marks})", some)
            return rows

        return {row[0]: _account(row) for row in await self._database.read(select)}

    async def list(self) -> tuple[Account, ...]:
        """See `AccountStore.list`."""
        rows = await self._database.read(
            lambda connection: connection.execute(f"{_ACCOUNT} ORDER BY email_key").fetchall()
        )
        return tuple(_account(row) for row in rows)

    async def revise(self, uid: str, rule: Callable[[Account], Account]) -> Account | None:
        """See `AccountStore.revise`."""

        def update(connection: sqlite3.Connection) -> Account | None:
            row = connection.execute(f"{_ACCOUNT} WHERE uid = ?", (uid,)).fetchone()
            if row is None:
                return None
            before = _account(row)
            after = replace(rule(before), uid=uid, email=before.email, created_at=before.created_at)
            connection.execute(
                "UPDATE accounts SET name = ?, password_hash = ?, stores = ?, disabled = ?, valid_after = ?"
                " WHERE uid = ?",
                (*_variable(after), uid),
            )
            if after.valid_after != before.valid_after:
                connection.execute("DELETE FROM refresh_families WHERE uid = ?", (uid,))
            return after

        return await self._database.write(update)

    async def remove(self, uid: str) -> bool:
        """See `AccountStore.remove`."""

        def delete(connection: sqlite3.Connection) -> bool:
            connection.execute("DELETE FROM refresh_families WHERE uid = ?", (uid,))
            return connection.execute("DELETE FROM accounts WHERE uid = ?", (uid,)).rowcount > 0

        return await self._database.write(delete)

    async def open_family(self, family: RefreshFamily, valid_after: int) -> bool:
        """See `AccountStore.open_family`."""

        def insert(connection: sqlite3.Connection) -> bool:
            known = connection.execute("SELECT valid_after FROM accounts WHERE uid = ?", (family.uid,)).fetchone()
            if known != (valid_after,):
                return False
            connection.execute(
                "DELETE FROM refresh_families WHERE id IN (SELECT id FROM refresh_families WHERE uid = ?"
                " ORDER BY used_at DESC LIMIT -1 OFFSET ?)",
                (family.uid, MAX_FAMILIES - 1),
            )
            connection.execute(
                "INSERT INTO refresh_families (used, successors, used_at, id, uid, opened_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (*_progress(family), family.id, family.uid, to_micros(family.opened_at)),
            )
            return True

        return await self._database.write(insert)

    async def family(self, family_id: bytes) -> RefreshFamily | None:
        """See `AccountStore.family`."""
        row = await self._database.read(lambda connection: connection.execute(_FAMILY, (family_id,)).fetchone())
        return None if row is None else _family(row)

    async def revise_family(
        self, family_id: bytes, rule: Callable[[RefreshFamily], RefreshFamily | None]
    ) -> RefreshFamily | None:
        """See `AccountStore.revise_family`."""

        def update(connection: sqlite3.Connection) -> RefreshFamily | None:
            row = connection.execute(_FAMILY, (family_id,)).fetchone()
            after = None if row is None else rule(_family(row))
            if after is None:
                connection.execute("DELETE FROM refresh_families WHERE id = ?", (family_id,))
            else:
                connection.execute(
                    "UPDATE refresh_families SET used = ?, successors = ?, used_at = ? WHERE id = ?",
                    (*_progress(after), family_id),
                )
            return after

        return await self._database.write(update)

    async def end_families(self, unused_since: datetime) -> None:
        """See `AccountStore.end_families`."""
        before = to_micros(unused_since)

        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM refresh_families WHERE used_at < ?", (before,))

        await self._database.write(delete)

    async def signing_keys(self) -> tuple[SigningKey, ...]:
        """See `AccountStore.signing_keys`."""
        return await self._database.read(_signing_keys)

    async def add_signing_key(self, key: SigningKey, after: str | None) -> tuple[SigningKey, ...]:
        """See `AccountStore.add_signing_key`."""

        def insert(connection: sqlite3.Connection) -> tuple[SigningKey, ...]:
            keys = _signing_keys(connection)
            if after != (keys[0].kid if keys else None):
                return keys
            connection.execute(
                "INSERT INTO signing_keys (kid, secret, created_at) VALUES (?, ?, ?)",
                (key.kid, key.secret, to_micros(key.created_at)),
            )
            for old in keys[MAX_SIGNING_KEYS - 1 :]:
                connection.execute("DELETE FROM signing_keys WHERE kid = ?", (old.kid,))
            return _signing_keys(connection)

        return await self._database.write(insert)


def _variable(account: Account) -> tuple[str, str, str | None, bool, int]:
    stores = None if account.stores is None else msgspec.json.encode(sorted(account.stores)).decode()
    return account.name, account.password_hash, stores, account.disabled, account.valid_after


def _account(row: Any) -> Account:
    uid, email, name, password_hash, stores, disabled, valid_after, created_at = row
    return Account(
        uid=uid,
        email=email,
        name=name,
        password_hash=password_hash,
        stores=None if stores is None else msgspec.json.decode(stores, type=frozenset[str]),
        disabled=bool(disabled),
        valid_after=valid_after,
        created_at=from_micros(created_at),
    )


def _progress(family: RefreshFamily) -> tuple[bytes, bytes, int]:
    return family.used, b"".join(family.successors), to_micros(family.used_at)


def _family(row: Any) -> RefreshFamily:
    family_id, uid, used, successors, opened_at, used_at = row
    starts = range(0, len(successors), _HASH_BYTES)
    return RefreshFamily(
        id=family_id,
        uid=uid,
        used=used,
        successors=tuple(successors[start : start + _HASH_BYTES] for start in starts),
        opened_at=from_micros(opened_at),
        used_at=from_micros(used_at),
    )


def _signing_keys(connection: sqlite3.Connection) -> tuple[SigningKey, ...]:
    return tuple(
        SigningKey(kid=kid, secret=secret, created_at=from_micros(created_at))
        for kid, secret, created_at in connection.execute(_KEYS)
    )
