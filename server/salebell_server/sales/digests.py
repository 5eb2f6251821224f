"""What tells a retry from another request under the same event id."""

import hashlib
from enum import StrEnum

import msgspec

_SIZE = 32


class Route(StrEnum):
    """The ingest routes. The values are part of the digests: they never change."""

    SALES = "sales"
    CHECKOUTS = "checkouts"
    PAYMENT = "payment"
    CHANGE = "change"
    CANCEL = "cancel"


def digest(route: Route, sale_id: str, body: msgspec.Struct | None) -> bytes:
    """32 bytes that are the same for the same request only, however its JSON was written.

    Args:
        route: where it was sent.
        sale_id: the sale that it is about.
        body: what was asked for, decoded, with nothing filled in, and without its event id; None where requests
            under one event id are the same whatever they say.
    """
    hashed = hashlib.blake2b(f"{route}\n{sale_id}\n".encode(), digest_size=_SIZE)
    if body is not None:
        # Sorted by name: a field that moves in its Struct must not turn retries into conflicts after an update.
        hashed.update(msgspec.json.encode(body, order="sorted"))
    return hashed.digest()
