"""No event lost, doubled or out of order, whatever comes when: publications, readings, stalls, failures, another log.

Hypothesis plays a log and a bus whose every answer comes when it pleases, or not at all, against connections that
come, stall, resume and go. At the end everything is answered, one more event is published, and every connection that
was not told to go must have exactly the events after its start.

The log may also go away and come back, perhaps as another one, with events that come to wait for it meanwhile. Then
each connection is shown what waits once and in order, and is brought on from exactly where it was.
"""

import asyncio
import itertools
from collections.abc import Callable
from typing import Literal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from salebell_protocol.events import Position
from salebell_protocol.messages import Recovery
from salebell_server.hub.hub import Hub
from salebell_server.hub.member import Stage
from salebell_server.log import Entry
from tests.server.hub.actors import Client, Phase, Started
from tests.server.hub.stage import StagedBus, StagedLog, StagedPending, settle

Step = tuple[str, int]

STEPS = [
    "append", "append", "bring", "bring", "bring", "bring again", "drop", "connect", "connect", "resume", "look",
    "answer", "answer", "answer", "fail", "stall", "flow", "leave", "restore", "replace",
]  # fmt: skip
SAME_LOG = [step for step in STEPS if step not in ("restore", "replace")]
DEFERRALS = [
    *STEPS, "answer all", "answer all", "answer all", "away", "away", "down", "keep", "keep", "keep quietly",
    "drain", "back", "back", "miss", "renew", "sweep",
]  # fmt: skip
TWO_ARE_THERE: list[Step] = [("append", 3), ("connect", 0), ("resume", 0), *[("answer all", 0)] * 3]
LOSSLESS = [step for step in STEPS if step not in ("bring again", "drop", "restore", "replace")]


def steps_of(names: list[str], at_least: int = 0) -> st.SearchStrategy[list[Step]]:
    return st.lists(st.tuples(st.sampled_from(names), st.integers(0, 7)), min_size=at_least, max_size=60)


class Play:
    """One run: performs the steps, and checks after each what must hold at any time."""

    def __init__(self, *, defers: bool = False) -> None:
        self.log = StagedLog()
        self.bus = StagedBus()
        self.pending = StagedPending()
        self.pending.reads = self.log.reads
        self.hub = Hub(log=self.log, bus=self.bus, pending=self.pending if defers else None, retry=0)
        self.news: list[tuple[str, tuple[Entry, ...]]] = []
        self.old: list[tuple[str, tuple[Entry, ...]]] = []
        self.clients: list[Client] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def perform(self, name: str, n: int) -> None:
        match name:
            case "append":
                self.news.append((self.log.epoch, self.log.add(1 + n % 4)))
            case "bring":
                # In order within a store, when the bus loses nothing: the oldest first.
                if self.news:
                    self.old.append(self.news.pop(0))
                    self.bus.bring(*self.old[-1])
            case "bring again":
                if self.old:
                    self.bus.bring(*self.old[n % len(self.old)])
            case "drop":
                if self.news:
                    self.old.append(self.news.pop(n % len(self.news)))
            case "connect":
                self.connect(None)
            case "resume":
                offset = n * len(self.log.events) // 7
                event_id = self.log.events[offset - 1].event_id if offset else ""
                self.connect(Position(self.log.epoch, offset, event_id))
            case "look" | "answer" | "fail":
                self.read(name, n)
            case "answer all":
                for _ in range(len(self.log.reads)):
                    self.log.reads.pop(0).answer()
            case "stall" | "flow" | "leave" | "renew":
                self.disturb(name, n)
            case "down":
                self.log.away = self.bus.away = True
            case "away":
                self.log.away = self.bus.away = True
                self.hub.defer()
            case "keep" | "keep quietly":
                self.keep(n, announced=name == "keep")
            case "drain":
                self.drain()
            case "back":
                self.back()
            case "miss":
                self.bus.miss()
            case "sweep":
                self.hub.sweep()
            case "restore" | "replace":
                self.log.replace(n * len(self.log.events) // 7, new_epoch=name == "replace")
                self.news.clear()
            case _:
                raise AssertionError(name)
        await settle()
        self.check()

    def connect(self, resume: Position | None) -> None:
        client = Client(f"u{len(self.clients) % 3}")
        self.clients.append(client)
        self.tasks.append(asyncio.create_task(client.open(self.hub, self.log, resume)))

    def read(self, name: Literal["look", "answer", "fail"], n: int) -> None:
        if not self.log.reads:
            return
        index = n % len(self.log.reads)
        if name == "look":
            self.log.reads[index].look()
        elif name == "answer":
            self.log.reads.pop(index).answer()
        else:
            self.log.reads.pop(index).fail()

    def keep(self, n: int, *, announced: bool) -> None:
        for waiting in reversed(self.pending.keep(1 + n % 4)):
            if announced:
                self.hub.announce("main", waiting)

    def back(self) -> None:
        """The log can be asked again, has everything that waited, and the bus has lost some of that."""
        self.log.away = self.bus.away = False
        self.drain()
        self.hub.restore()

    def drain(self) -> None:
        if self.pending.kept:
            self.news.append((self.log.epoch, self.pending.drain(self.log)))

    def disturb(self, name: Literal["stall", "flow", "leave", "renew"], n: int) -> None:
        if not self.clients:
            return
        client = self.clients[n % len(self.clients)]
        if name == "stall":
            client.stall()
        elif name == "flow":
            client.flow()
        elif name == "renew":
            client.renew()
        elif client.place is not None:
            client.disconnect()

    def check(self) -> None:
        for client in self.clients:
            assert not client.overrun
            told = client.told()
            if client.place is not None and client.stage in (Stage.LIVE, Stage.REPLAYING, Stage.AHEAD):
                assert told.position is not None
                assert client.delivered == told.position.offset
                assert not told.away

    async def finish(self, *, one_more: bool) -> None:
        """Everything is answered and brought, after one more event that shows what the bus has lost."""
        self.back()
        if one_more:
            self.news.append((self.log.epoch, self.log.add()))
        await self.answer_until(self.settled)

    async def finish_away(self) -> None:
        """The log goes away for good, and everything else is answered."""
        self.log.away = self.bus.away = True
        self.hub.defer()
        self.keep(0, announced=True)
        await self.answer_until(self.all_shown)

    async def answer_until(self, condition: Callable[[], bool]) -> None:
        for _ in range(400):
            while self.log.reads:
                self.log.reads.pop(0).answer()
            while self.news:
                self.bus.bring(*self.news.pop(0))
            for client in self.clients:
                client.flow()
            self.hub.sweep()
            await settle()
            if not self.log.reads and condition():
                break
        self.check()
        assert condition(), [(client.stage, client.phase, client.story) for client in self.open_clients()]

    def open_clients(self) -> list[Client]:
        return [client for client in self.clients if client.closed is None]

    def settled(self) -> bool:
        return all(
            client.stage is Stage.LIVE and client.told().position == self.log.top for client in self.open_clients()
        )

    def all_shown(self) -> bool:
        numbers = {waiting.number for waiting in self.pending.kept}
        return all(
            client.phase is Phase.DEFERRED and numbers <= {*client.told().provisional} for client in self.open_clients()
        )

    async def end(self) -> None:
        for client in self.open_clients():
            client.disconnect()
        for task in self.tasks:
            task.cancel()
        asks = [ask for client in self.clients for ask in client.asks]
        for outcome in await asyncio.gather(*self.tasks, *asks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
        await settle()
        assert self.bus.subscribers == [], "nobody is here, and still subscribed"
        assert self.hub.deferred == 0, "nobody is here, and still to be told"
        await self.hub.close()


async def play(steps: list[Step], *, one_more: bool, defers: bool = False) -> Play:
    run = Play(defers=defers)
    for name, n in steps:
        await run.perform(name, n)
    await run.finish(one_more=one_more)
    survivors = {id(client): client.closed for client in run.clients}
    await run.end()
    for client in run.clients:
        client.closed = survivors[id(client)]
    return run


async def play_away(steps: list[Step]) -> None:
    run = Play(defers=True)
    for name, n in steps:
        await run.perform(name, n)
    await run.finish_away()
    await run.end()


@settings(max_examples=400, deadline=None)
@given(steps_of(STEPS))
@example([("append", 3), ("connect", 0), ("look", 0), ("append", 0), ("answer", 0), ("answer", 0), ("drop", 0)])
@example([("connect", 0), ("answer", 0), ("look", 0), ("append", 0), ("bring", 0), ("answer", 0)])
@example([("append", 7), ("connect", 0), ("answer", 0), ("answer", 0), ("restore", 3), ("append", 3), ("bring", 0)])
@example([("connect", 0), ("answer", 0), ("answer", 0), ("append", 1), ("bring", 0), ("restore", 0)])
@example([("connect", 0), ("answer", 0), ("append", 1), ("look", 0), ("restore", 0)])
@example([("connect", 0), ("answer", 0), ("append", 0), ("look", 0), ("restore", 0)])
def test_whatever_the_bus_and_the_log_do(steps: list[Step]) -> None:
    asyncio.run(play(steps, one_more=True))


@settings(max_examples=200, deadline=None)
@given(steps_of(LOSSLESS))
@example([("connect", 0), ("look", 0), ("append", 0), ("bring", 0), ("answer", 0), ("answer", 0)])
def test_a_bus_that_loses_nothing_is_enough_and_nobody_is_sent_away(steps: list[Step]) -> None:
    run = asyncio.run(play(steps, one_more=False))
    told_to_go = [client.closed for client in run.clients if client.closed and not client.failed]
    assert {code for code, _ in told_to_go} <= {1000, 4413}


@settings(max_examples=200, deadline=None)
@given(steps_of(SAME_LOG))
def test_a_bus_that_loses_and_repeats_sends_nobody_away(steps: list[Step]) -> None:
    run = asyncio.run(play(steps, one_more=True))
    told_to_go = [client.closed for client in run.clients if client.closed and not client.failed]
    assert {code for code, _ in told_to_go} <= {1000, 4413}


@settings(max_examples=600, deadline=None)
@given(steps_of(DEFERRALS, 20))
def test_whatever_a_log_does_that_goes_away_and_comes_back(steps: list[Step]) -> None:
    run = asyncio.run(play(TWO_ARE_THERE + steps, one_more=True, defers=True))
    assert not any(client.failed for client in run.clients)


@settings(max_examples=300, deadline=None)
@given(steps_of([step for step in DEFERRALS if step not in ("restore", "replace")], 20))
def test_a_log_that_goes_away_and_comes_back_the_same_closes_nobody(steps: list[Step]) -> None:
    run = asyncio.run(play(TWO_ARE_THERE + steps, one_more=True, defers=True))
    assert {client.closed[0] for client in run.clients if client.closed} <= {1000, 4413}
    starts = [each for client in run.clients for each in client.story if isinstance(each, Started)]
    assert Recovery.RESET not in {start.recovery for start in starts}


@settings(max_examples=300, deadline=None)
@given(steps_of(DEFERRALS, 20))
def test_while_the_log_is_away_everybody_is_shown_all_that_waits(steps: list[Step]) -> None:
    asyncio.run(play_away(TWO_ARE_THERE + steps))


def test_every_order_of_a_reading_and_two_publications() -> None:
    """Small enough to try them all: a connection opens while two events happen."""
    actions = ["append", "append", "bring", "bring", "look", "answer", "answer"]
    for order in set(itertools.permutations(actions)):
        asyncio.run(play([("connect", 0), *((name, 0) for name in order)], one_more=False))
