"""One store: the end of its log, and the connections that follow it.

A bus may lose, repeat or delay what happened, so that a publication is taken only when it continues the channel:
the next offset, and the last id as its `previous`. Anything else is read from the log. `head` is how far the channel
knows the log, `sent` how far its live members were sent it; what lies between waits in the outbox for the next turn
of the event loop, so that events which are ready together share one write.

A member is LIVE if and only if it was sent everything up to `sent`. Another one is REPLAYING what it lacks, or AHEAD
when its own reading of the log was newer than what the bus has told the channel. A log that turns out not to be the
one that was followed closes the members with 1012; they resume, and are told `reset`.

While the log is away nothing of it is sent: what is in the outbox is forgotten, so that each member has exactly what
lies up to its `behind`. Members are AWAY until their clients were told, then DEFERRED, and are sent what waits for the
log. When it is back, each is read for anew, as at its sign-in; the first to ask makes the channel follow again.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum, auto

import structlog

from salebell_protocol.close_codes import CloseCode
from salebell_protocol.events import Position
from salebell_protocol.messages import Unread
from salebell_server.hub.frames import entry_frame, message_frame
from salebell_server.hub.member import Member, Stage
from salebell_server.hub.provisional import Provisional
from salebell_server.hub.recount import Recounts
from salebell_server.hub.surroundings import Surroundings
from salebell_server.log import Counted, Entry, LogDiverged, LogUnavailable

WRITE_BYTES = 128 * 1024
"""What live members are sent in one turn of the event loop: a burst must not fill the buffers of those who keep up."""

PAGE = 500
"""Entries read at once when the channel itself lags behind."""

REPLACED = "the log was replaced"

_logger = structlog.get_logger(__name__)


class Phase(Enum):
    """Where a channel stands."""

    AWAY = auto()
    """Not followed: the log is away, or nobody has asked for it yet."""
    OPENING = auto()
    """Being subscribed; the top of the log is not known yet."""
    FOLLOWING = auto()
    CLOSED = auto()


class Channel:
    """The members of one store. Hears of the store from the bus: a `Subscriber`.

    Args:
        store: its name.
        around: what it shares with the others.
        ended: told when the channel is closed.

    Attributes:
        phase: changed by the channel only.
        epoch: of the log that is followed, or was.
        sent: the offset up to which the live members were sent everything.
    """

    def __init__(self, store: str, around: Surroundings, ended: Callable[["Channel"], None]) -> None:
        self.store = store
        self.phase = Phase.AWAY
        self.epoch = ""
        self.sent = 0
        self._sent_id = ""
        self._around = around
        self._ended = ended
        self._tasks = around.tasks
        self._provisional = Provisional(
            store,
            pending=around.pending,
            turns=around.pages,
            tasks=around.tasks,
            retry=around.retry,
            delivered=around.delivered,
        )
        self._recounts = Recounts(
            store, log=around.log, turns=around.recounts, tasks=around.tasks, retry=around.retry, told=self.counted
        )
        self._subscribed = False
        self._settled = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None
        self._resyncing: asyncio.Task[None] | None = None
        self._head = 0
        self._head_id: str = ""
        self._heard = 0
        self._doubted = False
        self._asked = 0
        self._outbox: deque[Entry] = deque()
        self._flush_due = False
        self._members: dict[str, set[Member]] = {}
        self._live: dict[Member, Callable[[bytes], None]] = {}
        self._ahead: set[Member] = set()

    # Members.

    def sockets(self, uid: str) -> int:
        """How many members an admin has."""
        return len(self._members.get(uid, ()))

    def join(self, member: Member) -> None:
        """Take a member in, to be attached or postponed."""
        self._members.setdefault(member.uid, set()).add(member)

    def leave(self, member: Member) -> None:
        """Send a member nothing any more. Harmless when repeated. The channel ends with its last member."""
        if member.gone:
            return
        if member.stage is Stage.DEFERRED:
            self._provisional.discard(member)
        self._around.deferral.discard(member)
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
        if member.stage is Stage.AWAY:
            # The log went away after the reading; the client is to hear so now.
            self._start(member, start)
            self._around.deferral.tell()
        elif member.stage is Stage.OPENING and self.compare(top):
            self._start(member, start)
            self.place(member)

    def _start(self, member: Member, start: Position) -> None:
        member.behind, member.behind_id = start.offset, start.event_id
        member.shown = 0
        if member.held is not None:
            member.outlet.write(member.held)
            member.held = None

    def suspend(self, member: Member) -> None:
        """Send a member nothing of the log, until it is attached anew; `behind` tells how far it came.

        Harmless when that is so. `postpone` or `reopen` is to follow; its connection is told until it does.
        """
        stage = member.stage
        if stage in (Stage.AWAY, Stage.DEFERRED, Stage.GONE):
            return
        member.stage = Stage.AWAY
        member.held = None
        member.stop()
        self._ahead.discard(member)
        self._around.deferral.add(member)
        if stage is Stage.LIVE:
            del self._live[member]
            member.behind, member.behind_id = self.sent, self._sent_id
            member.outlet.paced()

    def postpone(self, member: Member) -> None:
        """Its client was told that the log is away: send it what waits for the log. It is AWAY."""
        if member.stage is Stage.AWAY:
            member.stage = Stage.DEFERRED
            self._provisional.add(member)

    def reopen(self, member: Member) -> None:
        """The log is read for a member again, after it was away: as after `Hub.join`."""
        if member.stage is Stage.DEFERRED:
            self._provisional.discard(member)
            self._around.deferral.discard(member)
            member.stage = Stage.OPENING
        self.begin()

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
            member.pace = None
            self._live[member] = member.outlet.live()
        else:
            member.stage = Stage.REPLAYING
            member.pace = self._tasks.spawn(self._around.replays.run(self, member))

    def choke(self, member: Member) -> None:
        """A member's buffer is full: its replay pauses; a live one is too slow."""
        member.choked = True
        if member.stage is Stage.LIVE:
            member.outlet.close(CloseCode.TOO_SLOW, "too slow")

    # What the bus says.

    def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
        """See `Subscriber.published`."""
        if not entries or self.phase in (Phase.AWAY, Phase.CLOSED):
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
        if members is None or self.phase is not Phase.FOLLOWING:
            return  # Who is there while the log is not followed is told by a reading that comes later.
        frame = message_frame(Unread(count=counted.count, seen=counted.seen, as_of=counted.as_of))
        for member in tuple(members):
            if member.stage is Stage.OPENING:
                member.held = frame
            elif member.stage not in (Stage.AWAY, Stage.DEFERRED):
                member.outlet.write(frame)

    def recount(self, store: str) -> None:
        """See `Subscriber.recount`."""
        if self.phase is Phase.FOLLOWING:
            self._recounts.add(self._members)

    def missed(self, store: str) -> None:
        """See `Subscriber.missed`."""
        if self.phase in (Phase.OPENING, Phase.FOLLOWING):
            self.doubt()
        self.recount(store)

    # Following the log.

    def begin(self) -> None:
        """Follow the store from the top of its log on, unless it is followed, or the log is away."""
        if self.phase is Phase.AWAY and not self._around.deferral.away:
            self.phase = Phase.OPENING
            self._settled = asyncio.Event()
            self._heard = 0
            self._doubted = False
            self._opening = self._tasks.spawn(self._open())

    async def _open(self) -> None:
        """Subscribe, then start at the top of the log. Members wait for it in `opened`."""
        try:
            if not self._subscribed:
                await self._around.bus.subscribe(self.store, self)
                self._subscribed = True
            self._follow(await self._around.log.position(self.store))
        except LogUnavailable:
            self._not_opened()
        except Exception:
            self._not_opened()
            raise
        if self.phase is Phase.CLOSED:
            await self._around.bus.unsubscribe(self.store, self)

    def _not_opened(self) -> None:
        if self.phase is not Phase.OPENING:
            return
        if self._around.defers:
            self.defer()
        else:
            self._end()

    async def opened(self) -> None:
        """Return when the store is followed: what happens in it from now on reaches the members.

        Raises:
            LogUnavailable: it cannot be, since the log cannot be read.
        """
        if self.phase is Phase.OPENING:
            await self._settled.wait()
        if self.phase is not Phase.FOLLOWING:
            raise LogUnavailable(self.store)

    def defer(self) -> None:
        """The log is away: follow it no more. Harmless when that is so."""
        if self.phase not in (Phase.OPENING, Phase.FOLLOWING):
            return
        self.phase = Phase.AWAY
        self._settled.set()
        self._outbox.clear()
        self._recounts.clear()
        for task in (self._opening, self._resyncing):
            if task is not None:
                task.cancel()
        self._opening = self._resyncing = None
        self._provisional.restart()
        for members in self._members.values():
            for member in members:
                self.suspend(member)

    def announced(self) -> None:
        """An event has come to wait for the log."""
        self._provisional.look()

    def _follow(self, top: Position) -> None:
        if self.phase is not Phase.OPENING:
            return
        self.phase = Phase.FOLLOWING
        self.epoch = top.epoch
        self._head = self.sent = top.offset
        self._head_id = self._sent_id = top.event_id
        self._settled.set()
        self._start_resync()

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
            self._outbox.append(entry)
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
            entry = self._outbox.popleft()
            self.sent, self._sent_id = entry.offset, entry.event_id
            frames.append(entry_frame(entry))
            size += len(frames[-1])
        data = frames[0] if len(frames) == 1 else b"".join(frames)
        live = tuple(self._live.values())
        for write in live:
            write(data)
        self._around.delivered(len(frames) * len(live))
        for member in tuple(self._ahead):
            if member.behind <= self.sent:
                self._ahead.discard(member)
                self.place(member)
        self._flush_soon()

    def _start_resync(self) -> None:
        running = self._resyncing is not None and not self._resyncing.done()
        if not running and self._lacks_something():
            self._resyncing = self._tasks.spawn(self._resync())

    def _lacks_something(self) -> bool:
        return self.phase is Phase.FOLLOWING and (self._doubted or self._heard > self._head)

    async def _resync(self) -> None:
        try:
            while self._lacks_something():
                try:
                    async with self._around.resyncs:
                        await self._read_on()
                except LogUnavailable:
                    await asyncio.sleep(self._around.retry)
        except LogDiverged:
            self._diverge()

    async def _read_on(self) -> None:
        """Read one page of the log; at its top, see that it is the log that was followed.

        Raises:
            LogDiverged: it is not.
        """
        head, head_id, asked = self._head, self._head_id, self._asked
        page = await self._around.log.entries(self.store, self.epoch, head, PAGE)
        if self.phase is not Phase.FOLLOWING:
            return
        if page:
            # What came through the bus meanwhile is skipped; what does not continue the channel is another log's.
            if not self._accept(page):
                raise LogDiverged(self.store)
            return
        top = await self._around.log.position(self.store)
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
