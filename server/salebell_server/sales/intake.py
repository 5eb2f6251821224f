"""What becomes of a sale that comes in while the log cannot be reached: it is kept here, and told to the log later.

`Intake` is the contract; `fallback` implements it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from salebell_protocol.sales import Sale
from salebell_server.sales.requests import Receipt


class Kind(StrEnum):
    """Which command waits. Both carry the whole sale, so that nothing needs to be known of it."""

    CREATION = "creation"
    """A sale or a checkout."""
    PAYMENT = "payment"


class Deferred(msgspec.Struct, frozen=True, kw_only=True):
    """A command that the log could not be asked about: a `SALE_CREATED` to be.

    Attributes:
        occurred_at: when it happened, not when it reaches the log.
        sale: the whole sale, as it is if the log has none of that id.
        digest: of the request, see `digests`.
    """

    store: str
    event_id: str
    kind: Kind
    occurred_at: datetime
    sale: Sale
    digest: bytes


class Intake(Protocol):
    """Keeps commands until the log can be told.

    Guarantees:
        - When `take` returns, the command is on this machine's disk, and will be in the log under the same event id
          once that can be reached, however often this server ends before.
        - The admins who are connected here are sent it at once, as a provisional event.
    """

    async def take(self, command: Deferred) -> Receipt:
        """Keep a command. The receipt has no offset.

        A command that waits already (the same event id and digest) is answered as a duplicate, and so is a payment
        of a sale that a waiting command approves: with the id of that one.

        Raises:
            EventIdConflict: a command with that event id and another digest waits.
            SaleExists: a creation, and a command with another event id that brings the same sale waits.
            LogUnavailable: it cannot be kept either. Nothing was acknowledged.
        """
        ...
