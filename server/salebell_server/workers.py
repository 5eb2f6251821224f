"""Several processes that serve one port: started, watched, started again when they die, and ended together.

The supervisor is the parent. It binds the port and holds whatever belongs to the server as a whole; it serves nobody
itself, so that little can go wrong in it. When it is killed, its workers notice and end.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.process import BaseProcess
from socket import socket
from typing import NamedTuple, cast

import structlog

from salebell_server.stopping import SIGNALS, Stop

GRACE_SECONDS = 6.0
"""How long workers may take to end before they are killed: more than their connections get, less than the 10 s after
which container engines kill."""

START_ATTEMPTS = 3
"""So many starts in a row may fail before the whole is given up: more of them would not help."""

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 10.0
STEADY_SECONDS = 60.0
"""A worker that lived so long has not died of how it was started."""

_SIGNALLED = 128
"""Added to a signal's number, it is the exit status that shells give who died of it."""

_logger = structlog.get_logger("salebell.workers")


class Worker(NamedTuple):
    """What a worker is given.

    Attributes:
        number: from 1; a worker that is started again keeps it.
        sockets: to listen on.
        stop: tells when to end; it watches the signals already.
        ready: to be called once it serves.
    """

    number: int
    sockets: Sequence[socket]
    stop: Stop
    ready: Callable[[], None]


class Restarts:
    """When a worker that has died is started again: at once, and then more and more slowly if it goes on dying."""

    def __init__(self) -> None:
        self._failed_starts = 0
        self._short_lives = 0

    def delay(self, *, was_ready: bool, lived: float) -> float | None:
        """Seconds until the next start, None when it is to be given up.

        Args:
            was_ready: whether it served.
            lived: seconds since its start.
        """
        self._failed_starts = 0 if was_ready else self._failed_starts + 1
        if self._failed_starts == START_ATTEMPTS:
            return None
        if was_ready and lived >= STEADY_SECONDS:
            self._short_lives = 0
        self._short_lives += 1
        if self._short_lives == 1:
            return 0.0
        return min(FIRST_DELAY_SECONDS * 2.0 ** min(self._short_lives - 2, 16), LONGEST_DELAY_SECONDS)


def supervise(
    main: Callable[[Worker], None],
    sockets: Sequence[Sequence[socket]],
    stop: Stop,
    *,
    ended: Callable[[int], None],
    grace: float = GRACE_SECONDS,
) -> int:
    """Run a worker for each of `sockets` until `stop` is told, or one cannot be started.

    Guarantees:
        - A worker that dies is replaced; connections that wait on its sockets are kept for the next one.
        - No worker is left when this returns. When this process is killed, its workers end within `grace` seconds.

    Args:
        main: what a worker does. It is sent to a new interpreter: a function of a module, or a `functools.partial` of
            one. It returns once its `Worker.stop` was told.
        sockets: those of each worker, see `serving.bind_each`; closed at the end.
        stop: tells when to end; it watches the signals already.
        ended: called with the process id of each worker that has ended.
        grace: seconds that workers may take to end.

    Returns:
        The exit status: 0 when it was told to stop, else that of the worker that could not be started.
    """
    crew = [_Place(number, main, each, grace) for number, each in enumerate(sockets, start=1)]
    try:
        return _watch(crew, stop, ended)
    finally:
        # Who knocks from now on is to be refused, not kept waiting.
        for each in sockets:
            for sock in each:
                sock.close()
        _end(crew, grace, ended)


class _Running(NamedTuple):
    """A process that was started.

    Attributes:
        readiness: where it writes once it serves.
        since: when it was started.
    """

    process: SpawnProcess
    readiness: Connection
    since: float

    @property
    def pid(self) -> int:
        """Its process id."""
        return cast("int", self.process.pid)

    def has_ended(self) -> bool:
        """Whether it is over, however it ended."""
        return self.process.exitcode is not None

    def was_ready(self) -> bool:
        """Whether one that has ended had served."""
        with self.readiness:
            try:
                self.readiness.recv_bytes()
            except EOFError:
                return False
            return True


class _Place:
    """A worker's place, and the process that has it now."""

    def __init__(self, number: int, main: Callable[[Worker], None], sockets: Sequence[socket], grace: float) -> None:
        self._number = number
        self._main = main
        self._sockets = sockets
        self._grace = grace
        self._restarts = Restarts()
        self.due = 0.0
        self.running: _Running | None = None

    def start(self) -> None:
        """Start a process; one that this machine has no room for now is due later."""
        try:
            self.running = self._spawn()
        except OSError as error:
            _logger.warning("a worker has to wait", worker=self._number, reason=str(error))
            self.due = time.monotonic() + LONGEST_DELAY_SECONDS

    def _spawn(self) -> _Running:
        reading, writing = multiprocessing.Pipe(duplex=False)
        arguments = (self._main, self._number, self._sockets, writing, self._grace)
        process = multiprocessing.get_context("spawn").Process(
            target=_work, args=arguments, name=f"worker {self._number}"
        )
        # The new interpreter inherits that the signals wait, until it listens to them. The tracker of resources, which
        # every process that spawns has, would let them through when it is started.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            writing.close()
        return _Running(process, reading, time.monotonic())

    def bury(self, dead: _Running) -> bool:
        """Note that the process has ended; False when there is to be no other."""
        now = time.monotonic()
        delay = self._restarts.delay(was_ready=dead.was_ready(), lived=now - dead.since)
        told = {"worker": self._number, "process": dead.pid, "status": _told_of(dead.process)}
        self.running = None
        if delay is None:
            _logger.error("a worker cannot be started", **told)
            return False
        _logger.warning("a worker has ended and is started again", **told, seconds=delay)
        self.due = now + delay
        return True


def _watch(crew: Sequence[_Place], stop: Stop, ended: Callable[[int], None]) -> int:
    """Keep every place taken until `stop` is told or one is given up: the exit status."""
    waking, told = multiprocessing.Pipe(duplex=False)
    with waking, told:
        stop.then(told.close)  # which wakes the other end
        while True:
            if stop.told:
                return 0
            for place, dead in _dead(crew):
                ended(dead.pid)
                if not place.bury(dead):
                    return _status_of(dead.process)
            now = time.monotonic()
            for place in crew:
                if place.running is None and place.due <= now:
                    place.start()
            running = [place.running.process.sentinel for place in crew if place.running is not None]
            due = [place.due for place in crew if place.running is None]
            wait([*running, waking], max(0.0, min(due) - now) if due else None)


def _dead(crew: Sequence[_Place]) -> list[tuple[_Place, _Running]]:
    held = [(place, place.running) for place in crew]
    return [(place, running) for place, running in held if running is not None and running.has_ended()]


def _end(crew: Sequence[_Place], grace: float, ended: Callable[[int], None]) -> None:
    """Tell every worker to end, and see that it has."""
    left = [place.running for place in crew if place.running is not None]
    for worker in left:
        worker.process.terminate()
    deadline = time.monotonic() + grace
    for worker in left:
        worker.process.join(max(0.0, deadline - time.monotonic()))
        if not worker.has_ended():
            _logger.warning("a worker did not end in time and is killed", process=worker.pid)
            worker.process.kill()
            worker.process.join()
        ended(worker.pid)
        worker.readiness.close()


def _status_of(process: SpawnProcess) -> int:
    """The exit status that tells how a process failed."""
    status = process.exitcode or 1
    return status if status > 0 else _SIGNALLED - status


def _told_of(process: SpawnProcess) -> str:
    status = process.exitcode or 0
    if status >= 0:
        return str(status)
    with contextlib.suppress(ValueError):  # not every number has a name
        return signal.Signals(-status).name
    return f"signal {-status}"


def _work(
    main: Callable[[Worker], None], number: int, sockets: Sequence[socket], readiness: Connection, grace: float
) -> None:
    """What a worker's process runs."""
    stop = Stop()
    stop.watch()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_follow_parent, args=(grace,), daemon=True).start()

    def ready() -> None:
        with contextlib.suppress(BrokenPipeError):  # the supervisor is gone, and this process will follow
            readiness.send_bytes(b"ready")

    main(Worker(number, sockets, stop, ready))


def _follow_parent(grace: float) -> None:
    """End this process when its parent has ended."""
    parent = cast("BaseProcess", multiprocessing.parent_process())
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace)
    os._exit(1)
