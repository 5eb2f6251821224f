"""What the tests of the log in Redis share: a connection that breaks where it is told to, and ways to wait."""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from salebell_server.log import Entry, LogUnavailable, SaleLog
from salebell_server.log.redis.client import Argument, Client, Pipeline
from tests.redis_server import RedisServer

PATIENCE_SECONDS = 20.0


class Batch(Pipeline):
    """A real pipeline that is counted, and whose answers may get lost."""

    def __init__(self, client: "LossyClient", inner: Pipeline) -> None:
        self._client = client
        self._inner = inner
        self._commands = 0

    def execute_command(self, *arguments: Argument) -> object:
        self._commands += 1
        return self._inner.execute_command(*arguments)

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        self._client.batches.append(self._commands)
        answers = await self._inner.execute(raise_on_error)
        if self._client.breaks:
            self._client.breaks -= 1
            raise RedisConnectionError("Connection closed by server.")
        return answers


class LossyClient(Client):
    """A real client. `breaks` is how many of the next batches are carried out without an answer."""

    def __init__(self, inner: Client) -> None:
        self._inner = inner
        self.batches: list[int] = []
        self.breaks = 0

    async def execute_command(self, *arguments: Argument) -> Any:
        return await self._inner.execute_command(*arguments)

    def pipeline(self, transaction: bool = True) -> Pipeline:
        return Batch(self, self._inner.pipeline(transaction))

    async def aclose(self) -> None:
        await self._inner.aclose()


async def awake(server: RedisServer) -> None:
    """Return once a server that was started or thawed does as it is told."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while server.command("PING") != b"+PONG\r\n":
            await asyncio.sleep(0.02)


def check(entries: Sequence[Entry], acknowledged: dict[str, int]) -> None:
    """Dense, chained, each once, and every acknowledged one where it was said to be."""
    ids = [entry.event_id for entry in entries]
    assert [entry.offset for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.previous for entry in entries] == ["", *ids[:-1]]
    assert len(set(ids)) == len(ids)
    found = {entry.event_id: entry.offset for entry in entries}
    assert {event_id: found.get(event_id) for event_id in acknowledged} == acknowledged


async def writable(log: SaleLog) -> None:
    """Return once it can be written to."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await log.check()
            except LogUnavailable:
                await asyncio.sleep(0.02)
            else:
                return
