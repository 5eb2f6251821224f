"""Look, decide, append; and again when somebody was faster.

What can be decided without the log is kept for it when it cannot be reached, where there is a place to keep it.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from salebell_protocol.events import EventType
from salebell_protocol.sales import Sale, SaleStatus
from salebell_server.log import Appended, Draft, Known, LogUnavailable, Record, SaleLog, Stale
from salebell_server.sales.errors import EventIdConflict, InvalidTransition, SaleExists, UnknownSale
from salebell_server.sales.intake import Deferred, Intake, Kind
from salebell_server.sales.requests import Receipt
from salebell_server.sales.rules import Answer, Command, outcome

MAX_ATTEMPTS = 100
"""Of a command that others keep overtaking. Each time one of them succeeds, so as many can contend for one sale."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A command to one sale.

    Attributes:
        digest: of the request, see `digests`.
        participle: for people, as in "cannot be paid".
        shape: makes the sale that the command leaves, with that status; may be called several times.
        brought: the sale to create when the store does not have it, if the command may create it.
    """

    store: str
    sale_id: str
    event_id: str
    digest: bytes
    command: Command
    type: EventType
    occurred_at: datetime
    participle: str
    shape: Callable[[Sale, SaleStatus], Sale]
    brought: Sale | None = None


def _nobody(_type: EventType) -> None:
    pass


class Ledger:
    """Carries commands out on a log, which decides who was first.

    Args:
        log: any log.
        appended: told of each event that was appended, duplicates left out.
        intake: keeps new sales and payments with their sale while the log cannot be reached; None: they are refused.
    """

    def __init__(
        self, log: SaleLog, appended: Callable[[EventType], None] = _nobody, intake: Intake | None = None
    ) -> None:
        self._log = log
        self._appended = appended
        self._intake = intake

    async def create(self, draft: Draft) -> Receipt:
        """Append the first event of a sale.

        Raises:
            EventIdConflict: the event id belongs to another request.
            SaleExists: the sale exists, by another event.
            LogUnavailable: nothing was acknowledged.
        """
        try:
            receipt = await self._append(draft)
        except LogUnavailable:
            if self._intake is None:
                raise
            return await self._intake.take(_deferred(draft, Kind.CREATION, draft.sale))
        if receipt is None:
            raise SaleExists(draft.sale.id)
        return receipt

    async def perform(self, order: Order) -> Receipt:
        """Carry out a command to a sale that should exist.

        Raises:
            EventIdConflict: the event id belongs to another request.
            UnknownSale: there is no such sale, and the command does not create it.
            InvalidTransition: the sale's state does not allow it.
            LogUnavailable: nothing was acknowledged.
        """
        try:
            receipt = await self._perform(order)
        except LogUnavailable:
            if self._intake is None or order.brought is None:
                raise
            return await self._intake.take(_deferred(order, Kind.PAYMENT, order.brought))
        if receipt is None:
            # Not the log's fault, so that nothing is kept for it: whoever tries again will find less of a crowd.
            raise LogUnavailable(f"sale {order.sale_id} is changed by too many at once")
        return receipt

    async def _perform(self, order: Order) -> Receipt | None:
        """None when others were always faster."""
        for _ in range(MAX_ATTEMPTS):
            looked = await self._log.lookup(order.store, order.sale_id, order.event_id)
            if looked.known is not None:
                return _repeated(looked.known, order.digest)
            decided = _decide(order, looked.record)
            if isinstance(decided, Receipt):
                return decided
            receipt = await self._append(decided)
            if receipt is not None:
                return receipt
        return None

    async def _append(self, draft: Draft) -> Receipt | None:
        """None when the sale is not at the version that the draft expects."""
        match await self._log.append(draft):
            case Appended(offset):
                self._appended(draft.type)
                return Receipt(event_id=draft.event_id, offset=offset, duplicate=False)
            case Known() as known:
                return _repeated(known, draft.digest)
            case Stale():
                return None


def _deferred(asked: Draft | Order, kind: Kind, sale: Sale) -> Deferred:
    return Deferred(
        store=asked.store,
        event_id=asked.event_id,
        kind=kind,
        occurred_at=asked.occurred_at,
        sale=sale,
        digest=asked.digest,
    )


def _decide(order: Order, record: Record | None) -> Draft | Receipt:
    """The event to append, or the answer that needs none."""
    if record is None:
        decided = outcome(None, order.command)
        if decided is not Answer.CREATED or order.brought is None:
            raise UnknownSale(order.sale_id)
        return _draft(order, order.brought, version=0, sets_status=True)
    current = record.sale
    decided = outcome(current.status, order.command)
    if decided is Answer.ALREADY:
        return Receipt(event_id=record.status_event_id, offset=record.status_offset, duplicate=True)
    if decided is Answer.EDITED:
        return _draft(order, order.shape(current, current.status), version=record.version, sets_status=False)
    if isinstance(decided, SaleStatus):
        return _draft(order, order.shape(current, decided), version=record.version, sets_status=True)
    raise InvalidTransition(order.sale_id, current.status, order.participle)


def _draft(order: Order, sale: Sale, *, version: int, sets_status: bool) -> Draft:
    return Draft(
        store=order.store,
        event_id=order.event_id,
        type=order.type,
        occurred_at=order.occurred_at,
        sale=sale,
        digest=order.digest,
        expected_version=version,
        sets_status=sets_status,
    )


def _repeated(known: Known, digest: bytes) -> Receipt:
    if known.digest != digest:
        raise EventIdConflict(known.event_id)
    return Receipt(event_id=known.event_id, offset=known.offset, duplicate=True)
