"""What servers tell each other over Pub/Sub. The scripts in `log/redis` write it, `bus/redis` reads it.

A message is lines, and the last one may hold anything:

    E <epoch> <change> <offset> <event id> <previous> <JSON of the confirmed event>      an event was appended
    C <epoch> <change> <count> <seen> <as of> <admin>                                     an admin has looked
    R <epoch> <change>                                                                    counts changed otherwise

with line feeds where the spaces are. `change` is the store's change counter after it.
"""

import msgspec

from salebell_server.log import Counted, Entry


class Foreign(Exception):
    """Not a message of ours."""


class Published(msgspec.Struct, frozen=True):
    """`E`: an event was appended."""

    epoch: str
    change: int
    entry: Entry


class Looked(msgspec.Struct, frozen=True):
    """`C`: an admin has looked, and this is the count."""

    epoch: str
    change: int
    admin: str
    counted: Counted


class Recount(msgspec.Struct, frozen=True):
    """`R`: counts may have changed otherwise."""

    epoch: str
    change: int


def channel(db: int, store: str) -> str:
    """Where a store's messages are published. Pub/Sub knows no databases, so the name has the number."""
    return f"salebell:{db}:{{{store}}}"


def parse(message: bytes) -> Published | Looked | Recount:
    """What a message says.

    Raises:
        Foreign: it is none of ours.
    """
    parts = message.split(b"\n", 6)
    try:
        match parts:
            case [b"E", epoch, change, offset, event_id, previous, event]:
                entry = Entry(int(offset), event_id.decode(), previous.decode(), event)
                return Published(epoch.decode(), int(change), entry)
            case [b"C", epoch, change, count, seen, as_of, admin]:
                counted = Counted(int(count), int(seen), int(as_of))
                return Looked(epoch.decode(), int(change), admin.decode(), counted)
            case [b"R", epoch, change]:
                return Recount(epoch.decode(), int(change))
            case _:
                raise Foreign
    except ValueError:
        raise Foreign from None
