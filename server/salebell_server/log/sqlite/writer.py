"""The one thread that writes: all commands that wait are committed together, with one fsync for all of them."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from salebell_server.log import LogUnavailable
from salebell_server.log.sqlite.errors import unavailable, words

T = TypeVar("T")

Command = Callable[[sqlite3.Connection], T]
"""Runs on the writer's thread, inside a savepoint. What it raises undoes it, and nothing else."""

Announce = Callable[[Sequence[T]], None]
"""Runs on the event loop: once a batch, with the results of that batch's commands that named it, in order."""

MAX_BATCH = 256
"""Commands in one transaction: bounds how long the first of them waits for the last."""


class Job(Generic[T]):
    """A command on its way, and then what became of it."""

    __slots__ = ("announce", "command", "error", "future", "result")

    def __init__(self, command: Command[T], announce: Announce[T] | None, future: asyncio.Future[T]) -> None:
        self.command = command
        self.announce = announce
        self.future = future
        self.result: T | None = None
        self.error: Exception | None = None


class Writer:
    """Runs commands one after the other on a thread of its own, in the order of their submission.

    Guarantees:
        - A job's future resolves only once its command is durable, and after the announcements of its batch.
        - A command that raises is undone alone, and its future raises the same.
        - When the machine fails (a full disk, an I/O error), every job of the batch fails with `LogUnavailable`
          and nothing is announced. The next batch starts on a fresh connection.

    Args:
        connect: opens a connection. Called here for the first, on the writer's thread for any other.
        examine: called before each batch; raises `LogUnavailable` when nothing may be written now.
        loop: where futures and announcements live; `submit` and `close` are called there.
        note: told, on the event loop, the reason when batches begin to fail, and None when they do not any more.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        examine: Callable[[], None],
        loop: asyncio.AbstractEventLoop,
        note: Callable[[str | None], None],
    ) -> None:
        self._connect = connect
        self._examine = examine
        self._connection: sqlite3.Connection | None = connect()
        self._loop = loop
        self._note = note
        self._reason: str | None = None
        self._gathered: list[Job[Any]] = []
        self._queue: queue.SimpleQueue[list[Job[Any]] | None] = queue.SimpleQueue()
        self._backlog: deque[Job[Any]] = deque()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="salebell-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job[Any]) -> None:
        """Take a job. Those of one turn of the event loop are handed over together, so that they share a commit."""
        self._gathered.append(job)
        if len(self._gathered) == 1:
            self._loop.call_soon(self._hand_over)

    async def close(self) -> None:
        """Finish what was submitted, then end the thread and its connection."""
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        if self._gathered:
            self._queue.put(self._gathered)
            self._gathered = []

    def _run(self) -> None:
        while jobs := self._next_batch():
            self._attempt(jobs)
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody is left to tell
                self._loop.call_soon_threadsafe(self._settle, jobs)
        self._disconnect()

    def _next_batch(self) -> list[Job[Any]]:
        """What waits, up to the bound; waits for something. Empty at the end."""
        while not self._backlog and not self._ended:
            self._receive(self._queue.get())
        while len(self._backlog) < MAX_BATCH and not self._ended and not self._queue.empty():
            self._receive(self._queue.get())
        return [self._backlog.popleft() for _ in range(min(MAX_BATCH, len(self._backlog)))]

    def _receive(self, jobs: list[Job[Any]] | None) -> None:
        if jobs is None:
            self._ended = True
        else:
            self._backlog.extend(jobs)

    def _attempt(self, jobs: list[Job[Any]]) -> None:
        """Commit the batch, or fail all of it."""
        try:
            self._examine()
            if self._connection is None:
                self._connection = self._connect()
            _commit(self._connection, jobs)
        except Exception as error:  # noqa: BLE001 - whatever it was, the thread goes on: all wait for it
            self._disconnect()
            reason = _reason(error)
            for job in jobs:
                job.error = LogUnavailable(reason)
            self._fares(reason)
        else:
            self._fares(None)

    def _fares(self, reason: str | None) -> None:
        if reason != self._reason:
            self._reason = reason
            with contextlib.suppress(RuntimeError):  # the loop was closed
                self._loop.call_soon_threadsafe(self._note, reason)

    def _disconnect(self) -> None:
        """Closing also rolls back; what cannot even be closed is left to the garbage collector."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _settle(self, jobs: list[Job[Any]]) -> None:
        """On the event loop: announce what became durable, then let everybody go on."""
        announcements: dict[Announce[Any], list[Any]] = {}
        for job in jobs:
            if job.announce is not None and job.error is None:
                announcements.setdefault(job.announce, []).append(job.result)
        for announce, results in announcements.items():
            try:
                announce(results)
            except Exception as error:  # noqa: BLE001 - what listeners do wrong must not keep callers waiting
                context = {"message": "an announcement of durable events failed", "exception": error}
                self._loop.call_exception_handler(context)
        for job in jobs:
            if job.future.done():  # cancelled by its caller; the command was carried out all the same
                continue
            if job.error is None:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.error)


def _commit(connection: sqlite3.Connection, jobs: list[Job[Any]]) -> None:
    """Run all commands in one transaction, each in a savepoint.

    Raises:
        sqlite3.Error: the machine failed; nothing of the batch was committed.
    """
    execute = connection.execute
    execute("BEGIN IMMEDIATE")
    for job in jobs:
        execute("SAVEPOINT command")
        try:
            job.result = job.command(connection)
        except Exception as error:
            if isinstance(error, sqlite3.Error) and unavailable(error):
                raise
            execute("ROLLBACK TO command")
            job.error = RuntimeError("a command ran out") if isinstance(error, StopIteration) else error
        execute("RELEASE command")
    execute("COMMIT")


def _reason(error: Exception) -> str:
    """What to tell callers, and through them strangers: no path, and nothing that a command was about."""
    if isinstance(error, LogUnavailable):
        return str(error)
    if isinstance(error, sqlite3.Error):
        return str(unavailable(error) or error)
    return words(error) if isinstance(error, OSError) else type(error).__name__
