"""What the user can want, as an interface: the views call it, whoever composes the application implements it."""

from enum import Enum, auto
from typing import Protocol

import msgspec


class Problem(Enum):
    """Why signing in, or the check of an address, did not succeed. The window has the words."""

    BAD_ADDRESS = auto()
    """It is no address of a server."""
    INSECURE_ADDRESS = auto()
    """Plain `ws` or `http` anywhere but on this computer."""
    UNREACHABLE = auto()
    """Nothing answers there, or not in time."""
    NOT_SALEBELL = auto()
    """Something answers there, but it is no Salebell server."""
    UNTRUSTED = auto()
    """Its certificate cannot be trusted."""
    OTHER_PROVIDER = auto()
    """The server wants people to sign in elsewhere than it did when it was saved."""
    UNSUPPORTED = auto()
    """It offers no way to sign in that this version knows."""
    WRONG_CREDENTIALS = auto()
    """E-mail or password; which of them is not said."""
    TOO_MANY_ATTEMPTS = auto()
    ACCOUNT_DISABLED = auto()
    UNAVAILABLE = auto()
    """The server cannot check it now; trying later may help."""


class ServerFound(msgspec.Struct, frozen=True, kw_only=True):
    """The address leads to a server that people can sign in to.

    Attributes:
        address: how it is written from now on, such as `wss://api.example.com`.
    """

    address: str


class Told(msgspec.Struct, frozen=True):
    """A problem in a sentence for people, as the layers below know it; translated if it is a known one."""

    sentence: str


class SignInActions(Protocol):
    """What the sign-in window needs."""

    async def check_server(self, address: str) -> ServerFound | Problem | Told:
        """What is at `address`, as the user typed it. Never raises."""
        ...

    async def sign_in(self, server: str, email: str, password: str) -> Problem | Told | None:
        """Sign in; None: done, and the desk's account is set. Never raises."""
        ...


class Actions(SignInActions, Protocol):
    """All that the user can want beyond looking."""

    def reconnect_now(self) -> None:
        """Connect at once, whatever the next attempt is planned for."""
        ...

    def load_older(self, store: str) -> None:
        """Read the next older sales of `store` into its list."""
        ...

    def sign_out(self) -> None:
        """Forget who is signed in, here and at the server."""
        ...

    def quit(self) -> None:
        """End the application."""
        ...
