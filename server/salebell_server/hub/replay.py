"""Sends a member what it missed, page by page, at the pace at which its connection takes it."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from salebell_protocol.close_codes import CloseCode
from salebell_server.hub.frames import batches, entry_frame
from salebell_server.hub.member import Member, Stage
from salebell_server.log import LogDiverged, LogUnavailable, SaleLog

PAGE = 100
"""Entries read at once for one member."""


class Followed(Protocol):
    """What a replay needs of its channel."""

    store: str
    epoch: str
    sent: int

    def place(self, member: Member) -> None:
        """Take over a member that has everything up to `sent`."""
        ...

    def doubt(self) -> None:
        """The log may be another one: find out."""
        ...


class Replays:
    """Runs the replays of all stores.

    Args:
        log: where the events are.
        turns: pages that may be in memory at once, of all members of all stores.
        retry: seconds before a log that could not be read is tried again.
        delivered: told how many events were written.
    """

    def __init__(
        self, *, log: SaleLog, turns: asyncio.Semaphore, retry: float, delivered: Callable[[int], None]
    ) -> None:
        self._log = log
        self._retry = retry
        self._delivered = delivered
        self._turns = turns

    async def run(self, channel: Followed, member: Member) -> None:
        """Send `member` events until it has all that the channel's live members have, then hand it over."""
        while member.stage is Stage.REPLAYING:
            await member.drained()
            if member.gone:
                return
            if member.behind >= channel.sent:
                channel.place(member)
                return
            try:
                async with self._turns:
                    await self._send_page(channel, member)
            except LogDiverged:
                # Trimmed under the replay, or replaced under everybody.
                member.outlet.close(CloseCode.SERVICE_RESTART, "the events to resume from are gone")
                channel.doubt()
            except LogUnavailable:
                await asyncio.sleep(self._retry)

    async def _send_page(self, channel: Followed, member: Member) -> None:
        page = await self._log.entries(channel.store, channel.epoch, member.behind, PAGE)
        if not page or page[0].previous != member.behind_id:
            # The log ends before what it gave others, or goes on otherwise.
            raise LogDiverged(channel.store)
        # What finds no room is read again later: a connection that is stuck keeps neither memory nor a turn.
        for entries, frames in batches(page, entry_frame):
            if member.choked or member.gone:
                return
            member.behind, member.behind_id = entries[-1].offset, entries[-1].event_id
            self._delivered(len(entries))
            member.outlet.write(frames)
