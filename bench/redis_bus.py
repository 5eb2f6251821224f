"""How long an event takes over Redis from one server to another, and what very many stores cost a server.

Valkey, the sender and two listeners are processes of one machine, whose monotonic clock they share.
"""

import argparse
import asyncio
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from bench.log_append import drafts
from salebell_server.bus.redis.bus import COMPARE_SECONDS, RedisBus
from salebell_server.log import Counted, Entry
from salebell_server.log.address import RedisAddress
from salebell_server.log.redis.client import connect
from salebell_server.log.redis.sale_log import RedisSaleLog
from salebell_server.log.redis.wire import channel
from tests.redis_server import RedisServer, redis_server

SPAWN = multiprocessing.get_context("spawn")
IDLE_SECONDS = 10.0


class Ear:
    """A subscriber that remembers when it heard of an event, and how often something may have been lost."""

    def __init__(self) -> None:
        self.heard: dict[str, float] = {}
        self.misses = 0

    def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
        now = time.monotonic()
        self.heard.update((entry.event_id, now) for entry in entries)

    def counted(self, store: str, admin: str, counted: Counted) -> None:
        pass

    def recount(self, store: str) -> None:
        pass

    def missed(self, store: str) -> None:
        self.misses += 1


class Watcher:
    """Waits for the link."""

    def __init__(self) -> None:
        self.up = asyncio.Event()

    def link_up(self) -> None:
        self.up.set()

    def link_down(self, reason: str) -> None:
        raise SystemExit(reason)


async def connected(address: RedisAddress, instance: str, compare: float = COMPARE_SECONDS) -> RedisBus:
    """A bus whose link is up."""
    bus = RedisBus(address, instance, time.monotonic, compare=compare)
    bus.watcher = watcher = Watcher()
    bus.start()
    await watcher.up.wait()
    return bus


def percentiles(seconds: list[float]) -> str:
    """The median and the 99th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return f"p50 {statistics.median(ordered) * 1000:.2f} ms, p99 {ordered[len(ordered) * 99 // 100] * 1000:.2f} ms"


# Latency.


def listen(address: RedisAddress, instance: str, pipe: Connection) -> None:
    """A process that listens, and tells what it heard when it is asked for it."""

    async def run() -> None:
        bus = await connected(address, instance, compare=3600)  # bare messages count nothing
        ear = Ear()
        await bus.subscribe("main", ear)
        await bus.subscribe("bare", ear)
        pipe.send(None)
        while await asyncio.to_thread(pipe.recv):
            pipe.send(ear.heard)
            ear.heard = {}
        await bus.close()

    asyncio.run(run())


async def paced(send: Callable[[int], Awaitable[str]], events: int, rate: float) -> dict[str, tuple[float, float]]:
    """Send that many, so many a second; by event id when that began and when it was done."""
    times: dict[str, tuple[float, float]] = {}
    begin = time.monotonic()
    for number in range(1, events + 1):
        await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
        sent = time.monotonic()
        event_id = await send(number)
        times[event_id] = (sent, time.monotonic())
    return times


async def measure_latency(server: RedisServer, pipes: list[Connection], events: int, rate: float) -> None:
    """Of bare messages, and of events that are appended to the log."""
    client = connect(server.address, connections=1)

    async def publish(number: int) -> str:
        message = f"E\nepoch\n{number}\n{number}\nid{number}\nid{number - 1}\n{'x' * 400}"
        await client.execute_command("PUBLISH", channel(0, "bare"), message)
        return f"id{number}"

    await report("published", pipes, await paced(publish, events, rate))
    await client.aclose()
    async with RedisSaleLog(server.address, lambda: datetime.now(UTC)) as log:
        source = drafts("sale")

        async def append(_: int) -> str:
            draft = next(source)
            await log.append(draft)
            return draft.event_id

        await report("appended", pipes, await paced(append, events, rate))


async def report(what: str, pipes: list[Connection], times: dict[str, tuple[float, float]]) -> None:
    """Print how long it took until the listeners heard."""
    await asyncio.sleep(0.5)
    print(f"{what}: answered after {percentiles([done - sent for sent, done in times.values()])}")
    for number, pipe in enumerate(pipes, 1):
        pipe.send(True)
        heard: dict[str, float] = await asyncio.to_thread(pipe.recv)
        late = [heard[event_id] - sent for event_id, (sent, _) in times.items()]
        print(f"  heard by listener {number} after {percentiles(late)}")


def run_latency(server: RedisServer, events: int, rate: float) -> None:
    """Two listening processes, and this one sends."""
    pipes: list[Connection] = []
    for instance in ("one", "two"):
        ours, theirs = SPAWN.Pipe()
        SPAWN.Process(target=listen, args=(server.address, instance, theirs), daemon=True).start()
        ours.recv()
        pipes.append(ours)
    asyncio.run(measure_latency(server, pipes, events, rate))
    for pipe in pipes:
        pipe.send(False)


# Many stores.


async def measure_stores(address: RedisAddress, count: int) -> None:
    """Subscribe to that many stores, do nothing for a while, and lose the connection."""
    process = psutil.Process()
    client = connect(address, connections=1)
    bus = await connected(address, "many")
    ear = Ear()
    stores = [f"store-{number}" for number in range(count)]
    memory, begin, cpu = process.memory_info().rss, time.monotonic(), time.process_time()
    await asyncio.gather(*(bus.subscribe(store, ear) for store in stores))
    took, cpu = time.monotonic() - begin, time.process_time() - cpu
    grown = process.memory_info().rss - memory
    print(f"{count:,} stores subscribed in {took:.2f} s ({cpu:.2f} s of CPU); {grown / count / 1024:.1f} KiB a store")
    cpu = time.process_time()
    await asyncio.sleep(IDLE_SECONDS)
    print(f"idle: {(time.process_time() - cpu) / IDLE_SECONDS:.1%} of a CPU")
    begin, cpu = time.monotonic(), time.process_time()
    await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    while ear.misses < count:
        await asyncio.sleep(0.001)
    took, cpu = time.monotonic() - begin, time.process_time() - cpu
    print(f"connection lost: all subscribed again and told in {took:.2f} s ({cpu:.2f} s of CPU)")
    await bus.close()
    await client.aclose()
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at the most in this process")


def run_stores(address: RedisAddress, count: int) -> None:
    """In a process of its own."""
    asyncio.run(measure_stores(address, count))


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="example: python -m bench.redis_bus --events 5000")
    parser.add_argument("--events", type=int, default=2000, help="how many are sent, twice (default: 2000)")
    parser.add_argument("--rate", type=float, default=200.0, help="how many a second (default: 200)")
    parser.add_argument("--stores", type=int, default=10_000, help="how many are subscribed at once (default: 10000)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, redis_server(Path(name) / "valkey") as server:
        run_latency(server, arguments.events, arguments.rate)
        server.command("FLUSHALL")
        process = SPAWN.Process(target=run_stores, args=(server.address, arguments.stores))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit("the stores could not be measured")


if __name__ == "__main__":
    main()
