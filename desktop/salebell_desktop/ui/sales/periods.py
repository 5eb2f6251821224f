"""The periods that the list can be narrowed to, as bounds of time in the user's zone. Pure."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum, auto

import msgspec

Bounds = tuple[datetime | None, datetime | None]
"""From, and until (excluded); None is open."""


class Period(Enum):
    """What people choose from."""

    TODAY = auto()
    YESTERDAY = auto()
    WEEK = auto()
    """Today and the six days before."""
    THIRTY_DAYS = auto()
    """Today and the 29 days before."""
    MONTH = auto()
    """This calendar month."""
    ALL = auto()
    CUSTOM = auto()
    """From one day to another, both included."""


class Days(msgspec.Struct, frozen=True):
    """The first and the last day of a custom period, both included."""

    first: date
    last: date


def bounds(period: Period, days: Days, now: datetime, zone: tzinfo | None = None) -> Bounds:
    """The instants at which a period begins and ends, as `Query` wants them.

    Args:
        period: which one.
        days: of a custom one; in any order.
        now: the time, to know what today is.
        zone: the user's; None is the computer's.
    """
    today = now.astimezone(zone).date()
    match period:
        case Period.ALL:
            return None, None
        case Period.TODAY:
            return _midnight(today, zone), None
        case Period.YESTERDAY:
            return _midnight(today - timedelta(days=1), zone), _midnight(today, zone)
        case Period.WEEK:
            return _midnight(today - timedelta(days=6), zone), None
        case Period.THIRTY_DAYS:
            return _midnight(today - timedelta(days=29), zone), None
        case Period.MONTH:
            return _midnight(today.replace(day=1), zone), None
        case Period.CUSTOM:
            first, last = sorted((days.first, days.last))
            return _midnight(first, zone), _midnight(last + timedelta(days=1), zone)


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
