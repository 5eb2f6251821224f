"""How the states of a connection look. Pure."""

from salebell_desktop.store import Link, LinkState
from salebell_desktop.ui.tray.icon import Look


def look(link: Link, *, delayed: bool) -> Look:
    """The bell for a connection."""
    match link.state:
        case LinkState.CONNECTED:
            return Look.DELAYED if delayed else Look.CONNECTED
        case LinkState.CONNECTING:
            return Look.CONNECTING
        case LinkState.DISCONNECTED | LinkState.REFUSED:
            return Look.DISCONNECTED
        case LinkState.SIGNED_OUT:
            return Look.SIGNED_OUT


def dot(link: Link, *, delayed: bool) -> str:
    """The colour of the dot beside the word, as the name of a token."""
    match link.state:
        case LinkState.CONNECTED:
            return "warn" if delayed else "accent"
        case LinkState.CONNECTING:
            return "warn"
        case LinkState.DISCONNECTED | LinkState.REFUSED:
            return "bad"
        case LinkState.SIGNED_OUT:
            return "muted"
