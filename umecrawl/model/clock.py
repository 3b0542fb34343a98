"""The time of day, read in this one place (the default of every `clock` that is passed in), and times as numbers."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def microseconds_of(at: datetime) -> int:
    """Return the microseconds from 1970 to a time, as look-ups keep it."""
    return (at - _EPOCH) // _MICROSECOND


def time_of(microseconds: int) -> datetime:
    """Return the time (UTC) so many microseconds after the beginning of 1970."""
    return _EPOCH + microseconds * _MICROSECOND
