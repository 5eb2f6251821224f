"""When not to disturb: whether it is quiet, and until when. Pure.

Instants are in unix seconds; a zone of None is the computer's own. What the schedule says is wall clock time: a quiet
from 22:00 to 8:00 ends at 8:00 also in the night in which the clocks change.
"""

import math
from datetime import date, datetime, time, timedelta, tzinfo

from salebell_desktop.settings import Quiet

HOUR = 3600.0
MORNING = 8
"""The hour at which a night ends."""
_NIGHT_ENDS = 5
"""Before this hour, "tomorrow morning" is still that of today."""
_LONGEST = 16
"""Quiets that follow each other without a gap: after so many it is always quiet."""


def quiet_until(quiet: Quiet, now: float, zone: tzinfo | None = None) -> float | None:
    """When the quiet of `now` ends: infinity if never; None: it is not quiet."""
    return _end(quiet, now, zone, asked=quiet.until)


def scheduled_until(quiet: Quiet, now: float, zone: tzinfo | None = None) -> float | None:
    """Likewise by the schedule alone."""
    return _end(quiet, now, zone, asked=0.0)


def next_morning(now: float, zone: tzinfo | None = None) -> float:
    """When the night is over for who wants to be left alone until tomorrow."""
    local = datetime.fromtimestamp(now, zone)
    day = local.date() if local.hour < _NIGHT_ENDS else local.date() + timedelta(days=1)
    return _instant(day, MORNING * 60, zone)


def _end(quiet: Quiet, now: float, zone: tzinfo | None, *, asked: float) -> float | None:
    end = now
    for _ in range(_LONGEST):
        # One may begin before the other ends, or as it ends.
        later = max(asked, _scheduled_end(quiet, end, zone))
        if later <= end:
            return None if end == now else end
        end = later
    return math.inf


def _scheduled_end(quiet: Quiet, instant: float, zone: tzinfo | None) -> float:
    """When the scheduled quiet that holds at `instant` ends; minus infinity if none does."""
    if not (quiet.scheduled and quiet.days):
        return -math.inf
    today = datetime.fromtimestamp(instant, zone).date()
    length = (quiet.end - quiet.start) % (24 * 60) or 24 * 60
    for day in (today, today - timedelta(days=1)):
        if day.weekday() in quiet.days:
            begin, end = _instant(day, quiet.start, zone), _instant(day, quiet.start + length, zone)
            if begin <= instant < end:
                return end
    return -math.inf


def _instant(day: date, minutes: int, zone: tzinfo | None) -> float:
    """So many minutes by the wall clock after the midnight with which `day` begins."""
    days, minute = divmod(minutes, 24 * 60)
    local = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), zone)
    return local.timestamp()
