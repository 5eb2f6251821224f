"""One connection's place in its store's log."""

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from salebell_server.auth import Verdict


class Outlet(Protocol):
    """A connection as the hub sees it. Nothing of it raises, whatever has become of the connection."""

    def write(self, frames: bytes) -> None:
        """Write frames; close the connection when too many bytes wait to be sent."""
        ...

    def live(self) -> Callable[[bytes], None]:
        """Be told `Channel.choke` only when more bytes wait than a live connection may have waiting.

        Returns:
            What writes without further checks, as fast as can be. It may be called until the member leaves.
        """
        ...

    def close(self, code: int, reason: str) -> None:
        """Close the connection. It leaves its channel before this returns."""
        ...

    def judged(self, verdict: Verdict) -> None:
        """Hear what is true of the admin's account now."""
        ...


class Stage(Enum):
    """What a member is being sent."""

    OPENING = auto()
    """Nothing yet: its reading of the log is under way."""
    AHEAD = auto()
    """Nothing: it has more than the store's other connections, who get that any moment."""
    REPLAYING = auto()
    """What it missed, page by page."""
    LIVE = auto()
    """Events as they happen: it has all that there is."""
    GONE = auto()


class Member:
    """A connection of an admin in a store.

    Attributes:
        outlet: the connection.
        uid: the admin.
        stage: changed by the channel only.
        behind: the offset of the last event it was sent, unless it is LIVE (see `Channel.delivered`).
        behind_id: the id of that event.
        held: the frame of a count that came while it was opening, to follow its `auth_success`.
        choked: its connection's buffer is full.
    """

    __slots__ = ("_drained", "behind", "behind_id", "choked", "held", "outlet", "stage", "uid")

    def __init__(self, outlet: Outlet, uid: str) -> None:
        self.outlet = outlet
        self.uid = uid
        self.stage = Stage.OPENING
        self.behind = 0
        self.behind_id = ""
        self.held: bytes | None = None
        self.choked = False
        self._drained: asyncio.Future[None] | None = None

    @property
    def gone(self) -> bool:
        """Whether it has left."""
        return self.stage is Stage.GONE

    def drain(self) -> None:
        """The connection's buffer is nearly empty, or nothing will be written to it any more."""
        self.choked = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def drained(self) -> None:
        """Return when the buffer is not full (any more)."""
        while self.choked:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained
            self._drained = None
