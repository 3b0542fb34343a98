"""Bounds in time as people give them, on columns of views: a day means all of it, in UTC."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement


def from_bound(column: ColumnElement[str], bound: date) -> ColumnElement[bool]:
    """Return whether a time of a view lies at or after a bound."""
    return column >= _as_viewed(_moment(bound))


def to_bound(column: ColumnElement[str], bound: date) -> ColumnElement[bool]:
    """Return whether a time of a view lies at or before a bound, the whole of a day."""
    if isinstance(bound, datetime):
        return column <= _as_viewed(bound)
    return column < _as_viewed(_moment(bound + timedelta(days=1)))


def _as_viewed(at: datetime) -> str:
    """Return a time as the views write it, six decimals wide, so that text compares as time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _moment(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time(), UTC)
