"""No event lost, doubled or out of order, whatever comes when: publications, readings, stalls, failures, another log.

Hypothesis plays a log and a bus whose every answer comes when it pleases, or not at all, against connections that
come, stall, resume and go. At the end everything is answered, one more event is published, and every connection that
was not told to go must have exactly the events after its start.
"""

import asyncio
import itertools
from typing import Literal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from salebell_protocol.events import Position
from salebell_server.hub.hub import Hub
from salebell_server.hub.member import Stage
from salebell_server.log import Entry
from tests.server.hub.stage import Client, StagedBus, StagedLog, settle

Step = tuple[str, int]

STEPS = [
    "append", "append", "bring", "bring", "bring", "bring again", "drop", "connect", "connect", "resume", "look",
    "answer", "answer", "answer", "fail", "stall", "flow", "leave", "restore", "replace",
]  # fmt: skip
SAME_LOG = [step for step in STEPS if step not in ("restore", "replace")]
LOSSLESS = [step for step in STEPS if step not in ("bring again", "drop", "restore", "replace")]


def steps_of(names: list[str]) -> st.SearchStrategy[list[Step]]:
    return st.lists(st.tuples(st.sampled_from(names), st.integers(0, 7)), max_size=60)


class Play:
    """One run: performs the steps, and checks after each what must hold at any time."""

    def __init__(self) -> None:
        self.log = StagedLog()
        self.bus = StagedBus()
        self.hub = Hub(log=self.log, bus=self.bus, retry=0)
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
            case "stall" | "flow" | "leave":
                self.disturb(name, n)
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

    def disturb(self, name: Literal["stall", "flow", "leave"], n: int) -> None:
        if not self.clients:
            return
        client = self.clients[n % len(self.clients)]
        if name == "stall":
            client.stall()
        elif name == "flow":
            client.flow()
        elif client.place is not None:
            client.disconnect()

    def check(self) -> None:
        for client in self.clients:
            ids = client.events()
            assert not client.overrun
            offsets = [int(each.partition(":")[2]) for each in ids]
            assert offsets == list(range(client.start + 1, client.start + 1 + len(ids)))
            if client.place is not None and client.stage is not Stage.GONE and client.stage is not Stage.OPENING:
                assert client.delivered == client.start + len(ids)

    async def finish(self, *, one_more: bool) -> None:
        """Everything is answered and brought, after one more event that shows what the bus has lost."""
        if one_more:
            self.news.append((self.log.epoch, self.log.add()))
        for client in self.clients:
            client.flow()
        for _ in range(400):
            while self.log.reads:
                self.log.reads.pop(0).answer()
            while self.news:
                self.bus.bring(*self.news.pop(0))
            for client in self.clients:
                client.flow()
            await settle()
            if not self.log.reads and self.settled():
                break
        self.check()
        assert self.settled(), [(client.stage, client.events(), client.start) for client in self.open_clients()]

    def open_clients(self) -> list[Client]:
        return [client for client in self.clients if client.closed is None]

    def settled(self) -> bool:
        ids = ["", *(entry.event_id for entry in self.log.events)]
        return all(
            client.stage is Stage.LIVE and [client.start_id, *client.events()] == ids[client.start :]
            for client in self.open_clients()
        )

    async def end(self) -> None:
        for client in self.open_clients():
            client.disconnect()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await settle()
        assert self.bus.subscribers == [], "nobody is here, and still subscribed"
        await self.hub.close()


async def play(steps: list[Step], *, one_more: bool) -> Play:
    run = Play()
    for name, n in steps:
        await run.perform(name, n)
    await run.finish(one_more=one_more)
    survivors = {id(client): client.closed for client in run.clients}
    await run.end()
    for client in run.clients:
        client.closed = survivors[id(client)]
    return run


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


def test_every_order_of_a_reading_and_two_publications() -> None:
    """Small enough to try them all: a connection opens while two events happen."""
    actions = ["append", "append", "bring", "bring", "look", "answer", "answer"]
    for order in set(itertools.permutations(actions)):
        asyncio.run(play([("connect", 0), *((name, 0) for name in order)], one_more=False))
