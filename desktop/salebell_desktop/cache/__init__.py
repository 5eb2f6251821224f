"""What the program remembers of its stores between two runs: `Cache` is the contract, `sqlite` keeps it.

It can all be read from the server again, except which sales were shown and a look that the server does not know of.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from salebell_desktop.store import Snapshot, Unsaved

KEPT_SALES = 10_000
"""Sales a store, the newest."""


class CacheKey(msgspec.Struct, frozen=True):
    """Whose stores they are: a server, as `ServerAddress.key` writes it, and the uid of an admin."""

    server: str
    uid: str


class CacheFailed(Exception):
    """Something could not be written. What was written before is still there."""


class Cache(Protocol):
    """Remembers stores.

    The methods block for some milliseconds, and may be called from any thread.

    Guarantees:
        - What one `save` is given is there whole or not at all, whenever the program or the computer stops.
        - A cache that cannot be read is as good as an empty one.
    """

    def load(self, key: CacheKey) -> Mapping[str, Snapshot]:
        """The stores of an account, in the order in which they were first saved."""
        ...

    def save(self, key: CacheKey, changes: Mapping[str, Unsaved]) -> None:
        """Keep what changed in some stores.

        Raises:
            CacheFailed: it was not kept.
        """
        ...

    def forget_store(self, key: CacheKey, store: str) -> None:
        """Remember nothing of one store any more. Raises as `save` does."""
        ...

    def forget(self, key: CacheKey) -> None:
        """Remember nothing of an account any more. Raises as `save` does."""
        ...

    def close(self) -> None:
        """End. Harmless when repeated."""
        ...
