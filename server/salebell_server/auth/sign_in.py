"""Signing in with a password: what the HTTP routes need of whoever keeps the accounts.

SignInRefused
├── InvalidCredentials   no such account, or not its password: one answer for both
├── AccountDisabled      the password is right, but the account is disabled
├── NotAnAdmin           the password is right, but the account is an admin of no store any more
├── SessionInvalid       the refresh token is none of this server's
├── SessionExpired       it was not used for too long
├── SessionRevoked       its session has ended: signed out, ended by an administrator, or the token was copied
├── TooManyFailures      the client has failed too often
└── SignInUnavailable    it could not be found out; says nothing about the client
"""

from typing import ClassVar, Protocol

from salebell_protocol.http import Tokens


class SignInRefused(Exception):
    """A sign-in or a refresh was refused.

    Attributes:
        status: of HTTP.
        code: for programs.
        retry_after: in so many whole seconds asking again makes sense; None when it does not.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self, retry_after: int | None = None) -> None:
        super().__init__(self.sentence)
        self.retry_after = retry_after


class InvalidCredentials(SignInRefused):
    """No such account, or not its password."""

    status = 401
    code = "invalid_credentials"
    sentence = "E-mail or password is wrong."


class AccountDisabled(SignInRefused):
    """The password is right, but the account is disabled."""

    status = 403
    code = "account_disabled"
    sentence = "This account is disabled. Ask whoever runs the server."


class NotAnAdmin(SignInRefused):
    """The password is right, but the account is an admin of no store any more."""

    status = 403
    code = "not_admin"
    sentence = "This account is not an admin of any store. Ask whoever runs the server."


class SessionInvalid(SignInRefused):
    """The refresh token is none of this server's."""

    status = 401
    code = "token_invalid"
    sentence = "This is not a refresh token of this server. Sign in again."


class SessionExpired(SignInRefused):
    """The session was not used for too long."""

    status = 401
    code = "token_expired"
    sentence = "This session was not used for too long. Sign in again."


class SessionRevoked(SignInRefused):
    """The session has ended."""

    status = 401
    code = "revoked"
    sentence = "This session has ended. Sign in again."


class TooManyFailures(SignInRefused):
    """The client has failed too often."""

    status = 429
    code = "rate_limited"
    sentence = "Too many failed attempts. Wait before trying again."


class SignInUnavailable(SignInRefused):
    """It could not be found out whether the credentials are right."""

    status = 503
    code = "auth_unavailable"
    sentence = "Signing in is not possible right now. Try again in a moment."


class SignInService(Protocol):
    """Opens, continues and ends sessions.

    Every method may raise `TooManyFailures` and `SignInUnavailable`. `address` is the client's, and what failures are
    counted by.
    """

    async def sign_in(self, email: str, password: str, address: str) -> Tokens:
        """Open a session.

        Raises:
            InvalidCredentials: no such account, or not its password.
            AccountDisabled, NotAnAdmin: only when the password is right.
        """
        ...

    async def refresh(self, refresh_token: str, address: str) -> Tokens:
        """Continue a session: a fresh ID token, and the refresh token that comes after this one.

        Raises:
            SessionInvalid, SessionExpired, SessionRevoked: it cannot be continued.
        """
        ...

    async def sign_out(self, refresh_token: str, address: str) -> None:
        """End the session of this token. Harmless when it has ended, or never was."""
        ...
