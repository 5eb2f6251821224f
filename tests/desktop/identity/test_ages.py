"""When a token is old: by the server's time, whatever the clock of this computer says."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from salebell_desktop.identity.errors import IdentityUnavailable, SessionEnded
from salebell_desktop.identity.keeper import TokenKeeper

pytestmark = pytest.mark.plain_asyncio

HOUR = 3600


class TestUsing:
    async def test_until_it_is_near_its_end(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        assert await keeper.token() == "id-1"
        time.pass_by(HOUR - 301)
        assert await keeper.token() == "id-1"
        time.pass_by(1)
        assert await keeper.token() == "id-2"
        assert issuer.refreshed == ["refresh-0", "refresh-1"]

    async def test_one_near_its_end_is_better_than_none(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        await keeper.token()
        issuer.failure = IdentityUnavailable("Later.")
        time.pass_by(HOUR - 100)
        assert await keeper.token() == "id-1"
        assert len(issuer.refreshed) == 2
        time.pass_by(80)
        assert await keeper.token() == "id-1"
        time.pass_by(10)
        with pytest.raises(IdentityUnavailable):
            await keeper.token()

    async def test_meanwhile_the_provider_is_not_asked_by_everybody(
        self, keeper: TokenKeeper, issuer: Any, time: Any
    ) -> None:
        await keeper.token()
        issuer.failure = IdentityUnavailable("Later.")
        time.pass_by(HOUR - 250)
        for _ in range(10):
            assert await keeper.token() == "id-1"
        assert len(issuer.refreshed) == 2

    async def test_a_short_lived_one_until_half_its_time(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        issuer.expires_in = 100
        await keeper.token()
        time.pass_by(49)
        assert await keeper.token() == "id-1"
        time.pass_by(1)
        assert await keeper.token() == "id-2"


class TestTheServersTime:
    async def test_what_remains_is_what_the_server_says(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        """The server's clock is ahead of the provider's by 50 minutes."""
        await keeper.token()
        keeper.lasts("id-1", 600)
        time.pass_by(299)
        assert await keeper.token() == "id-1"
        time.pass_by(1)
        assert await keeper.token() == "id-2"

    async def test_also_when_it_is_more(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        await keeper.token()
        time.pass_by(HOUR - 320)
        keeper.lasts("id-1", 2000)
        time.pass_by(1600)
        assert await keeper.token() == "id-1"

    async def test_of_another_token_it_says_nothing(self, keeper: TokenKeeper, issuer: Any) -> None:
        await keeper.token()
        keeper.lasts("id-0", 1)
        assert await keeper.token() == "id-1"
        keeper.lasts("id-1", -50)
        assert await keeper.token() == "id-2"

    async def test_a_clock_that_goes_far_ahead_costs_one_refresh(
        self, keeper: TokenKeeper, issuer: Any, time: Any
    ) -> None:
        await keeper.token()
        time.of_day += 1e8
        for _ in range(10):
            assert await keeper.token() == "id-2"
            keeper.lasts("id-2", HOUR)
        assert len(issuer.refreshed) == 2

    async def test_a_clock_that_is_set_back_makes_no_token_younger(
        self, keeper: TokenKeeper, issuer: Any, time: Any
    ) -> None:
        await keeper.token()
        time.pass_by(HOUR - 60)
        time.of_day -= 1e6
        assert await keeper.token() == "id-2"

    async def test_a_token_ages_while_the_computer_sleeps(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        await keeper.token()
        time.of_day += HOUR
        assert await keeper.token() == "id-2"

    async def test_a_server_that_takes_all_for_old_starts_no_storm(
        self, keeper: TokenKeeper, issuer: Any, time: Any
    ) -> None:
        issuer.expires_in = 4
        keeper.adopt(issuer.tokens(0))
        time.stop_after(10)
        await time.run(keeper)
        assert len(issuer.refreshed) <= 1 + time.slept_seconds / 30
        for _ in range(10):
            await keeper.token()
        assert len(issuer.refreshed) <= 2 + time.slept_seconds / 30


class TestRenewingAhead:
    async def test_before_the_server_asks_for_it(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        keeper.adopt(issuer.tokens(0))
        times: list[float] = []
        for count in (1, 2, 3):
            time.stop_when(lambda count=count: len(issuer.refreshed) == count)
            await time.run(keeper)
            times.append(time.slept_seconds)
        assert times == [pytest.approx((HOUR - 450) * count) for count in (1, 2, 3)]
        assert issuer.refreshed == ["refresh-0", "refresh-1", "refresh-2"]

    @pytest.mark.parametrize(("jitter", "ahead"), [(0.0, 300), (0.999, 600)])
    async def test_no_two_computers_at_the_same_time(
        self, keeper: TokenKeeper, issuer: Any, time: Any, jitter: float, ahead: float
    ) -> None:
        time.jitter = jitter
        keeper.adopt(issuer.tokens(0))
        time.stop_when(lambda: issuer.refreshed)
        await time.run(keeper)
        assert time.slept_seconds == pytest.approx(HOUR - ahead, abs=1)

    async def test_it_naps_and_looks_again(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        keeper.adopt(issuer.tokens(0))
        time.stop_after(3)
        await time.run(keeper)
        assert time.slept == [60, 60, 60]
        keeper.lasts("id-0", 100)
        time.stop_when(lambda: issuer.refreshed)
        await time.run(keeper)
        assert len(issuer.refreshed) == 1, "at once, since the server corrected the end"

    async def test_a_short_lived_token_at_half_its_time(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        issuer.expires_in = 80
        keeper.adopt(issuer.tokens(0))
        time.stop_when(lambda: issuer.refreshed)
        await time.run(keeper)
        assert time.slept == [40]

    async def test_failures_in_passing_are_waited_out_longer_and_longer(
        self, keeper: TokenKeeper, issuer: Any, time: Any
    ) -> None:
        issuer.failure = IdentityUnavailable("Later.")
        at: list[float] = []
        for count in range(1, 10):
            time.stop_when(lambda count=count: len(issuer.refreshed) == count)
            await time.run(keeper)
            at.append(time.slept_seconds)
        pauses = [later - earlier for earlier, later in pairwise(at)]
        assert pauses == pytest.approx([3.75, 7.5, 15, 30, 60, 120, 225, 225])
        issuer.failure = None
        time.stop_when(lambda: len(issuer.refreshed) == 10)
        await time.run(keeper)
        issuer.failure = IdentityUnavailable("Later.")
        time.stop_when(lambda: len(issuer.refreshed) == 12)
        before = time.slept_seconds
        await time.run(keeper)
        assert time.slept_seconds - before == pytest.approx(HOUR - 450 + 3.75)

    async def test_it_ends_with_the_session(
        self, keeper: TokenKeeper, issuer: Any, time: Any, ended: list[str]
    ) -> None:
        issuer.failure = SessionEnded("Gone.")
        await keeper.renew_ahead(time.sleep)
        await keeper.renew_ahead(time.sleep)
        assert len(issuer.refreshed) == 1
        assert ended == ["Gone."]

    async def test_and_when_nobody_wants_it_any_more(self, keeper: TokenKeeper, issuer: Any, time: Any) -> None:
        keeper.adopt(issuer.tokens(0))
        renewing = asyncio.create_task(keeper.renew_ahead(time.sleep))
        await asyncio.sleep(0)
        keeper.end()
        await renewing
        assert issuer.refreshed == []
