"""Confirming payments."""

from collections.abc import Callable
from datetime import datetime

from msgspec import UNSET
from msgspec.structs import replace

from salebell_protocol.events import EventType
from salebell_protocol.sales import SaleStatus
from salebell_server.sales.assembly import CHECKOUT_CHANNEL, given, new_sale, paid_sale
from salebell_server.sales.digests import Route, digest
from salebell_server.sales.ledger import Ledger, Order
from salebell_server.sales.requests import Payment, Receipt
from salebell_server.sales.rules import Command
from salebell_server.sales.service import check_same_sale


class PaymentService:
    """The money for a sale has come.

    Args:
        ledger: where commands are carried out.
        clock: the time, in UTC.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock

    async def confirm(self, store: str, sale_id: str, request: Payment) -> Receipt:
        """Approve a sale: `SALE_CREATED` once more. The default event id is `paid:{sale_id}`.

        The event occurred at `paid_at`, or now if that lies in the future: a producer's clock that is ahead must not
        lose a payment. An approved sale is answered with the event that approved it. Payments under the default
        event id are the same whatever they say, so that a webhook may tell more when it tries again.

        Raises:
            MalformedMessage: the request's sale is another one.
            EventIdConflict: the event id belongs to another request.
            UnknownSale: there is no such sale, and the request does not bring it.
            InvalidTransition: the sale was refunded.
            LogUnavailable: nothing was acknowledged.
        """
        brought, now = request.sale, self._clock()
        if brought is not UNSET:
            check_same_sale(sale_id, brought.id)
        default_id = f"paid:{sale_id}"
        event_id = given(request.event_id, default_id)
        compared = None if event_id == default_id else replace(request, event_id=UNSET)
        return await self._ledger.perform(
            Order(
                store=store,
                sale_id=sale_id,
                event_id=event_id,
                digest=digest(Route.PAYMENT, sale_id, compared),
                command=Command.PAY if brought is UNSET else Command.PAY_WHOLE,
                type=EventType.SALE_CREATED,
                occurred_at=min(given(request.paid_at, now), now),
                participle="paid",
                shape=lambda current, _status: paid_sale(current, brought, now),
                brought=None if brought is UNSET else new_sale(brought, SaleStatus.APPROVED, CHECKOUT_CHANNEL, now),
            )
        )
