"""Creating, changing, cancelling and refunding sales."""

from collections.abc import Callable
from datetime import datetime

from msgspec import UNSET, UnsetType

from salebell_protocol.errors import MalformedMessage
from salebell_protocol.events import EventType
from salebell_protocol.sales import SaleStatus
from salebell_server.log import Draft
from salebell_server.sales.assembly import (
    ADMIN_CHANNEL,
    CHECKOUT_CHANNEL,
    changed_sale,
    given,
    new_sale,
    with_status,
)
from salebell_server.sales.digests import Route, digest
from salebell_server.sales.ledger import Ledger, Order
from salebell_server.sales.requests import Cancel, Cart, Change, Changes, Checkout, CreateSale, NewSale, Receipt
from salebell_server.sales.rules import Command


class SalesService:
    """What producers do to sales, but for payments.

    Each command emits its event in the transaction that changes the sale. A known event id from the same request
    gives the first answer again and emits nothing.

    Args:
        ledger: where commands are carried out.
        clock: the time, in UTC.
        new_event_id: a random event id, for changes that bring none.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime], new_event_id: Callable[[], str]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._new_event_id = new_event_id

    async def create(self, store: str, request: CreateSale) -> Receipt:
        """An admin or a back end creates a sale: `SALE_CREATED`. The default event id is `created:{sale.id}`.

        Raises:
            EventIdConflict: the event id belongs to another request.
            SaleExists: the sale exists, by another event.
            LogUnavailable: nothing was acknowledged.
        """
        status = given(request.sale.status, SaleStatus.PENDING)
        return await self._create(store, Route.SALES, request.event_id, request.sale, status, ADMIN_CHANNEL)

    async def create_from_checkout(self, store: str, request: Checkout) -> Receipt:
        """A cart becomes a pending sale: `SALE_CREATED`. Otherwise as `create`."""
        return await self._create(
            store, Route.CHECKOUTS, request.event_id, request.sale, SaleStatus.PENDING, CHECKOUT_CHANNEL
        )

    async def update(self, store: str, sale_id: str, request: Change) -> Receipt:
        """Change fields, or set the status `refunded`: `SALE_UPDATED`. The default event id is random.

        Raises:
            MalformedMessage: the request names another sale.
            EventIdConflict: the event id belongs to another request.
            UnknownSale: there is no such sale.
            InvalidTransition: a status that cannot be set now, or not this way.
            LogUnavailable: nothing was acknowledged.
        """
        changes, now = request.sale, self._clock()
        check_same_sale(sale_id, changes.id)
        command, participle = _patch(changes)
        return await self._ledger.perform(
            Order(
                store=store,
                sale_id=sale_id,
                event_id=self._new_event_id() if request.event_id is UNSET else request.event_id,
                digest=digest(Route.CHANGE, sale_id, changes),
                command=command,
                type=EventType.SALE_UPDATED,
                occurred_at=now,
                participle=participle,
                shape=lambda current, status: changed_sale(current, changes, status, now),
            )
        )

    async def refund(self, store: str, sale_id: str, event_id: str | UnsetType = UNSET) -> Receipt:
        """The money went back: as `update` to `refunded`."""
        return await self.update(store, sale_id, Change(event_id=event_id, sale=Changes(status=SaleStatus.REFUNDED)))

    async def cancel(self, store: str, sale_id: str, request: Cancel) -> Receipt:
        """The sale is off: `SALE_CANCELLED`. The default event id is `cancelled:{sale_id}`.

        A cancelled sale is answered with the event that cancelled it.

        Raises:
            EventIdConflict: the event id belongs to another request.
            UnknownSale: there is no such sale.
            InvalidTransition: the sale was refunded.
            LogUnavailable: nothing was acknowledged.
        """
        now = self._clock()
        return await self._ledger.perform(
            Order(
                store=store,
                sale_id=sale_id,
                event_id=given(request.event_id, f"cancelled:{sale_id}"),
                digest=digest(Route.CANCEL, sale_id, None),
                command=Command.CANCEL,
                type=EventType.SALE_CANCELLED,
                occurred_at=now,
                participle="cancelled",
                shape=lambda current, status: with_status(current, status, now),
            )
        )

    async def _create(
        self,
        store: str,
        route: Route,
        event_id: str | UnsetType,
        sale: NewSale | Cart,
        status: SaleStatus,
        channel: str,
    ) -> Receipt:
        now = self._clock()
        return await self._ledger.create(
            Draft(
                store=store,
                event_id=given(event_id, f"created:{sale.id}"),
                type=EventType.SALE_CREATED,
                occurred_at=now,
                sale=new_sale(sale, status, channel, now),
                digest=digest(route, sale.id, sale),
                expected_version=0,
                sets_status=True,
            )
        )


def check_same_sale(sale_id: str, named: str | UnsetType) -> None:
    """Refuse a body that names another sale than its path.

    Raises:
        MalformedMessage: it does.
    """
    if named is not UNSET and named != sale_id:
        raise MalformedMessage("sale.id", "must be the id in the path, or absent: it never changes")


def _patch(changes: Changes) -> tuple[Command, str]:
    """What a change asks for, and its participle."""
    if changes.status is UNSET:
        return Command.EDIT, "changed"
    if changes.status is SaleStatus.REFUNDED:
        return Command.REFUND, "refunded"
    return Command.SET_STATUS, f"patched to {changes.status}: only refunded can be set this way"
