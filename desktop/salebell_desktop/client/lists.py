"""Reading a store's sales over HTTP: the newest after continuity was lost, older ones as people scroll."""

from collections.abc import Callable

from salebell_desktop.client.clock import Clock
from salebell_desktop.client.http import ServerHttp
from salebell_desktop.client.link import TokenSource
from salebell_desktop.connection import backoff
from salebell_desktop.identity.errors import HttpFailure, IdentityError, ServerProblem
from salebell_desktop.store import SalesStore
from salebell_protocol.http import SalesPage

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
                page = await self._page(store, None)
            except (HttpFailure, IdentityError) as failure:
                store.loading_failed(str(failure))
            else:
                if store.loaded(page):
                    return
                store.loading_failed(_BEHIND)
            failures += 1
            await self._clock.sleep(0.5 + backoff.ceiling(failures) * self._random())

    async def load_more(self, store: SalesStore) -> None:
        """Read older sales into a store, until it has more than before or there are none.

        Raises:
            HttpFailure: the server did not give them.
            IdentityError: there is no token to ask with.
        """
        before = len(store.sales)
        while store.has_more and len(store.sales) == before:
            mark = store.before
            if not store.loaded_more(await self._page(store, mark)) or mark == store.before:
                return

    async def _page(self, store: SalesStore, before: str | None) -> SalesPage:
        token = await self._tokens.token()
        try:
            return await self._http.sales(store.name, token, before)
        except ServerProblem as problem:
            if problem.status != _UNAUTHORISED:
                raise
        return await self._http.sales(store.name, await self._tokens.other_than(token), before)
