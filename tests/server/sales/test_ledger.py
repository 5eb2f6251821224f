"""What happens when others are always faster, or the log is away."""

from pathlib import Path

import pytest

from salebell_server.bus.memory import MemoryBus
from salebell_server.log import Appended, Draft, Known, LogUnavailable, Stale
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.sales.ledger import MAX_ATTEMPTS
from tests.server.sales.stand import NOON, Shop


class Overtaken(SqliteSaleLog):
    """A log on which somebody else is faster, for a while."""

    overtakings = 0
    attempts = 0

    async def append(self, draft: Draft) -> Appended | Known | Stale:
        self.attempts += 1
        if self.overtakings:
            self.overtakings -= 1
            return Stale()
        return await super().append(draft)


async def test_an_overtaken_command_is_tried_again(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as database:
        log = Overtaken(database, MemoryBus(), lambda: NOON)
        shop = Shop(log)
        await shop.create("s1")
        log.overtakings = MAX_ATTEMPTS - 1
        assert (await shop.change(total="1")).offset == 2


async def test_it_is_given_up_when_that_never_ends(tmp_path: Path) -> None:
    async with Database(tmp_path, serve=True) as database:
        log = Overtaken(database, MemoryBus(), lambda: NOON)
        shop = Shop(log)
        await shop.create("s1")
        log.overtakings, log.attempts = 10 * MAX_ATTEMPTS, 0
        with pytest.raises(LogUnavailable):
            await shop.pay()
        assert log.attempts == MAX_ATTEMPTS
        assert await shop.top() == 1


async def test_a_log_that_is_away_acknowledges_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path, serve=True)
    await database.open()
    shop = Shop(SqliteSaleLog(database, MemoryBus(), lambda: NOON))
    await shop.create("s1")
    await database.close()
    for command in (shop.create("s2"), shop.pay(), shop.change(total="1"), shop.cancel()):
        with pytest.raises(LogUnavailable):
            await command
    assert len(shop.appended) == 1
