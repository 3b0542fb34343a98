"""Times as people give them on the command line: a date, a date with time, or 14 digits."""

from datetime import UTC, date, datetime

import click

_DIGITS = 14


class _Moment(click.ParamType[datetime]):
    """A moment in UTC: `2026-05-06`, `2026-05-06T10:15:00Z` or `20260506101500`."""

    name = "TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment; what has no zone is UTC."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            if text.isdigit() and len(text) == _DIGITS:
                return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):  # the latter at the ends of the calendar
            self.fail(f"{text!r} is no time; write 2026-05-06, 2026-05-06T10:15:00Z or 20260506101500", param, ctx)


class _Day(click.ParamType[date]):
    """A day, as `2026-05-06`."""

    name = "DATE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"{str(value)!r} is no date; write 2026-05-06", param, ctx)


MOMENT = _Moment()
DAY = _Day()
