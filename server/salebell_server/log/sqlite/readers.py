"""The threads that read, each query on one snapshot, beside the writer and each other."""

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from salebell_server.log.sqlite.errors import unavailable

T = TypeVar("T")

READERS = 4
"""Queries that run at the same time; more of them wait."""

_CACHE_KIB = 2 * 1024
"""For each of them: the operating system has the file in memory as well."""


class Readers:
    """Runs queries on threads of its own, the first that came first.

    Args:
        connect: opens a connection, on a reader's thread.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="salebell-reader")
        self._idle: deque[sqlite3.Connection] = deque()

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `query(connection)`.

        Raises:
            LogUnavailable: the file cannot be read now.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, query)

    async def close(self) -> None:
        """Finish the queries under way, then end threads and connections."""
        await asyncio.to_thread(self._threads.shutdown)
        while self._idle:
            self._idle.pop().close()

    def _run(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._on_snapshot(query)
        except sqlite3.Error as error:
            raise unavailable(error) or error from None

    def _on_snapshot(self, query: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._take()
        try:
            connection.execute("BEGIN")
            result = query(connection)
            connection.execute("COMMIT")
        except BaseException:
            connection.close()  # rolls back, and leaves nothing behind of what may have gone wrong
            raise
        self._idle.append(connection)
        return result

    def _take(self) -> sqlite3.Connection:
        """A connection of an earlier query, or a new one: at most as many as there are threads."""
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        connection = self._connect()
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection
