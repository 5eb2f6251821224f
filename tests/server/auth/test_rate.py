"""What every `FailureLimit` guarantees: honest use never waits, guessing does."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest
from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from salebell_server.auth.rate import ACCOUNT_BURST, BURST, network
from tests.server.auth.counters import KINDS, Counters, counting

HERE, ELSEWHERE = "192.0.2.7", "192.0.2.8"

Counting = Callable[..., AbstractAsyncContextManager[Counters]]


@pytest.fixture(params=KINDS)
def made(request: pytest.FixtureRequest) -> Counting:
    """Makes counters of each kind."""
    return partial(counting, request.param)


@pytest.fixture
async def limit(made: Counting) -> AsyncGenerator[Counters, None]:
    async with made() as counters:
        yield counters


async def has_to_wait(limit: Counters, address: str, subject: str = "") -> int:
    """The client has to wait, whether it asks or fails once more; how long."""
    wait = await limit.retry_after(address, subject)
    assert wait > 0
    assert await limit.failed(address, subject) > 0
    return wait


async def test_a_burst_and_then_no_more(limit: Counters) -> None:
    await limit.fails(BURST, HERE)
    await has_to_wait(limit, HERE)
    await limit.fails(BURST, ELSEWHERE)


async def test_thirty_failures_a_minute_never_wait(limit: Counters) -> None:
    for _ in range(5):
        await limit.fails(BURST // 2, HERE)
        limit.passes(60)
    for _ in range(5 * BURST // 2):
        await limit.fails(1, HERE)
        limit.passes(2)
    for _ in range(5):
        for _ in range(3):
            await limit.fails(BURST // 6, HERE)
            limit.passes(1)
        limit.passes(57)


async def test_who_goes_on_and_on_fails_about_once_a_second(limit: Counters) -> None:
    failures: list[int] = []
    for second in range(240):
        failures += [second for _ in range(3) if not await limit.failed(HERE)]
        limit.passes(1)
    assert BURST * 4 - 10 <= len(failures) <= BURST * 4 + 10
    assert all(
        sum(start <= second < start + 60 for second in failures) <= 2 * BURST for start in range(240)
    )  # never more in any minute


async def test_the_wait_that_is_told_is_the_wait_that_is_needed(limit: Counters) -> None:
    await limit.fails(BURST // 2, HERE)
    limit.passes(40)
    await limit.fails(BURST // 2, HERE)
    for _ in range(5):
        wait = await has_to_wait(limit, HERE)
        assert 1 <= wait <= 60
        limit.passes(max(0, wait - 1.5))
        if wait > 1:
            await has_to_wait(limit, HERE)
        limit.passes(min(wait, 1.5))
        while not await limit.retry_after(HERE):
            assert await limit.failed(HERE) == 0


async def test_what_goes_beyond_the_limit_lengthens_no_wait(limit: Counters) -> None:
    await limit.fails(BURST, HERE)
    for _ in range(100):
        assert await limit.failed(HERE) > 0
    limit.passes(61)
    await limit.fails(1, HERE)


async def test_asking_changes_nothing(limit: Counters) -> None:
    for _ in range(2 * BURST):
        assert await limit.retry_after(HERE, "ana") == 0
    await limit.fails(BURST, HERE, "ana")


async def test_an_account_is_guessed_at_slowly_from_one_address(limit: Counters) -> None:
    for _ in range(ACCOUNT_BURST // 20):
        await limit.fails(20, HERE, "ana")
        limit.passes(61)
    assert await has_to_wait(limit, HERE, "ana") > 3000
    limit.passes(3600 - 61 * ACCOUNT_BURST // 20 + 2)
    noted = 0
    for _ in range(60):
        noted += not await limit.failed(HERE, "ana")
        limit.passes(10)
    assert 9 <= noted <= 12


async def test_accounts_are_counted_by_address_so_that_no_stranger_locks_anybody_out(made: Counting) -> None:
    async with made(per_account=RateLimitItemPerHour(3)) as limit:
        await limit.fails(3, HERE, "ana")
        await has_to_wait(limit, HERE, "ana")
        assert await limit.retry_after(HERE) == 0
        assert await limit.retry_after(ELSEWHERE, "ana") == 0
        await limit.fails(3, HERE, "ben")
        await limit.fails(3, ELSEWHERE, "ana")


async def test_failures_at_accounts_are_failures_of_the_address(made: Counting) -> None:
    async with made(per_address=RateLimitItemPerMinute(4)) as limit:
        for subject in ("ana", "ben", "", "eva"):
            await limit.fails(1, HERE, subject)
        await has_to_wait(limit, HERE)
        await has_to_wait(limit, HERE, "zoe")


async def test_an_address_that_waits_is_counted_at_no_account(made: Counting) -> None:
    async with made(per_address=RateLimitItemPerMinute(2), per_account=RateLimitItemPerHour(3)) as limit:
        await limit.fails(2, HERE, "ana")
        for _ in range(10):
            await has_to_wait(limit, HERE, "ana")
        limit.passes(121)
        await limit.fails(1, HERE, "ana")
        assert await has_to_wait(limit, HERE, "ana") > 3000


async def test_of_many_that_fail_at_once_no_more_are_noted_than_may(limit: Counters) -> None:
    answers = await asyncio.gather(*(limit.failed(HERE) for _ in range(4 * BURST)))
    assert answers.count(0) == BURST


async def test_a_machine_does_not_get_another_try_from_the_next_address_of_its_network(made: Counting) -> None:
    async with made(per_address=RateLimitItemPerMinute(1)) as limit:
        await limit.fails(1, "2001:db8:1:2::1")
        await has_to_wait(limit, "2001:db8:1:2::2")
        await limit.fails(1, "2001:db8:1:3::1")


@pytest.mark.parametrize("text", ["\udcff", "a\0b", "}{/*", "x" * 1_000_000, "ana@example.com\r\n"])
async def test_whatever_a_stranger_is_called_is_counted(made: Counting, text: str) -> None:
    async with made(per_address=RateLimitItemPerMinute(3), per_account=RateLimitItemPerHour(2)) as limit:
        await limit.fails(2, HERE, text)
        await has_to_wait(limit, HERE, text)
        await limit.fails(3, text)
        await has_to_wait(limit, text)


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:/run/salebell.sock", "unix:/run/salebell.sock"),
    ],
)
def test_one_customer_of_a_provider_is_one_address(address: str, counted_as: str) -> None:
    assert network(address) == counted_as
