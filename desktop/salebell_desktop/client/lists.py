"""Reading a store's sales over HTTP: the newest after continuity was lost, older ones as people scroll and search."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from salebell_desktop.client.clock import Clock
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.link import TokenSource
from salebell_desktop.connection import backoff
from salebell_desktop.identity.errors import HttpFailure, IdentityError, ServerProblem
from salebell_desktop.store import Listing, Order, Query, SalesList, SalesStore
from salebell_protocol.http import SaleHistory, SalesPage, Stats
from salebell_protocol.sales import Sale

T = TypeVar("T")

NEWEST_FIRST = Order()

_BEHIND = "The server's list is not up to date yet."
_UNAUTHORISED = 401


class ListReader:
    """Reads the lists of one admin's stores.

    Args:
        http: the server.
        tokens: of the admin.
        clock: for the pauses between attempts.
        random: a random number in [0, 1).
    """

    def __init__(self, http: ServerHttp, tokens: TokenSource, clock: Clock, random: Callable[[], float]) -> None:
        self._http = http
        self._tokens = tokens
        self._clock = clock
        self._random = random

    async def load(self, store: SalesStore) -> None:
        """Read the newest sales into a store, however many attempts it takes; ends when it does not need them."""
        failures = 0
        while store.needs_list:
            store.loading()
            try:
                page = await self._asking(lambda token: self._http.sales(store.name, token))
            except (HttpFailure, IdentityError) as failure:
                store.loading_failed(str(failure))
            else:
                if store.loaded(page):
                    return
                store.loading_failed(_BEHIND)
            failures += 1
            await self._clock.sleep(0.5 + backoff.ceiling(failures) * self._random())

    async def load_more(self, listing: Listing) -> None:
        """Read on in a listing: one page, or as many as it takes until its rows are in order.

        How it goes is told by the listing.
        """
        while (request := listing.request()) is not None:
            try:
                page = await self._page(listing.store, request.query, request.before)
            except (HttpFailure, IdentityError) as failure:
                listing.failed(request, str(failure))
                return
            except asyncio.CancelledError:
                listing.failed(request, "")
                raise
            if not listing.took(request, page):
                listing.failed(request, _BEHIND)
                return
            if listing.in_order and page.sales:
                return

    async def everything(self, listing: Listing, progress: Callable[[int], None]) -> AsyncIterator[Sequence[Sale]]:
        """All sales of a listing in its order, in batches, with those that it has not read.

        Args:
            listing: its query and order; it may be closed meanwhile.
            progress: is told how many sales have been read.

        Raises:
            HttpFailure: the server did not give them.
            IdentityError: there is no token to ask with.
        """
        if listing.complete:
            sales = listing.rows.newest(len(listing.rows))
            progress(len(sales))
            yield sales
            return
        read: list[Sale] = []
        count, before = 0, None
        while True:
            page = await self._page(listing.store, listing.query, before)
            count += len(page.sales)
            progress(count)
            if listing.order == NEWEST_FIRST:
                yield page.sales
            else:
                read.extend(page.sales)
            before = page.next_before
            if before is None:
                break
        if read:
            ordered = await asyncio.to_thread(SalesList, listing.store, read, len(read), listing.order)
            yield ordered.newest(len(ordered))

    async def sale(self, store: str, sale_id: str) -> Sale:
        """One sale. Raises as `everything` does."""
        return await self._asking(lambda token: self._http.sale(store, sale_id, token))

    async def history(self, store: str, sale_id: str) -> SaleHistory:
        """What happened to one sale. Raises as `everything` does."""
        return await self._asking(lambda token: self._http.history(store, sale_id, token))

    async def statistics(self, store: str, tz: str) -> Stats:
        """Counts and revenue. Raises as `everything` does."""
        return await self._asking(lambda token: self._http.statistics(store, tz, token))

    async def _page(self, store: str, query: Query, before: str | None) -> SalesPage:
        return await self._asking(lambda token: self._http.sales(store, token, before, query=query))

    async def _asking(self, ask: Callable[[str], Awaitable[T]]) -> T:
        """What `ask` gets with a token; with another one when the server does not accept the first."""
        token = await self._tokens.token()
        try:
            return await ask(token)
        except ServerProblem as problem:
            if problem.status != _UNAUTHORISED:
                raise
        return await ask(await self._tokens.other_than(token))
