"""Who may listen: verifying admins' tokens, whoever issued them.

`TokenVerifier` is the contract; `auth/local` and `auth/firebase` implement it.

    judging     what both of them do once they know that a token is genuine
    cache       what verifiers remember
    batches     work done in batches
    rate        how often an address may fail
    counting    counts that, with `windows` in memory and `sharing` among servers
    sign_in     the contract of signing in with a password
    local       accounts of the server's own
    firebase    users of a Firebase project, which `project` names
"""

from collections.abc import Collection, Mapping
from typing import Protocol

import msgspec

from salebell_protocol.messages import AuthErrorCode


class AuthFailure(Exception):
    """A token was refused, or could not be judged.

    Attributes:
        code: `token_invalid`, `token_expired`, `not_admin`, `revoked` or `auth_unavailable`. The last says nothing
            about the token: it is to be tried again.
        subject: the uid of the account whose token it truly is, although it was refused; "" when unknown.
    """

    def __init__(self, code: AuthErrorCode, message: str, subject: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.subject = subject

    @property
    def is_innocent(self) -> bool:
        """Whether it is no attempt at somebody else's account: an expired token was a good one."""
        return self.code in (AuthErrorCode.AUTH_UNAVAILABLE, AuthErrorCode.TOKEN_EXPIRED)


class Admin(msgspec.Struct, frozen=True, kw_only=True):
    """A verified admin.

    Attributes:
        stores: the stores that the admin may open; None means all.
        expires_at: when the token runs out, in unix seconds.
        issued_at: when the token was issued, in unix seconds; `Verdict.valid_after` is about it.
    """

    uid: str
    email: str
    name: str
    stores: frozenset[str] | None
    expires_at: int
    issued_at: int = 0

    def may_open(self, store: str) -> bool:
        """Whether `store` is one of the admin's."""
        return self.stores is None or store in self.stores


class Verdict(msgspec.Struct, frozen=True):
    """What is true of an account now, whatever its token says.

    Attributes:
        refusal: None, `not_admin` (the role is gone) or `revoked` (disabled, removed, or signed out everywhere).
        stores: the stores that the admin may open now; None means all.
        valid_after: tokens issued before this unix second are refused.
    """

    refusal: AuthErrorCode | None
    stores: frozenset[str] | None
    valid_after: int = 0

    def on(self, admin: Admin) -> AuthErrorCode | None:
        """Why `admin` may not go on, or None: the refusal, or `revoked` for a token from before `valid_after`."""
        if self.refusal is None and admin.issued_at < self.valid_after:
            return AuthErrorCode.REVOKED
        return self.refusal


class TokenVerifier(Protocol):
    """Turns tokens into admins.

    Guarantees:
        - A verdict that `verify` relies on is at most a minute old. One that keeps an admin out, of everything or of
          some stores, is first read again when it is older than a few seconds: who is let in again need not wait.
        - Verification does not hold up the event loop.
        - An identity provider that cannot be reached is `auth_unavailable`, never a bad token.
    """

    async def verify(self, token: str) -> Admin:
        """The admin whose token this is.

        Raises:
            AuthFailure: it is refused, or could not be judged.
        """
        ...

    async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        """What is true of these accounts now, read afresh; for the sockets they have open.

        Raises:
            AuthFailure: `auth_unavailable`.
        """
        ...
