"""What goes wrong: each fault happens, lasts, and is over when its coroutine returns."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from bench.chaos.cluster import Cluster

Fault = Callable[[Cluster, random.Random], Awaitable[None]]


async def redis_is_killed(cluster: Cluster, chance: random.Random) -> None:
    """kill -9, and again there after up to four seconds, with what it had acknowledged."""
    cluster.redis.kill()
    await asyncio.sleep(chance.uniform(0.1, 4))
    await asyncio.to_thread(cluster.redis.start)


async def redis_is_frozen(cluster: Cluster, chance: random.Random) -> None:
    """It keeps its connections and says nothing: shorter and longer than servers put up with."""
    cluster.redis.freeze()
    await asyncio.sleep(chance.uniform(0.2, 5))
    cluster.redis.thaw()


async def link_is_cut(cluster: Cluster, chance: random.Random) -> None:
    """One server's connections to Redis end, and new ones are refused."""
    proxy = chance.choice(cluster.proxies)
    proxy.drop()
    await asyncio.sleep(chance.uniform(0.05, 4))
    proxy.heal()


async def link_is_reset(cluster: Cluster, chance: random.Random) -> None:
    """One server's connections to Redis are reset, once: what was under way has an unknown outcome."""
    chance.choice(cluster.proxies).reset()


async def link_is_slow(cluster: Cluster, chance: random.Random) -> None:
    """Every answer to one server takes its time, at times more than it waits."""
    proxy = chance.choice(cluster.proxies)
    proxy.delay(chance.choice((0.05, 0.3, 1.5)))
    await asyncio.sleep(chance.uniform(0.5, 4))
    proxy.heal()


async def link_is_a_black_hole(cluster: Cluster, chance: random.Random) -> None:
    """Connections of one server stay open, and nothing comes through."""
    proxy = chance.choice(cluster.proxies)
    proxy.blackhole()
    await asyncio.sleep(chance.uniform(0.5, 5))
    proxy.heal()


async def messages_are_lost(cluster: Cluster, chance: random.Random) -> None:
    """Pub/Sub loses a part of what it should bring to one server, or all of it."""
    proxy = chance.choice(cluster.proxies)
    proxy.discard_messages(chance.choice((0.05, 0.5, 1.0)), random.Random(chance.random()))
    await asyncio.sleep(chance.uniform(0.5, 5))
    proxy.heal()


async def server_is_killed(cluster: Cluster, chance: random.Random) -> None:
    """kill -9 of a server, and started again after up to two seconds."""
    server = chance.choice(cluster.servers)
    await server.kill()
    await asyncio.sleep(chance.uniform(0, 2))
    await server.start()


async def server_is_frozen(cluster: Cluster, chance: random.Random) -> None:
    """It keeps its connections and says nothing."""
    server = chance.choice(cluster.servers)
    assert server.program is not None
    server.program.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(chance.uniform(0.2, 4))
    server.program.process.send_signal(signal.SIGCONT)


async def server_is_stopped(cluster: Cluster, chance: random.Random) -> None:
    """SIGTERM, as for an upgrade, and started again."""
    server = chance.choice(cluster.servers)
    assert await server.stop() == 0
    await asyncio.sleep(chance.uniform(0, 1))
    await server.start()


OF_REDIS: tuple[Fault, ...] = (
    redis_is_killed,
    redis_is_frozen,
    link_is_cut,
    link_is_reset,
    link_is_slow,
    link_is_a_black_hole,
    messages_are_lost,
)
OF_SERVERS: tuple[Fault, ...] = (server_is_killed, server_is_frozen, server_is_stopped)


async def torment(
    cluster: Cluster, faults: Sequence[Fault], chance: random.Random, over: asyncio.Event, counts: Counter[str]
) -> None:
    """One fault after the other, with a moment of peace between them, until it is over."""
    while not over.is_set():
        await asyncio.sleep(chance.uniform(0.2, 2))
        fault = chance.choice(faults)
        counts[fault.__name__.replace("_", " ")] += 1
        await fault(cluster, chance)
