"""However the connection ends or falls silent, it comes back, no loss is untold, and the watcher hears the truth."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from salebell_server.bus.redis.bus import RedisBus
from salebell_server.log import LogUnavailable
from salebell_server.log.redis.wire import channel
from tests.proxy import Proxy
from tests.redis_server import RedisServer, redis_server
from tests.server.bus.listener import Listener, eventually
from tests.server.bus.redis.conftest import Shop, Station, stationed

LONG_SECONDS = 60.0


async def hears_again(listener: Listener, shop: Shop) -> None:
    await eventually(lambda: listener.misses, "that something may be lost is told")
    shop.sells()
    await eventually(lambda: listener.offsets[-1:] == [shop.offset], "it hears again")


def restart(server: RedisServer) -> None:
    server.kill()
    server.start()


@pytest.mark.parametrize("how", ["reset", "drop", "restart"])
async def test_a_blip_causes_a_miss_and_nothing_else(server: RedisServer, proxy: Proxy, how: str) -> None:
    shop = Shop(server)
    async with stationed(server, port=proxy.port, silence=LONG_SECONDS) as station:
        listener = await station.listening()
        if how == "restart":
            restart(server)
        elif how == "drop":
            proxy.drop()
            shop.sells()
            proxy.heal()
        else:
            proxy.reset()
        await hears_again(listener, shop)
        assert (listener.misses, station.watcher.told) == (1, ["up"])


async def test_a_half_open_connection_is_given_up_before_the_link_counts_as_down(
    server: RedisServer, proxy: Proxy
) -> None:
    async with stationed(server, port=proxy.port, silence=4) as station:
        listener = await station.listening()
        proxy.blackhole()
        proxy.heal()
        await hears_again(listener, Shop(server))
        assert station.watcher.told == ["up"]


@pytest.mark.parametrize("how", ["freeze", "blackhole", "drop", "kill"])
async def test_silence_is_told_once_and_so_is_its_end(server: RedisServer, proxy: Proxy, how: str) -> None:
    begin, end, reason = _faults(server, proxy)[how]
    async with stationed(server, port=proxy.port) as station:
        listener = await station.listening()
        begin()
        await eventually(lambda: station.watcher.down, "it is told")
        with pytest.raises(LogUnavailable, match=reason):
            await station.bus.subscribe("other", Listener())
        end()
        await eventually(lambda: station.watcher.up, "its end is told")
        assert listener.misses, "before the link is told to be up"
        assert [told.partition(":")[0] for told in station.watcher.told] == ["up", "down", "up"]
        assert reason in station.watcher.told[1]
        await hears_again(listener, Shop(server))


def _faults(server: RedisServer, proxy: Proxy) -> dict[str, tuple[Callable[[], object], Callable[[], object], str]]:
    """How to begin and to end each, and what is said of it."""
    return {
        "freeze": (server.freeze, server.thaw, "does not answer in time"),
        "blackhole": (proxy.blackhole, proxy.heal, "does not answer in time"),
        "drop": (proxy.drop, proxy.heal, "Connection refused"),
        "kill": (server.kill, server.start, "cannot be reached"),
    }


async def test_a_server_that_is_not_there_at_the_start_is_told_and_found_later(server: RedisServer) -> None:
    server.kill()
    async with stationed(server, connected=False) as station:
        await eventually(lambda: station.watcher.down, "it is told")
        server.start()
        await eventually(lambda: station.watcher.up, "its end is told")
        assert [told.partition(":")[0] for told in station.watcher.told] == ["down", "up"]


async def test_a_store_is_subscribed_while_the_connection_is_dialled_anew(server: RedisServer, proxy: Proxy) -> None:
    shop = Shop(server)
    async with stationed(server, port=proxy.port, silence=LONG_SECONDS) as station:
        proxy.drop()
        subscribing = asyncio.create_task(station.listening())
        await asyncio.sleep(0)  # it is being sent while the connection is found to be lost
        proxy.heal()
        listener = await subscribing
        shop.sells()
        await eventually(lambda: listener.offsets == [1], "it came")
        assert listener.misses == 0


async def test_what_is_not_confirmed_in_time_is_not_subscribed(server: RedisServer) -> None:
    async with stationed(server, silence=LONG_SECONDS) as station:
        listener = Listener()
        server.freeze()
        with pytest.raises(LogUnavailable, match="does not answer in time"):
            await station.bus.subscribe("main", listener)
        server.thaw()
        await _hears_other_stores(station, server)
        await eventually(lambda: _subscribed(server) == 0, "it is not subscribed any more")
        Shop(server).sells()
        assert listener.heard == []


async def test_a_subscription_may_be_cancelled_while_it_is_made(server: RedisServer) -> None:
    async with stationed(server, silence=LONG_SECONDS) as station:
        listener = Listener()
        server.freeze()
        subscribing = asyncio.create_task(station.bus.subscribe("main", listener))
        await asyncio.sleep(0.05)
        subscribing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await subscribing
        server.thaw()
        await eventually(lambda: _subscribed(server) == 0, "it is not subscribed any more")
        Shop(server).sells()
        await _hears_other_stores(station, server)
        assert listener.heard == []


async def test_a_subscription_may_be_ended_while_it_is_made(server: RedisServer) -> None:
    async with stationed(server, silence=LONG_SECONDS) as station:
        gone, stays = Listener(), Listener()
        server.freeze()
        going = asyncio.create_task(station.bus.subscribe("main", gone))
        await asyncio.sleep(0.05)
        staying = asyncio.create_task(station.bus.subscribe("main", stays))
        await station.bus.unsubscribe("main", gone)
        await going
        server.thaw()
        await staying
        Shop(server).sells()
        await eventually(lambda: stays.offsets == [1], "it came")
        assert (gone.heard, _subscribed(server)) == ([], 1)


async def test_a_wrong_password_is_said(tmp_path: Path) -> None:
    with redis_server(tmp_path / "valkey", requirepass="right") as server:
        async with stationed(server) as station:
            server.command("CONFIG", "SET", "requirepass", "another")
            server.settings["requirepass"] = "another"
            server.command("CLIENT", "KILL", "TYPE", "pubsub")
            server.command("CLIENT", "KILL", "TYPE", "normal")
            await eventually(lambda: station.watcher.down, "it is told")
            assert station.watcher.told[1] == "down: Redis does not accept the user name or password"


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("-publish", "does not permit this user"),
        ("-subscribe", "does not permit this user"),
        ("resetchannels", "does not permit this user"),
    ],
)
async def test_what_this_user_may_not_do_is_said(server: RedisServer, rules: str, reason: str) -> None:
    server.command("ACL", "SETUSER", "default", rules)
    async with stationed(server, connected=False) as station:
        await eventually(lambda: station.watcher.down, "it is told")
        assert reason in station.watcher.told[0]


@pytest.mark.parametrize("how", ["freeze", "blackhole", "drop"])
async def test_closing_leaves_no_connection_whatever_the_state(server: RedisServer, proxy: Proxy, how: str) -> None:
    begin, end, _ = _faults(server, proxy)[how]
    async with stationed(server, port=proxy.port) as station:
        await station.listening()
        assert proxy.connections == 2
        begin()
    await eventually(lambda: proxy.connections == 0, "all are closed")
    end()


async def test_a_bus_that_is_closed_subscribes_nobody(server: RedisServer) -> None:
    async with stationed(server) as station:
        await station.bus.close()
        with pytest.raises(LogUnavailable):
            await station.bus.subscribe("main", Listener())


async def test_a_bus_that_was_never_started_may_be_closed(server: RedisServer) -> None:
    await RedisBus(server.address, "a", time.monotonic).close()
    assert server.command("PUBSUB", "CHANNELS") == b"*0\r\n"


async def _hears_other_stores(station: Station, server: RedisServer) -> None:
    other = await station.listening("other")
    Shop(server, "other").sells()
    await eventually(lambda: other.offsets == [1], "the bus goes on")


def _subscribed(server: RedisServer) -> int:
    return int(server.command("PUBSUB", "NUMSUB", channel(0, "main")).split(b"\r\n")[-2][1:])
