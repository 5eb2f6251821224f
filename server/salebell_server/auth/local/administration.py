"""Adding, changing and removing local accounts."""

import base64
from collections.abc import Callable, Collection
from datetime import datetime

from msgspec.structs import replace

from salebell_server.auth.administration import (
    AddressTaken,
    InvalidAccount,
    NoSuchAccount,
    checked_email,
    checked_name,
    checked_stores,
    stores_left,
    unheard,
)
from salebell_server.auth.local.passwords import Passwords, WeakPassword, check_password
from salebell_server.log.accounts import Account, AccountStore, EmailTaken

CLOCK_SKEW_SECONDS = 10
"""How far the clocks of two servers on one log may be apart for an ended session to be over on both."""

_UID_BYTES = 15


class LocalAdministration:
    """`Administration` of local accounts. A server on the same log acts on them within a minute, on sign-ins at once.

    Args:
        store: the accounts.
        passwords: hashes passwords.
        clock: the time, in UTC.
        random: so many random bytes.
    """

    def __init__(
        self,
        store: AccountStore,
        passwords: Passwords,
        *,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock
        self._random = random

    async def add(self, email: str, name: str, password: str, stores: Collection[str] | None) -> Account:
        """Add an admin of `stores`; None means all.

        Raises:
            InvalidAccount: one of these is not accepted.
            AddressTaken: another account has the address.
        """
        account = Account(
            uid=base64.b32encode(self._random(_UID_BYTES)).decode("ascii").lower(),
            email=checked_email(email),
            name=checked_name(name),
            stores=checked_stores(stores),
            password_hash=await self._hash(password),
            created_at=self._clock(),
        )
        try:
            await self._store.add(account)
        except EmailTaken:
            raise AddressTaken(f"{account.email} has an account already") from None
        return account

    async def check_free(self, email: str) -> None:
        """Refuse an address that has an account, before anybody types a password for it.

        Raises:
            AddressTaken: another account has it.
        """
        if account := await self._store.find(email):
            raise AddressTaken(f"{account.email} has an account already")

    async def passwd(self, email: str, password: str) -> Account:
        """Change the password, and end all sessions.

        Raises:
            InvalidAccount: the password is not accepted.
            NoSuchAccount: nobody has the address.
        """
        account = await self.show(email)
        password_hash = await self._hash(password)
        return await self._revise(account, lambda now: self._ended(replace(now, password_hash=password_hash)))

    async def remove(self, email: str) -> None:
        """Forget the account, and end all sessions.

        Raises:
            NoSuchAccount: nobody has the address.
        """
        if not await self._store.remove((await self.show(email)).uid):
            raise _nobody(email)

    async def grant(self, email: str, stores: Collection[str] | None) -> Account:
        """See `Administration.grant`."""
        added = checked_stores(stores)

        def rule(now: Account) -> Account:
            return replace(now, stores=None if added is None or now.stores is None else now.stores | added)

        return await self._revise(await self.show(email), rule)

    async def revoke(self, email: str, stores: Collection[str] | None) -> Account:
        """See `Administration.revoke`."""
        taken = checked_stores(stores)

        def rule(now: Account) -> Account:
            left = frozenset[str]() if taken is None else stores_left(now.email, now.stores, taken)
            return self._ended(replace(now, stores=left)) if not left and now.is_admin else replace(now, stores=left)

        return await self._revise(await self.show(email), rule)

    async def disable(self, email: str) -> Account:
        """See `Administration.disable`."""
        return await self._revise(await self.show(email), lambda now: self._ended(replace(now, disabled=True)))

    async def enable(self, email: str) -> Account:
        """See `Administration.enable`."""
        return await self._revise(await self.show(email), lambda now: replace(now, disabled=False))

    async def show(self, email: str) -> Account:
        """See `Administration.show`."""
        account = await self._store.find(email)
        if account is None:
            raise _nobody(email)
        return account

    async def list(self, progress: Callable[[int], None] = unheard) -> tuple[Account, ...]:
        """All accounts, by address. They come at once, and nobody need hear of it."""
        return await self._store.list()

    async def _hash(self, password: str) -> str:
        checked_password(password)
        async with self._passwords.turn() as turn:
            return await turn.hash(password)

    async def _revise(self, account: Account, rule: Callable[[Account], Account]) -> Account:
        revised = await self._store.revise(account.uid, rule)
        if revised is None:
            raise _nobody(account.email)
        return revised

    def _ended(self, account: Account) -> Account:
        """`account` with all that was signed in before now at an end.

        ID tokens are issued in whole seconds, and never before `valid_after`: so that lies ahead of those that were
        issued in this second, and of other servers' clocks, and still stops nobody who signs in anew.
        """
        soon = int(self._clock().timestamp()) + 1 + CLOCK_SKEW_SECONDS
        return replace(account, valid_after=max(soon, account.valid_after + 1))


def checked_password(password: str) -> str:
    """The password itself.

    Raises:
        InvalidAccount: it is not accepted.
    """
    try:
        check_password(password)
    except WeakPassword as error:
        raise InvalidAccount("password", str(error)) from None
    return password


def _nobody(email: str) -> NoSuchAccount:
    return NoSuchAccount(f"{email.strip()} has no account")
