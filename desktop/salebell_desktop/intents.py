"""What the user wants, done: the `Actions` of the views on top of the client."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from salebell_desktop.client.address import AddressRefused
from salebell_desktop.client.client import Client
from salebell_desktop.client.export import ExportRefused, export
from salebell_desktop.client.lists import ListReader
from salebell_desktop.client.tasks import Tasks
from salebell_desktop.client.trust import Trust, TrustRefused
from salebell_desktop.identity.errors import HttpFailure, IdentityError, IdentityUnavailable
from salebell_desktop.store import Listing
from salebell_desktop.ui.actions import KnownAccount, ServerFound, Told
from salebell_protocol.http import SaleHistory, Stats
from salebell_protocol.sales import Sale

T = TypeVar("T")

NOT_CONNECTED = "There is no connection to your server yet."
SIGN_OUT_SECONDS = 5.0
"""How long the end of the program may wait for a sign-out that is under way."""

_FAILURES = (AddressRefused, HttpFailure, IdentityError)


class Intents:
    """`Actions`.

    Args:
        client: carries them out.
        trust: the certificate authorities that are trusted.
        quit_program: ends the program.
    """

    def __init__(self, client: Client, trust: Trust, quit_program: Callable[[], None]) -> None:
        self._client = client
        self._trust = trust
        self._quit = quit_program
        self._reading = Tasks()
        self._leaving = Tasks()

    async def check_server(self, address: str) -> ServerFound | Told:
        """See `SignInActions.check_server`."""
        try:
            offer = await self._client.check_server(address)
        except _FAILURES as failure:
            return _told(failure)
        return ServerFound(address=offer.address.key, means=offer.means)

    async def sign_in(self, server: str, email: str, password: str) -> Told | None:
        """See `SignInActions.sign_in`."""
        return await _outcome(self._client.sign_in(server, email, password))

    async def sign_in_with_google(self, server: str) -> Told | None:
        """See `SignInActions.sign_in_with_google`."""
        return await _outcome(self._client.sign_in_with_google(server))

    async def reset_password(self, server: str, email: str) -> Told | None:
        """See `SignInActions.reset_password`."""
        return await _outcome(self._client.reset_password(server, email))

    async def trust_authority(self, path: Path) -> Told | None:
        """See `SignInActions.trust_authority`."""
        try:
            await asyncio.to_thread(self._trust.choose, path)
        except TrustRefused as refused:
            return Told(str(refused))
        return None

    def accounts(self) -> Sequence[KnownAccount]:
        """See `Actions.accounts`."""
        active = self._client.active
        return tuple(
            KnownAccount(
                server=account.server,
                uid=account.uid,
                email=account.email,
                name=account.name,
                active=account.key == active,
                signed_in=account.signed_in,
            )
            for account in self._client.accounts
        )

    def switch_account(self, server: str, uid: str) -> None:
        """See `Actions.switch_account`."""
        self._leaving.spawn(self._client.switch_account(server, uid))

    def reconnect_now(self) -> None:
        """See `Actions.reconnect_now`."""
        self._client.reconnect_now()

    def load_more(self, listing: Listing) -> None:
        """See `SalesActions.load_more`."""
        lists = self._client.lists
        if lists is not None:
            self._reading.spawn(lists.load_more(listing))

    async def find_sale(self, store: str, sale_id: str) -> Sale | Told:
        """See `SalesActions.find_sale`."""
        return await self._read(lambda lists: lists.sale(store, sale_id))

    async def history(self, store: str, sale_id: str) -> SaleHistory | Told:
        """See `SalesActions.history`."""
        return await self._read(lambda lists: lists.history(store, sale_id))

    async def statistics(self, store: str, tz: str) -> Stats | Told:
        """See `SalesActions.statistics`."""
        return await self._read(lambda lists: lists.statistics(store, tz))

    async def export(self, listing: Listing, path: Path, progress: Callable[[int], None]) -> int | Told:
        """See `SalesActions.export`."""
        return await self._read(lambda lists: export(lists.everything(listing, progress), path))

    def sign_out(self) -> None:
        """See `Actions.sign_out`."""
        self._leaving.spawn(self._client.sign_out())

    def quit(self) -> None:
        """See `Actions.quit`."""
        self._quit()

    async def finish(self) -> None:
        """Give up reading; see a sign-out through, that it is not forgotten."""
        await self._reading.cancel()
        await self._leaving.settle(SIGN_OUT_SECONDS)

    async def _read(self, ask: Callable[[ListReader], Awaitable[T]]) -> T | Told:
        lists = self._client.lists
        if lists is None:
            return Told(NOT_CONNECTED)
        try:
            return await ask(lists)
        except (ExportRefused, *_FAILURES) as failure:
            return _told(failure)


async def _outcome(work: Awaitable[None]) -> Told | None:
    try:
        await work
    except _FAILURES as failure:
        return _told(failure)
    return None


def _told(failure: Exception) -> Told:
    untrusted = isinstance(failure, HttpFailure | IdentityUnavailable) and failure.untrusted
    return Told(str(failure), untrusted=untrusted)
