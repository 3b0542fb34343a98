"""Cron lines of five fields: checked where the configuration is read, and the moments they name in a time zone.

What a line means is what Debian's cron makes of it, as the library cronsim works it out. A time of day that the change
to summer time leaves out comes at the change; one that the change back brings twice comes the first time only. Lines
that name every hour, or every so many minutes, go by the time that passes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_FIELDS: Final = 5
# A line that comes this seldom never comes: 29 February is eight years away at most.
_SELDOM: Final = timedelta(days=9 * 366)
_FIRST_LOOK: Final = timedelta(hours=2)


def is_cron(line: str) -> bool:
    """Return whether a text is a cron line of five fields that names at least one moment."""
    if len(line.split()) != _FIELDS:
        return False
    try:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        return next(CronSim(line, start)) - start < _SELDOM
    except (CronSimError, StopIteration):
        return False


def moments_after(line: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Yield the moments (UTC) behind `after` that a cron line names in a time zone, in order, each once."""
    last = after
    for local in CronSim(line, after.astimezone(zone)):
        moment = local.astimezone(UTC)
        if moment > last:  # the hour that a clock shows twice, or leaves out, may name a moment again
            yield moment
            last = moment


def last_moment(line: str, zone: ZoneInfo, after: datetime, until: datetime) -> datetime | None:
    """Return the last moment (UTC) behind `after` and not behind `until`; nothing where there is none."""
    look = _FIRST_LOOK
    while True:
        begin = max(after, until - look)
        found = None
        for moment in moments_after(line, zone, begin):
            if moment > until:
                break
            found = moment
        if found is not None or begin <= after:
            return found
        look *= 4
