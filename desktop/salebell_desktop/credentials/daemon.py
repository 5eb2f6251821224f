"""Running a blocking call without waiting for it when it never returns."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(call: Callable[[], T], timeout: float) -> T:  # noqa: ASYNC109 - the thread cannot be ended
    """What `call` returns or raises, computed in a daemon thread.

    A call that hangs (a keyring that asks for its password, and nobody is there) keeps neither the event loop nor the
    program from going on; `asyncio.to_thread` would hold up the program's end until it returned.

    Args:
        call: blocks.
        timeout: seconds to wait for it.

    Raises:
        TimeoutError: it is still running; its outcome will be ignored.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def resolve(value: T) -> None:
        if not outcome.done():
            outcome.set_result(value)

    def fail(error: BaseException) -> None:
        if not outcome.done():
            outcome.set_exception(error)

    def run() -> None:
        try:
            value = call()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who awaits
            _report(loop, fail, error)
        else:
            _report(loop, resolve, value)

    threading.Thread(target=run, name="salebell-blocking", daemon=True).start()
    async with asyncio.timeout(timeout):
        return await outcome


def _report(loop: asyncio.AbstractEventLoop, how: Callable[[T], None], what: T) -> None:
    try:
        loop.call_soon_threadsafe(how, what)
    except RuntimeError:
        return  # the loop was closed meanwhile: the program is ending
