"""What the user can want, as an interface: the views call it, whoever composes the application implements it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from salebell_desktop.identity import Means
from salebell_desktop.store import Listing
from salebell_protocol.http import SaleHistory, Stats
from salebell_protocol.sales import Sale


class ServerFound(msgspec.Struct, frozen=True, kw_only=True):
    """The address leads to a server that people can sign in to.

    Attributes:
        address: how it is written from now on, such as `wss://api.example.com`.
        means: what it offers to sign in with.
    """

    address: str
    means: frozenset[Means] = frozenset({Means.PASSWORD})


class Told(msgspec.Struct, frozen=True):
    """A problem in a sentence for people, as the layers below know it; translated if it is a known one.

    Attributes:
        untrusted: it is the server's certificate that is not trusted: the file of a certificate authority may help.
    """

    sentence: str
    untrusted: bool = False


class KnownAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account that this computer can return to.

    Attributes:
        server: its address, such as `wss://api.example.com`.
        uid: the identity provider's id of the admin.
        active: it is the one that the windows show.
        signed_in: one can switch to it without a password.
    """

    server: str
    uid: str
    email: str
    name: str
    active: bool
    signed_in: bool


class SignInActions(Protocol):
    """What the sign-in window needs. None of these raises; what goes wrong is `Told`."""

    async def check_server(self, address: str) -> ServerFound | Told:
        """What is at `address`, as the user typed it."""
        ...

    async def sign_in(self, server: str, email: str, password: str) -> Told | None:
        """Sign in; None: done, and the desk's account is set."""
        ...

    async def sign_in_with_google(self, server: str) -> Told | None:
        """Sign in with Google, in the browser, which may take minutes; cancelling gives up."""
        ...

    async def reset_password(self, server: str, email: str) -> Told | None:
        """Have a link for a new password sent; None: it was sent, if there is such an account."""
        ...

    async def trust_authority(self, path: Path) -> Told | None:
        """Trust, from now on, also the certificate authorities in a PEM file; None: done."""
        ...


class SalesActions(Protocol):
    """What the sales window needs. None of these raises; what goes wrong is `Told`, or the listing tells it."""

    def reconnect_now(self) -> None:
        """Connect at once, whatever the next attempt is planned for."""
        ...

    def load_more(self, listing: Listing) -> None:
        """Read the next sales of a listing from the server. It tells by itself how that goes, and what came.

        Harmless while it is loading, and when there are none.
        """
        ...

    async def find_sale(self, store: str, sale_id: str) -> Sale | Told:
        """One sale, as it is now."""
        ...

    async def history(self, store: str, sale_id: str) -> SaleHistory | Told:
        """The events of one sale that the server still has, the oldest first."""
        ...

    async def statistics(self, store: str, tz: str) -> Stats | Told:
        """Counts and revenue, by the hours and days of an IANA time zone."""
        ...

    async def export(self, listing: Listing, path: Path, progress: Callable[[int], None]) -> int | Told:
        """Write all sales of a listing to a CSV file; the answer is how many. Cancelling leaves no file.

        Args:
            listing: its query and order; sales that it has not loaded are read from the server.
            path: of the file; one that is there is replaced once the new one is whole.
            progress: is told how many sales have been read.
        """
        ...


class Actions(SignInActions, SalesActions, Protocol):
    """All that the user can want beyond looking."""

    def accounts(self) -> Sequence[KnownAccount]:
        """The accounts that this computer can return to, the one used last first."""
        ...

    def switch_account(self, server: str, uid: str) -> None:
        """Show another of `accounts`. One that is not signed in any more is asked for its password."""
        ...

    def sign_out(self) -> None:
        """Forget who is signed in, here and at the server."""
        ...

    def quit(self) -> None:
        """End the application."""
        ...
