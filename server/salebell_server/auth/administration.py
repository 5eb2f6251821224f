"""Changing who is an admin: what is the same for all kinds of accounts.

AdministrationError
├── InvalidAccount      an address, a name, a store or a password that is not accepted
├── AddressTaken        another account has the address
├── NoSuchAccount       nobody has it
├── StoresUnclear       what would be left of an account's stores cannot be told
├── ClaimsUnclear       an account is marked in a way that is not ours
└── Unfinished          what was asked for was done in part
"""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol

from salebell_protocol.names import SENTENCES, STORE_PATTERN
from salebell_protocol.text import plain

MAX_EMAIL_BYTES = 254
"""RFC 5321, section 4.5.3.1.3, without the brackets of a path."""
MAX_NAME_CHARACTERS = 200

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@.\x00-\x1f\x7f]+(\.[^\s@.\x00-\x1f\x7f]+)*")
_STORE = re.compile(STORE_PATTERN)


class AdministrationError(Exception):
    """What was asked for was not done. The text says why, as a sentence without its full stop."""


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


class ClaimsUnclear(AdministrationError):
    """An account is marked in a way that is not ours, or cannot be marked as it should."""


class Unfinished(AdministrationError):
    """What was asked for was done in part. The text says what was, and how to go on."""


class AdminAccount(Protocol):
    """An account, and what makes it an admin's."""

    @property
    def uid(self) -> str:
        """Never changes, and is never another account's."""
        ...

    @property
    def email(self) -> str:
        """As its provider has it."""
        ...

    @property
    def name(self) -> str:
        """What its owner is called; may be empty."""
        ...

    @property
    def is_admin(self) -> bool:
        """Whether it has the role of an admin, disabled or not."""
        ...

    @property
    def stores(self) -> frozenset[str] | None:
        """The stores that it may open; None means all. Empty for who is no admin."""
        ...

    @property
    def disabled(self) -> bool:
        """Whether it may not sign in, whatever its stores."""
        ...

    @property
    def email_verified(self) -> bool | None:
        """Whether somebody has shown that the address is theirs; None where nobody needs to."""
        ...

    @property
    def created_at(self) -> datetime:
        """In UTC."""
        ...


def unheard(_looked_at: int) -> None:
    """The progress of `Administration.list`, where nobody wants to know it."""


class Administration(Protocol):
    """Says who is an admin. A running server acts on it within a minute, on sign-ins at once.

    Guarantees:
        - Each change is made to the account as it is then, so that one made by somebody else beside it is kept.
        - Whoever is no admin any more, or disabled, is signed out everywhere.
        - A method that raises an `AdministrationError` has changed nothing, but for `Unfinished`. Each can be repeated.

    Besides what they say, methods raise what their kind of accounts raises when it cannot be reached. What was asked
    for then may have been done.
    """

    async def grant(self, email: str, stores: Collection[str] | None) -> AdminAccount:
        """Make the account an admin of these stores as well; None means of all there are and will be.

        Args:
            email: whose it is.
            stores: names of stores.

        Raises:
            InvalidAccount: no name of a store.
            NoSuchAccount: nobody has the address.
            ClaimsUnclear: it is marked in a way that is not ours, or cannot be marked as it should.
        """
        ...

    async def revoke(self, email: str, stores: Collection[str] | None) -> AdminAccount:
        """Take these stores from the account; None means the role of an admin altogether.

        Sockets of a store that was taken close within a minute. An account that has none left is no admin any more,
        and its sessions end.

        Raises:
            InvalidAccount: no name of a store.
            NoSuchAccount: nobody has the address.
            StoresUnclear: it is an admin of all stores and should keep some, or is no admin of one of these.
            Unfinished: its role was taken, but its sessions go on.
        """
        ...

    async def disable(self, email: str) -> AdminAccount:
        """Keep the account from signing in, and end all sessions; its stores stay as they are.

        Raises:
            NoSuchAccount: nobody has the address.
            Unfinished: it was disabled, but its sessions may go on when it is enabled again.
        """
        ...

    async def enable(self, email: str) -> AdminAccount:
        """Let the account sign in again.

        Raises:
            NoSuchAccount: nobody has the address.
        """
        ...

    async def show(self, email: str) -> AdminAccount:
        """The account with this address, an admin's or not.

        Raises:
            NoSuchAccount: nobody has it.
        """
        ...

    async def list(self, progress: Callable[[int], None] = unheard) -> Collection[AdminAccount]:
        """The accounts that are of interest here, by address.

        Args:
            progress: is told now and then how many were looked at, when there are many.
        """
        ...


def stores_left(email: str, held: frozenset[str] | None, taken: frozenset[str]) -> frozenset[str]:
    """What is left of the stores that an account holds when some are taken.

    Args:
        email: whose account it is.
        held: None means all.
        taken: some names of stores.

    Raises:
        StoresUnclear: it holds all, which leaves no list of stores; or not all that should be taken.
    """
    if held is None:
        raise StoresUnclear(
            f"{email} is an admin of all stores: revoke the role altogether, then grant the stores to keep"
        )
    if missing := taken - held:
        raise StoresUnclear(f"{email} is not an admin of {', '.join(sorted(missing))}")
    return held - taken


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
