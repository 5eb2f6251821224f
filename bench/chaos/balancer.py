"""What stands before several servers: passes each connection to one of them that answers, chosen by chance."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress

DIAL_SECONDS = 1.0


class Balancer:
    """Listens on loopback while it is entered.

    Args:
        targets: the ports of the servers as they are now.
        chance: chooses.
    """

    def __init__(self, targets: Callable[[], Sequence[int]], chance: random.Random) -> None:
        self._targets = targets
        self._chance = chance
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens, for HTTP."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> "Balancer":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._passing):
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)
        with suppress(OSError, asyncio.CancelledError):
            await self._pass_on(reader, writer)
        writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in self._chance.sample(self._targets(), len(self._targets())):
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(DIAL_SECONDS):
                    answers, requests = await asyncio.open_connection("127.0.0.1", port)
                break
        else:
            return
        copies = {asyncio.create_task(_copy(reader, requests)), asyncio.create_task(_copy(answers, writer))}
        try:
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for copy in copies:
                copy.cancel()
            requests.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
