"""Counting together with other servers, as long as what they share can be asked; without it meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

T = TypeVar("T")

RETRY_SECONDS = 5.0
"""How long what is away is left alone: one sign-in in so many seconds finds out whether it is back."""

AT_ONCE = 8
"""Questions on their way at once. The others wait, and are not asked when one of these finds that it is away."""

_logger = structlog.get_logger(__name__)


class Sharing:
    """Asks what many servers share, unless it was found to be away.

    Args:
        monotonic: seconds, from any start, never backwards.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._away = False
        self._ask_again = 0.0

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T | None:
        """The answer; None when there is none to be had now.

        Args:
            question: bounds by itself how long it takes. Whatever it raises means that what is shared is away.
        """
        if not self._may_ask():
            return None
        async with self._turns:
            if not self._may_ask():  # found out by others while this one waited
                return None
            if self._away:
                self._ask_again = self._monotonic() + RETRY_SECONDS  # this one tries it for all
            try:
                answer = await question()
            except Exception as error:  # noqa: BLE001 - a count that cannot be kept is no reason to fail
                self._failed(error)
                return None
        self._answered()
        return answer

    def _may_ask(self) -> bool:
        return not self._away or self._monotonic() >= self._ask_again

    def _failed(self, error: Exception) -> None:
        self._ask_again = self._monotonic() + RETRY_SECONDS
        if not self._away:
            self._away = True
            _logger.warning("failed sign-ins are counted by each server alone", reason=str(error) or repr(error))

    def _answered(self) -> None:
        if self._away:
            self._away = False
            _logger.info("failed sign-ins are counted together again")
