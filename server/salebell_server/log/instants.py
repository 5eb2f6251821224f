"""Instants as the databases keep them: whole microseconds since 1970-01-01T00:00:00Z, negative before that."""

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """An aware `instant`, exactly."""
    return (instant - _START) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The instant, in UTC."""
    return _START + micros * _MICROSECOND
