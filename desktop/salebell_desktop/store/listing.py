"""The sales that a window lists: those of one store that match a query, in an order, as far back as was asked for.

A listing begins with what the store has at hand, follows what the store hears, and is completed by pages of
`GET /v1/sales`, which the client reads when it is asked to. However pages and events interleave, no sale goes back in
time, none is listed twice, and none is left out between two that are listed in the server's order.
"""

from enum import Enum, auto

LIMIT = 100_000
"""How many sales a listing holds at most."""


class Progress(Enum):
    """How far the listing is read."""

    PARTLY = auto()
    """There may be older sales: ask for more."""
    LOADING = auto()
    """They are being read."""
    WHOLE = auto()
    """Every sale that matches is in it (up to `LIMIT`)."""
    FAILED = auto()
    """Reading failed, for the reason in `problem`; asking for more tries again."""


class Listing:
    """See the module. Made by `SalesStore.listing(query, order)`; to be ended by `close` when no window shows it."""

    def __init__(self) -> None:
        raise NotImplementedError
