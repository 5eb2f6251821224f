"""Facts about sales, and places in the log that orders them."""

from enum import StrEnum

import msgspec
from msgspec.structs import force_setattr

from salebell_protocol.names import Epoch, Offset, PreviousId, RecordedEventId, StoreName, Upto
from salebell_protocol.sales import Instant, Sale, in_utc


class EventType(StrEnum):
    """What happened to a sale."""

    SALE_CREATED = "SALE_CREATED"
    """Created, or become a sale, or its payment confirmed: what the bell rings for."""
    SALE_UPDATED = "SALE_UPDATED"
    SALE_CANCELLED = "SALE_CANCELLED"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact about one sale, with the sale as it was then.

    Confirmed events carry what the log gave them; provisional ones, delivered by a server that cannot reach the
    shared log, carry none of the three.

    Attributes:
        offset: place in the store's log.
        previous: id of the event at `offset - 1`; "" only at offset 1.
        created_before: for `SALE_CREATED`, the offset of this sale's previous `SALE_CREATED`, or 0.

    Raises:
        ValueError: the three do not fit together.
    """

    id: RecordedEventId
    type: EventType
    store: StoreName
    occurred_at: Instant
    sale: Sale
    offset: Offset | None = None
    previous: PreviousId | None = None
    created_before: Upto | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "occurred_at", in_utc(self.occurred_at, "occurred_at"))
        if self.offset is None:
            if self.previous is not None or self.created_before is not None:
                raise ValueError("previous and created_before need an offset")
            return
        if self.previous is None or (self.previous == "") != (self.offset == 1):
            raise ValueError('previous must be the id of the event before, "" only at offset 1')
        rings = self.type is EventType.SALE_CREATED
        if (self.created_before is not None) != rings:
            raise ValueError("created_before belongs to every confirmed SALE_CREATED, and to nothing else")
        if self.created_before is not None and self.created_before >= self.offset:
            raise ValueError("created_before must be below offset")

    @property
    def confirmed(self) -> bool:
        """Whether the log has given it an offset."""
        return self.offset is not None


class Position(msgspec.Struct, frozen=True):
    """How far somebody has seen a log without a gap: (`epoch`, 0, "") before its first event.

    The id beside the offset tells a log that went on from one that was replaced by an older copy of itself.
    """

    epoch: Epoch
    offset: Upto
    event_id: PreviousId

    def __post_init__(self) -> None:
        if (self.event_id == "") != (self.offset == 0):
            raise ValueError('event_id must be the id of the event at offset, "" only at offset 0')
