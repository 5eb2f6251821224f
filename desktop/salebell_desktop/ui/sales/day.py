"""The figures of the day, worked out of `/v1/stats`. Pure, and exact: amounts stay decimals.

Today is compared with yesterday by the full hours that have passed of both: the hour that runs is left out of either
side, so that nothing is compared with more time than it had.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import msgspec

from salebell_protocol.currencies import MINOR_UNITS
from salebell_protocol.http import Bucket, Revenue, Stats
from salebell_protocol.money import add, mean

_WEEK = 7
_HOUR = timedelta(hours=1)


class Amount(msgspec.Struct, frozen=True):
    """An amount as a decimal string, and its currency."""

    total: str
    currency: str


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One bar of the chart.

    Attributes:
        start, end: the instants between which it lies.
        sales: how many there were, whatever their status.
        revenue: of the approved ones, the largest number of sales first.
        before: the sales of the same time a day earlier, where that is known.
        current: the time that runs.
    """

    start: datetime
    end: datetime
    sales: int
    revenue: tuple[Amount, ...]
    before: int | None = None
    current: bool = False


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of today.

    Attributes:
        sales: of today, so far.
        hour: the local hour that ran when the server answered; the full hours before it are compared.
        full, yesterday: the sales in those hours, today and yesterday.
        last_week: the sales of the whole same weekday last week; None when that is not known.
        revenue: of today's approved sales, by currency, the largest number of sales first.
        average: of an approved sale, in the same order.
        last_week_average: of an approved sale of the same weekday last week, in the first currency of today.
        hours: a bar an hour of today.
        days: a bar a day, the last one today.
    """

    sales: int
    hour: int
    full: int
    yesterday: int
    last_week: int | None
    revenue: tuple[Amount, ...]
    average: tuple[Amount, ...]
    last_week_average: Amount | None
    hours: tuple[Slot, ...]
    days: tuple[Slot, ...]


def day(stats: Stats, now: datetime, zone: tzinfo | None = None) -> Day:
    """The figures of the day on which `now` is.

    Args:
        stats: what the server said; it may be of an earlier hour or day.
        now: the time.
        zone: of the stats; None is the computer's.
    """
    local = now.astimezone(zone)
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    of_today = _of_day(stats.hours, today, zone)
    of_yesterday = _of_day(stats.hours, yesterday, zone)
    # The answer may be of an earlier hour: what has passed since is in neither side.
    hour = of_today[-1].start.astimezone(zone).hour if of_today else 0
    whole = _day_bucket(stats.days, today, zone)
    week_ago = _day_bucket(stats.days, today - timedelta(days=_WEEK), zone)
    revenue = _sorted(whole.revenue) if whole is not None else ()
    return Day(
        sales=0 if whole is None else whole.sales,
        hour=hour,
        full=_before(of_today, hour, zone),
        yesterday=_before(of_yesterday, hour, zone),
        last_week=None if week_ago is None else week_ago.sales,
        revenue=tuple(Amount(each.total, each.currency) for each in revenue),
        average=tuple(_average(each) for each in revenue if each.sales),
        last_week_average=_average_of(week_ago, revenue),
        hours=tuple(_hours(of_today, of_yesterday, local, zone)),
        days=tuple(_days(stats.days, today, zone)),
    )


def change(now: int, before: int) -> int | None:
    """By how many percent `now` is more (or, negative, less) than `before`; None where that says nothing."""
    if before == 0:
        return None
    return int((Decimal(now - before) * 100 / before).to_integral_value(ROUND_HALF_UP))


def _hours(
    of_today: Sequence[Bucket], of_yesterday: Sequence[Bucket], local: datetime, zone: tzinfo | None
) -> Iterable[Slot]:
    """All 24 of them, on the wall clock: of an hour that the clocks repeat, both together."""
    midnight = datetime(local.year, local.month, local.day, tzinfo=local.tzinfo)
    for hour in range(24):
        now = [bucket for bucket in of_today if bucket.start.astimezone(zone).hour == hour]
        then = [bucket for bucket in of_yesterday if bucket.start.astimezone(zone).hour == hour]
        start = now[0].start if now else midnight + hour * _HOUR
        yield Slot(
            start=start,
            end=start + _HOUR,
            sales=sum(bucket.sales for bucket in now),
            revenue=_amounts(now),
            before=sum(bucket.sales for bucket in then),
            current=hour == local.hour,
        )


def _days(days: Sequence[Bucket], today: date, zone: tzinfo | None) -> Iterable[Slot]:
    ends = [*(later.start for _, later in pairwise(days)), *(days[-1].start + timedelta(days=1) for _ in days[:1])]
    for bucket, end in zip(days, ends, strict=True):
        current = bucket.start.astimezone(zone).date() == today
        yield Slot(start=bucket.start, end=end, sales=bucket.sales, revenue=_amounts([bucket]), current=current)


def _of_day(hours: Sequence[Bucket], wanted: date, zone: tzinfo | None) -> list[Bucket]:
    return [bucket for bucket in hours if bucket.start.astimezone(zone).date() == wanted]


def _day_bucket(days: Sequence[Bucket], wanted: date, zone: tzinfo | None) -> Bucket | None:
    return next((bucket for bucket in days if bucket.start.astimezone(zone).date() == wanted), None)


def _before(hours: Sequence[Bucket], hour: int, zone: tzinfo | None) -> int:
    return sum(bucket.sales for bucket in hours if bucket.start.astimezone(zone).hour < hour)


def _sorted(revenue: Sequence[Revenue]) -> tuple[Revenue, ...]:
    return tuple(sorted(revenue, key=lambda each: (-each.sales, each.currency)))


def _amounts(buckets: Sequence[Bucket]) -> tuple[Amount, ...]:
    """What several buckets come to, by currency."""
    parts: dict[str, list[Revenue]] = {}
    for bucket in buckets:
        for each in bucket.revenue:
            parts.setdefault(each.currency, []).append(each)
    sums = [
        Revenue(currency, add(part.total for part in same), sum(part.sales for part in same))
        for currency, same in parts.items()
    ]
    return tuple(Amount(each.total, each.currency) for each in _sorted(sums))


def _average(revenue: Revenue) -> Amount:
    decimals = MINOR_UNITS.get(revenue.currency, 2)
    return Amount(mean(revenue.total, revenue.sales, decimals), revenue.currency)


def _average_of(bucket: Bucket | None, today: Sequence[Revenue]) -> Amount | None:
    """In the currency of most of today's sales; where there were none today, of most of that day's."""
    if bucket is None:
        return None
    wanted = today[0].currency if today else None
    found = [each for each in _sorted(bucket.revenue) if each.sales and wanted in (None, each.currency)]
    return _average(found[0]) if found else None
