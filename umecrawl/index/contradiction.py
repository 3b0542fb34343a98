"""Whether two claims on one thing contradict each other, compared only as far as both of them say something."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta

_DATES = frozenset({"published", "modified"})
_PART_OF_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")
# The clocks of the world are 12 h behind UTC to 14 h ahead of it (tz database).
_BEHIND, _AHEAD = timedelta(hours=12), timedelta(hours=14)
# Of names and headlines; to compose thousands of accents takes the square of their number.
_LONGEST = 2_000
_NOT_A_WORD = re.compile(r"[\W_]+")
_BETWEEN_NAMES = re.compile(r"[,;/&|]|\s(?:och|and)\s", re.IGNORECASE)


def contradicts(field: str, value: str, taken: str) -> bool:
    """Return whether a claim on a field says something else than the value that was taken.

    Of names and headlines only letters and digits count, whatever their case, and of several names not their order.
    Dates (RFC 3339, bare or shortened as
    `2023-05`) are compared as precisely as both are given: a bare date agrees with any time of that day, where the
    time stands in UTC with any time that is that day somewhere; `12:30:00` agrees with `12:30:45`, for many sources
    round to minutes.
    """
    if value == taken:
        return False
    if field in _DATES:
        return not _same_time(value, taken)
    if field == "byline":
        return _names(value) != _names(taken)
    return _words(value) != _words(taken)


def _names(value: str) -> set[str]:
    return {_words(name) for name in _BETWEEN_NAMES.split(value)} - {""}


def _words(value: str) -> str:
    return _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", value[:_LONGEST]).casefold()).strip()


def _same_time(one: str, other: str) -> bool:
    a, b = _moment(one), _moment(other)
    if isinstance(a, datetime) and isinstance(b, datetime):
        return _same_moment(a, b)
    if isinstance(a, datetime):
        return _on(a, other)
    if isinstance(b, datetime):
        return _on(b, one)
    if _PART_OF_DATE.fullmatch(one) and _PART_OF_DATE.fullmatch(other):
        return one.startswith(other) or other.startswith(one)
    return False


def _moment(value: str) -> datetime | None:
    if _PART_OF_DATE.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _same_moment(a: datetime, b: datetime) -> bool:
    if a.tzinfo is None or b.tzinfo is None:  # by the clock on the wall
        a, b = a.replace(tzinfo=None), b.replace(tzinfo=None)
    if 0 in {a.second, b.second}:
        a, b = a.replace(second=0, microsecond=0), b.replace(second=0, microsecond=0)
    return a.replace(microsecond=0) == b.replace(microsecond=0)


def _on(at: datetime, day: str) -> bool:
    """Return whether a time lies on a day (or in a month or year)."""
    if not _PART_OF_DATE.fullmatch(day):
        return False
    days: set[date] = {at.date()}
    if at.tzinfo is not None and at.utcoffset() == timedelta():  # the zone of the writer is not told
        at = at.astimezone(UTC).replace(tzinfo=None)
        days |= {at.date() if at.year in {1, 9999} else (at + shift).date() for shift in (-_BEHIND, _AHEAD)}
    return any(one.isoformat().startswith(day) for one in days)
