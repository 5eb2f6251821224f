"""The keeper over a real Valkey and its bus, both of which are killed, frozen, filled and turned away from."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from salebell_server.bus.redis.bus import RedisBus
from salebell_server.fallback.drain import Drain
from salebell_server.fallback.keeper import Keeper
from salebell_server.fallback.machine import State
from salebell_server.fallback.outbox import Outbox
from salebell_server.fallback.shared_log import SharedLog
from salebell_server.log import Draft, Lookup
from salebell_server.log.redis.sale_log import RedisSaleLog
from salebell_server.sales.draining import resolve
from salebell_server.sales.ledger import Ledger
from salebell_server.sales.requests import Receipt
from tests.redis_server import RedisServer, free_port
from tests.server.fallback.stand import Drained, Told, creation, now, outbox_in, until
from tests.server.log.stand import all_entries

READY_SECONDS = 20


class Server:
    """What a server has of all this."""

    def __init__(self, redis: RedisServer, outbox: Outbox) -> None:
        self.outbox = outbox
        self.log = RedisSaleLog(redis.address, now)
        self.told = Told()
        self.metrics = Drained()
        self.keeper = Keeper(
            log=self.log,
            outbox=outbox,
            drain=Drain(outbox, self.log, self.metrics),
            prepared=self._prepared,
            monotonic=asyncio.get_running_loop().time,
        )
        self.keeper.audience = self.told
        self.bus = RedisBus(redis.address, str(id(self)), asyncio.get_running_loop().time)
        self.bus.watcher = self.keeper
        self.ledger = Ledger(SharedLog(self.log, self.keeper, tuple), intake=outbox)

    async def ready(self) -> None:
        assert await self.keeper.ready_within(READY_SECONDS), self.keeper.away

    async def create(self, number: int) -> Receipt:
        draft = resolve(creation(number), Lookup(known=None, record=None)).draft
        assert isinstance(draft, Draft)
        return await self.ledger.create(draft)

    async def ids(self) -> list[str]:
        return [entry.event_id for entry in await all_entries(self.log)]

    async def _prepared(self) -> None:
        """Nothing is to be put in order."""


@asynccontextmanager
async def serving(redis: RedisServer, directory: Path) -> AsyncGenerator[Server, None]:
    async with outbox_in(directory) as outbox:
        server = Server(redis, outbox)
        server.bus.start()
        server.keeper.start()
        try:
            yield server
        finally:
            await server.keeper.close()
            await server.bus.close()
            await server.log.close()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "redis").start()
    yield server
    server.stop()


async def test_a_server_that_starts_without_keeps_sales_and_tells_them_later(
    redis: RedisServer, tmp_path: Path
) -> None:
    redis.kill()
    async with serving(redis, tmp_path / "outbox") as server:
        assert not await server.keeper.ready_within(0.5)
        receipts = [await server.create(number) for number in range(50)]
        assert {receipt.offset for receipt in receipts} == {None}
        redis.start()
        await server.ready()
        assert await server.ids() == [f"created:s{number}" for number in range(50)]
        assert (await server.create(50)).offset == 51
        assert server.told.heard[0] == "defer"
        assert server.told.heard[-1] == "restore"


async def test_killed_and_started_again_it_has_everything_once(redis: RedisServer, tmp_path: Path) -> None:
    async with serving(redis, tmp_path / "outbox") as server:
        await server.ready()
        receipts: list[Receipt] = []
        stopped = False

        async def produce() -> None:
            for number in itertools.count():
                if stopped:
                    return
                receipts.append(await server.create(number))

        async def go_on(what: str) -> None:
            enough = len(receipts) + 20
            await until(lambda: len(receipts) > enough, what)

        producing = asyncio.create_task(produce())
        for _ in range(3):
            await go_on("sales are taken in")
            redis.kill()
            await until(lambda: server.keeper.state is not State.NORMAL, "it is noticed")
            await go_on("sales are kept")
            redis.start()
            await server.ready()
        stopped = True
        await producing
        assert await server.ids() == [receipt.event_id for receipt in receipts]
        assert not any(server.metrics.conflicts)


async def test_frozen_it_is_away_and_what_it_was_sent_is_in_it_once(redis: RedisServer, tmp_path: Path) -> None:
    async with serving(redis, tmp_path / "outbox") as server:
        await server.ready()
        redis.freeze()
        try:
            receipts = await asyncio.gather(*(server.create(number) for number in range(20)))
            assert {receipt.offset for receipt in receipts} == {None}
            assert server.keeper.away
        finally:
            redis.thaw()
        await server.ready()
        assert sorted(await server.ids()) == sorted(f"created:s{number}" for number in range(20))


def full(redis: RedisServer) -> Callable[[], object]:
    redis.command("CONFIG", "SET", "maxmemory", "1")
    return lambda: redis.command("CONFIG", "SET", "maxmemory", "0")


def a_replica(redis: RedisServer) -> Callable[[], object]:
    redis.command("REPLICAOF", "127.0.0.1", str(free_port()))
    return lambda: redis.command("REPLICAOF", "NO", "ONE")


@pytest.mark.parametrize(("spoil", "reason"), [(full, "full"), (a_replica, "replica")])
async def test_one_that_answers_but_takes_nothing_is_away(
    redis: RedisServer, tmp_path: Path, spoil: Callable[[RedisServer], Callable[[], object]], reason: str
) -> None:
    async with serving(redis, tmp_path / "outbox") as server:
        await server.ready()
        mend = spoil(redis)
        assert (await server.create(1)).offset is None
        assert reason in (server.keeper.away or "")
        assert not await server.keeper.ready_within(2)
        mend()
        await server.ready()
        assert await server.ids() == ["created:s1"]


async def test_the_workers_of_a_server_share_what_waits(redis: RedisServer, tmp_path: Path) -> None:
    redis.kill()
    async with serving(redis, tmp_path / "outbox") as one, serving(redis, tmp_path / "outbox") as other:
        for number in range(100):
            await (one, other)[number % 2].create(number)
        await until(lambda: "main: created:s99" in one.told.heard + other.told.heard, "all is announced")
        redis.start()
        await one.ready()
        await other.ready()
        assert await one.ids() == [f"created:s{number}" for number in range(100)]
        assert len(one.metrics.conflicts + other.metrics.conflicts) == 100
