"""How many events a second a log makes durable, the embedded one or (`--redis`) one in a Valkey of its own, beside what
one fsync of this machine takes; of Valkey also what it takes in memory.

The bar: at least 4,000 a second from 64 producers at once where an fsync takes 1 ms.
"""

import argparse
import asyncio
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from salebell_protocol.events import EventType
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus
from salebell_server.bus.memory import MemoryBus
from salebell_server.log import Appended, Draft, SaleLog
from salebell_server.log.redis.sale_log import RedisSaleLog
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from tests.redis_server import RedisServer, redis_server

FSYNCS = 200
BLOCK = bytes(4096)


def fsync_milliseconds(directory: Path) -> list[float]:
    """How long each of `FSYNCS` writes of 4 KiB with an fsync takes, sorted."""
    taken: list[float] = []
    with (directory / "fsync").open("wb", buffering=0) as file:
        for _ in range(FSYNCS):
            start = time.perf_counter()
            file.write(BLOCK)
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - start) * 1000)
    return sorted(taken)


def drafts(prefix: str) -> Iterator[Draft]:
    """New sales of a believable size, without end."""
    now = datetime.now(UTC)
    for number in itertools.count(1):
        sale_id = f"{prefix}-{number}"
        sale = Sale(
            id=sale_id,
            number=f"#{number}",
            status=SaleStatus.APPROVED,
            total="15999.00",
            currency="ARS",
            channel="checkout",
            customer=Customer("Ana Gómez", "ana.gomez@example.com"),
            items=(Item("Running shoes, blue, 42", 1, "12999.00"), Item("Socks", 3, "1000.00")),
            created_at=now,
            updated_at=now,
            url=f"https://shop.example.com/admin/sales/{sale_id}",
        )
        yield Draft(
            store="main",
            event_id=f"created:{sale_id}",
            type=EventType.SALE_CREATED,
            occurred_at=now,
            sale=sale,
            digest=bytes(32),
            expected_version=0,
            sets_status=True,
        )


async def produce(log: SaleLog, prefix: str, until: float) -> list[float]:
    """Append one sale after the other until then; the milliseconds that each took to be acknowledged."""
    taken: list[float] = []
    for draft in drafts(prefix):
        start = time.perf_counter()
        if start >= until:
            break
        if not isinstance(await log.append(draft), Appended):
            raise SystemExit(f"{draft.event_id} was not appended")
        taken.append((time.perf_counter() - start) * 1000)
    return taken


async def measure(log: SaleLog, producers: int, seconds: float, name: str) -> int:
    """Let that many producers append at once, and print what came of it; how many events it was."""
    start = time.perf_counter()
    cpu = time.process_time()
    each = await asyncio.gather(*(produce(log, f"{name}-{n}", start + seconds) for n in range(producers)))
    elapsed, cpu = time.perf_counter() - start, time.process_time() - cpu
    taken = sorted(itertools.chain.from_iterable(each))
    print(
        f"{producers} producer{'s' if producers > 1 else ''}: {len(taken) / elapsed:,.0f} durable events/s "
        f"({len(taken):,} in {elapsed:.1f} s); acknowledged in {statistics.median(taken):.2f} ms, "
        f"p99 {taken[len(taken) * 99 // 100]:.2f} ms; {cpu / len(taken) * 1e6:.0f} µs of CPU an event"
    )
    return len(taken)


async def run_sqlite(directory: Path, producers: int, seconds: float) -> None:
    """The whole measurement, in a fresh database below `directory`."""
    async with Database(directory / "log", serve=True) as database:
        log = SqliteSaleLog(database, MemoryBus(), lambda: datetime.now(UTC))
        await measure(log, producers, seconds, "many")
        await measure(log, 1, min(seconds, 3.0), "one")


async def run_redis(directory: Path, producers: int, seconds: float) -> None:
    """The same in a fresh Valkey, and what an event takes there. Its own CPU is not counted."""
    with redis_server(directory / "valkey") as server:
        async with RedisSaleLog(server.address, lambda: datetime.now(UTC)) as log:
            await log.check()
            before = used_memory(server)
            events = await measure(log, producers, seconds, "many")
            events += await measure(log, 1, min(seconds, 3.0), "one")
            print(f"{(used_memory(server) - before) / events:,.0f} bytes of memory an event, its sale included")


def used_memory(server: RedisServer) -> int:
    """Bytes that the data takes."""
    info = server.command("INFO", "memory").decode()
    return int(next(line for line in info.splitlines() if line.startswith("used_memory_dataset:")).partition(":")[2])


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="example: python -m bench.log_append --seconds 10")
    parser.add_argument("--directory", type=Path, help="where to write (default: a new one, which is removed)")
    parser.add_argument("--producers", type=int, default=64, help="how many append at once (default: 64)")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long (default: 5)")
    parser.add_argument("--redis", action="store_true", help="measure the log of many servers, not the embedded one")
    arguments = parser.parse_args()
    run = run_redis if arguments.redis else run_sqlite
    with tempfile.TemporaryDirectory(dir=arguments.directory) as name:
        directory = Path(name)
        before = fsync_milliseconds(directory)
        asyncio.run(run(directory, arguments.producers, arguments.seconds))
        taken = sorted(before + fsync_milliseconds(directory))
        print(
            f"fsync of 4 KiB, before and after: median {statistics.median(taken):.2f} ms, "
            f"p99 {taken[len(taken) * 99 // 100]:.2f} ms"
        )


if __name__ == "__main__":
    main()
