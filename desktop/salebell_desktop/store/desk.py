"""All that the signed-in admin has before them: who they are, and each of their stores."""

from collections.abc import Callable, Collection, Iterable

import msgspec

from salebell_desktop.store.announcement import Announcement, Announcer
from salebell_desktop.store.changes import (
    AccountChanged,
    BadgeChanged,
    Change,
    LinkChanged,
    SalesReset,
    ServerChanged,
    StoreClosed,
    StoreOpened,
)
from salebell_desktop.store.feed import Feed, Observer, Unsubscribe
from salebell_desktop.store.link import Link, LinkState
from salebell_desktop.store.sales_store import SIGNED_OUT, SalesStore
from salebell_desktop.store.snapshot import Snapshot

_SEVERITY = {state: rank for rank, state in enumerate(LinkState)}


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, and where.

    Attributes:
        server: the server's address as people know it, such as `wss://api.example.com`.
        uid: the identity provider's id of the admin.
        session_only: the computer has no keyring to keep the sign-in in: it ends with the program.
    """

    server: str
    uid: str
    email: str
    name: str
    session_only: bool = False


class Desk:
    """The stores of the signed-in admin, added up. Views observe this one object; the client writes it.

    Reading it costs little, and no time is asked for here: times are told, in unix seconds.
    """

    def __init__(self) -> None:
        self._feed = Feed()
        self._stores: dict[str, SalesStore] = {}
        self._account: Account | None = None
        self._sign_in_reason = ""
        self._server_version = ""
        self._first_link = SIGNED_OUT
        self._announcer: Announcer | None = None
        self._shown_stores: frozenset[str] = frozenset()

    @property
    def account(self) -> Account | None:
        """Who is signed in; None: nobody."""
        return self._account

    @property
    def sign_in_reason(self) -> str:
        """Why signing in is needed, as a sentence for the sign-in window; "" when there is nothing to say."""
        return self._sign_in_reason

    @property
    def server_version(self) -> str:
        """What the server calls itself, such as `salebell/1.2.0`; "" before it said so."""
        return self._server_version

    @property
    def stores(self) -> tuple[SalesStore, ...]:
        """The stores, in the order in which they were opened."""
        return tuple(self._stores.values())

    @property
    def badge(self) -> int:
        """The badges of all stores added up."""
        return sum(store.badge for store in self._stores.values())

    @property
    def link(self) -> Link:
        """The worst of the stores' connections: what to tell where there is room for one."""
        links = [store.link for store in self._stores.values()]
        return max(links, key=lambda link: _SEVERITY[link.state]) if links else self._first_link

    @property
    def delayed(self) -> bool:
        """Whether any store's log is delayed."""
        return any(store.delayed for store in self._stores.values())

    def store(self, name: str) -> SalesStore:
        """One store.

        Raises:
            KeyError: it is not open.
        """
        return self._stores[name]

    def observe(self, observer: Observer) -> Unsubscribe:
        """Tell `observer` every change, of the desk and of all its stores, from now on. The answer ends it."""
        return self._feed.observe(observer)

    def look_at(self, names: Collection[str]) -> None:
        """The admin is looking at these stores: the window shows them, and is visible and active.

        None of them when it is not. It holds until the next call, also for a store that is opened later.
        """
        self._shown_stores = frozenset(names)
        for store in self.stores:
            store.set_looking(store.name in self._shown_stores)

    def mark_all_seen(self) -> None:
        """Everything that has arrived in any store counts as looked at, without a window."""
        for store in self.stores:
            store.mark_seen()

    def announce_to(self, announcer: Announcer) -> Callable[[], None]:
        """Give announcements to `announcer`, in order. The answer ends it.

        It sees to it that `shown` is called for each of them. There is one announcer: a later one takes the place of
        the one before. Without one, they count as shown.
        """
        self._set_announcer(announcer)
        return lambda: self._set_announcer(None)

    def shown(self, announcements: Iterable[Announcement]) -> None:
        """These announcements were shown, or purposely not: they need not be repeated after a crash."""
        by_store: dict[str, list[str]] = {}
        for announcement in announcements:
            by_store.setdefault(announcement.store, []).append(announcement.event.id)
        for name, event_ids in by_store.items():
            if name in self._stores:
                self._stores[name].shown(event_ids)

    # What the client says.

    def report_failures_to(self, report: Callable[[Exception], None]) -> None:
        """Give `report` what views raise. Without it, whoever changes something gets it, as an `ExceptionGroup`."""
        self._feed.report_failures_to(report)

    def sign_in(self, account: Account) -> None:
        """Somebody is signed in."""
        self._account, self._sign_in_reason = account, ""
        self._feed.tell([AccountChanged()])

    def amend(self, account: Account) -> None:
        """Something about the account that is signed in changed."""
        if self._account is not None and account != self._account:
            self._account = account
            self._feed.tell([AccountChanged()])

    def sign_out(self, reason: str = "", now: float = 0.0) -> None:
        """Nobody is signed in any more; `reason` says why, when it was not their wish. Closes all stores."""
        for store in self.stores:
            self.close(store.name)
        self._account, self._sign_in_reason = None, reason
        self._first_link = Link(state=LinkState.SIGNED_OUT, since=now)
        self._feed.tell([AccountChanged(), LinkChanged()])

    def open(self, name: str, snapshot: Snapshot | None = None) -> SalesStore:
        """A store more, as the cache kept it.

        Raises:
            ValueError: it is open already.
        """
        if name in self._stores:
            raise ValueError(f"the store {name} is open already")
        store = SalesStore(name, snapshot, self._feed)
        self._stores[name] = store
        store.announce_to(self._announcer)
        changes: list[Change] = [StoreOpened(store=name)]
        if len(store.sales):
            changes.append(SalesReset(store=name, sales=store.sales.newest(len(store.sales))))
        if store.badge:
            changes.append(BadgeChanged(store=name, count=store.badge))
        self._feed.tell(changes)
        store.set_looking(name in self._shown_stores)
        return store

    def close(self, name: str) -> None:
        """A store less. Whoever still has it hears no more of it.

        Raises:
            KeyError: it is not open.
        """
        store = self._stores.pop(name)
        badge = store.badge
        store.close()
        changes: list[Change] = [BadgeChanged(store=name, count=0)] if badge else []
        self._feed.tell([*changes, StoreClosed(store=name)])

    def set_first_link(self, link: Link) -> None:
        """The connection while no store is known yet: the first one tells which there are."""
        if link != self._first_link:
            self._first_link = link
            self._feed.tell([LinkChanged()])

    def set_server_version(self, version: str) -> None:
        """What the server calls itself."""
        if version != self._server_version:
            self._server_version = version
            self._feed.tell([ServerChanged()])

    def _set_announcer(self, announcer: Announcer | None) -> None:
        self._announcer = announcer
        for store in self.stores:
            store.announce_to(announcer)
