"""Adding, changing and removing local accounts.

AdministrationError
├── InvalidAccount      an address, a name, a store or a password that is not accepted
├── AddressTaken        another account has the address
├── NoSuchAccount       nobody has it
└── StoresUnclear       what would be left of an account's stores cannot be told
"""

import base64
import re
from collections.abc import Callable, Collection
from datetime import datetime

from msgspec.structs import replace

from salebell_protocol.names import SENTENCES, STORE_PATTERN
from salebell_protocol.text import plain
from salebell_server.auth.local.passwords import Passwords, WeakPassword, check_password
from salebell_server.log.accounts import Account, AccountStore, EmailTaken

MAX_EMAIL_BYTES = 254
"""RFC 5321, section 4.5.3.1.3, without the brackets of a path."""
MAX_NAME_CHARACTERS = 200

CLOCK_SKEW_SECONDS = 10
"""How far the clocks of two servers on one log may be apart for an ended session to be over on both."""

_UID_BYTES = 15
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@.\x00-\x1f\x7f]+(\.[^\s@.\x00-\x1f\x7f]+)*")
_STORE = re.compile(STORE_PATTERN)


class AdministrationError(Exception):
    """What was asked for was not done."""


class InvalidAccount(AdministrationError):
    """A value that is not accepted.

    Attributes:
        field: `email`, `name`, `store` or `password`.
        reason: what it must be, as the rest of a sentence that starts with the field.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class AddressTaken(AdministrationError):
    """Another account has the address."""


class NoSuchAccount(AdministrationError):
    """Nobody has the address."""


class StoresUnclear(AdministrationError):
    """What would be left of an account's stores cannot be told."""


class Administration:
    """Changes to local accounts. A server on the same log acts on them within a minute, on sign-ins at once.

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
        """Make the account an admin of these stores as well; None means of all there are and will be.

        Raises:
            InvalidAccount: no name of a store.
            NoSuchAccount: nobody has the address.
        """
        added = checked_stores(stores)

        def rule(now: Account) -> Account:
            return replace(now, stores=None if added is None or now.stores is None else now.stores | added)

        return await self._revise(await self.show(email), rule)

    async def revoke(self, email: str, stores: Collection[str] | None) -> Account:
        """Take these stores from the account; None means the role of an admin altogether.

        Sockets of a store that was taken close within a minute. An account that has none left is no admin any more,
        and its sessions end.

        Raises:
            InvalidAccount: no name of a store.
            NoSuchAccount: nobody has the address.
            StoresUnclear: it is an admin of all stores and should keep some, or is no admin of one of these.
        """
        taken = checked_stores(stores)

        def rule(now: Account) -> Account:
            left = frozenset[str]() if taken is None else _without(now, taken)
            return self._ended(replace(now, stores=left)) if not left and now.is_admin else replace(now, stores=left)

        return await self._revise(await self.show(email), rule)

    async def disable(self, email: str) -> Account:
        """Keep the account from signing in, and end all sessions; its stores stay as they are.

        Raises:
            NoSuchAccount: nobody has the address.
        """
        return await self._revise(await self.show(email), lambda now: self._ended(replace(now, disabled=True)))

    async def enable(self, email: str) -> Account:
        """Let the account sign in again.

        Raises:
            NoSuchAccount: nobody has the address.
        """
        return await self._revise(await self.show(email), lambda now: replace(now, disabled=False))

    async def show(self, email: str) -> Account:
        """The account with this address.

        Raises:
            NoSuchAccount: nobody has it.
        """
        account = await self._store.find(email)
        if account is None:
            raise _nobody(email)
        return account

    async def list(self) -> tuple[Account, ...]:
        """All accounts, by address."""
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


def checked_email(email: str) -> str:
    """The address without spaces around it.

    Raises:
        InvalidAccount: it is none.
    """
    text = email.strip()
    if plain(text) != text or not _EMAIL.fullmatch(text) or len(text.encode()) > MAX_EMAIL_BYTES:
        raise InvalidAccount("email", "must be an e-mail address, such as ana@example.com")
    return text


def checked_name(name: str) -> str:
    """The name as plain text.

    Raises:
        InvalidAccount: it is too long.
    """
    text = plain(name)
    if len(text) > MAX_NAME_CHARACTERS:
        raise InvalidAccount("name", f"must have at most {MAX_NAME_CHARACTERS} characters")
    return text


def checked_stores(stores: Collection[str] | None) -> frozenset[str] | None:
    """The stores as a set.

    Raises:
        InvalidAccount: one of them cannot be the name of a store.
    """
    if stores is None:
        return None
    if not stores or not all(_STORE.fullmatch(store) for store in stores):
        raise InvalidAccount("store", SENTENCES[STORE_PATTERN])
    return frozenset(stores)


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


def _without(account: Account, taken: frozenset[str]) -> frozenset[str]:
    if account.stores is None:
        raise StoresUnclear(
            f"{account.email} is an admin of all stores: revoke the role altogether, then grant the stores to keep"
        )
    if missing := taken - account.stores:
        raise StoresUnclear(f"{account.email} is not an admin of {', '.join(sorted(missing))}")
    return account.stores - taken


def _nobody(email: str) -> NoSuchAccount:
    return NoSuchAccount(f"{email.strip()} has no account")
