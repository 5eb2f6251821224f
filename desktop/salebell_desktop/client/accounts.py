"""The accounts that this computer keeps: entries in the file, tokens in the credential store, sales in the cache."""

import asyncio
import logging
from collections.abc import Generator
from contextlib import contextmanager

from salebell_desktop.cache import Cache, CacheFailed, CacheKey
from salebell_desktop.credentials import CredentialKey, CredentialStore, CredentialsUnavailable
from salebell_desktop.identity.saved import Pin, SavedAccount, SavedSignIns

_logger = logging.getLogger(__name__)


class Accounts:
    """Keeps them in step.

    What is to be deleted is written down before it is: when it cannot be, or the program ends first, it is deleted at
    the next start. A file that cannot be written is logged, and holds as long as the program.

    Args:
        saved: the file.
        credentials: the store of the tokens.
        cache: the sales.
    """

    def __init__(self, saved: SavedSignIns, credentials: CredentialStore, cache: Cache) -> None:
        self._saved = saved
        self._credentials = credentials
        self._cache = cache

    @property
    def kept(self) -> tuple[SavedAccount, ...]:
        """The accounts, the one used last first."""
        return self._saved.accounts

    @property
    def credentials(self) -> CredentialStore:
        """Where the tokens are."""
        return self._credentials

    def find(self, key: CredentialKey) -> SavedAccount | None:
        """An account, if it is kept."""
        return self._saved.find(key)

    def pin(self, server: str) -> Pin | None:
        """Where a server signs in."""
        return self._saved.pin(server)

    def to_return_to(self, server: str | None) -> SavedAccount | None:
        """The account to begin with, if it needs no password: the active one.

        Args:
            server: the one that is wanted; then it is the one used last there. None: any.
        """
        active = self._saved.active
        if active is None:
            return None  # somebody signed out: nobody else is to be shown unasked
        if server not in (None, active.server):
            active = next((each for each in self._saved.accounts if each.server == server and each.signed_in), None)
        return active if active is not None and active.signed_in else None

    def signed_in(self, account: SavedAccount, pin: Pin) -> None:
        """Somebody has signed in."""
        with _writing():
            self._saved.signed_in(account, pin)

    def use(self, key: CredentialKey) -> None:
        """An account is the active one now."""
        if self._saved.active is None or self._saved.active.key != key:
            with _writing():
                self._saved.use(key)

    def rename(self, key: CredentialKey, *, email: str, name: str) -> None:
        """The server knows an account by this e-mail and name; "" is none."""
        account = self.find(key)
        if account is None:
            return
        email, name = email or account.email, name or account.name
        if (account.email, account.name) != (email, name):
            with _writing():
                self._saved.rename(key, email=email, name=name)

    def repin(self, server: str, pin: Pin) -> None:
        """A server signs in by other settings."""
        with _writing():
            self._saved.repin(server, pin)

    def ended(self, key: CredentialKey) -> None:
        """The session of an account is over for good; `sweep` deletes its token."""
        with _writing():
            self._saved.signed_out(key)

    def forget(self, key: CredentialKey) -> None:
        """Keep nothing of an account; `sweep` deletes its token."""
        with _writing():
            self._saved.forget(key)

    async def sweep(self, key: CredentialKey) -> None:
        """Delete what is left of an account that was given up, unless somebody has signed in to it again."""
        if key not in self._saved.leftovers:
            return
        # The token first: one of a new sign-in comes into the store after this one has gone.
        deleted = await self._delete_token(key)
        if key not in self._saved.leftovers:
            return  # somebody has signed in to it again meanwhile
        cleared = self.find(key) is not None or await self._clear_cache(key)
        if deleted and cleared:
            with _writing():
                self._saved.swept(key)

    async def _delete_token(self, key: CredentialKey) -> bool:
        try:
            await self._credentials.forget(key)
        except CredentialsUnavailable as unavailable:
            _logger.warning("a sign-in that is over could not be deleted, and will be later: %s", unavailable)
            return False
        return True

    async def _clear_cache(self, key: CredentialKey) -> bool:
        try:
            await asyncio.to_thread(self._cache.forget, CacheKey(key.server, key.uid))
        except CacheFailed as failure:
            _logger.warning("the sales of an account could not be deleted, and will be later: %s", failure)
            return False
        return True

    async def sweep_all(self) -> None:
        """Delete what could not be deleted before."""
        for key in self._saved.leftovers:
            await self.sweep(key)


@contextmanager
def _writing() -> Generator[None]:
    try:
        yield
    except OSError as error:
        _logger.warning("who is signed in could not be written down: %s", error.strerror)
