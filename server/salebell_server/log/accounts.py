"""Local accounts: who may sign in with a password, the sessions that are open, and the keys that sign ID tokens.

`AccountStore` is the contract. It stores and compares; what makes a password right, a token valid or a session old
is decided in `auth/local`.
"""

import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Protocol

import msgspec

MAX_FAMILIES = 1000
"""Sessions of one account; opening another ends the one that was used longest ago. Devices are in use every hour or
day: only sign-ins that nobody uses any more come to so many."""

MAX_SIGNING_KEYS = 2
"""The newest key signs; the one before it is kept for tokens that it signed."""


def email_key(email: str) -> str:
    """What an account is found by: two spellings of an address that people take for the same have the same key.

    Lone surrogates, which no address has and no database stores, become question marks.
    """
    text = email.strip().encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in with a password.

    Attributes:
        uid: never changes, and is never given to another account.
        email: as it was typed; unique by `email_key`.
        password_hash: an argon2id hash with its parameters (PHC string).
        stores: the stores of which the account is an admin; None means all, empty that it is no admin.
        disabled: whether it may not sign in, whatever its stores.
        valid_after: unix second; ID tokens issued before it are refused.
    """

    uid: str
    email: str
    name: str
    password_hash: str
    stores: frozenset[str] | None
    disabled: bool = False
    valid_after: int = 0
    created_at: datetime

    @property
    def is_admin(self) -> bool:
        """Whether there is a store that the account may open."""
        return self.stores is None or bool(self.stores)

    @property
    def email_verified(self) -> None:
        """Nobody has to show that the address is theirs: whoever added the account vouches for it."""

    def __repr__(self) -> str:
        """Without the hash of the password."""
        return f"Account(uid={self.uid!r}, email={self.email!r}, stores={self.stores!r}, disabled={self.disabled!r})"


class RefreshFamily(msgspec.Struct, frozen=True, kw_only=True):
    """One session: the chain of refresh tokens that began with a sign-in. Tokens appear as their SHA-256 only.

    Attributes:
        id: random, a part of each token.
        used: the token that was used last; empty before the first use.
        successors: what was given for `used`, oldest first; usually one, more when answers were lost. Not empty.
    """

    id: bytes
    uid: str
    used: bytes
    successors: tuple[bytes, ...]
    opened_at: datetime
    used_at: datetime

    def __repr__(self) -> str:
        """Without what is needed to end it."""
        return f"RefreshFamily(uid={self.uid!r}, used_at={self.used_at!r})"


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that signs ID tokens. `kid` names it in their headers (RFC 7515, section 4.1.4)."""

    kid: str
    secret: bytes
    created_at: datetime

    def __repr__(self) -> str:
        """Without the secret."""
        return f"SigningKey(kid={self.kid!r})"


class EmailTaken(Exception):
    """Another account has that address."""


class AccountStore(Protocol):
    """The local accounts of this server.

    Guarantees:
        - Changes are durable when the method returns, and seen at once by every process on the same log.
        - A change happens whole or not at all, and two changes of one thing happen one after the other.
        - A session never outlives the `valid_after` with which it was opened: whatever changes that, or removes the
          account, ends the account's sessions in the same step.

    Every method may raise `LogUnavailable`.
    """

    async def add(self, account: Account) -> None:
        """Store a new account.

        Raises:
            EmailTaken: its address is in use.
        """
        ...

    async def find(self, email: str) -> Account | None:
        """The account with this address, whatever the case."""
        ...

    async def get(self, uids: Collection[str]) -> Mapping[str, Account]:
        """The accounts of these ids that there are."""
        ...

    async def list(self) -> tuple[Account, ...]:
        """All accounts, by address."""
        ...

    async def revise(self, uid: str, rule: Callable[[Account], Account]) -> Account | None:
        """Replace an account by what `rule` makes of it; None when there is none.

        Args:
            uid: whose; like the address and `created_at`, it stays.
            rule: pure; may be called on another thread, and more than once. What it raises comes out, and nothing
                changes.
        """
        ...

    async def remove(self, uid: str) -> bool:
        """Forget an account and end its sessions; False when there is none."""
        ...

    async def open_family(self, family: RefreshFamily, valid_after: int) -> bool:
        """Store a new session; beyond `MAX_FAMILIES` of the account, the one used longest ago ends.

        False, and nothing is stored, when the account is gone, or its `valid_after` is not this one any more.
        """
        ...

    async def family(self, family_id: bytes) -> RefreshFamily | None:
        """A session, or None when it has ended."""
        ...

    async def revise_family(
        self, family_id: bytes, rule: Callable[[RefreshFamily], RefreshFamily | None]
    ) -> RefreshFamily | None:
        """Replace a session by what `rule` makes of it, or end it where that is None; None when it has ended.

        `rule` is as for `revise`; `id`, `uid` and `opened_at` stay.
        """
        ...

    async def end_families(self, unused_since: datetime) -> None:
        """End the sessions that were used before this for the last time."""
        ...

    async def signing_keys(self) -> tuple[SigningKey, ...]:
        """The keys, newest first."""
        ...

    async def add_signing_key(self, key: SigningKey, after: str | None) -> tuple[SigningKey, ...]:
        """Make `key` the newest if the newest so far is `after` (None: if there is none yet).

        At most `MAX_SIGNING_KEYS` are kept. Of several processes that add at once, one succeeds.

        Returns:
            The keys as they are then, newest first, whether `key` is among them or not.
        """
        ...
