"""Accounts that the server itself keeps: e-mail and password (docs/protocol.md, `/v1/auth/…`)."""

from salebell_desktop.identity import Exchange, Means
from salebell_desktop.identity.errors import (
    HttpFailure,
    IdentityUnavailable,
    ServerProblem,
    SessionEnded,
    SignInRefused,
)
from salebell_protocol.http import Provider, Refresh, SignIn, Tokens

UNAVAILABLE = "The server cannot check the sign-in just now."

_REFUSED = {
    "invalid_credentials": "E-mail or password is wrong.",
    "account_disabled": "This account is disabled. Please ask whoever runs your server.",
    "not_admin": "This account is not an admin of any shop. Please ask whoever runs your server.",
    "rate_limited": "Too many attempts. Please wait some minutes and try again.",
    "invalid": "E-mail or password is wrong.",
}
_ENDED = {
    "token_invalid": "The server does not accept this sign-in. Please sign in again.",
    "token_expired": "You were away for long. Please sign in again.",
    "revoked": "This account was signed out. Please sign in again.",
    "account_disabled": "This account is disabled. Please ask whoever runs your server.",
    "not_admin": "This account is not an admin of any shop any more.",
}
_MOVED = "This server signs in in another way now. Please sign in again."


class LocalAccounts:
    """An `IdentityProvider` for the accounts of one server.

    Args:
        http: talks to that server.
    """

    def __init__(self, http: Exchange) -> None:
        self._http = http

    @property
    def kind(self) -> Provider:
        """`local`."""
        return Provider.LOCAL

    @property
    def means(self) -> frozenset[Means]:
        """Passwords, which the server's operator gives."""
        return frozenset({Means.PASSWORD})

    async def sign_in(self, email: str, password: str) -> Tokens:
        """See `IdentityProvider.sign_in`."""
        try:
            return await self._http.post("/v1/auth/sign-in", SignIn(email, password), Tokens)
        except ServerProblem as problem:
            if refusal := _REFUSED.get(problem.code):
                raise SignInRefused(refusal) from problem
            # Of all that can be wrong with the two texts, none is worth more than this.
            if problem.status in (400, 401, 403, 422):
                raise SignInRefused(_REFUSED["invalid_credentials"]) from problem
            raise IdentityUnavailable(UNAVAILABLE) from problem
        except HttpFailure as failure:
            raise IdentityUnavailable(str(failure), untrusted=failure.untrusted) from failure

    async def sign_in_with_google(self) -> Tokens:
        """Refused: see `IdentityProvider.means`."""
        raise SignInRefused("This shop does not sign in with Google.")

    async def reset_password(self, email: str) -> None:
        """Refused: see `IdentityProvider.means`."""
        raise SignInRefused("Please ask whoever runs your server for a new password.")

    async def refresh(self, refresh_token: str) -> Tokens:
        """See `IdentityProvider.refresh`."""
        try:
            return await self._http.post("/v1/auth/refresh", Refresh(refresh_token), Tokens)
        except ServerProblem as problem:
            if problem.status in (400, 401, 403) and (reason := _ENDED.get(problem.code)):
                raise SessionEnded(reason) from problem
            # A server with accounts elsewhere has nothing at this address; a proxy's own 404 has no code of ours.
            if (problem.status, problem.code) == (404, "not_found"):
                raise SessionEnded(_MOVED) from problem
            raise IdentityUnavailable(UNAVAILABLE) from problem
        except HttpFailure as failure:
            raise IdentityUnavailable(str(failure), untrusted=failure.untrusted) from failure

    async def sign_out(self, refresh_token: str) -> None:
        """See `IdentityProvider.sign_out`."""
        try:
            await self._http.tell("/v1/auth/sign-out", Refresh(refresh_token))
        except HttpFailure as failure:
            raise IdentityUnavailable(str(failure), untrusted=failure.untrusted) from failure
