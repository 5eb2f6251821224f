"""The ingest keys, in the database beside the events."""

import sqlite3
from datetime import datetime

from salebell_server.log.instants import from_micros, to_micros
from salebell_server.log.keys import IngestKey, KeyNameTaken
from salebell_server.log.sqlite.database import Database


class SqliteKeyStore:
    """A `KeyStore`. Works beside a server that has the same database open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, name: str, store: str, hashed: bytes, now: datetime) -> None:
        """See `KeyStore.create`."""

        def insert(connection: sqlite3.Connection) -> None:
            if connection.execute("SELECT 1 FROM ingest_keys WHERE name = ?", (name,)).fetchone():
                raise KeyNameTaken
            connection.execute("INSERT INTO ingest_keys VALUES (?, ?, ?, ?)", (name, store, hashed, to_micros(now)))

        await self._database.write(insert)

    async def find(self, hashed: bytes) -> IngestKey | None:
        """See `KeyStore.find`."""
        found = await self._select("WHERE hash = ?", hashed)
        return found[0] if found else None

    async def list(self) -> tuple[IngestKey, ...]:
        """See `KeyStore.list`."""
        return await self._select("ORDER BY name")

    async def revoke(self, name: str) -> bool:
        """See `KeyStore.revoke`."""
        return await self._database.write(
            lambda connection: connection.execute("DELETE FROM ingest_keys WHERE name = ?", (name,)).rowcount > 0
        )

    async def _select(self, clause: str, *parameters: bytes) -> tuple[IngestKey, ...]:
        rows = await self._database.read(
            lambda connection: connection.execute(
                f"SELECT name, store, created_at FROM ingest_keys {clause}",  # noqa: S608 - clauses are written above
                parameters,
            ).fetchall()
        )
        return tuple(IngestKey(name=name, store=store, created_at=from_micros(at)) for name, store, at in rows)
