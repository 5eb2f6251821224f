"""Admins whom Firebase signs in.

    application     the connection with Google, or with an emulator
    users           looking users up, and changing them
    calls           calling what blocks, for a bounded time
    failures        what each failure of Google means
    rights          what a user's claims make of them
    administration  making users admins, and no admins
    certificates    the public keys that tokens are signed with
    tokens          verifying tokens
    verifier        the contract of `auth`, on top of these
    notices         what to know of a configuration, for `serve`
    examination     whether a project can be used, for `doctor`

`UserLookup` and `UserDirectory` are what the others need of `users`.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol

import msgspec


class Cause(Enum):
    """Why Google could not be asked."""

    UNREACHABLE = auto()
    """No connection: no network, no such host, refused, or cut off."""
    TIMED_OUT = auto()
    """Connected, perhaps, but no answer in time."""
    OVERLOADED = auto()
    """Google answers that it cannot answer now, or that it was asked too often."""
    KEY_REFUSED = auto()
    """The service account's key is not accepted: deleted, of another account, or of an account that is gone."""
    CLOCK_WRONG = auto()
    """Google finds that this machine's clock is wrong, and accepts nothing that it signs."""
    FORBIDDEN = auto()
    """The service account may not do this in this project."""
    API_DISABLED = auto()
    """The Identity Toolkit API is not enabled in the project."""
    NO_PROJECT = auto()
    """There is no project with this id."""
    NO_AUTHENTICATION = auto()
    """Firebase Authentication was never set up in the project."""
    UNEXPECTED = auto()
    """An answer that says none of these."""


class FirebaseUnavailable(Exception):
    """Google could not be reached, or did not answer as it should.

    The text says why, as a sentence without its full stop, and names no secret.
    """

    def __init__(self, message: str, cause: Cause = Cause.UNEXPECTED) -> None:
        super().__init__(message)
        self.cause = cause


class NoSuchUser(Exception):
    """The project has no user with this uid, any more."""


class ClaimsRefused(ValueError):
    """Firebase does not accept custom claims. The text says why, as the rest of a sentence."""


class FirebaseUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user as the project has it.

    Attributes:
        claims: the custom claims.
        valid_after: ID tokens issued before this unix second are revoked.
    """

    uid: str
    email: str
    name: str
    email_verified: bool
    disabled: bool
    claims: Mapping[str, Any]
    valid_after: int
    created_at: datetime


class UserLookup(Protocol):
    """Knows the users of a project. Nothing here holds up the event loop; every call ends within some seconds.

    Every method may raise `FirebaseUnavailable`.
    """

    async def get(self, uids: Collection[str]) -> Mapping[str, FirebaseUser]:
        """Those of these users that there are, read afresh; asks for 100 at a time, as Firebase allows."""
        ...


class UserDirectory(UserLookup, Protocol):
    """Finds and changes them, too."""

    async def find(self, email: str) -> FirebaseUser | None:
        """The user with this address."""
        ...

    def all(self) -> AsyncIterator[FirebaseUser]:
        """All users, page by page, in Firebase's order."""
        ...

    async def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        """Put `claims` in place of all custom claims of a user. They show in the next ID token.

        Raises:
            ClaimsRefused: they have more than 1,000 characters, or a reserved name.
            NoSuchUser: there is none with this uid.
        """
        ...

    async def revoke_sessions(self, uid: str) -> None:
        """Make all refresh tokens, and the ID tokens that were issued before now, invalid.

        Firebase counts in whole seconds, by the clock of whoever revokes: an ID token of that very second stays valid.

        Raises:
            NoSuchUser: there is none with this uid.
        """
        ...

    async def set_disabled(self, uid: str, *, disabled: bool) -> None:
        """Keep a user from signing in, or let them again.

        Raises:
            NoSuchUser: there is none with this uid.
        """
        ...
