"""A sale to ring for."""

from collections.abc import Callable

import msgspec

from salebell_protocol.events import Event


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """A sale to ring for.

    Attributes:
        missed: it happened while this device was not connected.
    """

    store: str
    event: Event
    missed: bool


Announcer = Callable[[Announcement], None]
