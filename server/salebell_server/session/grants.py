"""What a signed-in connection has: an admin, and one of the admin's stores."""

import msgspec

from salebell_protocol.names import DEFAULT_STORE
from salebell_server.auth import Admin


class Grant(msgspec.Struct, frozen=True):
    """A sign-in that succeeded.

    Attributes:
        store: the store that the connection serves.
        stores: all stores that the admin may open, sorted.
        device: what the client calls itself; plain text, for diagnostics.
    """

    admin: Admin
    store: str
    stores: tuple[str, ...]
    device: str


NOBODY = Grant(Admin(uid="", email="", name="", stores=frozenset(), expires_at=0), "", (), "")
"""What a connection has before it is signed in."""


def choose_store(requested: str | None, admin: Admin, stores: tuple[str, ...]) -> str | None:
    """The store that a sign-in opens, or None when the admin may not.

    Args:
        requested: the one asked for; None: `main` if allowed, else the first of `stores`.
        admin: who asks.
        stores: all stores that `admin` may open, sorted.
    """
    if requested is not None:
        return requested if admin.may_open(requested) else None
    if admin.may_open(DEFAULT_STORE):
        return DEFAULT_STORE
    return stores[0] if stores else None
