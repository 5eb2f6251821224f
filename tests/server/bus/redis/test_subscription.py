"""What came in together reaches every subscriber of the store, in order."""

import pytest
import structlog

from salebell_server.bus.redis.hearing import Mark
from salebell_server.bus.redis.subscription import Message, Subscription
from salebell_server.log import Counted, Entry
from salebell_server.log.redis.wire import Looked, Published, Recount
from tests.server.bus.listener import Listener


def event(offset: int, *, change: int | None = None, epoch: str = "e", previous: str | None = None) -> Published:
    known = f"id{offset - 1}" if previous is None else previous
    return Published(epoch, offset if change is None else change, Entry(offset, f"id{offset}", known, b"{}"))


def told(*messages: Published) -> tuple[object, ...]:
    return ("published", "main", messages[0].epoch, tuple(message.entry for message in messages))


@pytest.fixture
def subscription() -> Subscription:
    made = Subscription("main", b"channel")
    made.begin(Mark("e", 0))
    return made


def listening(subscription: Subscription) -> Listener:
    listener = Listener()
    subscription.add(listener)
    return listener


async def test_events_that_follow_each_other_are_told_as_one(subscription: Subscription) -> None:
    listener = listening(subscription)
    events = [event(offset) for offset in range(1, 4)]
    assert not subscription.bring(events)
    assert listener.heard == [told(*events)]


async def test_counts_and_recounts_keep_their_place_between_events(subscription: Subscription) -> None:
    first, second = listening(subscription), listening(subscription)
    counted = Counted(1, 2, 3)
    messages: list[Message] = [
        event(1),
        event(2),
        Looked("e", 3, "ana", counted),
        event(3, change=4),
        Recount("e", 5),
        event(4, change=6),
    ]
    assert not subscription.bring(messages)
    assert first.heard == second.heard
    assert first.heard == [
        told(event(1), event(2)),
        ("counted", "main", "ana", counted),
        told(event(3)),
        ("recount", "main"),
        told(event(4)),
    ]


@pytest.mark.parametrize("other", [event(3, change=2), event(2, previous="another")])
async def test_events_that_do_not_follow_each_other_are_told_apart(
    subscription: Subscription, other: Published
) -> None:
    listener = listening(subscription)
    assert not subscription.bring([event(1), other])
    assert listener.heard == [told(event(1)), told(other)]


async def test_a_gap_is_told_where_it_is(subscription: Subscription) -> None:
    listener = listening(subscription)
    assert subscription.bring([event(1), event(3), event(4)])
    assert listener.heard == [told(event(1)), ("missed", "main"), told(event(3), event(4))]


async def test_whoever_listened_before_a_connection_was_lost_is_told_and_newcomers_are_not(
    subscription: Subscription,
) -> None:
    before = listening(subscription)
    subscription.lost()
    newcomer = Listener()
    seat = subscription.add(newcomer)
    assert not seat.taken.done()
    subscription.begin(Mark("e", 7))
    assert seat.taken.done()
    assert (before.heard, newcomer.heard) == ([("missed", "main")], [])


async def test_one_that_raises_keeps_nobody_from_anything(subscription: Subscription) -> None:
    class Faulty(Listener):
        def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
            raise RuntimeError("faulty")

        def missed(self, store: str) -> None:
            raise RuntimeError("faulty")

    subscription.add(Faulty())
    listener = listening(subscription)
    with structlog.testing.capture_logs() as logs:
        subscription.bring([event(1), event(3)])
    assert listener.heard == [told(event(1)), ("missed", "main"), told(event(3))]
    assert [entry["event"] for entry in logs] == ["subscriber_failed"] * 3


async def test_subscribers_may_come_and_go_while_something_is_told(subscription: Subscription) -> None:
    newcomer = Listener()

    class Restless(Listener):
        def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
            super().published(store, epoch, entries)
            subscription.remove(self)
            subscription.add(newcomer)

    restless = Restless()
    subscription.add(restless)
    stays = listening(subscription)
    subscription.bring([event(1), Recount("e", 2)])
    assert restless.heard == [told(event(1))]
    assert stays.heard == [told(event(1)), ("recount", "main")]
    assert newcomer.heard == [("recount", "main")]
