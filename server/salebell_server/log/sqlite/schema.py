"""The tables, and how an older file becomes a newer one.

Each migration takes a file from one version to the next; a new file goes through all of them. A migration that was
released is never changed: a new table or column is a new migration at the end.

Instants are whole microseconds since 1970-01-01T00:00:00Z (see `instants`). The SQL keeps to what SQLite 3.24
knows, since Python links to whatever the system has.
"""

import sqlite3
from collections.abc import Sequence

APPLICATION_ID = 0x53616C65
""""Sale" in ASCII: tells our files from other programs' (the header's `application_id`)."""

_LOG = """
CREATE TABLE stores (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    top INTEGER NOT NULL DEFAULT 0,          -- offset of the last event, 0 before the first
    last_event TEXT NOT NULL DEFAULT '',     -- id of the last event
    first INTEGER NOT NULL DEFAULT 1         -- lowest offset whose event is retained; top + 1 when none is
);

CREATE TABLE sales (
    id INTEGER PRIMARY KEY,
    store INTEGER NOT NULL REFERENCES stores,
    sale_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    last_offset INTEGER NOT NULL,            -- its last event
    latest_created INTEGER NOT NULL,         -- its last SALE_CREATED
    touched INTEGER NOT NULL,                -- when its last event was recorded
    status_event TEXT NOT NULL,              -- the event that gave it its status
    status_offset INTEGER NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    currency TEXT NOT NULL,
    total TEXT NOT NULL,
    channel TEXT NOT NULL,
    folded TEXT NOT NULL,                    -- what a search looks through
    body BLOB NOT NULL                       -- the JSON of the Sale
);
CREATE UNIQUE INDEX sales_by_id ON sales (store, sale_id);
CREATE INDEX sales_unread ON sales (store, latest_created);
CREATE INDEX sales_listed ON sales (store, created_at DESC, sale_id);
CREATE INDEX sales_touched ON sales (store, touched);

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    store INTEGER NOT NULL REFERENCES stores,
    offset INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    sale INTEGER NOT NULL REFERENCES sales,
    recorded INTEGER NOT NULL,               -- when it was appended
    digest BLOB NOT NULL,                    -- of the request that asked for it
    previous TEXT NOT NULL,                  -- id of the event at offset - 1
    body BLOB                                -- the JSON of the confirmed Event; null once it is no more retained
);
CREATE UNIQUE INDEX events_by_offset ON events (store, offset);
CREATE UNIQUE INDEX events_by_id ON events (store, event_id);
CREATE INDEX events_of_sale ON events (sale, offset);

CREATE TABLE cursors (
    store INTEGER NOT NULL REFERENCES stores,
    admin TEXT NOT NULL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (store, admin)
) WITHOUT ROWID;

CREATE TABLE probe (                         -- one row, written to find out whether anything can be
    id INTEGER PRIMARY KEY CHECK (id = 1),
    writes INTEGER NOT NULL,
    content BLOB NOT NULL
);
INSERT INTO probe VALUES (1, 0, '');
"""

_KEYS = """
CREATE TABLE ingest_keys (
    name TEXT PRIMARY KEY,
    store TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,               -- SHA-256 of the key
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
"""

# Local accounts, their refresh tokens and the keys that sign ID tokens.
_ACCOUNTS = """
CREATE TABLE accounts (
    uid TEXT PRIMARY KEY,
    email TEXT NOT NULL,                     -- as it was typed
    email_key TEXT NOT NULL UNIQUE,          -- what it is found by
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,             -- argon2id, with its parameters
    stores TEXT,                             -- a JSON list; null means all, [] that the account is no admin
    disabled INTEGER NOT NULL,
    valid_after INTEGER NOT NULL,            -- unix second: ID tokens from before it are refused
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE refresh_families (
    id BLOB PRIMARY KEY,
    uid TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    used BLOB NOT NULL,                      -- SHA-256 of the token that was used last, empty before the first use
    successors BLOB NOT NULL,                -- SHA-256s, one after the other, of what was given for it
    opened_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX refresh_families_of_account ON refresh_families (uid, used_at);
CREATE INDEX refresh_families_used ON refresh_families (used_at);

CREATE TABLE signing_keys (
    id INTEGER PRIMARY KEY,                  -- in the order of their making, whatever the clock said
    kid TEXT NOT NULL UNIQUE,
    secret BLOB NOT NULL,
    created_at INTEGER NOT NULL
);
"""

MIGRATIONS: tuple[str, ...] = (_LOG + _KEYS + _ACCOUNTS,)
"""`MIGRATIONS[n]` takes a file from version n to n + 1; 0 is an empty file."""

TABLES = frozenset({"stores", "sales", "events"})
"""Without these a file is not whole."""

SCHEMA_VERSION = len(MIGRATIONS)
"""The version this program works with, kept in the header's `user_version`."""


def version_of(connection: sqlite3.Connection) -> int:
    """The schema's version in the file."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def upgrade(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    """Bring the file to the version after the last of the migrations, in one transaction: all of it or nothing."""
    missing = migrations[version_of(connection) :]
    if not missing:
        return
    try:
        connection.executescript(
            f"BEGIN EXCLUSIVE; PRAGMA application_id = {APPLICATION_ID}; {''.join(missing)}"
            f"PRAGMA user_version = {len(migrations)}; COMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.rollback()
        raise
