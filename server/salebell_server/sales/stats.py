"""Counts and revenue by hour and day, in the time zone of whoever asks.

Days and hours are those of the wall clock: a day on which the clocks change has 23 or 25 hours, and where the zone's
offset is not whole hours, its hours do not start with those of UTC.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salebell_protocol import money
from salebell_protocol.http import Bucket, Revenue, Stats
from salebell_protocol.sales import SaleStatus
from salebell_server.log import Figure

DAYS = 31
"""Of daily figures, today included."""

HOURLY_DAYS = 7
"""Full days before today with hourly figures."""

_HOUR = timedelta(hours=1)


class UnknownZone(ValueError):
    """No time zone of that name is known."""


def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name.

    Raises:
        UnknownZone: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A name outside the database is a ValueError, a folder of it (such as "America") an OSError.
        raise UnknownZone(name) from None


def earliest(tz: ZoneInfo, now: datetime) -> datetime:
    """From when on figures are needed, in UTC: the start of the first day."""
    return _day_starts(tz, now)[0]


def statistics(store: str, tz: ZoneInfo, figures: Iterable[Figure], now: datetime) -> Stats:
    """Add up `figures`, in any order; those outside the days and hours do not count.

    Args:
        store: whose figures they are.
        tz: the zone of the hours and days.
        figures: of the sales created since `earliest`.
        now: in UTC; its day and its hour are the last ones.
    """
    days = _day_starts(tz, now)
    hours = _hour_starts(days, now)
    by_day, by_hour = _Tally(days), _Tally(hours)
    for figure in figures:
        by_day.add(figure)
        by_hour.add(figure)
    return Stats(store=store, tz=tz.key, hours=by_hour.buckets(), days=by_day.buckets())


def _day_starts(tz: ZoneInfo, now: datetime) -> list[datetime]:
    """The first instant of each day, and of tomorrow, in UTC."""
    today = now.astimezone(tz).date()
    return [_day_start(tz, today + timedelta(days=day)) for day in range(1 - DAYS, 2)]


def _day_start(tz: ZoneInfo, day: date) -> datetime:
    """Midnight; where the clocks skip it, the instant at which they do (PEP 495: the offset before the gap)."""
    return datetime(day.year, day.month, day.day, tzinfo=tz).astimezone(UTC)


def _hour_starts(days: Sequence[datetime], now: datetime) -> list[datetime]:
    """The start of each hour of the last days up to the current one, and its end, in UTC.

    Hours are counted from the start of their day. Where the clocks change by half an hour (Lord Howe Island), the
    last one of that day is half as long.
    """
    starts: list[datetime] = []
    for start, end in pairwise(days[-2 - HOURLY_DAYS :]):
        hour = start
        while hour < end and hour <= now:
            starts.append(hour)
            hour += _HOUR
    starts.append(min(starts[-1] + _HOUR, days[-1]))
    return starts


class _Tally:
    """What falls between consecutive instants."""

    def __init__(self, bounds: Sequence[datetime]) -> None:
        self._bounds = bounds
        holes = len(bounds) - 1
        self._sales = [0] * holes
        self._approved: list[dict[str, list[str]]] = [{} for _ in range(holes)]

    def add(self, figure: Figure) -> None:
        index = bisect_right(self._bounds, figure.created_at) - 1
        if not 0 <= index < len(self._sales):
            return
        self._sales[index] += 1
        if figure.status is SaleStatus.APPROVED:
            self._approved[index].setdefault(figure.currency, []).append(figure.total)

    def buckets(self) -> tuple[Bucket, ...]:
        return tuple(
            Bucket(
                start=start,
                sales=sales,
                approved=sum(map(len, approved.values())),
                revenue=tuple(
                    Revenue(currency=currency, total=money.add(totals), sales=len(totals))
                    for currency, totals in sorted(approved.items())
                ),
            )
            for start, sales, approved in zip(self._bounds, self._sales, self._approved, strict=False)
        )
