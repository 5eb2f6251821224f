"""How a store is connected, as people are told."""

from enum import Enum, auto

import msgspec


class LinkState(Enum):
    """Where a connection stands, from best to worst."""

    CONNECTED = auto()
    """Signed in on an open socket."""
    CONNECTING = auto()
    """Dialling, signing in, or waiting for the next of the first ten attempts."""
    DISCONNECTED = auto()
    """Ten attempts failed; it goes on slowly."""
    REFUSED = auto()
    """It stopped for good, and `Link.reason` says why: signing in or *Reconnect now* starts it again."""
    SIGNED_OUT = auto()
    """There is nobody to connect for."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """The connection of one store.

    Attributes:
        since: when `state` began, in unix seconds. CONNECTING and DISCONNECTED began when the connection was lost.
        next_try: when the next attempt is due, in unix seconds; None while one is under way, or none is planned.
        attempt: how many attempts failed since the connection was lost.
        reason: a sentence for people: why it was refused, or why the last attempt failed; may be empty.
    """

    state: LinkState
    since: float
    next_try: float | None = None
    attempt: int = 0
    reason: str = ""
