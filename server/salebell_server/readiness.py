"""Whether to send requests to a server, and why not."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import msgspec

from salebell_server.log import LogUnavailable, SaleLog

FRESH_SECONDS = 1.0
"""How long an answer about the log is good for: anyone may ask, and each look may cost the log a write."""


class Health(StrEnum):
    """What the server can do."""

    OK = "ok"
    DEGRADED = "degraded"
    """It takes sales in and delivers them, but some requests are refused."""
    UNAVAILABLE = "unavailable"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether to send requests here, and why not."""

    status: Health
    reasons: tuple[str, ...] = ()


class ReadinessSource(Protocol):
    """Knows how the server is."""

    async def __call__(self) -> Readiness:
        """How it is now; must not raise."""
        ...


class LogReadiness:
    """Ready when the log can be written to.

    Args:
        log: the log.
        monotonic: seconds, never backwards.
    """

    def __init__(self, log: SaleLog, monotonic: Callable[[], float]) -> None:
        self._log = log
        self._monotonic = monotonic
        self._looking = asyncio.Lock()
        self._known: tuple[float, Readiness] | None = None

    async def __call__(self) -> Readiness:
        """See `ReadinessSource`. One look at the log serves all who ask within a second."""
        async with self._looking:
            if self._known is None or self._monotonic() - self._known[0] > FRESH_SECONDS:
                readiness = await self._look()
                self._known = self._monotonic(), readiness
            return self._known[1]

    async def _look(self) -> Readiness:
        try:
            await self._log.check()
        except LogUnavailable as error:
            return Readiness(status=Health.UNAVAILABLE, reasons=(f"log: {error}",))
        return Readiness(status=Health.OK)
