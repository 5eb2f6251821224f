"""What a store keeps on disk, so that it comes back as it was."""

import msgspec

from salebell_desktop.store.badge import NOTHING, Reading
from salebell_desktop.store.looks import Look
from salebell_protocol.events import Position
from salebell_protocol.sales import Sale


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A store at rest.

    Attributes:
        position: up to here every sale was shown; None when no log was ever adopted.
        reading: the badge, without what is provisional.
        look: a look that the server has not acknowledged.
        whole: whether `sales` had been read from the server, so that resuming makes them current.
        shown: ids of the events that were announced, the oldest first.
        sales: the newest sales, in any order.
    """

    position: Position | None = None
    reading: Reading = NOTHING
    look: Look | None = None
    whole: bool = False
    shown: tuple[str, ...] = ()
    sales: tuple[Sale, ...] = ()
