from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from salebell_desktop.ui.sales.periods import Days, Period, bounds

BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # still the 23rd in Buenos Aires
DAYS = Days(date(2026, 11, 3), date(2026, 11, 1))


def at(day: int, hour: int = 3, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        (Period.TODAY, at(23), None),
        (Period.YESTERDAY, at(22), at(23)),
        (Period.WEEK, at(17), None),
        (Period.THIRTY_DAYS, at(25, month=10), None),
        (Period.MONTH, at(1), None),
        (Period.ALL, None, None),
        (Period.CUSTOM, at(1), at(4)),
    ],
)
def test_days_begin_at_the_users_midnight(period: Period, since: datetime | None, until: datetime | None) -> None:
    assert bounds(period, DAYS, NOW, BUENOS_AIRES) == (since, until)


def test_a_day_may_have_another_length() -> None:
    """On 1 November 2026 the clocks of New York go back."""
    days = Days(date(2026, 11, 1), date(2026, 11, 1))

    assert bounds(Period.CUSTOM, days, NOW, NEW_YORK) == (at(1, 4), at(2, 5))
