"""What the user wants, done: the `Actions` of the views on top of the client."""

import logging
from collections.abc import Callable

from salebell_desktop.client.address import AddressRefused
from salebell_desktop.client.client import Client
from salebell_desktop.client.tasks import Tasks
from salebell_desktop.identity.errors import HttpFailure, IdentityError
from salebell_desktop.ui.actions import Problem, ServerFound, Told

SIGN_OUT_SECONDS = 5.0
"""How long the end of the program may wait for a sign-out that is under way."""

_logger = logging.getLogger(__name__)


class Intents:
    """`Actions`.

    Args:
        client: carries them out.
        quit_program: ends the program.
    """

    def __init__(self, client: Client, quit_program: Callable[[], None]) -> None:
        self._client = client
        self._quit = quit_program
        self._reading = Tasks()
        self._leaving = Tasks()

    async def check_server(self, address: str) -> ServerFound | Problem | Told:
        """See `SignInActions.check_server`."""
        try:
            offer = await self._client.check_server(address)
        except (AddressRefused, HttpFailure, IdentityError) as refused:
            return Told(str(refused))
        return ServerFound(address=offer.address.key)

    async def sign_in(self, server: str, email: str, password: str) -> Problem | Told | None:
        """See `SignInActions.sign_in`."""
        try:
            await self._client.sign_in(server, email, password)
        except (AddressRefused, HttpFailure, IdentityError) as refused:
            return Told(str(refused))
        return None

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
