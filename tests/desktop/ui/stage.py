"""A shop with made-up sales, a clock that tests turn, and an account of what the user wanted."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from salebell_desktop.store import Desk, Link, LinkState, Listing, SalesStore
from salebell_desktop.ui.actions import KnownAccount, ServerFound, Told
from salebell_desktop.ui.clock import Clock
from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.http import SaleHistory, SalesPage, Stats
from salebell_protocol.messages import AdminIdentity, AuthSuccess, Recovery
from salebell_protocol.sales import Customer, Sale, SaleStatus

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Times:
    """Both clocks, at noon until a test moves them."""

    def __init__(self) -> None:
        self.unix = NOON.timestamp()
        self.steady = 1000.0
        self.clock = Clock(unix=lambda: self.unix, steady=lambda: self.steady)

    def go_on(self, seconds: float) -> None:
        self.unix += seconds
        self.steady += seconds


ANA = KnownAccount(
    server="wss://bell.example.com", uid="u", email="ana@example.com", name="Ana", active=True, signed_in=True
)
BEA = KnownAccount(
    server="wss://other.example.com", uid="b", email="bea@example.com", name="Bea", active=False, signed_in=True
)


class Wishes:
    """`Actions` that notes what was wanted, and answers as told.

    Attributes:
        wanted: what was asked for, in order.
        server: what is at any address.
        account: how signing in ends.
        sent: how asking for a new password ends.
        trusted: how trusting a certificate authority ends.
        kept: the accounts that there are.
        found: what any sale is that is looked for.
        past: what happened to any sale.
        figures: the statistics of any store.
        exported: how writing a file ends.
        holds: names of actions that do not end before they are taken out of it.
    """

    def __init__(self) -> None:
        self.wanted: list[str] = []
        self.server: ServerFound | Told = ServerFound(address="wss://bell.example.com")
        self.account: Told | None = None
        self.sent: Told | None = None
        self.trusted: Told | None = None
        self.kept: list[KnownAccount] = []
        self.found: Sale | Told = Told("This sale is not on the server any more.")
        self.past: SaleHistory | Told = SaleHistory(events=())
        self.figures: Stats | Told = Told("There is no connection to your server yet.")
        self.exported: int | Told = 0
        self.holds: set[str] = set()
        self.signed_in_as: list[tuple[str, str, str]] = []

    async def check_server(self, address: str) -> ServerFound | Told:
        await self._do("check", address)
        return self.server

    async def sign_in(self, server: str, email: str, password: str) -> Told | None:
        self.signed_in_as.append((server, email, password))
        await self._do("sign in", email)
        return self.account

    async def sign_in_with_google(self, server: str) -> Told | None:
        await self._do("google", server)
        return self.account

    async def reset_password(self, server: str, email: str) -> Told | None:
        await self._do("reset", email)
        return self.sent

    async def trust_authority(self, path: Path) -> Told | None:
        await self._do("trust", str(path))
        return self.trusted

    def accounts(self) -> Sequence[KnownAccount]:
        return tuple(self.kept)

    def switch_account(self, server: str, uid: str) -> None:
        self.wanted.append(f"switch {server} {uid}")

    def reconnect_now(self) -> None:
        self.wanted.append("reconnect")

    def load_more(self, listing: Listing) -> None:
        self.wanted.append(f"more {listing.store}")

    async def find_sale(self, store: str, sale_id: str) -> Sale | Told:
        await self._do("find", sale_id)
        return self.found

    async def history(self, store: str, sale_id: str) -> SaleHistory | Told:
        await self._do("history", sale_id)
        return self.past

    async def statistics(self, store: str, tz: str) -> Stats | Told:
        await self._do("statistics", store)
        return self.figures

    async def export(self, listing: Listing, path: Path, progress: Callable[[int], None]) -> int | Told:
        progress(len(listing.rows))
        await self._do("export", path.name)
        return self.exported

    def sign_out(self) -> None:
        self.wanted.append("sign out")

    def quit(self) -> None:
        self.wanted.append("quit")

    async def _do(self, name: str, what: str) -> None:
        self.wanted.append(f"{name} {what}")
        try:
            while name in self.holds:
                await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            self.wanted.append(f"{name} given up")
            raise


def sale(number: int, /, **fields: object) -> Sale:
    """A sale made `number` minutes after nine o'clock, unless `fields` say otherwise."""
    when = NOON - timedelta(hours=3) + timedelta(minutes=number)
    wanted: dict[str, object] = {
        "id": f"s{number}",
        "number": str(100_000 + number),
        "status": SaleStatus.APPROVED,
        "total": "15999.00",
        "currency": "ARS",
        "channel": "checkout",
        "customer": Customer("María Pérez", "maria@example.com"),
        "created_at": when,
        "updated_at": when,
    }
    return Sale(**wanted | fields)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


class Shop:
    """A store of a desk, and the server's side of it."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.name = name
        self.store: SalesStore = desk.open(name)
        self._top = Position("epoch", 0, "")

    def connect(self) -> None:
        self._authenticated(self._top, Recovery.FRESH, unread=0, seen=self._top.offset)

    def miss(self, sales: list[Sale], unread: int | None = None) -> None:
        """The connection comes back, and what came meanwhile is told; `unread` of it, or all, is not looked at yet."""
        self.link(LinkState.CONNECTING)
        before = self._top.offset
        after = before + len(sales)
        count = len(sales) if unread is None else unread
        seen = before if count else after
        self._authenticated(Position("epoch", after, f"e{after}"), Recovery.COMPLETE, unread=count, seen=seen)
        for sold in sales:
            self.ring(sold)

    def delay(self) -> None:
        """The server cannot reach its shared log."""
        self._authenticated(None, Recovery.DEFERRED, unread=None, seen=None)

    def _authenticated(self, top: Position | None, recovery: Recovery, *, unread: int | None, seen: int | None) -> None:
        self.store.set_link(Link(state=LinkState.CONNECTED, since=NOON.timestamp()))
        success = AuthSuccess(
            admin=AdminIdentity("u", "ana@example.com", "Ana"),
            store=self.name,
            stores=(self.name,),
            position=top,
            unread=unread,
            seen=seen,
            expires_at=2_000_000_000,
            server_time=1_900_000_000,
            recovery=recovery,
        )
        self.store.authenticated(success)

    def load(self, sales: list[Sale] | tuple[Sale, ...], next_before: str | None = None) -> None:
        assert self.store.loaded(self.page(sales, next_before))

    def read(self, listing: Listing, sales: list[Sale], next_before: str | None = None) -> None:
        """The server answers what a listing asks for next."""
        request = listing.request()
        assert request is not None
        assert listing.took(request, self.page(sales, next_before))

    def page(self, sales: list[Sale] | tuple[Sale, ...], next_before: str | None = None) -> SalesPage:
        return SalesPage(sales=tuple(sales), next_before=next_before, unread=0, position=self._top)

    def ring(self, sold: Sale, before: int = 0) -> None:
        """`SALE_CREATED`; `before` is the offset of the one before, if there was."""
        self._event(sold, EventType.SALE_CREATED, before)

    def update(self, sold: Sale) -> None:
        self._event(sold, EventType.SALE_UPDATED, None)

    def link(self, state: LinkState, **fields: object) -> None:
        wanted: dict[str, object] = {"state": state, "since": NOON.timestamp() - 60}
        self.store.set_link(Link(**wanted | fields))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

    def _event(self, sold: Sale, kind: EventType, before: int | None) -> None:
        offset = self._top.offset + 1
        event = Event(
            id=f"e{offset}",
            type=kind,
            store=self.name,
            occurred_at=sold.created_at,
            sale=sold,
            offset=offset,
            previous=self._top.event_id,
            created_before=before,
        )
        self._top = Position("epoch", offset, event.id)
        self.store.event(event)
