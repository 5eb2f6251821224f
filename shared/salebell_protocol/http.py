"""What travels over HTTP between the server and its desktop: the answers to an admin, and signing in."""

from enum import StrEnum
from typing import Annotated

import msgspec

from salebell_protocol.events import Event, Position
from salebell_protocol.money import Sum
from salebell_protocol.names import Count, StoreName
from salebell_protocol.sales import Currency, Instant, Sale

Password = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
EmailAddress = Annotated[str, msgspec.Meta(min_length=3, max_length=320)]
RefreshToken = Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error answer, `application/problem+json` (RFC 9457).

    Attributes:
        code: for programs; never changes its meaning.
        field: dotted path of the field at fault, when one is.
    """

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None


class SalesPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a store's sales, newest first, with `unread` and `position` of the same instant.

    Attributes:
        next_before: pass it as `before` for the next page; null on the last.
    """

    sales: tuple[Sale, ...]
    next_before: str | None
    unread: Count
    position: Position


class SaleHistory(msgspec.Struct, frozen=True, kw_only=True):
    """The retained events of one sale, oldest first."""

    events: tuple[Event, ...]


class Revenue(msgspec.Struct, frozen=True):
    """The approved sales of one currency, added up."""

    currency: Currency
    total: Sum
    sales: Count


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """The sales created in one hour or day of the caller's time zone.

    Attributes:
        start: the instant at which it starts.
        sales: all sales, whatever their status.
        approved: of these, the approved ones.
        revenue: the approved ones by currency, in the order of the codes.
    """

    start: Instant
    sales: Count
    approved: Count
    revenue: tuple[Revenue, ...]


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts and revenue, oldest first and without holes.

    Attributes:
        tz: the IANA time zone that the hours and days are of.
        hours: from midnight seven days ago to the current hour.
        days: the last 31 days, today included.
    """

    store: StoreName
    tz: str
    hours: tuple[Bucket, ...]
    days: tuple[Bucket, ...]


class Provider(StrEnum):
    """Who signs admins in."""

    LOCAL = "local"
    FIREBASE = "firebase"


class FirebaseConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a desktop needs to sign in with Firebase; none of it is secret.

    Attributes:
        api_key: names the project to Google; no secret (firebase.google.com/docs/projects/api-keys).
        google_client_id: of the OAuth client for desktops; absent where admins do not sign in with Google.
        google_client_secret: what Google wants with it, and does not take for a secret in a program that everybody can
            read (developers.google.com/identity/protocols/oauth2/native-app).
    """

    project_id: str
    api_key: str
    google_client_id: str | None = None
    google_client_secret: str | None = None


class ClientConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How to sign in to this server.

    Attributes:
        server: what it calls itself, such as `salebell/1.2.0`.
        protocol: of its sockets.
        firebase: where the provider is Firebase.
    """

    provider: Provider
    server: str
    protocol: int = 1
    firebase: FirebaseConfig | None = None


class SignIn(msgspec.Struct, frozen=True):
    """E-mail and password of a local account."""

    email: EmailAddress
    password: Password

    def __repr__(self) -> str:
        """Without the password: a repr ends up in logs and tracebacks."""
        return f"SignIn(email={self.email!r})"


class Refresh(msgspec.Struct, frozen=True):
    """Asks for a new pair of tokens, or gives the old ones up (sign-out)."""

    refresh_token: RefreshToken

    def __repr__(self) -> str:
        """Without the token."""
        return "Refresh()"


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in session. `expires_in` is in seconds and is the ID token's."""

    id_token: str
    refresh_token: str
    expires_in: int
    uid: str
    email: str
    name: str

    def __repr__(self) -> str:
        """Without the tokens."""
        return f"Tokens(uid={self.uid!r}, expires_in={self.expires_in!r})"
