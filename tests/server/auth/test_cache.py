"""Verdicts for many at once: how few readings that takes, and what becomes of those who wait."""

import asyncio
from collections.abc import Collection

import pytest

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import AuthFailure, Verdict
from salebell_server.auth.batches import Crowded
from salebell_server.auth.cache import READ_TOGETHER, READINGS_AT_ONCE, Verdicts


class Accounts:
    """Reads verdicts when it is let, and counts how often."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.gate = asyncio.Event()
        self.gate.set()
        self.readings: list[tuple[str, ...]] = []
        self.fails = False
        self.stores = frozenset({"main"})

    def monotonic(self) -> float:
        return self.now

    async def read(self, uids: Collection[str]) -> dict[str, Verdict]:
        self.readings.append(tuple(uids))
        found = Verdict(None, self.stores)
        await self.gate.wait()
        if self.fails:
            raise AuthFailure(AuthErrorCode.AUTH_UNAVAILABLE, "gone")
        return dict.fromkeys(uids, found)


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_thousand_accounts_take_some_ten_readings(accounts: Accounts) -> None:
    verdicts = Verdicts(accounts.read, accounts.monotonic)
    accounts.gate.clear()
    first = [asyncio.create_task(verdicts.of(f"first-{number}")) for number in range(READINGS_AT_ONCE)]
    await settle()
    others = [asyncio.create_task(verdicts.of(f"other-{number}")) for number in range(1000)]
    await settle()
    under_way = len(accounts.readings)
    accounts.gate.set()
    await asyncio.gather(*first, *others)
    assert under_way <= READINGS_AT_ONCE
    assert len(accounts.readings) <= READINGS_AT_ONCE + 1000 / READ_TOGETHER
    read = [uid for reading in accounts.readings for uid in reading]
    assert len(read) == len(set(read)) == READINGS_AT_ONCE + 1000
    assert max(map(len, accounts.readings)) == READ_TOGETHER


async def test_all_who_wait_for_one_account_share_its_reading(accounts: Accounts) -> None:
    verdicts = Verdicts(accounts.read, accounts.monotonic)
    answers = await asyncio.gather(*(verdicts.of("ana") for _ in range(100)))
    assert set(answers) == {Verdict(None, frozenset({"main"}))}
    assert accounts.readings == [("ana",)]


async def test_a_reading_that_began_too_early_is_followed_by_another(accounts: Accounts) -> None:
    verdicts = Verdicts(accounts.read, accounts.monotonic)
    accounts.gate.clear()
    early = asyncio.create_task(verdicts.of("ana"))
    await settle()
    accounts.stores = frozenset({"main", "outlet"})
    accounts.now += 2
    late = [asyncio.create_task(verdicts.of("ana", 2)) for _ in range(50)]
    in_time = asyncio.create_task(verdicts.of("ana"))
    await settle()
    accounts.gate.set()
    assert (await early).stores == (await in_time).stores == frozenset({"main"})
    assert {(await each).stores for each in late} == {frozenset({"main", "outlet"})}
    assert accounts.readings == [("ana",), ("ana",)]


async def test_a_reading_that_takes_longer_than_its_age_may_be_is_not_repeated(accounts: Accounts) -> None:
    verdicts = Verdicts(accounts.read, accounts.monotonic)
    accounts.gate.clear()
    waiting = [asyncio.create_task(verdicts.of("ana", 2)) for _ in range(50)]
    await settle()
    accounts.now += 5
    accounts.gate.set()
    await asyncio.gather(*waiting)
    assert accounts.readings == [("ana",)]


async def test_a_reading_that_fails_fails_for_all_who_wait_and_the_next_is_made(accounts: Accounts) -> None:
    verdicts = Verdicts(accounts.read, accounts.monotonic)
    accounts.fails = True
    outcomes = await asyncio.gather(*(verdicts.of(f"ana-{n}") for n in range(500)), return_exceptions=True)
    assert all(isinstance(outcome, AuthFailure) for outcome in outcomes)
    assert len(accounts.readings) <= READINGS_AT_ONCE
    accounts.fails = False
    assert (await verdicts.of("ana-1")).stores == frozenset({"main"})


async def test_who_gives_up_takes_nothing_from_the_others(accounts: Accounts) -> None:
    verdicts = Verdicts(accounts.read, accounts.monotonic)
    accounts.gate.clear()
    impatient, patient = (asyncio.create_task(verdicts.of("ana")) for _ in range(2))
    alone = asyncio.create_task(verdicts.of("ben"))
    await settle()
    impatient.cancel()
    alone.cancel()
    accounts.fails = True
    accounts.gate.set()
    with pytest.raises(AuthFailure):
        await patient
    await settle()
    accounts.fails = False
    assert (await verdicts.of("ben")).stores == frozenset({"main"})


async def test_more_than_are_kept_do_not_wait(accounts: Accounts) -> None:
    verdicts = Verdicts(accounts.read, accounts.monotonic, most=10)
    accounts.gate.clear()
    begun = [asyncio.create_task(verdicts.of(f"begun-{n}")) for n in range(READINGS_AT_ONCE)]
    await settle()
    room = 10 + READINGS_AT_ONCE * READ_TOGETHER
    waiting = [asyncio.create_task(verdicts.of(f"ana-{n}")) for n in range(room + 1)]
    await settle()
    accounts.gate.set()
    outcomes = await asyncio.gather(*begun, *waiting, return_exceptions=True)
    assert any(isinstance(outcome, Crowded) for outcome in outcomes)
    assert not any(isinstance(outcome, Crowded) for outcome in outcomes[:10])


async def test_who_asks_in_the_moment_in_which_a_reading_ends_gets_the_next_one() -> None:
    """A reading that is done may still be noted as under way: to wait for it would never give way to anything."""
    late: list[asyncio.Task[Verdict]] = []

    class Slow(Accounts):
        async def read(self, uids: Collection[str]) -> dict[str, Verdict]:
            found = await super().read(uids)
            if not late:
                self.now += 10  # it took longer than the age that the next one accepts
                late.append(asyncio.create_task(verdicts.of("u1", seconds=2.0)))
            return found

    accounts = Slow()
    verdicts = Verdicts(accounts.read, accounts.monotonic)
    await verdicts.of("u1")
    await late[0]
    assert accounts.readings == [("u1",), ("u1",)]
