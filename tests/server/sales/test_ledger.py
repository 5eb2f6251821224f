"""What happens when others are always faster, or the log is away."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from salebell_protocol.sales import SaleStatus
from salebell_server.bus.memory import MemoryBus
from salebell_server.log import Appended, Draft, Known, LogUnavailable, Stale
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.sales.intake import Deferred, Kind
from salebell_server.sales.ledger import MAX_ATTEMPTS
from salebell_server.sales.requests import Receipt
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


class Kept:
    """An intake that keeps commands in memory."""

    def __init__(self) -> None:
        self.commands: list[Deferred] = []

    async def take(self, command: Deferred) -> Receipt:
        self.commands.append(command)
        return Receipt(event_id=command.event_id, offset=None, duplicate=False)


WHOLE = {"id": "s1", "total": "20000.00", "currency": "ARS", "channel": "web"}


class TestKept:
    async def test_what_carries_its_whole_sale_is_kept_while_the_log_is_away(self, tmp_path: Path) -> None:
        database, intake = Database(tmp_path, serve=True), Kept()
        shop = Shop(SqliteSaleLog(database, MemoryBus(), lambda: NOON), intake)
        receipts = [
            await shop.create("s1", channel="web", total="20000.00"),
            await shop.check_out("s2", total="1"),
            await shop.pay("s1", sale=WHOLE, paid_at="2026-11-24T11:00:00Z"),
        ]
        assert receipts == [
            Receipt(event_id=event_id, offset=None, duplicate=False)
            for event_id in ("created:s1", "created:s2", "paid:s1")
        ]
        assert shop.appended == []
        created, checked_out, paid = intake.commands
        assert (created.kind, checked_out.kind, paid.kind) == (Kind.CREATION, Kind.CREATION, Kind.PAYMENT)
        assert {command.store for command in intake.commands} == {"main"}
        assert (created.sale.status, checked_out.sale.status) == (SaleStatus.PENDING, SaleStatus.PENDING)
        assert paid.sale == replace(created.sale, status=SaleStatus.APPROVED)
        assert (created.occurred_at, paid.occurred_at) == (NOON, NOON - timedelta(hours=1))

    async def test_it_is_known_again_by_the_digest_that_the_log_would_have(self, tmp_path: Path) -> None:
        intake = Kept()
        async with Database(tmp_path, serve=True) as database:
            log = SqliteSaleLog(database, MemoryBus(), lambda: NOON)
            shop = Shop(log, intake)
            await shop.create("s1")
            await shop.pay("s1", event_id="p1", sale=WHOLE)
            known = [(await log.lookup("main", "s1", event_id)).known for event_id in ("created:s1", "p1")]
        await shop.create("s1")
        await shop.pay("s1", event_id="p1", sale=WHOLE)
        assert [command.digest for command in intake.commands] == [each.digest for each in known if each is not None]

    async def test_what_needs_the_shared_state_is_refused(self, tmp_path: Path) -> None:
        intake = Kept()
        shop = Shop(SqliteSaleLog(Database(tmp_path, serve=True), MemoryBus(), lambda: NOON), intake)
        for command in (shop.pay("s1"), shop.change("s1", total="1"), shop.cancel("s1")):
            with pytest.raises(LogUnavailable):
                await command
        assert intake.commands == []

    async def test_a_crowd_is_not_the_logs_fault_and_nothing_is_kept_for_it(self, tmp_path: Path) -> None:
        intake = Kept()
        async with Database(tmp_path, serve=True) as database:
            log = Overtaken(database, MemoryBus(), lambda: NOON)
            shop = Shop(log, intake)
            await shop.create("s1")
            log.overtakings = 10 * MAX_ATTEMPTS
            with pytest.raises(LogUnavailable, match="too many at once"):
                await shop.pay("s1", sale=WHOLE)
        assert intake.commands == []
