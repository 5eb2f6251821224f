"""A way to a server that tests can cut, slow down and lose things on. Knows RESP2, to lose whole Pub/Sub messages."""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self

READ_BYTES = 65536
QUEUED_CHUNKS = 1024

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing sends RST."""

_BULK, _ARRAY = b"$*"
_MESSAGE = b"*3\r\n$7\r\nmessage\r\n"


class Replies:
    """Cuts what a server sends into whole replies (RESP2, redis.io/docs/latest/develop/reference/protocol-spec)."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._passed = 0
        self._missing = 1

    def feed(self, data: bytes) -> list[bytes]:
        """The replies that are whole now, as they came."""
        self._data += data
        whole: list[bytes] = []
        while self._pass_element():
            if self._missing == 0:
                whole.append(bytes(self._data[: self._passed]))
                del self._data[: self._passed]
                self._passed, self._missing = 0, 1
        return whole

    def _pass_element(self) -> bool:
        """Go on by one element of the reply; False when it is not there yet."""
        end = self._data.find(b"\r\n", self._passed)
        if end < 0:
            return False
        after = end + 2
        kind = self._data[self._passed]
        number = int(self._data[self._passed + 1 : end]) if kind in (_BULK, _ARRAY) else -1
        if kind == _BULK and number >= 0:
            after += number + 2
            if after > len(self._data):
                return False
        if kind == _ARRAY and number > 0:
            self._missing += number
        self._missing -= 1
        self._passed = after
        return True


def message_channel(reply: bytes) -> bytes | None:
    """The channel of a Pub/Sub message; None of any other reply."""
    if not reply.startswith(_MESSAGE):
        return None
    length, _, rest = reply[len(_MESSAGE) + 1 :].partition(b"\r\n")
    return rest[: int(length)]


class _Faults:
    """What goes wrong with every connection."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.swallow = False
        self.discards: Callable[[bytes], bool] | None = None
        self.discarded = 0

    def strain(self, reply: bytes) -> bytes:
        """The reply, or nothing of it."""
        if self.discards is None or (channel := message_channel(reply)) is None or not self.discards(channel):
            return reply
        self.discarded += 1
        return b""


class _Link:
    """One connection of a client's, and the one that it was given to the target."""

    def __init__(self, faults: _Faults, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dead = faults.swallow
        self._faults = faults
        self._reader = reader
        self._writers = [writer]

    async def run(self, target: tuple[str, int]) -> None:
        """Carry what comes until one side ends."""
        try:
            if self.dead:
                await self._swallow()
            else:
                await self._connect(target)
        except OSError:
            pass  # one side is gone, and the other one learns it
        finally:
            for writer in self._writers:
                writer.close()
            await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    def end(self, *, reset: bool) -> None:
        """Close both connections now."""
        for writer in self._writers:
            if reset:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            writer.transport.abort()

    async def _swallow(self) -> None:
        while await self._reader.read(READ_BYTES):
            pass

    async def _connect(self, target: tuple[str, int]) -> None:
        reader, writer = await asyncio.open_connection(*target)
        self._writers.append(writer)
        ways = [asyncio.create_task(self._up(writer)), asyncio.create_task(self._down(reader))]
        try:
            ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if self.dead and ways[0] not in ended:
                await ways[0]  # that the target has ended is not heard of either
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _up(self, writer: asyncio.StreamWriter) -> None:
        while data := await self._reader.read(READ_BYTES):
            if not self.dead:
                writer.write(data)
                await writer.drain()

    async def _down(self, reader: asyncio.StreamReader) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUED_CHUNKS)
        writing = asyncio.create_task(self._deliver(queue))
        replies = Replies()
        clock = asyncio.get_running_loop().time
        try:
            while data := await reader.read(READ_BYTES):
                strained = b"".join(map(self._faults.strain, replies.feed(data)))
                await queue.put((clock() + self._faults.delay, strained))
            await queue.join()
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    async def _deliver(self, queue: asyncio.Queue[tuple[float, bytes]]) -> None:
        writer = self._writers[0]
        clock = asyncio.get_running_loop().time
        while True:
            due, data = await queue.get()
            if (wait := due - clock()) > 0:
                await asyncio.sleep(wait)
            if not self.dead and not writer.is_closing():
                writer.write(data)
            queue.task_done()


class Proxy:
    """A port of loopback that leads to a target. Works while it is entered, in a thread of its own.

    Every call has had its effect when it returns.

    Args:
        target: host and port.

    Attributes:
        port: where it listens; it stays the same.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        # Never listens: it keeps others from the port while nobody does.
        self._holder = socket.socket()
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._holder.bind(("127.0.0.1", 0))
        self.port: int = self._holder.getsockname()[1]
        self._faults = _Faults()
        self._links: dict[_Link, asyncio.Task[None]] = {}
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._drop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._holder.close()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._links)

    @property
    def discarded(self) -> int:
        """How many messages were lost."""
        return self._faults.discarded

    def drop(self) -> None:
        """Close every connection, and refuse new ones."""
        self._run(self._drop())

    def reset(self) -> None:
        """Break every connection with RST. New ones are taken."""
        self._run(self._end(reset=True))

    def delay(self, seconds: float) -> None:
        """What the target sends comes later by so much."""
        self._faults.delay = seconds

    def blackhole(self) -> None:
        """Nothing comes through, in either direction. Connections stay open, and new ones are taken.

        What was connected then stays like that after `heal`, too: half-open.
        """
        self._run(self._blackhole())

    def discard(self, predicate: Callable[[bytes], bool]) -> None:
        """Lose the Pub/Sub messages for which this is true of their channel."""
        self._faults.discards = predicate

    def discard_messages(self, probability: float, rng: random.Random) -> None:
        """Lose so many of the messages of stores, whose channels have the name in braces. Beats come through."""
        self.discard(lambda channel: b"{" in channel and rng.random() < probability)

    def heal(self) -> None:
        """From now on all is well again. What is lost stays lost."""
        self._run(self._heal())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, reuse_port=True, backlog=1024)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:
            writer.transport.abort()  # accepted just before
            return
        link = _Link(self._faults, reader, writer)
        self._links[link] = task = asyncio.create_task(link.run(self._target))
        task.add_done_callback(lambda _: self._links.pop(link))

    async def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._end(reset=False)

    async def _end(self, *, reset: bool) -> None:
        ended = dict(self._links)
        for link, task in ended.items():
            link.end(reset=reset)
            task.cancel()
        await asyncio.gather(*ended.values(), return_exceptions=True)

    async def _blackhole(self) -> None:
        self._faults.swallow = True
        for link in self._links:
            link.dead = True

    async def _heal(self) -> None:
        self._faults.delay = 0.0
        self._faults.swallow = False
        self._faults.discards = None
        if self._server is None:
            await self._listen()
