"""What the user wants, done: the `Actions` of the views on top of the client."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from salebell_desktop.client.address import AddressRefused
from salebell_desktop.client.client import Client
from salebell_desktop.client.tasks import Tasks
from salebell_desktop.client.trust import Trust, TrustRefused
from salebell_desktop.identity.errors import HttpFailure, IdentityError, IdentityUnavailable
from salebell_desktop.ui.actions import KnownAccount, ServerFound, Told

SIGN_OUT_SECONDS = 5.0
"""How long the end of the program may wait for a sign-out that is under way."""

_FAILURES = (AddressRefused, HttpFailure, IdentityError)

_logger = logging.getLogger(__name__)


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

    def load_older(self, store: str) -> None:
        """See `Actions.load_older`."""
        self._reading.spawn(self._load_older(store))

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

    async def _load_older(self, store: str) -> None:
        try:
            await self._client.load_more(store)
        except (HttpFailure, IdentityError) as failure:
            _logger.info("older sales were not read: %s", failure)


async def _outcome(work: Awaitable[None]) -> Told | None:
    try:
        await work
    except _FAILURES as failure:
        return _told(failure)
    return None


def _told(failure: Exception) -> Told:
    untrusted = isinstance(failure, HttpFailure | IdentityUnavailable) and failure.untrusted
    return Told(str(failure), untrusted=untrusted)
