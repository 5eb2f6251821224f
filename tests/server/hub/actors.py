"""Connections that remember what they were sent, and what a client makes of it."""

import asyncio
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from typing import Any, NamedTuple

import msgspec

from salebell_protocol.codec import decode_server
from salebell_protocol.events import Position
from salebell_protocol.messages import Recovery, ServerMessage, Unread
from salebell_server.auth import Verdict
from salebell_server.hub.channel import Channel
from salebell_server.hub.hub import Hub
from salebell_server.hub.member import Member, Stage
from salebell_server.log import (
    LogUnavailable,
    SaleLog,
)
from tests.server.hub.stage import STORE, StagedLog


class Phase(Enum):
    """Where a client stands, as the gateway's sessions do."""

    OPENING = auto()
    OPEN = auto()
    RENEWING = auto()
    DEFERRED = auto()
    REOPENING = auto()


class Started(NamedTuple):
    """An `auth_success` with a position: the client has its events up to `start`."""

    recovery: Recovery
    start: Position


class WasDeferred(NamedTuple):
    """An `auth_success` without."""


class Client:
    """A connection as the hub sees it, on a transport that the test can stall."""

    def __init__(self, uid: str = "u1", *, quiet_room: int = 600, live_room: int = 6000) -> None:
        self.uid = uid
        self.place: tuple[Channel, Member] | None = None
        self.received = b""
        self.writes: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.failed = False
        self.overrun = False
        self.story: list[Started | WasDeferred | bytes] = []
        self.phase = Phase.OPENING
        self.asks: set[asyncio.Task[None]] = set()
        self._epoch = ""
        self._resume: Position | None = None
        self._waiting = 0
        self._stalled = False
        self._choked = False
        self._room = self._quiet_room = quiet_room
        self._live_room = live_room

    # As the gateway and its sessions do it.

    async def open(self, hub: Hub, log: SaleLog, resume: Position | None = None) -> None:
        self.place = hub.join(self, STORE, self.uid)
        self._hub, self._log, self._resume = hub, log, resume
        await self._ask()

    async def _ask(self) -> None:
        assert self.place is not None
        channel, member = self.place
        try:
            await channel.opened()
            reading = await self._log.open(STORE, self.uid, self._resume)
        except LogUnavailable:
            self._not_read()
            return
        complete = self._resume is not None and reading.recovery is Recovery.COMPLETE
        start = self._resume if self._resume is not None and complete else reading.position
        self.phase, self._epoch, self._resume = Phase.OPEN, reading.position.epoch, None
        self.story.append(Started(reading.recovery, start))
        channel.attach(member, reading.position, start)

    def _not_read(self) -> None:
        assert self.place is not None
        channel, member = self.place
        if not self._hub.defers:
            self.failed = True
            self.close(1012, "log failed")
            return
        channel.suspend(member)
        if self.phase is Phase.RENEWING:
            self._resume = Position(self._epoch, member.behind, member.behind_id)
        if self.phase is not Phase.REOPENING:
            self.story.append(WasDeferred())
        self.phase = Phase.DEFERRED
        channel.postpone(member)

    async def _reopen(self) -> None:
        assert self.place is not None
        async with self._hub.reopenings:
            self.place[0].reopen(self.place[1])
            await self._ask()

    async def _reread(self) -> None:
        assert self.place is not None
        channel, member = self.place
        try:
            reading = await self._log.open(STORE, self.uid, None)
        except LogUnavailable:
            self._not_read()
            return
        if member.stage is Stage.AWAY:
            self._not_read()
        elif channel.compare(reading.position):
            self.phase = Phase.OPEN

    def renew(self) -> None:
        if self.phase is Phase.OPEN:
            self.phase = Phase.RENEWING
            self._pursue(self._reread())

    def _pursue(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.asks.add(task)

    def disconnect(self) -> None:
        self.close(1000, "")

    # The outlet.

    def write(self, frames: bytes) -> None:
        assert self.closed is None, "written after the close"
        # A count may come at any time; events wait until there is room.
        self.overrun = self.overrun or (self._choked and b'"type":"event"' in frames)
        self.writes.append(frames)
        self.story.append(frames)
        self.received += frames
        if self._stalled:
            self._waiting += len(frames)
            self._check_room()

    def live(self) -> Callable[[bytes], None]:
        assert not self._choked
        self._room = self._live_room
        return self.write

    def paced(self) -> None:
        self._room = self._quiet_room
        self._check_room()

    def deferred(self, offset: int, event_id: str) -> None:
        if self.phase is Phase.OPEN and self.place is not None:
            self.phase = Phase.DEFERRED
            self._resume = Position(self._epoch, offset, event_id)
            self.story.append(WasDeferred())
            self.place[0].postpone(self.place[1])

    def restored(self) -> None:
        if self.phase is Phase.DEFERRED:
            self.phase = Phase.REOPENING
            self._pursue(self._reopen())

    def close(self, code: int, reason: str) -> None:
        if self.closed is None:
            self.closed = code, reason
            if self.place:
                self.place[0].leave(self.place[1])
            for task in self.asks:
                task.cancel()

    def judged(self, verdict: Verdict) -> None:
        raise AssertionError("nobody is judged here")

    # The transport.

    def stall(self) -> None:
        self._stalled = True

    def flow(self) -> None:
        self._stalled, self._waiting = False, 0
        if self._choked:
            self._choked = False
            if self.place:
                self.place[1].drain()

    def _check_room(self) -> None:
        if self._waiting > self._room and not self._choked and self.place:
            self._choked = True
            self.place[0].choke(self.place[1])

    # What the test looks at.

    @property
    def stage(self) -> Stage:
        assert self.place is not None
        return self.place[1].stage

    @property
    def delivered(self) -> int:
        assert self.place is not None
        return self.place[0].delivered(self.place[1])

    @property
    def start(self) -> Position:
        """What it started from, first."""
        return next((each.start for each in self.story if isinstance(each, Started)), Position("none", 0, ""))

    def told(self) -> "Told":
        """What its client knows by what it was sent; every message must follow from those before."""
        told = Told()
        for each in self.story:
            match each:
                case Started():
                    told.started(each)
                case WasDeferred():
                    told.deferred()
                case bytes():
                    for payload in payloads(each):
                        message = msgspec.json.decode(payload)
                        if message["type"] == "event":
                            told.event(message["event"])
        return told

    def messages(self) -> list[ServerMessage]:
        return [decode_server(payload) for payload in payloads(self.received)]

    def events(self) -> list[str]:
        """The ids of the events that it was sent."""
        found: list[str] = []
        for payload in payloads(self.received):
            message: dict[str, Any] = msgspec.json.decode(payload)
            if message["type"] == "event":
                found.append(message["event"]["id"])
        return found

    def counts(self) -> list[Unread]:
        return [message for message in self.messages() if isinstance(message, Unread)]


class Told:
    """A client: its position, and what it was shown."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.away = False
        self.provisional: list[int] = []
        """The numbers of the waiting events that it was shown since the log went away."""

    def started(self, started: Started) -> None:
        if started.recovery is Recovery.COMPLETE and self.position is not None:
            assert started.start == self.position, "brought on from elsewhere than where it was"
        self.position = started.start
        self.away = False
        self.provisional.clear()

    def deferred(self) -> None:
        assert not self.away, "told twice"
        self.away = True

    def event(self, event: dict[str, Any]) -> None:
        if "offset" not in event:
            number = int(event["id"].removeprefix("w:"))
            assert self.away, "provisional, and the log is there"
            assert number > max(self.provisional, default=0), "provisional twice, or out of order"
            self.provisional.append(number)
            return
        assert not self.away, "of a log that is away"
        assert self.position is not None
        assert event["offset"] == self.position.offset + 1, "a gap, or twice"
        assert event["previous"] == self.position.event_id, "of another log"
        self.position = Position(self.position.epoch, event["offset"], event["id"])


def payloads(received: bytes) -> list[bytes]:
    """The payloads of a server's text frames."""
    found: list[bytes] = []
    at = 0
    while at < len(received):
        assert received[at] == 0x81
        length, at = received[at + 1], at + 2
        if length == 126:
            length, at = int.from_bytes(received[at : at + 2], "big"), at + 2
        elif length == 127:
            length, at = int.from_bytes(received[at : at + 8], "big"), at + 8
        found.append(received[at : at + length])
        at += length
    return found


async def opened(hub: Hub, log: StagedLog, uid: str = "u1", resume: Position | None = None, room: int = 600) -> Client:
    """A client that has joined the store."""
    client = Client(uid, quiet_room=room)
    await client.open(hub, log, resume)
    return client
