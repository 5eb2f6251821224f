"""Sliding windows in Redis, for counting failed sign-ins together with other servers."""

import asyncio
from typing import Any

from limits.aio.storage import RedisStorage

from salebell_server.log.address import RedisAddress
from salebell_server.log.redis.client import pool
from salebell_server.log.redis.errors import unavailable
from salebell_server.log.redis.keyspace import FAILURES

PATIENCE_SECONDS = 0.5
"""How long a question may take: somebody waits for the answer who wants to sign in."""

CONNECTIONS = 8


class RedisWindows(RedisStorage):
    """The storage of `limits`, on connections as this program makes them. To be closed with `close`.

    A window begins with its first hit, and is measured by Redis alone: the clocks of the servers need not agree.

    What this program asks of it raises `LogUnavailable` when Redis is away, full, or takes more than `patience`.

    Args:
        address: where.
        patience: seconds.
    """

    def __init__(self, address: RedisAddress, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._connections = pool(address, connections=CONNECTIONS, timeout=patience)
        options: dict[str, Any] = {"connection_pool": self._connections}
        super().__init__("async+redis://", implementation="redispy", key_prefix=FAILURES, **options)

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.aclose()

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """See `SlidingWindowCounterSupport.acquire_sliding_window_entry`."""
        try:
            async with asyncio.timeout(self._patience):
                return await super().acquire_sliding_window_entry(key, limit, expiry, amount)
        except Exception as error:
            raise unavailable(error) from error

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """See `SlidingWindowCounterSupport.get_sliding_window`."""
        try:
            async with asyncio.timeout(self._patience):
                return await super().get_sliding_window(key, expiry)
        except Exception as error:
            raise unavailable(error) from error
