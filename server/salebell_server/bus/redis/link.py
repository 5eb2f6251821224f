"""The connection that listens."""

import asyncio
import math
from typing import Any, Self

from redis.exceptions import RedisError

from salebell_server.log import LogUnavailable
from salebell_server.log.address import RedisAddress
from salebell_server.log.redis.client import TIMEOUT_SECONDS, Line, line
from salebell_server.log.redis.errors import unavailable


class Link:
    """One Pub/Sub connection, from dialled to lost. What is lost stays lost: it never dials again by itself.

    Everything but `close` may raise `LogUnavailable`, with the reason; then the link is lost.
    """

    def __init__(self, dialled: Line) -> None:
        self._line = dialled
        self._lost: LogUnavailable | None = None

    @classmethod
    async def dial(cls, address: RedisAddress) -> Self:
        """Connect and sign in; that takes `TIMEOUT_SECONDS` at the most."""
        dialled = line(address)
        link = cls(dialled)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await dialled.connect()
        except (RedisError, OSError) as error:
            await link.close()
            raise unavailable(error) from error
        except asyncio.CancelledError:
            await link.close()
            raise
        return link

    async def send(self, *command: str | bytes) -> None:
        """Send a command; what Redis says to it is received like everything else."""
        if self._lost is not None:
            raise self._lost  # sending would dial again
        try:
            await self._line.send_command(*command)
        except (RedisError, OSError) as error:
            raise self._lose(error) from error

    async def receive(self) -> Any:
        """The next thing that Redis says. Returns without waiting as long as something is there that came already."""
        if self._lost is not None:
            raise self._lost
        try:
            return await self._line.read_response(timeout=math.inf, disconnect_on_error=False)
        except (RedisError, OSError) as error:
            raise self._lose(error) from error

    async def close(self) -> None:
        """Break the connection off."""
        self._line.abort()
        await self._line.disconnect(nowait=True)

    def _lose(self, error: Exception) -> LogUnavailable:
        self._lost = unavailable(error)
        return self._lost
