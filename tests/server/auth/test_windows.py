"""Sliding windows in memory: what they count is `test_rate`'s; here, that they are bounded and forget."""

import pytest
from limits import RateLimitItemPerMinute
from limits.aio.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter

from salebell_server.auth.windows import MemoryWindows
from tests.server.auth.stand import Time

THREE = RateLimitItemPerMinute(3)


async def test_a_flood_of_keys_leaves_no_more_than_there_is_room_for() -> None:
    windows = MemoryWindows(Time().monotonic, 100)
    limiter = SlidingWindowCounterRateLimiter(windows)
    for number in range(10_000):
        assert await limiter.hit(THREE, f"key {number}")
    assert len(windows) == 100


async def test_the_key_that_was_hit_longest_ago_is_forgotten_first() -> None:
    windows = MemoryWindows(Time().monotonic, 100)
    limiter = SlidingWindowCounterRateLimiter(windows)
    for key in ("first", "second", "first", "second", "second", "first"):
        assert await limiter.hit(THREE, key)
    for number in range(99):
        assert await limiter.hit(THREE, f"other {number}")
    assert not await limiter.hit(THREE, "first")
    assert await limiter.hit(THREE, "second")


async def test_asking_about_a_key_keeps_nothing() -> None:
    windows = MemoryWindows(Time().monotonic, 100)
    for number in range(200):
        assert await windows.get_sliding_window(f"key {number}", 60) == (0, 0.0, 0, 120.0)
    assert len(windows) == 0


async def test_the_previous_window_counts_by_what_is_left_of_it() -> None:
    time = Time()
    windows = MemoryWindows(time.monotonic, 100)
    assert await windows.acquire_sliding_window_entry("key", 10, 60, 4)
    time.passes(seconds=45)
    assert await windows.acquire_sliding_window_entry("key", 10, 60)
    assert await windows.get_sliding_window("key", 60) == (0, 0.0, 5, 75.0)
    time.passes(seconds=30)
    assert await windows.get_sliding_window("key", 60) == (5, 45.0, 0, 105.0)
    assert not await windows.acquire_sliding_window_entry("key", 10, 60, 8)  # 3 and three quarters count, and so 3
    assert await windows.acquire_sliding_window_entry("key", 10, 60, 7)
    assert not await windows.acquire_sliding_window_entry("key", 10, 60)
    time.passes(seconds=45)
    assert await windows.get_sliding_window("key", 60) == (7, 60.0, 0, 120.0)
    time.passes(seconds=60)
    assert await windows.get_sliding_window("key", 60) == (0, 0.0, 0, 120.0)


async def test_keys_can_be_forgotten() -> None:
    windows = MemoryWindows(Time().monotonic, 100)
    limiter = SlidingWindowCounterRateLimiter(windows)
    for key in ("a", "b", "c"):
        await limiter.hit(THREE, key)
    await limiter.clear(THREE, "a")
    await windows.clear(THREE.key_for("b"))
    await limiter.clear(THREE, "a")
    assert len(windows) == 1
    assert await windows.reset() == 1
    assert len(windows) == 0
    assert await windows.check()


async def test_other_strategies_are_told_that_they_cannot_be_served() -> None:
    limiter = FixedWindowRateLimiter(MemoryWindows(Time().monotonic, 100))
    for ask in (limiter.hit, limiter.test, limiter.get_window_stats):
        with pytest.raises(NotImplementedError):
            await ask(THREE, "key")
    with pytest.raises(NotImplementedError):
        await limiter.storage.get_expiry("key")
