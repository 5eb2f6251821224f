"""What the windows show: sales, badge, connection. Written by the client, observed by the views.

Pure: no sockets, asyncio, Qt, clock or randomness; times are passed in. Everything runs on one thread.

    Desk            who is signed in, and all their stores added up: what views observe
    SalesStore      one store: sales, badge, link, looking
    Listing         its sales that match a query, in an order, as far back as a window asks for
    Change          what observers are told; see `changes`
    Announcement    a sale to ring for; whoever shows it tells `Desk.shown`

A view begins with `desk.observe(callback)`, reads `desk.stores`, and keeps a mirror of each store's rows by the
`Sales…` changes. Whoever owns the window calls `desk.look_at` whenever it becomes visible and active, or ceases to be.
"""

from salebell_desktop.store.announcement import Announcement, Announcer
from salebell_desktop.store.badge import Reading
from salebell_desktop.store.changes import (
    AccountChanged,
    BadgeChanged,
    Change,
    LinkChanged,
    ListingChanged,
    ListStateChanged,
    LookDue,
    SaleChanged,
    SaleHeard,
    SalesInserted,
    SalesRemoved,
    SalesReset,
    SaveDue,
    ServerChanged,
    StoreClosed,
    StoreOpened,
)
from salebell_desktop.store.desk import Account, Desk
from salebell_desktop.store.feed import Observer, Unsubscribe
from salebell_desktop.store.link import Link, LinkState
from salebell_desktop.store.listing import Listing, Progress
from salebell_desktop.store.looks import Look
from salebell_desktop.store.query import Order, Query, SortKey
from salebell_desktop.store.sales_list import SalesList
from salebell_desktop.store.sales_store import ListState, Received, SalesStore
from salebell_desktop.store.snapshot import Snapshot
from salebell_desktop.store.unsaved import Unsaved

__all__ = [
    "Account",
    "AccountChanged",
    "Announcement",
    "Announcer",
    "BadgeChanged",
    "Change",
    "Desk",
    "Link",
    "LinkChanged",
    "LinkState",
    "ListState",
    "ListStateChanged",
    "Listing",
    "ListingChanged",
    "Look",
    "LookDue",
    "Observer",
    "Order",
    "Progress",
    "Query",
    "Reading",
    "Received",
    "SaleChanged",
    "SaleHeard",
    "SalesInserted",
    "SalesList",
    "SalesRemoved",
    "SalesReset",
    "SalesStore",
    "SaveDue",
    "ServerChanged",
    "Snapshot",
    "SortKey",
    "StoreClosed",
    "StoreOpened",
    "Unsaved",
    "Unsubscribe",
]
