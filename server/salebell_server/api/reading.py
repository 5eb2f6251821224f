"""The routes of admins: what was sold."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter

from salebell_protocol.errors import MalformedMessage
from salebell_protocol.http import SaleHistory, SalesPage, Stats
from salebell_protocol.names import SALE_ID_PATTERN, STORE_PATTERN
from salebell_protocol.sales import Sale, SaleStatus, in_utc
from salebell_server.api.description import ADMIN_TOKEN, ADMINS, RATE_LIMITED, problems
from salebell_server.api.identity import AdminGuard, AdminRequest, allowed_store
from salebell_server.log import SaleLog, SalesQuery
from salebell_server.sales.errors import UnknownSale
from salebell_server.sales.stats import UnknownZone, earliest, statistics, zone

SalePath = Annotated[str, PathParameter(pattern=SALE_ID_PATTERN, description="The producer's id of the sale.")]
StoreQuery = Annotated[
    str | None,
    QueryParameter(pattern=STORE_PATTERN, description="Default: `main` if it is yours, else your first store."),
]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many sales at the most.")]
Before = Annotated[str | None, QueryParameter(max_length=1000, description="`next_before` of the page above.")]
Status = Annotated[SaleStatus | None, QueryParameter(description="Only sales of this status.")]
ChannelQuery = Annotated[str | None, QueryParameter(max_length=50, description="Only sales from this channel.")]
Text = Annotated[
    str | None, QueryParameter(max_length=200, description="Found in number, customer, channel and names of items.")
]
Since = Annotated[datetime | None, QueryParameter(description="Created at this time or later (RFC 3339).")]
Until = Annotated[datetime | None, QueryParameter(description="Created before this time (RFC 3339).")]
Zone = Annotated[str, QueryParameter(max_length=100, description="An IANA time zone.")]

_SPELLINGS = {
    "limit": (re.compile("[0-9]+"), "must be a whole number"),
    "since": (re.compile("[0-9]{4}-.+"), "must be a time, such as 2026-11-24T12:00:00Z"),
    "until": (re.compile("[0-9]{4}-.+"), "must be a time, such as 2026-11-24T12:00:00Z"),
}
"""How numbers and times are written. The framework takes 1e1 for a number as well, and a number for a time."""

_ALWAYS = {
    "s400": "A parameter is wrong; `field` says which.",
    "s401": "No token, or one that is not valid, has expired or was revoked.",
    "s403": "`not_admin`, or `store_forbidden`: not an admin of that store.",
    "s429": RATE_LIMITED,
    "s503": "`log_unavailable` or `auth_unavailable`: try again.",
}
_NO_SALE = "`unknown_sale`: the store has no such sale."


class ReadingRoutes:
    """What admins may look at.

    Args:
        log: where the sales are.
        guard: lets admins through.
        clock: the time, in UTC.
    """

    def __init__(self, log: SaleLog, guard: AdminGuard, clock: Callable[[], datetime]) -> None:
        self._log = log
        self._guard = guard
        self._clock = clock

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, for an application."""
        tags, guard = [ADMINS], self._guard
        always, one = problems(**_ALWAYS), problems(**_ALWAYS, s404=_NO_SALE)
        return (
            get(
                "/v1/sales", before_request=guard, tags=tags, security=ADMIN_TOKEN, responses=always,
                operation_id="listSales", summary="List sales",
            )(self.sales),
            get(
                "/v1/sales/{sale_id:str}", before_request=guard, tags=tags, security=ADMIN_TOKEN, responses=one,
                operation_id="getSale", summary="Get one sale",
            )(self.sale),
            get(
                "/v1/sales/{sale_id:str}/events", before_request=guard, tags=tags, security=ADMIN_TOKEN, responses=one,
                operation_id="getSaleHistory", summary="Get the history of a sale",
            )(self.events),
            get(
                "/v1/stats", before_request=guard, tags=tags, security=ADMIN_TOKEN, responses=always,
                operation_id="getStats", summary="Get counts and revenue",
            )(self.stats),
        )  # fmt: skip

    async def sales(
        self,
        request: AdminRequest,
        store: StoreQuery = None,
        limit: Limit = 50,
        before: Before = None,
        status: Status = None,
        channel: ChannelQuery = None,
        q: Text = None,
        since: Since = None,
        until: Until = None,
    ) -> SalesPage:
        """A page of a store's sales, the newest first by `created_at`, then by id.

        `unread` and `position` are of the same instant as the page.
        """
        _check_spellings(request)
        query = SalesQuery(
            store=allowed_store(request.auth, store),
            limit=limit,
            before=before,
            status=status,
            channel=channel,
            q=q,
            since=_instant(since, "since"),
            until=_instant(until, "until"),
        )
        page = await self._log.sales(query, request.auth.uid)
        return SalesPage(sales=page.sales, next_before=page.next_before, unread=page.unread, position=page.position)

    async def sale(self, request: AdminRequest, sale_id: SalePath, store: StoreQuery = None) -> Sale:
        """The sale as it is now."""
        return await self._sale(allowed_store(request.auth, store), sale_id)

    async def events(self, request: AdminRequest, sale_id: SalePath, store: StoreQuery = None) -> SaleHistory:
        """The sale's events that are still kept, oldest first."""
        allowed = allowed_store(request.auth, store)
        await self._sale(allowed, sale_id)
        return SaleHistory(events=await self._log.history(allowed, sale_id))

    async def stats(self, request: AdminRequest, store: StoreQuery = None, tz: Zone = "UTC") -> Stats:
        """Sales by hour since midnight seven days ago, and by day for 31 days, with the revenue of the approved ones.

        Hours and days are those of the wall clock in `tz`.
        """
        try:
            wanted = zone(tz)
        except UnknownZone:
            raise MalformedMessage("tz", "must be an IANA time zone, such as America/Argentina/Buenos_Aires") from None
        allowed, now = allowed_store(request.auth, store), self._clock()
        figures = await self._log.figures(allowed, earliest(wanted, now))
        return await asyncio.to_thread(statistics, allowed, wanted, figures, now)

    async def _sale(self, store: str, sale_id: str) -> Sale:
        found = await self._log.sale(store, sale_id)
        if found is None:
            raise UnknownSale(sale_id)
        return found


def _check_spellings(request: AdminRequest) -> None:
    for name, (spelling, reason) in _SPELLINGS.items():
        if not all(spelling.fullmatch(text) for text in request.query_params.getall(name, [])):
            raise MalformedMessage(name, reason)


def _instant(value: datetime | None, name: str) -> datetime | None:
    if value is None:
        return None
    try:
        return in_utc(value, name)
    except ValueError as error:
        raise MalformedMessage(name, str(error).removeprefix(f"{name} ")) from None
