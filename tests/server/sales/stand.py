"""Services under test on a real embedded log, with time and random ids in the test's hands."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from salebell_protocol import codec
from salebell_protocol.events import Event, EventType
from salebell_protocol.sales import Sale
from salebell_server.bus.memory import MemoryBus
from salebell_server.log import SaleLog
from salebell_server.log.sqlite.database import Database
from salebell_server.log.sqlite.sale_log import SqliteSaleLog
from salebell_server.sales.intake import Intake
from salebell_server.sales.ledger import Ledger
from salebell_server.sales.payments import PaymentService
from salebell_server.sales.requests import Cancel, Change, Checkout, CreateSale, Payment, Receipt
from salebell_server.sales.service import SalesService

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

T = TypeVar("T")


class Shop:
    """The services of one log."""

    def __init__(self, log: SaleLog, intake: Intake | None = None) -> None:
        self.log = log
        self.now = NOON
        self.appended: list[EventType] = []
        self._ids = 0
        ledger = Ledger(log, self.appended.append, intake)
        self.sales = SalesService(ledger, self.clock, self._new_event_id)
        self.payments = PaymentService(ledger, self.clock)

    def clock(self) -> datetime:
        return self.now

    def passes(self, **units: float) -> None:
        self.now += timedelta(**units)

    def _new_event_id(self) -> str:
        self._ids += 1
        return f"random-{self._ids}"

    async def create(
        self, sale_id: str = "s1", *, store: str = "main", event_id: str | None = None, **sale: Any
    ) -> Receipt:
        body = {"id": sale_id, "total": "15999.00", "currency": "ARS", **sale}
        return await self.sales.create(store, as_request(CreateSale, event_id, sale=body))

    async def check_out(self, sale_id: str = "s1", *, event_id: str | None = None, **sale: Any) -> Receipt:
        body = {"id": sale_id, "currency": "ARS", **sale}
        return await self.sales.create_from_checkout("main", as_request(Checkout, event_id, sale=body))

    async def pay(
        self, sale_id: str = "s1", *, store: str = "main", event_id: str | None = None, **body: Any
    ) -> Receipt:
        return await self.payments.confirm(store, sale_id, as_request(Payment, event_id, **body))

    async def change(self, sale_id: str = "s1", *, event_id: str | None = None, **sale: Any) -> Receipt:
        return await self.sales.update("main", sale_id, as_request(Change, event_id, sale=sale))

    async def cancel(self, sale_id: str = "s1", *, event_id: str | None = None) -> Receipt:
        return await self.sales.cancel("main", sale_id, as_request(Cancel, event_id))

    async def sale(self, sale_id: str = "s1", store: str = "main") -> Sale:
        found = await self.log.sale(store, sale_id)
        assert found is not None
        return found

    async def history(self, sale_id: str = "s1", store: str = "main") -> tuple[Event, ...]:
        return await self.log.history(store, sale_id)

    async def top(self, store: str = "main") -> int:
        return (await self.log.position(store)).offset


def as_request(wanted: type[T], event_id: str | None, **body: Any) -> T:
    """What a handler would have decoded."""
    return codec.decode(msgspec.json.encode(body if event_id is None else {"event_id": event_id, **body}), wanted)


@asynccontextmanager
async def open_shop(directory: Path) -> AsyncGenerator[Shop, None]:
    """The services on an embedded log in `directory`."""
    async with Database(directory, serve=True) as database:
        yield Shop(SqliteSaleLog(database, MemoryBus(), lambda: NOON))
