"""What a server knows people and producers by, read at one instant.

With it, it goes on while a shared log is away, and begins again after one that was lost.

`Snapshots` is the contract.
"""

from typing import Protocol

import msgspec

from salebell_server.log import LogUnavailable
from salebell_server.log.accounts import Account, SigningKey
from salebell_server.log.keys import IngestKey


class NewerSchema(LogUnavailable):
    """The shared database was written by a newer Salebell. It was left as it is."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The keys and accounts of a shared database.

    Attributes:
        id: of the database: random, made when it began.
        replaces: the id of the database that was lost, and whose keys and accounts this one began with; or "".
        keys: the ingest keys with their SHA-256, by name.
        accounts: by uid.
        signing_keys: newest first.
        stores: names of stores that have events, sorted; those of the keys may be missing.
    """

    id: str
    replaces: str = ""
    keys: tuple[tuple[bytes, IngestKey], ...] = ()
    accounts: tuple[Account, ...] = ()
    signing_keys: tuple[SigningKey, ...] = ()
    stores: tuple[str, ...] = ()

    @property
    def knows_nobody(self) -> bool:
        """Whether nobody can sign in by it."""
        return not self.keys and not self.accounts

    def __repr__(self) -> str:
        """Without what is in it."""
        return f"Snapshot(id={self.id!r}, keys={len(self.keys)}, accounts={len(self.accounts)})"


class Snapshots(Protocol):
    """Reads and begins a shared database. Every method may raise `LogUnavailable`."""

    async def read(self) -> Snapshot | None:
        """What there is; None when the database has no id: nothing has begun there.

        Raises:
            NewerSchema: it is not for this version of the program.
        """
        ...

    async def begin(self, snapshot: Snapshot, *, instead_of: str | None) -> bool:
        """Give the database the id of `snapshot`, and everything in it but the stores; all in one step.

        What has that name, address or hash already, wins.

        Args:
            snapshot: what to begin with.
            instead_of: the id that the database had when it was read; None when it had none.

        Returns:
            Whether it was done: False, and nothing has changed, when the database has got another id since.
        """
        ...
