"""The tokens: one refresh for all who ask, kept where they are to be kept. For their ages see `test_ages`."""

import asyncio
from typing import Any

import pytest

from salebell_desktop.credentials import CredentialKey, CredentialsUnavailable, Problem
from salebell_desktop.credentials.memory import MemoryCredentials
from salebell_desktop.identity.errors import IdentityUnavailable, SessionEnded
from salebell_desktop.identity.keeper import TokenKeeper

pytestmark = pytest.mark.plain_asyncio

ANA = CredentialKey("wss://api.example.com", "u1")


async def test_one_from_a_sign_in_needs_no_fetching(keeper: TokenKeeper, issuer: Any) -> None:
    keeper.adopt(issuer.tokens(7))
    assert await keeper.token() == "id-7"
    assert issuer.refreshed == []


class TestOneRefresh:
    async def test_however_many_ask(self, keeper: TokenKeeper, issuer: Any) -> None:
        issuer.gate.clear()
        asking = [asyncio.create_task(keeper.token()) for _ in range(5)]
        asking += [asyncio.create_task(keeper.other_than("")) for _ in range(5)]
        await asyncio.sleep(0)
        issuer.gate.set()
        assert await asyncio.gather(*asking) == ["id-1"] * 10
        assert issuer.refreshed == ["refresh-0"]

    async def test_who_comes_late_with_the_refused_token_gets_the_new_one(
        self, keeper: TokenKeeper, issuer: Any
    ) -> None:
        first = await keeper.token()
        second = await keeper.other_than(first)
        assert (first, second) == ("id-1", "id-2")
        assert await keeper.other_than(first) == "id-2"
        assert len(issuer.refreshed) == 2

    async def test_it_is_finished_when_nobody_waits_for_it(self, keeper: TokenKeeper, issuer: Any, ring: Any) -> None:
        issuer.gate.clear()
        asking = asyncio.create_task(keeper.token())
        await asyncio.sleep(0)
        asking.cancel()
        issuer.gate.set()
        await keeper.settle()
        assert ring.tokens == {ANA: "refresh-1"}
        assert await keeper.token() == "id-1"

    async def test_one_that_fails_unheard_is_no_error_of_the_program(self, keeper: TokenKeeper, issuer: Any) -> None:
        issuer.gate.clear()
        issuer.failure = IdentityUnavailable("Later.")
        asking = asyncio.create_task(keeper.token())
        await asyncio.sleep(0)
        asking.cancel()
        issuer.gate.set()
        await keeper.settle()


class TestWhatIsRefusedAgain:
    """A server that refuses every token is no reason to fetch them in a loop."""

    async def test_the_one_in_its_place_is_not_replaced_at_once(
        self, keeper: TokenKeeper, issuer: Any, time: Any
    ) -> None:
        keeper.adopt(issuer.tokens(0))
        assert await keeper.other_than("id-0") == "id-1"
        for _ in range(5):
            with pytest.raises(IdentityUnavailable, match=r"The server does not accept this sign-in\."):
                await keeper.other_than("id-1")
        assert len(issuer.refreshed) == 1
        assert await keeper.token() == "id-1"
        time.pass_by(30)
        assert await keeper.other_than("id-1") == "id-2"

    async def test_one_from_a_sign_in_is(self, keeper: TokenKeeper, issuer: Any) -> None:
        keeper.adopt(issuer.tokens(0))
        assert await keeper.other_than("id-0") == "id-1"

    async def test_one_that_came_in_the_ordinary_way_is(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        assert await keeper.other_than("") == "id-1"
        time.pass_by(3400)
        assert await keeper.token() == "id-2"
        assert await keeper.other_than("id-2") == "id-3"


class TestKeeping:
    async def test_a_new_refresh_token_is_kept(
        self, keeper: TokenKeeper, issuer: Any, ring: Any, kept: list[bool]
    ) -> None:
        await keeper.token()
        await keeper.settle()
        assert ring.tokens == {ANA: "refresh-1"}
        assert kept == [True]
        await keeper.other_than("id-1")
        await keeper.settle()
        assert ring.tokens == {ANA: "refresh-2"}
        assert issuer.refreshed == ["refresh-0", "refresh-1"]

    async def test_the_same_one_once(self, keeper: TokenKeeper, issuer: Any, ring: Any, time: Any) -> None:
        issuer.rotates = False
        for _ in range(3):
            await keeper.token()
            await keeper.settle()
            time.pass_by(3500)
        assert ring.tokens == {ANA: "refresh-0"}
        assert len(issuer.refreshed) == 3
        assert ring.saved == 1

    async def test_until_it_was_taken(
        self, keeper: TokenKeeper, issuer: Any, ring: Any, time: Any, kept: list[bool]
    ) -> None:
        issuer.rotates = False
        ring.failure = CredentialsUnavailable(Problem.LOCKED, "locked")
        keeper.adopt(issuer.tokens(0))
        await keeper.keep()
        assert kept == [False]
        assert await keeper.token() == "id-0", "the session goes on"
        ring.failure = None
        time.pass_by(3500)
        await keeper.token()
        await keeper.settle()
        assert ring.tokens == {ANA: "refresh-0"}
        assert kept == [False, True]

    async def test_nobody_waits_for_a_slow_keyring(self, keeper: TokenKeeper, ring: Any) -> None:
        ring.gate.clear()
        assert await keeper.token() == "id-1"
        assert ring.tokens == {}
        ring.gate.set()
        await keeper.settle()
        assert ring.tokens == {ANA: "refresh-1"}

    async def test_memory_does_not_last(self, make: Any, kept: list[bool]) -> None:
        await make(MemoryCredentials()).keep()
        assert kept == [False]


class TestFailures:
    async def test_one_in_passing_is_told_and_tried_again(
        self, keeper: TokenKeeper, issuer: Any, ended: list[str]
    ) -> None:
        issuer.failure = IdentityUnavailable("Later.")
        with pytest.raises(IdentityUnavailable, match="Later"):
            await keeper.token()
        issuer.failure = None
        assert await keeper.token() == "id-2"
        assert ended == []

    async def test_a_final_one_is_told_once_and_stays(self, keeper: TokenKeeper, issuer: Any, ended: list[str]) -> None:
        issuer.failure = SessionEnded("Gone.")
        for _ in range(3):
            with pytest.raises(SessionEnded, match="Gone"):
                await keeper.token()
        with pytest.raises(SessionEnded, match="Gone"):
            await keeper.other_than("")
        assert len(issuer.refreshed) == 1
        assert ended == ["Gone."]

    async def test_a_good_token_is_not_given_out_after_it(self, keeper: TokenKeeper, issuer: Any) -> None:
        keeper.adopt(issuer.tokens(0))
        issuer.failure = SessionEnded("Gone.")
        with pytest.raises(SessionEnded):
            await keeper.other_than("id-0")
        with pytest.raises(SessionEnded):
            await keeper.token()


class TestTheEnd:
    async def test_no_more_tokens(self, keeper: TokenKeeper, issuer: Any, ring: Any) -> None:
        keeper.adopt(issuer.tokens(0))
        keeper.keep_soon()
        keeper.end()
        with pytest.raises(SessionEnded, match="Signed out"):
            await keeper.token()
        await keeper.settle()
        assert ring.tokens == {}
        assert issuer.refreshed == []

    async def test_a_refresh_under_way_is_not_kept_and_is_signed_out(
        self, keeper: TokenKeeper, issuer: Any, ring: Any
    ) -> None:
        issuer.gate.clear()
        asking = asyncio.create_task(keeper.token())
        await asyncio.sleep(0)
        keeper.end()
        leaving = asyncio.create_task(keeper.sign_out())
        await asyncio.sleep(0)
        issuer.gate.set()
        await leaving
        assert await asking == "id-1"
        assert issuer.signed_out == ["refresh-1"]
        assert ring.tokens == {}

    async def test_the_provider_is_told_while_the_keyring_hangs(
        self, keeper: TokenKeeper, issuer: Any, ring: Any
    ) -> None:
        ring.gate.clear()
        await keeper.token()
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await keeper.sign_out()
        assert issuer.signed_out == ["refresh-1"]
        await keeper.close()

    async def test_a_refusal_under_way_is_of_no_interest(
        self, keeper: TokenKeeper, issuer: Any, ended: list[str]
    ) -> None:
        issuer.gate.clear()
        asking = asyncio.create_task(keeper.token())
        await asyncio.sleep(0)
        keeper.end()
        issuer.failure = SessionEnded("Gone.")
        issuer.gate.set()
        with pytest.raises(SessionEnded):
            await asking
        assert ended == []

    async def test_a_provider_that_is_away_does_not_matter(self, keeper: TokenKeeper, issuer: Any) -> None:
        issuer.failure = IdentityUnavailable("Later.")
        await keeper.sign_out()
        assert issuer.signed_out == ["refresh-0"]

    async def test_an_ended_session_is_not_signed_out_again(self, keeper: TokenKeeper, issuer: Any) -> None:
        issuer.failure = SessionEnded("Gone.")
        with pytest.raises(SessionEnded):
            await keeper.token()
        await keeper.sign_out()
        assert issuer.signed_out == []

    async def test_closing_gives_up_what_is_under_way(self, keeper: TokenKeeper, issuer: Any, ring: Any) -> None:
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


def test_no_token_in_its_repr(make: Any) -> None:
    assert "refresh-0" not in repr(make(MemoryCredentials()))


async def test_tokens_of_somebody_else_are_not_taken(keeper: TokenKeeper, issuer: Any, ring: Any) -> None:
    issuer.uid = "u2"
    with pytest.raises(IdentityUnavailable):
        await keeper.token()
    await keeper.settle()
    assert ring.tokens.get(ANA) != "refresh-1"
