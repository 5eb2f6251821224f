"""Calls that block: in turn, for a bounded time, and never in the way of an end."""

import asyncio
import subprocess
import sys
import threading

import pytest

from salebell_server.auth.firebase.calls import Calls

LONG = 30.0
"""Seconds after which something hangs."""

SOON = 0.05


class Gate:
    """A call that comes back when it is let go; notes who is in it."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self._go = threading.Semaphore(0)

    def __call__(self) -> str:
        self.entered.release()
        assert self._go.acquire(timeout=LONG)
        return "back"

    def let_go(self, how_many: int = 1) -> None:
        self._go.release(how_many)

    async def was_entered(self) -> None:
        assert await asyncio.to_thread(self.entered.acquire, timeout=LONG)


def failing() -> None:
    raise LookupError("there is none")


async def test_what_a_call_returns_or_raises_is_told() -> None:
    calls = Calls()
    assert await calls(lambda: threading.current_thread().daemon)
    with pytest.raises(LookupError, match="there is none"):
        await calls(failing)


async def test_only_so_many_are_made_at_once() -> None:
    gate, calls = Gate(), Calls(2, LONG)
    tasks = [asyncio.create_task(calls(gate)) for _ in range(3)]
    for _ in range(2):
        await gate.was_entered()
    assert not gate.entered.acquire(blocking=False)
    gate.let_go()
    await gate.was_entered()
    gate.let_go(2)
    assert await asyncio.gather(*tasks) == ["back"] * 3


async def test_a_call_that_hangs_is_given_up_and_keeps_its_place_until_it_comes_back() -> None:
    gate, calls = Gate(), Calls(1, SOON)
    with pytest.raises(TimeoutError):
        await calls(gate)
    with pytest.raises(TimeoutError):
        await calls(lambda: "had its turn")
    gate.let_go()
    while True:
        try:
            assert await calls(lambda: "had its turn") == "had its turn"
        except TimeoutError:
            continue
        break


async def test_a_caller_who_gives_up_leaves_the_place_of_a_call_that_was_not_begun() -> None:
    gate, calls = Gate(), Calls(1, LONG)
    first = asyncio.create_task(calls(gate))
    await gate.was_entered()
    second = asyncio.create_task(calls(gate))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.let_go()
    assert await first == "back"
    assert await calls(lambda: "next") == "next"


async def test_after_the_close_no_call_is_made() -> None:
    gate, calls = Gate(), Calls(1, LONG)
    before = asyncio.create_task(calls(gate))
    await gate.was_entered()
    waiting = asyncio.create_task(calls(failing))
    await asyncio.sleep(0)
    calls.close()
    calls.close()
    gate.let_go()
    assert await before == "back"
    for refused in (waiting, calls(failing)):
        with pytest.raises(RuntimeError, match="no more calls"):
            await refused


def test_a_call_that_comes_back_after_the_loop_was_closed_is_forgotten() -> None:
    gate = Gate()
    threads: list[threading.Thread] = []

    def call() -> None:
        threads.append(threading.current_thread())
        gate()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await Calls(1, SOON)(call)

    asyncio.run(give_up())
    gate.let_go()
    [thread] = threads
    thread.join(LONG)
    assert not thread.is_alive()  # pytest would report what it raised


@pytest.mark.parametrize("ending", ["return", "raise SystemExit(0)"])
def test_a_process_ends_while_a_call_hangs(ending: str) -> None:
    program = (
        "import asyncio, threading\n"
        "from salebell_server.auth.firebase.calls import Calls\n"
        "async def main():\n"
        "    try: await Calls(1, 0.05)(threading.Event().wait)\n"
        f"    except TimeoutError: {ending}\n"
        "asyncio.run(main())\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=LONG, check=False).returncode == 0


async def test_a_thread_that_cannot_be_had_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    calls = Calls(at_once=1, seconds=LONG)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        for _ in range(3):
            with pytest.raises(RuntimeError, match="thread"):
                await calls(lambda: 1)
    assert await calls(lambda: 2) == 2
