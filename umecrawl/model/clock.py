"""The one place where the time of day is read: the default of every `clock` that is passed in."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
