"""Sliding windows in Redis: its own connections, its own time, and no long wait for anything."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from limits import RateLimitItemPerMinute
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from msgspec.structs import replace

from salebell_server.log.redis.errors import Cause, RedisUnavailable
from salebell_server.log.redis.windows import CONNECTIONS, RedisWindows
from tests.redis_server import RedisServer, free_port, redis_server
from tests.server.log.redis.stage import awake

THREE = RateLimitItemPerMinute(3, namespace="address")
KEY = "salebell:failures:{address/somebody/3/1/minute}"


@pytest_asyncio.fixture
async def windows(server: RedisServer) -> AsyncGenerator[RedisWindows, None]:
    opened = RedisWindows(server.address, 10)
    yield opened
    await opened.close()


async def hit(windows: RedisWindows) -> bool:
    return await SlidingWindowCounterRateLimiter(windows).hit(THREE, "somebody")


async def why(windows: RedisWindows) -> set[Cause]:
    """Why it can neither be asked nor told."""
    causes: set[Cause] = set()
    for ask in (hit(windows), windows.get_sliding_window(THREE.key_for("somebody"), 60)):
        with pytest.raises(RedisUnavailable) as caught:
            await ask
        causes.add(caught.value.cause)
    return causes


async def test_the_keys_are_its_own_and_expire(server: RedisServer, windows: RedisWindows) -> None:
    assert [await hit(windows) for _ in range(4)] == [True, True, True, False]
    server.command("PEXPIRE", KEY, "45000")
    assert [await hit(windows) for _ in range(2)] == [True, False]  # three quarters of three are left, that is two
    server.command("PEXPIRE", f"{KEY}/-1", "19000")
    assert [await hit(windows) for _ in range(3)] == [True, True, False]
    found = {line for line in server.command("KEYS", "*").split(b"\r\n") if line.startswith(b"salebell")}
    assert found == {KEY.encode(), f"{KEY}/-1".encode()}
    assert all(0 < int(server.command("PTTL", key.decode())[1:]) <= 120_000 for key in found)


async def test_any_number_may_ask_at_once(server: RedisServer, windows: RedisWindows) -> None:
    answers = await asyncio.gather(*(hit(windows) for _ in range(200)))
    assert answers.count(True) == 3
    clients = server.command("CLIENT", "LIST").count(b"cmd=evalsha")
    assert 1 <= clients <= CONNECTIONS


async def test_scripts_that_were_forgotten_are_sent_again(server: RedisServer, windows: RedisWindows) -> None:
    for _ in range(3):
        server.command("SCRIPT", "FLUSH")
        assert await hit(windows)


async def test_what_is_away_or_cannot_be_written_to_is_told_in_words(
    server: RedisServer, windows: RedisWindows
) -> None:
    await hit(windows)
    server.kill()
    assert await why(windows) == {Cause.UNREACHABLE}
    server.start()
    assert await hit(windows)
    server.command("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(RedisUnavailable) as caught:
        await hit(windows)
    assert caught.value.cause is Cause.FULL


async def test_a_silent_one_is_not_waited_for(server: RedisServer) -> None:
    windows = RedisWindows(server.address, 0.5)
    await hit(windows)
    server.freeze()
    assert await why(windows) == {Cause.SILENT}
    server.thaw()
    await awake(server)
    assert await hit(windows)
    await windows.close()


async def test_who_signs_in_wrongly_is_told_so_without_the_password(tmp_path: Path) -> None:
    with redis_server(tmp_path / "valkey", requirepass="secret") as server:
        for address, opens in ((server.address, True), (replace(server.address, password="wrong"), False)):
            windows = RedisWindows(address, 10)
            if opens:
                assert await hit(windows)
            else:
                assert await why(windows) == {Cause.SIGN_IN}
            await windows.close()


async def test_every_script_runs_in_a_cluster_of_one_node(tmp_path: Path) -> None:
    with redis_server(tmp_path / "valkey", cluster_enabled="yes", cluster_port=str(free_port())) as server:
        server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        windows = RedisWindows(server.address, 10)
        async with asyncio.timeout(20):
            while b"cluster_state:ok" not in server.command("CLUSTER", "INFO"):
                await asyncio.sleep(0.02)
        assert await hit(windows)
        server.command("PEXPIRE", KEY, "45000")
        assert (await windows.get_sliding_window(THREE.key_for("somebody"), 60))[0] == 1
        await windows.close()
