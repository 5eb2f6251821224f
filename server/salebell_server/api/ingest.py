"""The routes of producers: sales come in."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, TypeVar

from litestar import Response, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import HeaderParameter, JSONBody, PathParameter
from msgspec import UNSET
from msgspec.structs import replace

from salebell_protocol.errors import MalformedMessage
from salebell_protocol.names import EVENT_ID_PATTERN, SALE_ID_PATTERN
from salebell_server.api.description import BODY_PROBLEMS, INGEST_KEY, PRODUCERS, RATE_LIMITED, OptionalBody, problems
from salebell_server.api.identity import ProducerGuard, ProducerRequest
from salebell_server.sales.payments import PaymentService
from salebell_server.sales.requests import Cancel, Change, Checkout, CreateSale, Payment, Receipt
from salebell_server.sales.service import SalesService

SalePath = Annotated[str, PathParameter(pattern=SALE_ID_PATTERN, description="The producer's id of the sale.")]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(name="Idempotency-Key", pattern=EVENT_ID_PATTERN, description="The same as `event_id`."),
]

Command = TypeVar("Command", CreateSale, Checkout, Payment, Change, Cancel)

_ALWAYS = {
    "s400": "The request is wrong; `field` says where.",
    "s401": "No ingest key, or a wrong one.",
    **BODY_PROBLEMS,
    "s429": RATE_LIMITED,
    "s503": "The log cannot be used now; nothing was acknowledged.",
}
_NO_SALE = "`unknown_sale`: the key's store has no such sale."
_CONFLICT = "`event_id_conflict`: the event id belongs to another request."
_EXISTS = f"{_CONFLICT} `sale_exists`: the sale exists, by another event."
_KEPT = "The log cannot be reached; the event is kept on the server's disk, and will be in the log. `offset` is null."
_STATE = f"{_CONFLICT} `invalid_transition`: the sale's status does not allow it."


class IngestRoutes:
    """What producers may do.

    Args:
        guard: lets producers through.
        sales: what becomes of their commands.
        payments: what becomes of their payments.
    """

    def __init__(self, guard: ProducerGuard, sales: SalesService, payments: PaymentService) -> None:
        self._guard = guard
        self._sales = sales
        self._payments = payments

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, for an application."""
        tags, guard = [PRODUCERS], self._guard
        known = problems(**_ALWAYS, s404=_NO_SALE, s409=_STATE)
        kept = {HTTPStatus.ACCEPTED: ResponseSpec(Receipt, description=_KEPT, generate_examples=False)}
        new = problems(**_ALWAYS, s409=_EXISTS) | kept
        return (
            post(
                "/v1/sales", before_request=guard, tags=tags, security=INGEST_KEY, responses=new,
                operation_id="createSale", summary="Create a sale",
            )(self.create),
            post(
                "/v1/checkouts", before_request=guard, tags=tags, security=INGEST_KEY, responses=new,
                operation_id="createFromCheckout", summary="Make a sale of a cart",
            )(self.create_from_checkout),
            post(
                "/v1/sales/{sale_id:str}/payment", before_request=guard, tags=tags, security=INGEST_KEY,
                operation_id="confirmPayment", summary="Confirm a payment", operation_class=OptionalBody,
                responses=known | kept,
            )(self.confirm_payment),
            patch(
                "/v1/sales/{sale_id:str}", before_request=guard, tags=tags, security=INGEST_KEY, responses=known,
                operation_id="updateSale", summary="Change a sale, or refund it", status_code=201,
            )(self.update),
            post(
                "/v1/sales/{sale_id:str}/cancel", before_request=guard, tags=tags, security=INGEST_KEY,
                operation_id="cancelSale", summary="Cancel a sale", operation_class=OptionalBody,
                responses=known,
            )(self.cancel),
        )  # fmt: skip

    async def create(
        self, request: ProducerRequest, data: JSONBody[CreateSale], idempotency_key: IdempotencyKey = None
    ) -> Response[Receipt]:
        """An admin or a back end creates a sale, `pending` or `approved`.

        Default event id: `created:{sale.id}`.
        """
        return _answer(await self._sales.create(request.auth.store, _identified(data, idempotency_key)))

    async def create_from_checkout(
        self, request: ProducerRequest, data: JSONBody[Checkout], idempotency_key: IdempotencyKey = None
    ) -> Response[Receipt]:
        """A cart becomes a `pending` sale. Without `total` it is the sum of the items.

        Default event id: `created:{sale.id}`.
        """
        return _answer(await self._sales.create_from_checkout(request.auth.store, _identified(data, idempotency_key)))

    async def confirm_payment(
        self,
        request: ProducerRequest,
        sale_id: SalePath,
        data: JSONBody[Payment],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Receipt]:
        """The money is there: the sale is `approved`, and rings once more.

        `sale` is whole: it replaces the sale's fields, and creates a sale that the store does not have. An approved
        sale is answered with the event that approved it. Default event id: `paid:{id}`, under which a retry may say
        anything; paying again after a cancellation needs another one.
        """
        return _answer(await self._payments.confirm(request.auth.store, sale_id, _identified(data, idempotency_key)))

    async def update(
        self,
        request: ProducerRequest,
        sale_id: SalePath,
        data: JSONBody[Change],
        idempotency_key: IdempotencyKey = None,
    ) -> Receipt:
        """The fields that `sale` names are replaced; null clears `customer` and `url`.

        `status` may only be `refunded`, of an approved sale. Default event id: random, so that a retry needs its own.
        """
        return await self._sales.update(request.auth.store, sale_id, _identified(data, idempotency_key))

    async def cancel(
        self,
        request: ProducerRequest,
        sale_id: SalePath,
        data: JSONBody[Cancel],
        idempotency_key: IdempotencyKey = None,
    ) -> Receipt:
        """The sale is off. A cancelled sale is answered with the event that cancelled it.

        Default event id: `cancelled:{id}`; cancelling again after a payment needs another one.
        """
        return await self._sales.cancel(request.auth.store, sale_id, _identified(data, idempotency_key))


def _answer(receipt: Receipt) -> Response[Receipt]:
    """201 for what is in the log, 202 for what waits for it."""
    return Response(receipt, status_code=HTTPStatus.CREATED if receipt.offset is not None else HTTPStatus.ACCEPTED)


def _identified(command: Command, key: str | None) -> Command:
    """The command under the event id of the header, if there is one.

    Raises:
        MalformedMessage: the body gives another one.
    """
    if key is None:
        return command
    if command.event_id not in (UNSET, key):
        raise MalformedMessage("event_id", "must be that of the header Idempotency-Key, or only one of them be given")
    return replace(command, event_id=key)
