"""Hours in which a host is left alone, as `umecrawl.toml` has them: `"22:00-06:00"`, `"mon-fri 08:00-17:00"`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Final

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TEXT: Final = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+)?(?P<start>\d{1,2}:\d\d)\s*-\s*(?P<end>\d{1,2}:\d\d)"
)
_DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A stretch of the day by the clock on the wall, from `start` to before `end`, which may lie behind midnight.

    `days` are the days on which it begins, Monday being 0. `end` is midnight (00:00) for one that lasts to the end of
    the day; equal times make it a whole day.
    """

    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))

    def __str__(self) -> str:
        """Return the stretch as it is written in the file."""
        hours = f"{self.start:%H:%M}-{self.end:%H:%M}"
        if len(self.days) == len(_DAYS):
            return hours
        return f"{'+'.join(_DAYS[day] for day in sorted(self.days))} {hours}"

    def minutes(self) -> range:
        """Return the minutes it lasts, counted from the midnight before; those above 1440 lie on the day after."""
        start, end = (moment.hour * 60 + moment.minute for moment in (self.start, self.end))
        return range(start, end if end > start else end + _DAY_MINUTES)


def parse_quiet_hours(text: str) -> QuietHours:
    """Return the stretch that `text` names: hours, after a day or a range of days. Raises `ValueError`."""
    match = _TEXT.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"not quiet hours: {text!r}")
    days = frozenset(range(7))
    if match["first"]:
        first = _DAYS.index(match["first"])
        last = _DAYS.index(match["last"]) if match["last"] else first
        days = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
    return QuietHours(_time(match["start"]), _time(match["end"]), days)


def leave_room(hours: Sequence[QuietHours]) -> bool:
    """Return whether a week has any minute outside all of these hours."""
    week = 7 * _DAY_MINUTES
    quiet = {
        (day * _DAY_MINUTES + minute) % week
        for stretch in hours
        for day in stretch.days
        for minute in stretch.minutes()
    }
    return len(quiet) < week


def _time(text: str) -> time:
    hour, minute = (int(part) for part in text.split(":"))
    return time(0) if (hour, minute) == (24, 0) else time(hour, minute)
