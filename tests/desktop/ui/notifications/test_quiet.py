import math
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from salebell_desktop.settings import Quiet
from salebell_desktop.ui.notifications.quiet import next_morning, quiet_until, scheduled_until

MADRID = ZoneInfo("Europe/Madrid")
BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
NIGHT = Quiet(scheduled=True)
"""Every day from 22:00 to 8:00."""


def at(text: str, zone: tzinfo = UTC, fold: int = 0) -> float:
    """`2026-11-24 22:00` in unix seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


@pytest.mark.parametrize("zone", [UTC, MADRID, BUENOS_AIRES])
@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-24 21:59", None),
        ("2026-11-24 22:00", "2026-11-25 08:00"),
        ("2026-11-25 00:00", "2026-11-25 08:00"),
        ("2026-11-25 07:59", "2026-11-25 08:00"),
        ("2026-11-25 08:00", None),
        ("2026-12-31 23:00", "2027-01-01 08:00"),
    ],
)
def test_a_night_is_quiet_to_its_end(zone: tzinfo, now: str, end: str | None) -> None:
    assert quiet_until(NIGHT, at(now, zone), zone) == (None if end is None else at(end, zone))


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-24 12:59", None),
        ("2026-11-24 13:00", "2026-11-24 15:30"),
        ("2026-11-24 15:30", None),
        ("2026-11-25 13:00", None),
    ],
)
def test_a_quiet_within_a_day_holds_on_its_days(now: str, end: str | None) -> None:
    siesta = Quiet(scheduled=True, start=13 * 60, end=15 * 60 + 30, days=frozenset({1}))  # a Tuesday

    assert quiet_until(siesta, at(now), UTC) == (None if end is None else at(end))


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday = replace(NIGHT, days=frozenset({4}))

    assert quiet_until(friday, at("2026-11-27 03:00"), UTC) is None
    assert quiet_until(friday, at("2026-11-27 23:00"), UTC) == at("2026-11-28 08:00")
    assert quiet_until(friday, at("2026-11-28 03:00"), UTC) == at("2026-11-28 08:00")
    assert quiet_until(friday, at("2026-11-28 23:00"), UTC) is None


def test_days_without_a_gap_are_one_quiet() -> None:
    weekend = Quiet(scheduled=True, start=0, end=0, days=frozenset({5, 6}))

    assert quiet_until(weekend, at("2026-11-28 10:00"), UTC) == at("2026-11-30 00:00")
    assert quiet_until(weekend, at("2026-11-30 00:00"), UTC) is None


def test_every_day_around_the_clock_is_for_ever() -> None:
    always = Quiet(scheduled=True, start=9 * 60, end=9 * 60)

    assert quiet_until(always, at("2026-11-28 10:00"), UTC) == math.inf
    assert quiet_until(always, at("2026-11-28 09:00"), UTC) == math.inf


def test_without_a_schedule_or_without_days_nothing_is_quiet() -> None:
    assert quiet_until(Quiet(), at("2026-11-24 23:00"), UTC) is None
    assert quiet_until(replace(NIGHT, days=frozenset()), at("2026-11-24 23:00"), UTC) is None


def test_it_is_quiet_as_long_as_the_user_asked_for() -> None:
    now = at("2026-11-24 12:00")
    hour = Quiet(until=now + 3600)

    assert quiet_until(hour, now, UTC) == now + 3600
    assert quiet_until(hour, now + 3600, UTC) is None
    assert scheduled_until(hour, now, UTC) is None


def test_what_the_user_asked_for_and_the_schedule_add_up() -> None:
    evening = replace(NIGHT, until=at("2026-11-24 22:30"))
    into_the_day = replace(NIGHT, until=at("2026-11-25 09:00"))

    assert quiet_until(evening, at("2026-11-24 21:45"), UTC) == at("2026-11-25 08:00")
    assert quiet_until(into_the_day, at("2026-11-24 23:00"), UTC) == at("2026-11-25 09:00")
    assert scheduled_until(into_the_day, at("2026-11-24 23:00"), UTC) == at("2026-11-25 08:00")


def test_the_night_in_which_the_clocks_go_forward_is_shorter() -> None:
    evening, morning = at("2026-03-28 22:00", MADRID), at("2026-03-29 08:00", MADRID)
    assert morning - evening == 9 * 3600

    assert quiet_until(NIGHT, evening, MADRID) == morning
    assert quiet_until(NIGHT, morning - 1, MADRID) == morning
    assert quiet_until(NIGHT, morning, MADRID) is None


def test_the_night_in_which_the_clocks_go_back_is_longer() -> None:
    evening, morning = at("2026-10-24 22:00", MADRID), at("2026-10-25 08:00", MADRID)
    assert morning - evening == 11 * 3600

    for hour in range(11):
        assert quiet_until(NIGHT, evening + hour * 3600, MADRID) == morning
    assert quiet_until(NIGHT, morning, MADRID) is None


@pytest.mark.parametrize(("start", "end"), [(2 * 60 + 15, 2 * 60 + 45), (60, 2 * 60 + 30), (2 * 60 + 30, 4 * 60)])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_quiet_that_begins_or_ends_while_the_clocks_change_ends_at_all(start: int, end: int, day: str) -> None:
    quiet = Quiet(scheduled=True, start=start, end=end)
    midnight = at(f"{day} 00:00", MADRID)

    states = [quiet_until(quiet, midnight + minute * 60, MADRID) for minute in range(8 * 60)]

    assert states[0] is None
    assert states[-1] is None
    ends = {state for state in states if state is not None}
    assert len(ends) == 1
    assert next(iter(ends)) <= midnight + 5 * 3600


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-11-24 23:30", "2026-11-25 08:00"),
        ("2026-11-25 02:00", "2026-11-25 08:00"),
        ("2026-11-25 07:00", "2026-11-26 08:00"),
        ("2026-11-25 12:00", "2026-11-26 08:00"),
    ],
)
def test_tomorrow_morning_is_the_next_one_that_somebody_means(now: str, morning: str) -> None:
    assert next_morning(at(now, MADRID), MADRID) == at(morning, MADRID)


def test_without_a_zone_it_is_the_computers() -> None:
    local = datetime(2026, 11, 24, 23, 0).astimezone()

    assert quiet_until(NIGHT, local.timestamp()) == datetime(2026, 11, 25, 8, 0).timestamp()  # noqa: DTZ001
    assert next_morning(local.timestamp()) == datetime(2026, 11, 25, 8, 0).timestamp()  # noqa: DTZ001
