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

    def paced(self) -> None:
        """Be told `Channel.choke` again as soon as anything much waits: it is live no more."""
        ...

    def deferred(self, offset: int, event_id: str) -> None:
        """Hear that the log is away. It asks for `Channel.postpone`; unless it knows, or waits for an answer.

        Args:
            offset: of the last event that it was sent, or started from.
            event_id: the id of that event.
        """
        ...

    def restored(self) -> None:
        """Hear that the log is back. It begins with `Channel.reopen`, unless it has something to wait for."""
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
    AWAY = auto()
    """Nothing: the log is away, and its client is yet to hear so."""
    DEFERRED = auto()
    """What waits for the log, provisionally."""
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
        shown: the number of the last waiting event that it was sent, since the log went away.
        pace: what sends it what it lacks, page by page, if anything does.
    """

    __slots__ = (
        "_drained", "behind", "behind_id", "choked", "held", "outlet", "pace", "shown", "stage", "uid",
    )  # fmt: skip

    def __init__(self, outlet: Outlet, uid: str) -> None:
        self.outlet = outlet
        self.uid = uid
        self.stage = Stage.OPENING
        self.behind = 0
        self.behind_id = ""
        self.held: bytes | None = None
        self.choked = False
        self.shown = 0
        self.pace: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None

    @property
    def gone(self) -> bool:
        """Whether it has left."""
        return self.stage is Stage.GONE

    def stop(self) -> None:
        """End what sends it what it lacks."""
        if self.pace is not None:
            self.pace.cancel()
            self.pace = None

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
