"""Who the admin is: `IdentityProvider` is the contract.

errors      what can go wrong over HTTP, and while signing in
local       accounts that the server itself keeps
keeper      the tokens of the signed-in admin: one refresh at a time, for all who need one
saved       which server and account the program returns to; the provider pinned for each server
"""

from typing import Protocol, TypeVar

import msgspec

from salebell_protocol.http import Provider, Tokens

T = TypeVar("T")


class IdentityProvider(Protocol):
    """Signs an admin in, and keeps them signed in."""

    @property
    def kind(self) -> Provider:
        """Which provider it is."""
        ...

    async def sign_in(self, email: str, password: str) -> Tokens:
        """A session for whoever knows the password.

        Raises:
            SignInRefused: wrong, disabled, or too many attempts.
            IdentityUnavailable: it could not be found out.
        """
        ...

    async def refresh(self, refresh_token: str) -> Tokens:
        """A fresh ID token, with the refresh token that takes the place of this one.

        Raises:
            SessionEnded: the session is over for good.
            IdentityUnavailable: worth another try.
        """
        ...

    async def sign_out(self, refresh_token: str) -> None:
        """End the session at the provider.

        Raises:
            IdentityUnavailable: it could not be told.
        """
        ...


class Exchange(Protocol):
    """HTTP with the server, as far as identity needs it."""

    async def post(self, path: str, body: msgspec.Struct, answer: type[T]) -> T:
        """Send `body` as JSON; the answer decoded.

        Raises:
            ServerProblem: the server refused.
            ServerUnreachable: no answer, or none that makes sense.
        """
        ...

    async def tell(self, path: str, body: msgspec.Struct) -> None:
        """The same, where the answer has no content."""
        ...
