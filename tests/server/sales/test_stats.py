"""Counts and revenue by the wall clock of whoever asks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salebell_protocol.http import Bucket, Revenue, Stats
from salebell_protocol.sales import SaleStatus
from salebell_server.log import Figure
from salebell_server.sales.stats import DAYS, UnknownZone, earliest, statistics, zone

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")
SANTIAGO = ZoneInfo("America/Santiago")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def at(text: str, zone: ZoneInfo) -> datetime:
    """A time on the wall clock, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def sold(at: datetime, total: str = "1", currency: str = "ARS", status: SaleStatus = SaleStatus.APPROVED) -> Figure:
    return Figure(at, status, currency, total)


def hours_of(stats: Stats, zone: ZoneInfo, day: str) -> list[datetime]:
    return [hour.start for hour in stats.hours if hour.start.astimezone(zone).date().isoformat() == day]


def filled(buckets: tuple[Bucket, ...]) -> list[Bucket]:
    return [bucket for bucket in buckets if bucket.sales]


class TestRevenue:
    NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)

    def test_it_is_of_the_approved_sales_exact_and_by_currency(self) -> None:
        figures = [
            sold(self.NOW, "0.1"),
            sold(self.NOW, "0.20"),
            sold(self.NOW, "999999999999999.999999"),
            sold(self.NOW, "1000", "CLP"),
            sold(self.NOW, "7", "EUR", SaleStatus.PENDING),
            sold(self.NOW, "7", "ARS", SaleStatus.CANCELLED),
            sold(self.NOW, "7", "ARS", SaleStatus.REFUNDED),
        ]
        stats = statistics("main", ZoneInfo("UTC"), figures, self.NOW)
        assert (stats.store, stats.tz) == ("main", "UTC")
        for buckets in (stats.days, stats.hours):
            [bucket] = filled(buckets)
            assert bucket is buckets[-1]
            assert (bucket.sales, bucket.approved) == (7, 4)
            assert bucket.revenue == (Revenue("ARS", "1000000000000000.299999", 3), Revenue("CLP", "1000", 1))

    def test_without_sales_there_are_no_holes(self) -> None:
        stats = statistics("main", ZoneInfo("UTC"), [], self.NOW)
        assert [day.start for day in stats.days] == [
            datetime(2026, 11, 24, tzinfo=UTC) - timedelta(days=day) for day in reversed(range(31))
        ]
        assert len(stats.hours) == 7 * 24 + 13
        assert stats.hours[0].start == datetime(2026, 11, 17, tzinfo=UTC)
        assert stats.hours[-1].start == datetime(2026, 11, 24, 12, tzinfo=UTC)
        assert all(bucket == Bucket(start=bucket.start, sales=0, approved=0, revenue=()) for bucket in stats.days)

    def test_the_first_instant_belongs_to_a_bucket_and_the_end_does_not(self) -> None:
        midnight = datetime(2026, 11, 24, tzinfo=UTC)
        stats = statistics("main", ZoneInfo("UTC"), [sold(midnight), sold(midnight - timedelta.resolution)], self.NOW)
        assert [bucket.start for bucket in filled(stats.days)] == [midnight - timedelta(days=1), midnight]
        assert [bucket.start for bucket in filled(stats.hours)] == [midnight - HOUR, midnight]

    def test_what_lies_outside_does_not_count(self) -> None:
        figures = [sold(self.NOW + timedelta(days=2)), sold(self.NOW - timedelta(days=40))]
        stats = statistics("main", ZoneInfo("UTC"), figures, self.NOW)
        assert filled(stats.days) == filled(stats.hours) == []


class TestWhenTheClocksChange:
    def test_a_day_has_25_hours_when_they_go_back(self) -> None:
        stats = statistics("main", NEW_YORK, [], at("2026-11-03T10:00", NEW_YORK))
        hours = hours_of(stats, NEW_YORK, "2026-11-01")
        assert len(hours) == 25
        assert all(later - earlier == HOUR for earlier, later in pairwise(hours))
        assert [start.astimezone(NEW_YORK).hour for start in hours[:4]] == [0, 1, 1, 2]

    def test_a_day_has_23_hours_when_they_go_forward(self) -> None:
        stats = statistics("main", NEW_YORK, [], at("2026-03-10T10:00", NEW_YORK))
        hours = hours_of(stats, NEW_YORK, "2026-03-08")
        assert len(hours) == 23
        assert [start.astimezone(NEW_YORK).hour for start in hours[:4]] == [0, 1, 3, 4]

    def test_the_repeated_hour_is_counted_apart(self) -> None:
        first, second = (datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=fold).astimezone(UTC) for fold in (0, 1))
        stats = statistics("main", NEW_YORK, [sold(first), sold(second)], at("2026-11-03T10:00", NEW_YORK))
        assert [bucket.sales for bucket in filled(stats.hours)] == [1, 1]
        assert [bucket.sales for bucket in filled(stats.days)] == [2]

    def test_a_day_whose_midnight_is_skipped_starts_at_one(self) -> None:
        stats = statistics("main", SANTIAGO, [], at("2026-09-08T10:00", SANTIAGO))
        hours = hours_of(stats, SANTIAGO, "2026-09-06")
        assert len(hours) == 23
        assert hours[0].astimezone(SANTIAGO).isoformat() == "2026-09-06T01:00:00-03:00"
        assert hours[0] in [day.start for day in stats.days]

    def test_half_an_hour_shortens_the_last_hour_of_the_day(self) -> None:
        stats = statistics("main", LORD_HOWE, [], at("2026-04-07T10:00", LORD_HOWE))
        hours = hours_of(stats, LORD_HOWE, "2026-04-05")
        assert len(hours) == 25
        [tomorrow, *_] = hours_of(stats, LORD_HOWE, "2026-04-06")
        assert tomorrow - hours[-1] == HOUR / 2


class TestAZoneThatIsHalfAnHourOff:
    NOW = at("2026-11-24T00:10", KOLKATA)

    def test_hours_and_days_are_those_of_its_clock(self) -> None:
        stats = statistics("main", KOLKATA, [], self.NOW)
        assert stats.hours[-1].start == datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
        assert stats.days[-1].start == datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
        assert {bucket.start.minute for bucket in (*stats.hours, *stats.days)} == {30}
        assert len(stats.hours) == 7 * 24 + 1

    def test_a_sale_before_midnight_is_of_yesterday(self) -> None:
        figures = [sold(at("2026-11-23T23:59", KOLKATA)), sold(at("2026-11-24T00:00", KOLKATA))]
        stats = statistics("main", KOLKATA, figures, self.NOW)
        assert [bucket.sales for bucket in stats.days[-2:]] == [1, 1]
        assert [bucket.sales for bucket in stats.hours[-2:]] == [1, 1]


ZONES = (
    "UTC",
    "America/Argentina/Buenos_Aires",
    "America/New_York",
    "America/Santiago",
    "Asia/Kathmandu",
    "Africa/Cairo",
)


@given(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.timedeltas(timedelta(0), timedelta(days=3653)).map(lambda since: datetime(2020, 1, 1, tzinfo=UTC) + since),
    st.lists(st.timedeltas(timedelta(days=-40), timedelta(0)), max_size=30),
)
def test_each_sale_is_of_the_day_and_hour_of_its_wall_clock(tz: ZoneInfo, now: datetime, ages: list[timedelta]) -> None:
    created = [now + age for age in ages]
    stats = statistics("main", tz, map(sold, created), now)

    assert len(stats.days) == DAYS
    assert stats.days[0].start == earliest(tz, now)
    for buckets in (stats.days, stats.hours):
        assert all(earlier.start < later.start for earlier, later in pairwise(buckets))
    for day in stats.days:
        date = day.start.astimezone(tz).date()
        assert day.sales == sum(instant.astimezone(tz).date() == date for instant in created)
    for hour in stats.hours:
        assert hour.sales == sum(hour.start <= instant < hour.start + HOUR for instant in created)
        assert hour.start.astimezone(tz).minute == 0
    assert stats.hours[-1].start <= now < stats.hours[-1].start + HOUR


class TestZone:
    def test_it_is_found_by_its_name(self) -> None:
        assert zone("America/Argentina/Buenos_Aires").key == "America/Argentina/Buenos_Aires"

    @pytest.mark.parametrize(
        "name",
        ["", "Nowhere", "America", "../UTC", "/etc/passwd", "America/", "UTC\0", "é", "tzdata.zi", "a" * 100, "."],
    )
    def test_there_is_no_other(self, name: str) -> None:
        with pytest.raises(UnknownZone):
            zone(name)
