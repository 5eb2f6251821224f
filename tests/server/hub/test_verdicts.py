"""A verdict on each admin with an open socket is at most a minute old."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from itertools import pairwise

import structlog

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth import Admin, AuthFailure, Verdict
from salebell_server.hub.verdicts import BATCH, TIMEOUT_SECONDS, VerdictWatch
from tests.server.hub.stage import settle, until

GOOD = Verdict(None, None)


class Judge:
    """A `TokenVerifier` that the test can take away."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.unavailable = False
        self.forgotten: set[str] = set()
        self.gate: asyncio.Event | None = None

    async def verify(self, token: str) -> Admin:
        raise NotImplementedError

    async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
        self.asked.append(list(uids))
        if self.gate is not None:
            await self.gate.wait()
        if self.unavailable:
            raise AuthFailure(AuthErrorCode.AUTH_UNAVAILABLE, "no route")
        return {uid: GOOD for uid in uids if uid not in self.forgotten}


class Judged:
    """An outlet that only listens to verdicts."""

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []

    def judged(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)

    def write(self, frames: bytes) -> None:
        raise NotImplementedError

    def live(self) -> Callable[[bytes], None]:
        raise NotImplementedError

    def paced(self) -> None:
        raise NotImplementedError

    def deferred(self, offset: int, event_id: str) -> None:
        raise NotImplementedError

    def restored(self) -> None:
        raise NotImplementedError

    def close(self, code: int, reason: str) -> None:
        raise NotImplementedError


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def swept(watch: VerdictWatch, clock: Clock, seconds: int) -> None:
    for _ in range(seconds):
        clock.now += 1
        watch.sweep()
        await settle()


async def test_a_new_admin_is_looked_at_with_the_next_sweep_and_then_within_each_minute() -> None:
    judge, clock, outlet = Judge(), Clock(), Judged()
    watch = VerdictWatch(judge, clock)
    watch.add("u1", outlet)
    await swept(watch, clock, 1)
    assert outlet.verdicts == [GOOD]
    await swept(watch, clock, 300)
    assert 300 / 60 <= len(outlet.verdicts) - 1 <= 300 / 30
    await watch.close()


async def test_an_admin_is_looked_at_once_for_all_sockets() -> None:
    judge, clock = Judge(), Clock()
    watch = VerdictWatch(judge, clock)
    first, second = Judged(), Judged()
    watch.add("u1", first)
    await swept(watch, clock, 1)
    watch.add("u1", second)
    await swept(watch, clock, 59)
    assert judge.asked == [["u1"], ["u1"]]
    assert (len(first.verdicts), len(second.verdicts)) == (2, 1)
    await watch.close()


async def test_each_admin_has_a_minute_of_its_own() -> None:
    judge, clock = Judge(), Clock()
    watch = VerdictWatch(judge, clock)
    looked: dict[str, list[float]] = {}
    for second in range(400):
        if second % 13 == 0 and second < 50:
            watch.add(f"u{second}", Judged())
        known = len(judge.asked)
        await swept(watch, clock, 1)
        for uid in [uid for uids in judge.asked[known:] for uid in uids]:
            looked.setdefault(uid, []).append(clock.now)
    assert len(looked) == 4
    for times in looked.values():
        assert len(times) >= 6
        assert all(later - earlier <= 55 for earlier, later in pairwise(times))
    await watch.close()


async def test_many_are_looked_at_in_batches() -> None:
    judge, clock = Judge(), Clock()
    watch = VerdictWatch(judge, clock)
    outlets = [Judged() for _ in range(250)]
    for number, outlet in enumerate(outlets):
        watch.add(f"u{number}", outlet)
    await swept(watch, clock, 1)
    assert [len(uids) for uids in judge.asked] == [BATCH, BATCH, 50]
    assert all(outlet.verdicts == [GOOD] for outlet in outlets)
    await watch.close()


async def test_who_is_gone_is_not_looked_at() -> None:
    judge, clock, outlet = Judge(), Clock(), Judged()
    watch = VerdictWatch(judge, clock)
    watch.add("u1", outlet)
    watch.add("u2", Judged())
    await swept(watch, clock, 1)
    watch.discard("u1", outlet)
    watch.discard("u1", outlet)
    await swept(watch, clock, 100)
    assert all(uids == ["u2"] for uids in judge.asked[1:])
    assert len(outlet.verdicts) == 1
    await watch.close()


async def test_who_goes_while_looked_at_is_not_told() -> None:
    judge, clock, outlet = Judge(), Clock(), Judged()
    judge.gate = asyncio.Event()
    watch = VerdictWatch(judge, clock)
    watch.add("u1", outlet)
    await swept(watch, clock, 3)
    assert judge.asked == [["u1"]]
    watch.discard("u1", outlet)
    judge.gate.set()
    await settle()
    assert outlet.verdicts == []
    await swept(watch, clock, 100)
    assert judge.asked == [["u1"]]
    await watch.close()


async def test_an_account_that_nobody_knows_is_revoked() -> None:
    judge, clock, outlet = Judge(), Clock(), Judged()
    judge.forgotten = {"u1"}
    watch = VerdictWatch(judge, clock)
    watch.add("u1", outlet)
    await swept(watch, clock, 1)
    assert [verdict.refusal for verdict in outlet.verdicts] == [AuthErrorCode.REVOKED]
    await watch.close()


async def test_a_provider_that_cannot_be_reached_closes_nobody_and_is_left_alone_for_a_while() -> None:
    judge, clock, outlet = Judge(), Clock(), Judged()
    judge.unavailable = True
    watch = VerdictWatch(judge, clock)
    watch.add("u1", outlet)
    with structlog.testing.capture_logs() as logs:
        await swept(watch, clock, 20)
    assert outlet.verdicts == []
    assert len(judge.asked) == 4
    assert {entry["event"] for entry in logs} == {"verdicts_unavailable"}
    judge.unavailable = False
    await swept(watch, clock, 5)
    assert outlet.verdicts == [GOOD]
    await watch.close()


async def test_a_provider_that_never_answers_is_given_up_and_asked_again() -> None:
    judge, clock, outlet = Judge(), Clock(), Judged()
    judge.gate = asyncio.Event()
    watch = VerdictWatch(judge, clock, timeout=0.01)
    watch.add("u1", outlet)
    watch.sweep()
    await until(lambda: watch.idle)
    judge.gate.set()
    await swept(watch, clock, 6)
    assert outlet.verdicts == [GOOD]
    assert TIMEOUT_SECONDS <= 15
    await watch.close()


async def test_a_batch_that_fails_holds_up_no_other() -> None:
    class Partly(Judge):
        async def verdicts(self, uids: Collection[str]) -> Mapping[str, Verdict]:
            if "u0" in uids:
                raise AuthFailure(AuthErrorCode.AUTH_UNAVAILABLE, "one record is odd")
            return await super().verdicts(uids)

    clock, judge = Clock(), Partly()
    watch = VerdictWatch(judge, clock)
    outlets = [Judged() for _ in range(2 * BATCH + 1)]
    for number, outlet in enumerate(outlets):
        watch.add(f"u{number}", outlet)
    watch.sweep()
    await until(lambda: watch.idle)
    assert [len(outlet.verdicts) for outlet in outlets] == [0] * BATCH + [1] * (BATCH + 1)
    await watch.close()
