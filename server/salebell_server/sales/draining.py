"""What a command comes to that waited for the log: decided when the log can be told. Pure.

It was acknowledged, so that nothing refuses it any more: its event id will be in the log.

    the log has        a creation                         a payment
    ─────────────      ───────────────────────────────    ──────────────────────────────
    the event id       nothing: what it has stays         the same
    no such sale       SALE_CREATED                       SALE_CREATED
    a pending one      SALE_CREATED if it is approved,    SALE_CREATED, approved
                       else SALE_UPDATED
    a cancelled one    SALE_UPDATED, cancelled            SALE_CREATED, approved
    an approved one    SALE_UPDATED, approved             SALE_UPDATED, approved
    a refunded one     SALE_UPDATED, refunded             SALE_UPDATED, refunded
"""

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from salebell_protocol.events import EventType
from salebell_protocol.sales import Sale, SaleStatus
from salebell_server.log import Draft, Lookup, Record
from salebell_server.sales.assembly import ADMIN_CHANNEL, CHECKOUT_CHANNEL
from salebell_server.sales.intake import Deferred, Kind
from salebell_server.sales.rules import Command, outcome


class Resolution(msgspec.Struct, frozen=True):
    """What to append.

    Attributes:
        draft: None when the log has the event id: its first content stays.
        conflict: whether somebody should look, since money may be concerned. Another request had that event id; a sale
            was paid for that was approved by another payment, or refunded; or it was created with another amount, or as
            approved when it is not.
    """

    draft: Draft | None
    conflict: bool = False


def resolve(command: Deferred, looked: Lookup) -> Resolution:
    """What becomes of `command`, given what the log knows of its event id and its sale."""
    if looked.known is not None:
        return Resolution(None, conflict=looked.known.digest != command.digest)
    record = looked.record
    if record is None:
        return Resolution(_draft(command, EventType.SALE_CREATED, command.sale, None))
    current = record.sale
    approves = _approves(command, current.status)
    status = SaleStatus.APPROVED if approves else current.status
    event_type = EventType.SALE_CREATED if approves else EventType.SALE_UPDATED
    draft = _draft(command, event_type, _onto(current, command.sale, status), record)
    return Resolution(draft, conflict=_concerns_money(command, current, status, approves=approves))


def _approves(command: Deferred, current: SaleStatus) -> bool:
    """Whether the command makes an existing sale approved."""
    if command.kind is Kind.PAYMENT:
        return outcome(current, Command.PAY_WHOLE) is SaleStatus.APPROVED
    return command.sale.status is SaleStatus.APPROVED and current is SaleStatus.PENDING


def _onto(current: Sale, brought: Sale, status: SaleStatus) -> Sale:
    """The existing sale with what was brought, but for when it was made; and where, if the request did not say so."""
    unsaid = brought.channel in (ADMIN_CHANNEL, CHECKOUT_CHANNEL)
    return replace(
        brought,
        status=status,
        channel=current.channel if unsaid else brought.channel,
        created_at=current.created_at,
        updated_at=max(current.updated_at, brought.updated_at),
    )


def _concerns_money(command: Deferred, current: Sale, status: SaleStatus, *, approves: bool) -> bool:
    if command.kind is Kind.PAYMENT:
        return not approves
    brought = command.sale
    another_amount = Decimal(brought.total) != Decimal(current.total) or brought.currency != current.currency
    return another_amount or (brought.status is SaleStatus.APPROVED and status is not SaleStatus.APPROVED)


def _draft(command: Deferred, event_type: EventType, sale: Sale, record: Record | None) -> Draft:
    return Draft(
        store=command.store,
        event_id=command.event_id,
        type=event_type,
        occurred_at=command.occurred_at,
        sale=sale,
        digest=command.digest,
        expected_version=0 if record is None else record.version,
        sets_status=record is None or sale.status is not record.sale.status,
    )
