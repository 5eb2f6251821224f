"""Facts for the store's tests, with only what a test cares about spelled out."""

from datetime import UTC, datetime, timedelta

import pytest

from salebell_desktop.store import Announcement, Change, SalesStore
from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.http import SalesPage
from salebell_protocol.messages import AdminIdentity, AuthSuccess, Recovery
from salebell_protocol.sales import Sale, SaleStatus

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
EPOCH = "first"


class Facts:
    """Builds sales, events and messages."""

    @staticmethod
    def sale(sale_id: str, minute: int = 0, status: SaleStatus = SaleStatus.PENDING, total: str = "10.00") -> Sale:
        """A sale created `minute` minutes after the start."""
        at = START + timedelta(minutes=minute)
        return Sale(
            id=sale_id, number=sale_id, status=status, total=total, currency="EUR", channel="admin",
            created_at=at, updated_at=at,
        )  # fmt: skip

    def event(
        self,
        offset: int | None,
        sale: Sale | str,
        *,
        type: EventType = EventType.SALE_CREATED,  # noqa: A002 - the field's name
        created_before: int = 0,
        event_id: str = "",
        previous: str | None = None,
    ) -> Event:
        """A confirmed event `e{offset}` after `e{offset - 1}`; a provisional one when `offset` is None."""
        sale = self.sale(sale) if isinstance(sale, str) else sale
        if offset is None:
            return Event(id=event_id, type=type, store="main", occurred_at=START, sale=sale)
        return Event(
            id=event_id or f"e{offset}", type=type, store="main", occurred_at=START, sale=sale, offset=offset,
            previous=previous if previous is not None else ("" if offset == 1 else f"e{offset - 1}"),
            created_before=created_before if type is EventType.SALE_CREATED else None,
        )  # fmt: skip

    @staticmethod
    def position(offset: int, epoch: str = EPOCH) -> Position:
        """The place of `e{offset}`."""
        return Position(epoch, offset, f"e{offset}" if offset else "")

    def success(
        self,
        recovery: Recovery,
        offset: int = 0,
        *,
        unread: int = 0,
        seen: int = 0,
        epoch: str = EPOCH,
        stores: tuple[str, ...] = ("main",),
    ) -> AuthSuccess:
        """An `auth_success` with the top of the log at `offset`."""
        deferred = recovery is Recovery.DEFERRED
        return AuthSuccess(
            admin=AdminIdentity("u1", "ana@example.com", "Ana"), store="main", stores=stores,
            position=None if deferred else self.position(offset, epoch),
            unread=None if deferred else unread, seen=None if deferred else seen,
            expires_at=3600, server_time=0, recovery=recovery,
        )  # fmt: skip

    def page(self, *sales: Sale, offset: int = 0, epoch: str = EPOCH, next_before: str | None = None) -> SalesPage:
        """A page read when the log's top was at `offset`."""
        return SalesPage(sales=sales, next_before=next_before, unread=0, position=self.position(offset, epoch))


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts()


@pytest.fixture
def store() -> SalesStore:
    return SalesStore("main")


@pytest.fixture
def told(store: SalesStore) -> list[Change]:
    changes: list[Change] = []
    store.observe(changes.append)
    return changes


@pytest.fixture
def announced(store: SalesStore) -> list[Announcement]:
    announcements: list[Announcement] = []
    store.announce_to(announcements.append)
    return announcements


@pytest.fixture
def current(store: SalesStore, facts: Facts) -> SalesStore:
    """Signed in at offset 5 of the log, with an empty list, and nothing unread."""
    store.authenticated(facts.success(Recovery.FRESH, 5, seen=5))
    store.loaded(facts.page(offset=5))
    store.take_unsaved()
    return store
