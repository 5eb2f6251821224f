"""What observers are told: one Struct per kind of change, complete enough to keep a mirror of the list.

    SalesInserted, SaleChanged, SalesRemoved, SalesReset    the list of one store, or a listing
    SaleHeard           what an event told of one sale, in the list or not
    ListingChanged      how far a listing is read
    ListStateChanged    whether that list is current
    BadgeChanged        its badge
    LinkChanged         its connection, or whether the server's log is delayed
    StoreOpened, StoreClosed    the stores of the admin
    AccountChanged      who is signed in, or why nobody is
    ServerChanged       what the server calls itself
    LookDue, SaveDue    for the client: there is a look to tell the server, something to save

Changes come in order and after the fact. Applied in that order to a copy of the rows they give the store's rows,
so that a view may begin an insertion before its own rows change, as Qt's models must.
"""

import msgspec

from salebell_protocol.sales import Sale


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What they have in common: `store`, the name of the store; "" when it concerns the whole desk."""

    store: str = ""


class SalesInserted(Change, frozen=True, kw_only=True):
    """`sales` now stand at `row`, `row + 1`, …; what stood there moved down."""

    row: int
    sales: tuple[Sale, ...]


class SaleChanged(Change, frozen=True, kw_only=True):
    """The sale at `row` is now `sale`: the same id, at the same place."""

    row: int
    sale: Sale


class SalesRemoved(Change, frozen=True, kw_only=True):
    """`count` rows from `row` on are gone: too old to be kept, or moved (then an insertion follows)."""

    row: int
    count: int


class SalesReset(Change, frozen=True, kw_only=True):
    """The list is another one, `sales`: read anew from the server or from the cache."""

    sales: tuple[Sale, ...]


class SaleHeard(Change, frozen=True, kw_only=True):
    """An event told that `sale` is so now, whether or not the store's list has room for it.

    `offset` is the event's; None for a provisional one.
    """

    sale: Sale
    offset: int | None


class ListingChanged(Change, frozen=True, kw_only=True):
    """`progress` or `problem` of a listing changed."""


class ListStateChanged(Change, frozen=True, kw_only=True):
    """`list_state` or `list_problem` of the store changed."""


class BadgeChanged(Change, frozen=True, kw_only=True):
    """The store's badge is now `count`. The desk's is `Desk.badge`."""

    count: int


class LinkChanged(Change, frozen=True, kw_only=True):
    """The store's `link` or `delayed` changed. The desk's summary is `Desk.link` and `Desk.delayed`."""


class StoreOpened(Change, frozen=True, kw_only=True):
    """The desk has one store more."""


class StoreClosed(Change, frozen=True, kw_only=True):
    """The desk has one store less: the admin may not open it any more, or signed out."""


class AccountChanged(Change, frozen=True, kw_only=True):
    """`Desk.account` or `Desk.sign_in_reason` changed."""


class ServerChanged(Change, frozen=True, kw_only=True):
    """`Desk.server_version` changed."""


class LookDue(Change, frozen=True, kw_only=True):
    """`SalesStore.seen_due` is not None any more. For the client."""


class SaveDue(Change, frozen=True, kw_only=True):
    """`SalesStore.take_unsaved` has something to give. For the client."""
