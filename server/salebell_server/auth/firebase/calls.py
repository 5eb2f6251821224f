"""Calling what blocks, without waiting for it when it does not come back."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 8
"""Threads at the same time. They wait for a network, and cost little more than their connections."""

SECONDS = 8.0
"""For each call, with its turn: more than one of firebase-admin's own time-outs, less than a repeated one."""


class Calls:
    """Makes blocking calls on daemon threads, a few at a time, each for a bounded time.

    A thread cannot be ended. One that hangs keeps its place until it comes back, so that a service that hangs never
    collects threads; being a daemon, it keeps no process from ending, as those of a `ThreadPoolExecutor` would.

    Args:
        at_once: how many at the same time.
        seconds: for each call, from when it is asked for.
    """

    def __init__(self, at_once: int = AT_ONCE, seconds: float = SECONDS) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._seconds = seconds
        self._closed = False

    async def __call__(self, call: Callable[[], T]) -> T:
        """What `call` returns or raises.

        Raises:
            TimeoutError: it has not come back, or not had its turn; its outcome will be ignored.
            RuntimeError: no more calls are made.
        """
        async with asyncio.timeout(self._seconds):
            await self._turns.acquire()
            if self._closed:
                self._turns.release()
                raise RuntimeError("no more calls are made")
            return await self._start(call)

    def close(self) -> None:
        """Make no more calls. Those that were begun come back to whoever waits for them. Harmless when repeated."""
        self._closed = True

    def _start(self, call: Callable[[], T]) -> "asyncio.Future[T]":
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()

        def come_back(settle: Callable[[], None]) -> None:
            self._turns.release()
            if not outcome.done():
                settle()

        def run() -> None:
            settle = _attempt(call, outcome)
            with suppress(RuntimeError):  # the loop was closed meanwhile: the process is ending
                loop.call_soon_threadsafe(come_back, settle)

        try:
            threading.Thread(target=run, name="salebell-firebase", daemon=True).start()
        except BaseException:  # the system gives no more threads
            self._turns.release()
            raise
        return outcome


def _attempt(call: Callable[[], T], outcome: "asyncio.Future[T]") -> Callable[[], None]:
    """Make the call; the answer is what is left to do on the event loop."""
    try:
        value = call()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who awaits
        return partial(outcome.set_exception, error)
    return partial(outcome.set_result, value)
