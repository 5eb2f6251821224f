import asyncio
import subprocess
import sys
import threading

import pytest

from salebell_desktop.credentials.daemon import in_daemon_thread

pytestmark = pytest.mark.plain_asyncio


async def test_what_it_returns() -> None:
    assert await in_daemon_thread(lambda: 42, timeout=10) == 42


async def test_what_it_raises() -> None:
    def fail() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await in_daemon_thread(fail, timeout=10)


async def test_it_is_not_waited_for_longer_than_that() -> None:
    answer, done = threading.Event(), threading.Event()

    def hang() -> None:
        answer.wait()
        done.set()

    with pytest.raises(TimeoutError):
        await in_daemon_thread(hang, timeout=0.02)
    answer.set()
    assert await asyncio.to_thread(done.wait, 10)
    await asyncio.sleep(0)


def test_it_does_not_keep_the_program_from_ending() -> None:
    program = """
import asyncio, threading
from salebell_desktop.credentials.daemon import in_daemon_thread

async def main():
    call = asyncio.create_task(in_daemon_thread(threading.Event().wait, timeout=600))
    await asyncio.sleep(0)
    call.cancel()

asyncio.run(main())
print("ended")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "ended\n"
