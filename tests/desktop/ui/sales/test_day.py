from datetime import UTC, datetime, timedelta, timezone

from salebell_desktop.ui.sales.day import Amount, change, day
from salebell_protocol.http import Bucket, Revenue, Stats

NOW = datetime(2026, 11, 24, 14, 34, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def bucket(start: datetime, sales: int, *revenue: Revenue) -> Bucket:
    return Bucket(start=start, sales=sales, approved=sum(each.sales for each in revenue), revenue=revenue)


def stats(hours: dict[datetime, int], days: list[Bucket]) -> Stats:
    first = MIDNIGHT - 7 * DAY
    all_hours = [first + number * HOUR for number in range(7 * 24 + 15)]
    return Stats(
        store="main", tz="UTC", hours=tuple(bucket(each, hours.get(each, 0)) for each in all_hours), days=tuple(days)
    )


def test_today_so_far() -> None:
    ars, usd = Revenue("ARS", "100.00", 3), Revenue("USD", "20.00", 1)
    figures = day(stats({}, [bucket(MIDNIGHT - 7 * DAY, 5), bucket(MIDNIGHT, 6, usd, ars)]), NOW, UTC)
    assert figures.sales == 6
    assert figures.revenue == (Amount("100.00", "ARS"), Amount("20.00", "USD"))
    assert figures.average == (Amount("33.33", "ARS"), Amount("20.00", "USD"))
    assert figures.last_week == 5
    assert figures.last_week_average is None


def test_only_full_hours_are_compared() -> None:
    yesterday = MIDNIGHT - DAY
    counts = {MIDNIGHT + 13 * HOUR: 4, MIDNIGHT + 14 * HOUR: 9, yesterday + 13 * HOUR: 2, yesterday + 14 * HOUR: 50}
    figures = day(stats(counts, [bucket(MIDNIGHT, 13)]), NOW, UTC)
    assert (figures.hour, figures.full, figures.yesterday) == (14, 4, 2)
    assert [slot.sales for slot in figures.hours][13:15] == [4, 9]
    assert [slot.before for slot in figures.hours][13:15] == [2, 50]
    assert [row for row, slot in enumerate(figures.hours) if slot.current] == [14]


def test_the_average_of_last_week_is_in_todays_currency() -> None:
    week_ago = bucket(MIDNIGHT - 7 * DAY, 3, Revenue("ARS", "90.00", 2), Revenue("EUR", "7.00", 1))
    assert day(stats({}, [week_ago, bucket(MIDNIGHT, 1, Revenue("EUR", "5.00", 1))]), NOW, UTC).last_week_average == (
        Amount("7.00", "EUR")
    )
    assert day(stats({}, [week_ago, bucket(MIDNIGHT, 0)]), NOW, UTC).last_week_average == Amount("45.00", "ARS")


def test_an_answer_of_yesterday_says_nothing_of_today() -> None:
    figures = day(stats({}, [bucket(MIDNIGHT, 13)]), NOW + DAY, UTC)
    assert figures.sales == 0
    assert figures.revenue == ()
    assert not any(slot.current for slot in figures.days)


def test_the_hours_are_those_of_the_users_zone() -> None:
    zone = timezone(timedelta(hours=-3))
    figures = day(stats({MIDNIGHT + 13 * HOUR: 4}, []), NOW, zone)
    assert figures.hour == 11
    assert figures.hours[10].sales == 4


def test_days_are_bars_too() -> None:
    figures = day(stats({}, [bucket(MIDNIGHT - DAY, 2), bucket(MIDNIGHT, 3, Revenue("JPY", "5", 2))]), NOW, UTC)
    assert [(slot.sales, slot.end - slot.start, slot.current) for slot in figures.days] == [
        (2, DAY, False),
        (3, DAY, True),
    ]
    assert figures.average == (Amount("3", "JPY"),)


def test_large_amounts_stay_exact() -> None:
    large = Revenue("ARS", "123456789012345678901234567890.25", 1)
    counts = stats({}, [bucket(MIDNIGHT, 1, large)])
    figures = day(counts, NOW, UTC)
    assert figures.average == (Amount("123456789012345678901234567890.25", "ARS"),)
    assert figures.days[0].revenue == (Amount("123456789012345678901234567890.25", "ARS"),)


def test_an_answer_of_an_earlier_hour_compares_what_it_knew() -> None:
    counts = {MIDNIGHT + 13 * HOUR: 4, MIDNIGHT - DAY + 14 * HOUR: 50}
    figures = day(stats(counts, [bucket(MIDNIGHT, 4)]), NOW + 3 * HOUR, UTC)
    assert (figures.hour, figures.full, figures.yesterday) == (14, 4, 0)


def test_percentages() -> None:
    assert change(3, 2) == 50
    assert change(1, 3) == -67
    assert change(2, 2) == 0
    assert change(5, 0) is None
