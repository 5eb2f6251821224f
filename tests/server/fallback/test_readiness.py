"""What `/readyz` says while the log is away."""

from pathlib import Path

import pytest

from salebell_server.fallback.readiness import SharedReadiness
from salebell_server.log import LogUnavailable
from salebell_server.readiness import Health
from tests.server.fallback.stand import Stand, creation, no_room, scribble, standing, until


async def used(stand: Stand) -> None:
    stand.keeper.link_up()
    assert await stand.keeper.ready_within(10)


async def test_all_is_well(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await used(stand)
        readiness = await SharedReadiness(stand.keeper, keeps=True)()
        assert (readiness.status, readiness.reasons) == (Health.OK, ())


async def test_it_says_since_when_and_why_and_what_waits(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await used(stand)
        stand.log.away = True
        stand.keeper.failed("it is full")
        await stand.outbox.take(creation(1))
        await until(lambda: stand.keeper.contents.waiting, "it was looked at")
        readiness = await SharedReadiness(stand.keeper, keeps=True)()
        assert readiness.status is Health.DEGRADED
        log, outbox = readiness.reasons
        assert log.startswith("log: degraded for ")
        assert log.endswith(": it is switched off")
        assert outbox.startswith("outbox: 1 events wait, the oldest for ")


async def test_without_an_outbox_it_is_of_no_use(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        readiness = await SharedReadiness(stand.keeper, keeps=False)()
        assert readiness.status is Health.UNAVAILABLE


async def test_with_an_outbox_that_takes_nothing_it_is_of_no_use_until_there_is_room(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        readiness = SharedReadiness(stand.keeper, keeps=True)
        with no_room():
            with pytest.raises(LogUnavailable):
                await stand.outbox.take(creation(1))
            await until(lambda: stand.keeper.outbox_fault, "it was looked at")
            found = await readiness()
            assert found.status is Health.UNAVAILABLE
            assert found.reasons[1].startswith("outbox: the outbox on this server's disk cannot be used: ")
        await until(lambda: not stand.keeper.outbox_fault, "there is room")
        assert (await readiness()).status is Health.DEGRADED


async def test_what_was_set_aside_is_told_when_all_else_is_well(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        await stand.outbox.take(creation(1))
        (kept,) = await stand.outbox.kept(1)
        scribble(tmp_path / "outbox", kept.number)
        await used(stand)
        await until(lambda: stand.keeper.contents.aside, "it was looked at")
        readiness = await SharedReadiness(stand.keeper, keeps=True)()
        assert readiness.status is Health.OK
        assert readiness.reasons == ("outbox: 1 events can never come into the log; see the server's own log",)
