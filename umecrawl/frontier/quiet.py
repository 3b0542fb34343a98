"""When quiet hours end: the clock on the wall of a time zone, through changes to and from summer time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from umecrawl.config import QuietHours

_DAY = timedelta(days=1)
# One stretch may begin where another ends; a week of them is the most that a configuration can have.
_MOST_IN_A_ROW = 7 * 24 * 60


def free_at(moment: datetime, hours: Sequence[QuietHours], zone: ZoneInfo) -> datetime:
    """Return the first moment (UTC) from `moment` on that lies in none of the quiet hours.

    What counts is what a clock on the wall shows. Where an end does not exist, for the clocks were put forward over
    it, the quiet ends when it would have come; where an hour comes twice, it is quiet both times.
    """
    for _ in range(_MOST_IN_A_ROW):
        ends = [end for stretch in hours if (end := _end(moment, stretch, zone)) is not None]
        if not ends:
            break
        moment = max(ends)
    return moment


def _end(moment: datetime, stretch: QuietHours, zone: ZoneInfo) -> datetime | None:
    """Return when a stretch ends that the moment lies in; nothing where it lies in none."""
    local = moment.astimezone(zone)
    for day in (local.date() - _DAY, local.date()):
        if day.weekday() not in stretch.days:
            continue
        last = day if stretch.end > stretch.start else day + _DAY
        begins, ends = datetime.combine(day, stretch.start), datetime.combine(last, stretch.end)
        if begins <= local.replace(tzinfo=None, fold=0) < ends:
            return _after(moment, last, stretch.end, zone)
    return None


def _after(moment: datetime, day: date, end: time, zone: ZoneInfo) -> datetime:
    for fold in (0, 1):
        until = datetime.combine(day, end, zone).replace(fold=fold).astimezone(UTC)
        if until > moment:
            return until
    # The hour that comes twice has just been put back behind the end.
    return moment + timedelta(minutes=1)
