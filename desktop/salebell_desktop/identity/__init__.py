"""Who the admin is: `IdentityProvider` is the contract.

errors      what can go wrong over HTTP, and while signing in
local       accounts that the server itself keeps
firebase    accounts of a Firebase project
google      signing in with Google, in the system's browser
loopback    waiting for that browser to come back
id_token    what an ID token says
endpoints   where Google is
keeper      the tokens of the signed-in admin: one refresh at a time, for all who need one
following   a provider that takes up new settings of its server
saved       the accounts that the program can return to; the provider pinned for each server
"""

from enum import Enum, auto
from typing import Protocol, TypeVar

import msgspec

from salebell_protocol.http import Provider, Tokens

T = TypeVar("T")


class Means(Enum):
    """What somebody can do to sign in."""

    PASSWORD = auto()
    """Give e-mail and password."""
    RESET = auto()
    """Have a link sent for a forgotten password."""
    GOOGLE = auto()
    """Sign in with Google, in the browser."""


class IdentityProvider(Protocol):
    """Signs an admin in, and keeps them signed in."""

    @property
    def kind(self) -> Provider:
        """Which provider it is."""
        ...

    @property
    def means(self) -> frozenset[Means]:
        """What it offers. The methods for what it does not offer raise `SignInRefused`."""
        ...

    async def sign_in(self, email: str, password: str) -> Tokens:
        """A session for whoever knows the password.

        Raises:
            SignInRefused: wrong, disabled, or too many attempts.
            IdentityUnavailable: it could not be found out.
        """
        ...

    async def sign_in_with_google(self) -> Tokens:
        """A session for whoever signs in with Google in the browser that this opens.

        It waits for that as long as some minutes; cancelling it gives up, and leaves nothing behind.

        Raises:
            SignInRefused: they did not, or may not.
            IdentityUnavailable: it could not be found out.
        """
        ...

    async def reset_password(self, email: str) -> None:
        """Have a link for a new password sent to `email`, if there is an account with it: which is not told.

        Raises:
            SignInRefused: it is no address, or too many were sent.
            IdentityUnavailable: it could not be asked for.
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
        """End the session at the provider, if it can end a single one.

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


class Reply(msgspec.Struct, frozen=True):
    """An answer over HTTP, whatever its status."""

    status: int
    content: bytes


class Web(Protocol):
    """HTTP with anybody. Follows no redirect; bounded in time and size."""

    async def post(self, url: str, content: bytes, headers: dict[str, str]) -> Reply:
        """Send `content`.

        Raises:
            ServerUnreachable: no answer. The text is a sentence for people, about an unnamed server.
        """
        ...

    async def close(self) -> None:
        """End the connections. Harmless when repeated."""
        ...
