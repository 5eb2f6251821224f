import asyncio
from typing import Any

import pytest

from salebell_desktop.credentials import CredentialKey, CredentialsUnavailable, Problem
from salebell_desktop.credentials.memory import MemoryCredentials
from salebell_desktop.identity.errors import IdentityUnavailable, SessionEnded
from salebell_desktop.identity.keeper import TokenKeeper

pytestmark = pytest.mark.plain_asyncio

ANA = CredentialKey("wss://api.example.com", "u1")


class Time:
    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept: list[float] = []
        self.stop_after = 100

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        if len(self.slept) > self.stop_after:
            await asyncio.Event().wait()
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def kept() -> list[bool]:
    return []


@pytest.fixture
def keeper(issuer: Any, ring: Any, time: Time, kept: list[bool]) -> TokenKeeper:
    return TokenKeeper(issuer, ring, ANA, "refresh-0", clock=time, random=lambda: 0.5, kept=kept.append)


async def test_a_token_is_fetched_once_and_used_until_it_is_old(keeper: TokenKeeper, issuer: Any, time: Time) -> None:
    assert await keeper.token() == "id-1"
    time.now += 3539
    assert await keeper.token() == "id-1"
    time.now += 1
    assert await keeper.token() == "id-2"
    assert issuer.refreshed == ["refresh-0", "refresh-1"]


async def test_one_from_a_sign_in_needs_no_fetching(keeper: TokenKeeper, issuer: Any) -> None:
    keeper.adopt(issuer.tokens(7))
    assert await keeper.token() == "id-7"
    assert issuer.refreshed == []


async def test_however_many_ask_there_is_one_refresh(keeper: TokenKeeper, issuer: Any) -> None:
    issuer.gate.clear()
    asking = [asyncio.create_task(keeper.token()) for _ in range(5)]
    asking += [asyncio.create_task(keeper.other_than("")) for _ in range(5)]
    await asyncio.sleep(0)
    issuer.gate.set()
    assert await asyncio.gather(*asking) == ["id-1"] * 10
    assert issuer.refreshed == ["refresh-0"]


async def test_who_comes_late_with_the_refused_token_gets_the_new_one(keeper: TokenKeeper, issuer: Any) -> None:
    first = await keeper.token()
    second = await keeper.other_than(first)
    assert (first, second) == ("id-1", "id-2")
    assert await keeper.other_than(first) == "id-2"
    assert await keeper.other_than(second) == "id-3"
    assert len(issuer.refreshed) == 3


async def test_a_refresh_that_nobody_waits_for_is_finished(keeper: TokenKeeper, issuer: Any, ring: Any) -> None:
    issuer.gate.clear()
    asking = asyncio.create_task(keeper.token())
    await asyncio.sleep(0)
    asking.cancel()
    issuer.gate.set()
    await keeper.settle()
    assert ring.tokens == {ANA: "refresh-1"}
    assert await keeper.token() == "id-1"


async def test_a_new_refresh_token_is_kept(keeper: TokenKeeper, issuer: Any, ring: Any, kept: list[bool]) -> None:
    await keeper.token()
    await keeper.settle()
    assert ring.tokens == {ANA: "refresh-1"}
    assert kept == [True]


async def test_nobody_waits_for_a_slow_keyring(keeper: TokenKeeper, ring: Any) -> None:
    ring.gate.clear()
    assert await keeper.token() == "id-1"
    assert ring.tokens == {}
    ring.gate.set()
    await keeper.settle()
    assert ring.tokens == {ANA: "refresh-1"}


async def test_without_a_keyring_it_lasts_as_long_as_the_program(
    keeper: TokenKeeper, ring: Any, kept: list[bool]
) -> None:
    ring.failure = CredentialsUnavailable(Problem.MISSING, "none")
    await keeper.keep()
    assert kept == [False]
    assert await keeper.token() == "id-1"


async def test_memory_does_not_last(issuer: Any, time: Time, kept: list[bool]) -> None:
    store = MemoryCredentials()
    keeper = TokenKeeper(issuer, store, ANA, "r", clock=time, random=lambda: 0.0, kept=kept.append)
    await keeper.keep()
    assert kept == [False]


async def test_a_failure_in_passing_is_told_and_tried_again(keeper: TokenKeeper, issuer: Any) -> None:
    issuer.failure = IdentityUnavailable("Later.")
    with pytest.raises(IdentityUnavailable, match="Later"):
        await keeper.token()
    issuer.failure = None
    assert await keeper.token() == "id-2"


async def test_an_ended_session_stays_so_without_asking_again(keeper: TokenKeeper, issuer: Any) -> None:
    issuer.failure = SessionEnded("Gone.")
    for _ in range(3):
        with pytest.raises(SessionEnded, match="Gone"):
            await keeper.token()
    assert len(issuer.refreshed) == 1


async def test_a_refresh_that_fails_unheard_is_no_error_of_the_program(keeper: TokenKeeper, issuer: Any) -> None:
    issuer.gate.clear()
    issuer.failure = IdentityUnavailable("Later.")
    asking = asyncio.create_task(keeper.token())
    await asyncio.sleep(0)
    asking.cancel()
    issuer.gate.set()
    await keeper.settle()


class TestRenewingAhead:
    async def test_before_the_server_asks_for_it(self, keeper: TokenKeeper, issuer: Any, time: Time) -> None:
        keeper.adopt(issuer.tokens(0))
        time.stop_after = 3
        renewing = asyncio.create_task(keeper.renew_ahead(time.sleep))
        while len(time.slept) <= 3:
            await asyncio.sleep(0)
        assert time.slept[:3] == [3600 - 450] * 3
        assert issuer.refreshed == ["refresh-0", "refresh-1", "refresh-2"]
        renewing.cancel()

    async def test_a_short_lived_token_at_half_its_time(self, keeper: TokenKeeper, issuer: Any, time: Time) -> None:
        keeper.adopt(issuer.tokens(0, expires_in=60))
        time.stop_after = 1
        renewing = asyncio.create_task(keeper.renew_ahead(time.sleep))
        while len(time.slept) <= 1:
            await asyncio.sleep(0)
        assert time.slept[0] == 30
        renewing.cancel()

    async def test_failures_in_passing_are_waited_out(self, keeper: TokenKeeper, issuer: Any, time: Time) -> None:
        issuer.failure = IdentityUnavailable("Later.")
        time.stop_after = 3
        renewing = asyncio.create_task(keeper.renew_ahead(time.sleep))
        while len(time.slept) <= 3:
            await asyncio.sleep(0)
        assert time.slept[:3] == [30, 30, 30]
        renewing.cancel()

    async def test_it_ends_with_the_session(self, keeper: TokenKeeper, issuer: Any, time: Time) -> None:
        issuer.failure = SessionEnded("Gone.")
        await keeper.renew_ahead(time.sleep)
        await keeper.renew_ahead(time.sleep)
        assert len(issuer.refreshed) == 1


class TestSigningOut:
    async def test_provider_and_keyring_are_told(self, keeper: TokenKeeper, issuer: Any, ring: Any) -> None:
        await keeper.keep()
        await keeper.sign_out()
        assert issuer.signed_out == ["refresh-0"]
        assert ring.tokens == {}
        with pytest.raises(SessionEnded):
            await keeper.token()

    async def test_a_refresh_under_way_does_not_bring_the_token_back(
        self, keeper: TokenKeeper, issuer: Any, ring: Any
    ) -> None:
        issuer.gate.clear()
        asking = asyncio.create_task(keeper.token())
        await asyncio.sleep(0)
        ending = asyncio.create_task(keeper.sign_out())
        await asyncio.sleep(0)
        issuer.gate.set()
        await ending
        assert await asking == "id-1"
        assert issuer.signed_out == ["refresh-1"]
        assert ring.tokens == {}

    async def test_neither_has_to_be_there(self, keeper: TokenKeeper, issuer: Any, ring: Any) -> None:
        issuer.failure = IdentityUnavailable("Later.")
        ring.failure = CredentialsUnavailable(Problem.LOCKED, "locked")
        await keeper.sign_out()

    async def test_an_ended_session_is_not_signed_out_again(self, keeper: TokenKeeper, issuer: Any) -> None:
        issuer.failure = SessionEnded("Gone.")
        with pytest.raises(SessionEnded):
            await keeper.token()
        await keeper.sign_out()
        assert issuer.signed_out == []


async def test_closing_gives_up_what_is_under_way(keeper: TokenKeeper, issuer: Any, ring: Any) -> None:
    await keeper.close()
    ring.gate.clear()
    await keeper.token()
    issuer.gate.clear()
    asking = asyncio.create_task(keeper.other_than("id-1"))
    await asyncio.sleep(0)
    await keeper.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert ring.tokens == {}


def test_no_token_in_its_repr(issuer: Any, ring: Any, time: Time) -> None:
    keeper = TokenKeeper(issuer, ring, ANA, "secret", clock=time, random=lambda: 0.0, kept=lambda _: None)
    assert "secret" not in repr(keeper)
