"""Ingest keys: what a producer signs in with. Stored as SHA-256 beside the log."""

import hashlib
import secrets
from datetime import datetime
from typing import Protocol

import msgspec

KEY_PREFIX = "sbk_"


def new_key() -> str:
    """A fresh secret of 192 random bits; the prefix lets secret scanners find it."""
    return KEY_PREFIX + secrets.token_urlsafe(24)


def key_hash(key: str) -> bytes:
    """What is stored of a key. The key is random, so that a plain SHA-256 is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


class IngestKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is stored."""

    name: str
    store: str
    created_at: datetime


class KeyNameTaken(Exception):
    """Another key has that name."""


class KeyStore(Protocol):
    """The ingest keys of this server. Changes are seen at once by every process on the same log.

    Every method may raise `LogUnavailable`.
    """

    async def create(self, name: str, store: str, hashed: bytes, now: datetime) -> None:
        """Store a key.

        Raises:
            KeyNameTaken: `name` is in use.
        """
        ...

    async def find(self, hashed: bytes) -> IngestKey | None:
        """The key with this hash, unless it was revoked."""
        ...

    async def list(self) -> tuple[IngestKey, ...]:
        """All keys, by name."""
        ...

    async def revoke(self, name: str) -> bool:
        """Forget a key; False when there is none of that name."""
        ...
