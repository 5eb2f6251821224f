"""A shop with made-up sales, a clock that tests turn, and an account of what the user wanted."""

from datetime import UTC, datetime, timedelta

from salebell_desktop.store import Desk, Link, LinkState, SalesStore
from salebell_desktop.ui.actions import Problem, ServerFound, Told
from salebell_desktop.ui.clock import Clock
from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.http import SalesPage
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


class Wishes:
    """`Actions` that notes what was wanted, and answers as told."""

    def __init__(self) -> None:
        self.wanted: list[str] = []
        self.server: ServerFound | Problem | Told = ServerFound(address="wss://bell.example.com")
        self.account: Problem | Told | None = None
        self.signed_in_as: list[tuple[str, str, str]] = []

    async def check_server(self, address: str) -> ServerFound | Problem | Told:
        self.wanted.append(f"check {address}")
        return self.server

    async def sign_in(self, server: str, email: str, password: str) -> Problem | Told | None:
        self.signed_in_as.append((server, email, password))
        return self.account

    def reconnect_now(self) -> None:
        self.wanted.append("reconnect")

    def load_older(self, store: str) -> None:
        self.wanted.append(f"older {store}")

    def sign_out(self) -> None:
        self.wanted.append("sign out")

    def quit(self) -> None:
        self.wanted.append("quit")


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
        page = SalesPage(sales=tuple(sales), next_before=next_before, unread=0, position=self._top)
        assert self.store.loaded(page)

    def load_more(self, sales: list[Sale], next_before: str | None = None) -> None:
        page = SalesPage(sales=tuple(sales), next_before=next_before, unread=0, position=self._top)
        assert self.store.loaded_more(page)

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
