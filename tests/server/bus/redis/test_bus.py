"""What is published reaches the subscribers of the store, on every server, and what may be lost is told."""

import asyncio
import re

import pytest
import structlog

from salebell_server.bus.redis.bus import beat_channel
from salebell_server.log import Appended, Counted, Entry
from salebell_server.log.redis.sale_log import RedisSaleLog
from salebell_server.log.redis.wire import channel
from tests.proxy import Proxy
from tests.redis_server import RedisServer
from tests.server.bus.listener import Listener, eventually
from tests.server.bus.redis.conftest import Shop, stationed
from tests.server.log.shop import created
from tests.server.log.stand import Time


def entry(offset: int) -> Entry:
    return Entry(offset, f"id{offset}", f"id{offset - 1}" if offset > 1 else "", b"{}")


def subscribers(server: RedisServer, store: str = "main") -> int:
    """How many connections are subscribed to a store."""
    return int(server.command("PUBSUB", "NUMSUB", channel(0, store)).split(b"\r\n")[-2][1:])


def calls(server: RedisServer, command: str) -> int:
    """How often a command was carried out."""
    found = re.search(rb"cmdstat_%s:calls=(\d+)" % command.encode(), server.command("INFO", "commandstats"))
    return int(found[1]) if found else 0


async def test_every_subscriber_of_the_store_hears_everything_in_order(either: RedisServer) -> None:
    shop = Shop(either)
    async with stationed(either) as one, stationed(either, instance="b") as two:
        first, second, third = await one.listening(), await two.listening(), await two.listening()
        other = await two.listening("other")
        shop.sells()
        shop.counts()
        shop.recounts()
        shop.sells()
        await eventually(lambda: all(each.offsets == [1, 2] for each in (first, second, third)), "all came")
        assert first.heard == second.heard == third.heard
        assert first.heard == [
            ("published", "main", "e", (entry(1),)),
            ("counted", "main", "ana\nof two lines", Counted(4, 2, 1)),
            ("recount", "main"),
            ("published", "main", "e", (entry(2),)),
        ]
        assert other.heard == []


async def test_events_that_come_in_one_read_are_told_as_one(server: RedisServer) -> None:
    async with stationed(server) as station:
        listener = await station.listening()
        Shop(server).sells(20)
        await eventually(lambda: len(listener.offsets) == 20, "all came")
        assert listener.heard == [("published", "main", "e", tuple(entry(offset) for offset in range(1, 21)))]


async def test_what_the_log_publishes_is_heard_and_nothing_is_taken_for_lost(either: RedisServer) -> None:
    async with stationed(either, compare=0.05) as station, RedisSaleLog(either.address, Time().clock) as log:
        listener = await station.listening()
        outcomes = await asyncio.gather(*(log.append(created(f"s{number}")) for number in range(100)))
        assert all(isinstance(outcome, Appended) for outcome in outcomes)
        reading = await log.open("main", "ana", None)
        await log.see("main", "ana", reading.position.epoch, 100)
        await eventually(lambda: listener.heard[-1:] == [("counted", "main", "ana", Counted(0, 100, 100))], "all came")
        assert listener.offsets == list(range(1, 101))
        before = calls(either, "evalsha")
        await eventually(lambda: calls(either, "evalsha") > before + 5, "the counters are compared")
        assert listener.misses == 0


async def test_two_databases_of_one_server_do_not_hear_each_other(server: RedisServer) -> None:
    async with stationed(server) as here, stationed(server, db=1) as there:
        heard_here, heard_there = await here.listening(), await there.listening()
        Shop(server, db=1).sells()
        await eventually(lambda: heard_there.offsets == [1], "it came there")
        Shop(server).sells(2)
        await eventually(lambda: heard_here.offsets == [1, 2], "it came here")
        assert heard_there.offsets == [1]


async def test_who_unsubscribes_hears_no_more_and_others_still_do(server: RedisServer) -> None:
    shop = Shop(server)
    async with stationed(server) as station:
        gone, stays = await station.listening(), await station.listening()
        await station.bus.unsubscribe("main", gone)
        await station.bus.unsubscribe("main", gone)
        shop.sells()
        await eventually(lambda: stays.offsets == [1], "it came")
        await station.bus.unsubscribe("main", stays)
        await eventually(lambda: subscribers(server) == 0, "the store is not subscribed any more")
        shop.sells()
        again = await station.listening()
        shop.sells()
        await eventually(lambda: again.offsets == [3], "it came")
        assert (gone.heard, stays.offsets, again.misses) == ([], [1], 0)


async def test_subscribing_again_at_once_is_a_subscription(server: RedisServer) -> None:
    async with stationed(server) as station:
        for _ in range(20):
            listener = await station.listening()
            await station.bus.unsubscribe("main", listener)
        listener = await station.listening()
        await station.bus.unsubscribe("main", listener)
        await asyncio.gather(station.bus.subscribe("main", listener), station.bus.unsubscribe("main", Listener()))
        Shop(server).sells()
        await eventually(lambda: listener.offsets == [1], "it came")
        assert subscribers(server) == 1


async def test_a_thousand_stores_are_subscribed_at_once(server: RedisServer) -> None:
    async with stationed(server) as station:
        before = calls(server, "subscribe")
        listeners = await asyncio.gather(*(station.listening(f"s{number}") for number in range(1000)))
        assert calls(server, "subscribe") - before <= 3, "they travel together"
        for number in (0, 500, 999):
            Shop(server, f"s{number}").sells()
        await eventually(lambda: all(listeners[number].offsets for number in (0, 500, 999)), "all came")
        assert sum(listener.misses for listener in listeners) == 0


async def test_a_thousand_stores_are_subscribed_again_and_told(server: RedisServer, proxy: Proxy) -> None:
    async with stationed(server, port=proxy.port) as station:
        listeners = await asyncio.gather(*(station.listening(f"s{number}") for number in range(1000)))
        proxy.reset()
        await eventually(lambda: all(listener.misses for listener in listeners), "all are told")
        Shop(server, "s999").sells()
        await eventually(lambda: listeners[999].offsets, "it hears again")
        assert {listener.misses for listener in listeners} == {1}


async def test_a_subscriber_that_raises_does_not_stop_the_bus(server: RedisServer) -> None:
    class Faulty(Listener):
        def published(self, store: str, epoch: str, entries: tuple[Entry, ...]) -> None:
            raise RuntimeError("faulty")

    shop = Shop(server)
    async with stationed(server) as station:
        await station.bus.subscribe("main", Faulty())
        listener = await station.listening()
        with structlog.testing.capture_logs() as logs:
            shop.sells()
            await eventually(lambda: listener.offsets == [1], "it came")
            shop.sells()
            await eventually(lambda: listener.offsets == [1, 2], "the bus goes on")
        assert [each["event"] for each in logs] == ["subscriber_failed"] * 2
        assert station.watcher.told == ["up"]


async def test_what_is_not_ours_is_ignored_and_counted(server: RedisServer) -> None:
    foreign = ["", "hello", "E\ne\nx\n1\nid\n\n{}", "C\n1", "Z\ne\n1"]
    async with stationed(server) as station:
        listener = await station.listening()
        with structlog.testing.capture_logs() as logs:
            for content in foreign:
                server.command("PUBLISH", channel(0, "main"), content)
            Shop(server).sells()
            await eventually(lambda: listener.offsets == [1], "what is ours came")
        assert station.bus.ignored == len(foreign)
        assert [each["event"] for each in logs] == ["foreign_messages_ignored"]


def test_no_beat_is_mistaken_for_a_store() -> None:
    assert all("{" not in beat_channel(0, instance) for instance in ("main", "host:4711:1"))
    assert "{" in channel(0, "beat")


@pytest.mark.parametrize("messages", [1, 2])
async def test_messages_that_never_came_are_found_by_the_change_counter(
    server: RedisServer, proxy: Proxy, messages: int
) -> None:
    shop = Shop(server)
    async with stationed(server, port=proxy.port) as station:
        listener, other = await station.listening(), await station.listening("other")
        proxy.discard(lambda name: name == channel(0, "main").encode())
        shop.sells(messages)
        await eventually(lambda: listener.misses, "the loss is found")
        proxy.heal()
        shop.sells()
        await eventually(lambda: listener.offsets == [messages + 1], "the next one came")
        assert (listener.misses, other.heard, station.watcher.told) == (1, [], ["up"])


async def test_a_count_that_was_lost_is_seen_with_the_next_message(server: RedisServer, proxy: Proxy) -> None:
    shop = Shop(server)
    async with stationed(server, port=proxy.port, compare=3600) as station:
        listener = await station.listening()
        shop.sells()
        await eventually(lambda: listener.offsets == [1], "it came")
        proxy.discard(lambda name: name == channel(0, "main").encode())
        shop.counts()
        await eventually(lambda: proxy.discarded == 1, "it is lost")
        proxy.heal()
        shop.sells()
        await eventually(lambda: listener.offsets == [1, 2], "the next one came")
        assert [told[0] for told in listener.heard] == ["published", "missed", "published"]


@pytest.mark.parametrize(("change", "epoch"), [(2, "e"), (9, "another"), (5, "another")])
async def test_a_log_that_was_replaced_is_found(server: RedisServer, change: int, epoch: str) -> None:
    shop = Shop(server)
    async with stationed(server) as station:
        listener = await station.listening()
        shop.sells(5)
        await eventually(lambda: len(listener.offsets) == 5, "all came")
        shop.sets_counter(change, epoch)
        await eventually(lambda: listener.misses, "it is found")


async def test_a_store_that_has_a_past_is_followed_from_where_it_is(server: RedisServer) -> None:
    shop = Shop(server)
    shop.sells(7)
    async with stationed(server, compare=0.05) as station:
        listener = await station.listening()
        before = calls(server, "evalsha")
        await eventually(lambda: calls(server, "evalsha") > before + 5, "the counters are compared")
        shop.sells()
        await eventually(lambda: listener.offsets == [8], "it came")
        assert listener.misses == 0
