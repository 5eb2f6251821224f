"""One store: the end of its log, and the connections that follow it.

A bus may lose, repeat or delay what happened, so that a publication is taken only when it continues the channel:
the next offset, and the last id as its `previous`. Anything else is read from the log. `head` is how far the channel
knows the log, `sent` how far its live members were sent it; what lies between waits in the outbox for the next turn
of the event loop, so that events which are ready together share one write.

A member is LIVE if and only if it was sent everything up to `sent`. Another one is REPLAYING what it lacks, or AHEAD
when its own reading of the log was newer than what the bus has told the channel. A log that turns out not to be the
one that was followed closes the members with 1012; they resume, and are told `reset`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum, auto

import structlog

from salebell_protocol.close_codes import CloseCode
from salebell_protocol.events import Position
from salebell_protocol.messages import Unread
from salebell_server.bus import Bus
from salebell_server.hub.frames import entry_frame, message_frame
from salebell_server.hub.member import Member, Stage
from salebell_server.hub.recount import Recounts
from salebell_server.hub.replay import Replays
from salebell_server.hub.tasks import Tasks
from salebell_server.log import Counted, Entry, LogDiverged, LogUnavailable, SaleLog

WRITE_BYTES = 128 * 1024
"""What live members are sent in one turn of the event loop: a burst must not fill the buffers of those who keep up."""

PAGE = 500
"""Entries read at once when the channel itself lags behind."""

REPLACED = "the log was replaced"

_logger = structlog.get_logger(__name__)


class Phase(Enum):
    """Where a channel stands."""

    OPENING = auto()
    """Being subscribed; the top of the log is not known yet."""
    FOLLOWING = auto()
    CLOSED = auto()


class Channel:
    """The members of one store. Hears of the store from the bus: a `Subscriber`.

    Args:
        store: its name.
        log: where the events are.
        replays: sends members what they lack.
        tasks: where reading goes on.
        retry: seconds before a log that could not be read is tried again.
        delivered: told how many events were written to members.
        ended: told when the channel is closed.

    Attributes:
        phase: changed by the channel only.
        sent: the offset up to which the live members were sent everything.
    """

    def __init__(
        self,
        store: str,
        *,
        log: SaleLog,
        replays: Replays,
        tasks: Tasks,
        retry: float,
        delivered: Callable[[int], None],
        ended: Callable[["Channel"], None],
    ) -> None:
        self.store = store
        self.phase = Phase.OPENING
        self.epoch = ""
        self.sent = 0
        self._log = log
        self._replays = replays
        self._tasks = tasks
        self._retry = retry
        self._count_delivered = delivered
        self._ended = ended
        self._settled = asyncio.Event()
        self._recounts = Recounts(store, log=log, tasks=tasks, retry=retry, told=self.counted)
        self._head = 0
        self._head_id: str = ""
        self._heard = 0
        self._doubted = False
        self._asked = 0
        self._outbox: deque[bytes] = deque()
        self._flush_due = False
        self._resyncing = False
        self._members: dict[str, set[Member]] = {}
        self._live: dict[Member, Callable[[bytes], None]] = {}
        self._ahead: set[Member] = set()

    # Members.

    def sockets(self, uid: str) -> int:
        """How many members an admin has."""
        return len(self._members.get(uid, ()))

    def join(self, member: Member) -> None:
        """Take a member in. Its admin's counts reach it from now on, its events from `attach` on."""
        self._members.setdefault(member.uid, set()).add(member)

    def leave(self, member: Member) -> None:
        """Send a member nothing any more. Harmless when repeated. The channel ends with its last member."""
        if member.gone:
            return
        member.stage = Stage.GONE
        member.drain()
        self._live.pop(member, None)
        self._ahead.discard(member)
        mine = self._members[member.uid]
        mine.discard(member)
        if not mine:
            del self._members[member.uid]
        if not self._members:
            self._end()

    def delivered(self, member: Member) -> int:
        """The offset up to which a member has been given its events."""
        return self.sent if member.stage is Stage.LIVE else member.behind

    def compare(self, top: Position) -> bool:
        """Whether `top` is of the log that is being followed; if not, the members are closed."""
        same = top.epoch == self.epoch and (top.offset != self._head or top.event_id == self._head_id)
        if not same:
            self._diverge()
        return same

    def attach(self, member: Member, top: Position, start: Position) -> None:
        """Send a member the events after `start`, then the live ones.

        Args:
            member: one that is opening; ignored when it has gone.
            top: of the reading that its client was told; compared first.
            start: up to which the client has its events.
        """
        if member.stage is not Stage.OPENING or not self.compare(top):
            return
        member.behind, member.behind_id = start.offset, start.event_id
        if member.held is not None:
            member.outlet.write(member.held)
            member.held = None
        self.place(member)

    def place(self, member: Member) -> None:
        """Find out what a member is to be sent next, and see to it. It may not be LIVE already."""
        if member.behind > self.sent:
            member.stage = Stage.AHEAD
            self._ahead.add(member)
            if member.behind > self._head:
                self.hear_of(member.behind)
        elif member.behind == self._head and member.behind_id != self._head_id:
            self._send_away(member)
        elif member.behind == self.sent and not member.choked:
            member.stage = Stage.LIVE
            self._live[member] = member.outlet.live()
        else:
            member.stage = Stage.REPLAYING
            self._tasks.spawn(self._replays.run(self, member))

    def choke(self, member: Member) -> None:
        """A member's buffer is full: its replay pauses; a live one is too slow."""
        member.choked = True
        if member.stage is Stage.LIVE:
            member.outlet.close(CloseCode.TOO_SLOW, "too slow")

    # What the bus says.

    def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
        """See `Subscriber.published`."""
        if not entries or self.phase is Phase.CLOSED:
            return
        if self.phase is Phase.OPENING:
            self._heard = max(self._heard, entries[-1].offset)
        elif epoch != self.epoch or not self._may_be_repeated(entries):
            self.doubt()
        elif not self._accept(entries):
            self.hear_of(entries[-1].offset)

    def counted(self, store: str, admin: str, counted: Counted) -> None:
        """See `Subscriber.counted`."""
        members = self._members.get(admin)
        if members is None:
            return
        frame = message_frame(Unread(count=counted.count, seen=counted.seen, as_of=counted.as_of))
        for member in tuple(members):
            if member.stage is Stage.OPENING:
                member.held = frame
            else:
                member.outlet.write(frame)

    def recount(self, store: str) -> None:
        """See `Subscriber.recount`."""
        self._recounts.add(self._members)

    def missed(self, store: str) -> None:
        """See `Subscriber.missed`."""
        self.doubt()
        self.recount(store)

    # Following the log.

    async def open(self, bus: Bus) -> None:
        """Subscribe, then start at the top of the log. Members wait for it in `opened`."""
        await bus.subscribe(self.store, self)
        try:
            top = await self._log.position(self.store)
        except LogUnavailable:
            self._end()
        else:
            self._follow(top)
        if self.phase is Phase.CLOSED:
            await bus.unsubscribe(self.store, self)

    async def opened(self) -> None:
        """Return when the store is followed: what happens in it from now on reaches the members.

        Raises:
            LogUnavailable: it cannot be, since the log cannot be read.
        """
        await self._settled.wait()
        if self.phase is Phase.CLOSED:
            raise LogUnavailable(self.store)

    def _follow(self, top: Position) -> None:
        if self.phase is not Phase.OPENING:
            return
        self.phase = Phase.FOLLOWING
        self.epoch = top.epoch
        self._head = self.sent = top.offset
        self._head_id = top.event_id
        self._settled.set()
        if self._heard > self._head:
            self.hear_of(self._heard)

    def hear_of(self, offset: int) -> None:
        """The log has an event that the bus did not bring in turn: read up to it."""
        self._heard = max(self._heard, offset)
        self._asked += 1
        self._start_resync()

    def doubt(self) -> None:
        """The log may be another one: find out."""
        self._doubted = True
        self._asked += 1
        self._start_resync()

    def _may_be_repeated(self, entries: tuple[Entry, ...]) -> bool:
        """Whether what lies before the head is known to be what it was; a log set back would give it anew."""
        if entries[0].offset > self._head:
            return True
        return any(entry.offset == self._head and entry.event_id == self._head_id for entry in entries)

    def _accept(self, entries: tuple[Entry, ...]) -> bool:
        """Take what continues the channel, and skip what it has; False when something does not continue it."""
        for entry in entries:
            if entry.offset < self._head or (entry.offset == self._head and entry.event_id == self._head_id):
                continue
            if entry.offset != self._head + 1 or entry.previous != self._head_id:
                return False
            self._head, self._head_id = entry.offset, entry.event_id
            self._outbox.append(entry_frame(entry))
            self._flush_soon()
        return True

    def _flush_soon(self) -> None:
        if self._outbox and not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        frames: list[bytes] = []
        size = 0
        while self._outbox and size < WRITE_BYTES:
            frames.append(self._outbox.popleft())
            size += len(frames[-1])
        data = frames[0] if len(frames) == 1 else b"".join(frames)
        self.sent += len(frames)
        live = tuple(self._live.values())
        for write in live:
            write(data)
        self._count_delivered(len(frames) * len(live))
        for member in tuple(self._ahead):
            if member.behind <= self.sent:
                self._ahead.discard(member)
                self.place(member)
        self._flush_soon()

    def _start_resync(self) -> None:
        if not self._resyncing and self.phase is Phase.FOLLOWING:
            self._resyncing = True
            self._tasks.spawn(self._resync())

    async def _resync(self) -> None:
        try:
            while self.phase is Phase.FOLLOWING and (self._doubted or self._heard > self._head):
                try:
                    await self._read_on()
                except LogUnavailable:
                    await asyncio.sleep(self._retry)
        except LogDiverged:
            self._diverge()
        finally:
            self._resyncing = False

    async def _read_on(self) -> None:
        """Read one page of the log; at its top, see that it is the log that was followed.

        Raises:
            LogDiverged: it is not.
        """
        head, head_id, asked = self._head, self._head_id, self._asked
        page = await self._log.entries(self.store, self.epoch, head, PAGE)
        if self.phase is not Phase.FOLLOWING:
            return
        if page:
            # What came through the bus meanwhile is skipped; what does not continue the channel is another log's.
            if not self._accept(page):
                raise LogDiverged(self.store)
            return
        top = await self._log.position(self.store)
        if top.epoch != self.epoch or top.offset < head or (top.offset == head and top.event_id != head_id):
            raise LogDiverged(self.store)
        if top.offset == head and self._asked == asked:
            # Nothing is missing: what was heard of, before this was read, was never in this log.
            self._doubted = False
            self._heard = self._head
            for member in tuple(self._ahead):
                if member.behind > self._head:
                    self._send_away(member)

    def _send_away(self, member: Member) -> None:
        """Close a member whose reading was of another log than the one that is followed."""
        member.outlet.close(CloseCode.SERVICE_RESTART, REPLACED)

    def _diverge(self) -> None:
        """Close every member: what they were sent is not of the log that there is now."""
        _logger.warning("log_diverged", store=self.store, epoch=self.epoch, offset=self._head)
        for members in tuple(self._members.values()):
            for member in tuple(members):
                self._send_away(member)
        self._end()

    def _end(self) -> None:
        if self.phase is Phase.CLOSED:
            return
        self.phase = Phase.CLOSED
        self._settled.set()
        self._outbox.clear()
        self._recounts.clear()
        self._ended(self)
