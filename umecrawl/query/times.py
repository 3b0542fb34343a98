"""Bounds in time as people give them, on columns of views: a day means all of it, in UTC."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement

from umecrawl.errors import UsageError


def checked(bound: date) -> date:
    """Return a bound in time, a time without a zone as one in UTC. Raises `UsageError` for what is neither."""
    if not isinstance(bound, date):
        raise UsageError(f"no date or time: {bound!r}", hint="Give a date, as date(2026, 5, 6), or a datetime.")
    if isinstance(bound, datetime) and bound.tzinfo is None:
        return bound.replace(tzinfo=UTC)
    return bound


def moment(bound: date) -> datetime:
    """Return a bound as a time: a day as its beginning (UTC)."""
    bound = checked(bound)
    return bound if isinstance(bound, datetime) else datetime.combine(bound, time(), UTC)


def day_of(bound: date | None) -> date | None:
    """Return the day (UTC) in which a bound lies."""
    bound = checked(bound) if bound is not None else None
    return bound.astimezone(UTC).date() if isinstance(bound, datetime) else bound


def from_bound(column: ColumnElement[str], bound: date) -> ColumnElement[bool]:
    """Return whether a time of a view lies at or after a bound."""
    return column >= _as_viewed(moment(bound))


def to_bound(column: ColumnElement[str], bound: date) -> ColumnElement[bool]:
    """Return whether a time of a view lies at or before a bound, the whole of a day."""
    bound = checked(bound)
    if isinstance(bound, datetime):
        return column <= _as_viewed(bound)
    return column < _as_viewed(moment(bound + timedelta(days=1)))


def _as_viewed(at: datetime) -> str:
    """Return a time as the views write it, six decimals wide, so that text compares as time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
