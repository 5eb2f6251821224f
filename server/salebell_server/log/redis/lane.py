"""Commands that travel together: those that are given while others are on their way make up the next pipeline."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Collection, Sequence
from typing import Any, NamedTuple

from redis.exceptions import NoScriptError, RedisError

from salebell_server.log import LogUnavailable
from salebell_server.log.redis.client import TIMEOUT_SECONDS, Argument, Client, Script
from salebell_server.log.redis.errors import lost_connection, unavailable

MAX_BATCH = 128
"""Commands that travel together: bounds how long the first of them waits for the last."""

MAX_BATCH_BYTES = 1 << 20
"""What one batch and its answers may take; a single command may take more."""


class Answer(NamedTuple):
    """What Redis answered.

    Attributes:
        repeated: whether the command had been sent before, on a connection that broke: it may have been carried out
            then, and again now.
    """

    value: Any
    repeated: bool


class _Job:
    """A command on its way."""

    __slots__ = ("command", "future", "repeated", "script", "size")

    def __init__(self, command: Sequence[Argument], script: Script | None, expect: int) -> None:
        # Encoded here, where what cannot be encoded fails alone.
        self.command = [part if isinstance(part, bytes) else str(part).encode() for part in command]
        self.script = script
        self.size = expect + sum(map(len, self.command))
        self.future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.repeated = False


class Lane:
    """One connection on which any number of tasks may command at once.

    Guarantees:
        - Commands are carried out in the order of the calls. Each is answered or refused alone.
        - A command is carried out even if its caller is cancelled meanwhile.
        - When the connection breaks, what was on its way is sent once more, at once.
        - When that fails too, or nothing is answered in time, all that was on its way fails, its outcome unknown; and
          so does all that waited, which was not sent: nobody waits in a queue for a server that is gone.

    Every command may raise `LogUnavailable`.

    Args:
        client: of this lane alone; closed with it.
        timeout: seconds until what was sent must be answered.
    """

    def __init__(self, client: Client, timeout: float = TIMEOUT_SECONDS) -> None:
        self._client = client
        self._timeout = timeout
        self._waiting: deque[_Job] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    async def close(self) -> None:
        """Finish what was given, then close the connection. Harmless when it is closed."""
        self._closed = True
        if self._worker is not None:
            await self._worker
        await self._client.aclose()

    async def call(self, script: Script, keys: Sequence[str], *arguments: Argument, expect: int = 0) -> Any:
        """What a script answers.

        Args:
            script: sent first, where Redis does not know it.
            keys: all that it touches.
            arguments: besides.
            expect: bytes that the answer may have, when they are many.
        """
        return (await self.ask(script, keys, *arguments, expect=expect)).value

    async def ask(self, script: Script, keys: Sequence[str], *arguments: Argument, expect: int = 0) -> Answer:
        """As `call`, and whether it was repeated."""
        return await self._give(_Job(script.call(keys, *arguments), script, expect))

    async def command(self, *arguments: Argument, expect: int = 0) -> Any:
        """What a single command answers. Must be harmless when it is repeated. `expect` is as for `call`."""
        return (await self._give(_Job(arguments, None, expect))).value

    def _give(self, job: _Job) -> Awaitable[Answer]:
        if self._closed:
            raise LogUnavailable("the log is closed")
        self._waiting.append(job)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return job.future

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._carry(self._next_batch())
        finally:
            self._worker = None

    def _next_batch(self) -> list[_Job]:
        batch = [self._waiting.popleft()]
        size = batch[0].size
        while self._waiting and len(batch) < MAX_BATCH and size + self._waiting[0].size <= MAX_BATCH_BYTES:
            batch.append(self._waiting.popleft())
            size += batch[-1].size
        return batch

    async def _carry(self, batch: list[_Job]) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                answers = await self._send_twice(batch)
        except Exception as error:  # noqa: BLE001 - whatever it was, all wait for it
            self._fail([*batch, *self._waiting], error)
            self._waiting.clear()
            return
        for job, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Exception):
                self._fail([job], answer)
            elif not job.future.done():  # cancelled by its caller
                job.future.set_result(Answer(answer, job.repeated))

    def _fail(self, jobs: Sequence[_Job], error: Exception) -> None:
        for job in jobs:
            if not job.future.done():
                job.future.set_exception(unavailable(error))

    async def _send_twice(self, batch: list[_Job]) -> list[Any]:
        try:
            return await self._send(batch)
        except (RedisError, OSError) as error:
            if not lost_connection(error):
                raise
        for job in batch:
            job.repeated = True
        return await self._send(batch)

    async def _send(self, batch: list[_Job]) -> list[Any]:
        """The answers in order, a refusal as its exception."""
        answers = await self._exchange(batch, ())
        unknown = [place for place, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            scripts = {job.script for job in (batch[place] for place in unknown) if job.script is not None}
            again = await self._exchange([batch[place] for place in unknown], scripts)
            for place, answer in zip(unknown, again, strict=True):
                answers[place] = answer
        return answers

    async def _exchange(self, batch: list[_Job], scripts: Collection[Script]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for script in scripts:
            pipeline.execute_command("SCRIPT LOAD", script.source)
        for job in batch:
            pipeline.execute_command(*job.command)
        answers = await pipeline.execute(raise_on_error=False)
        return answers[len(scripts) :]
