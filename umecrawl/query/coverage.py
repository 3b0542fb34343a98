"""How well sites were watched, by day, month or in all, with the days on which nobody asked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from umecrawl.errors import UsageError
from umecrawl.index.coverage_views import COUNTS, coverage
from umecrawl.query.capture_rows import CoverageRow
from umecrawl.query.filters import host_named
from umecrawl.query.times import day_of

PERIODS: Final = ("day", "month", "all")
_LONGEST: Final = timedelta(days=36_525)
_LENGTHS: Final = {"day": 10, "month": 7, "all": 0}


@dataclass(frozen=True, slots=True)
class CoverageFilters:
    """Of which site, and from which day to which, both inclusive (UTC)."""

    site: str | None = None
    since: date | None = None
    until: date | None = None


def find_coverage(connection: Connection, wanted: CoverageFilters, by: str = "day") -> list[CoverageRow]:
    """Return how each site was watched, by site and time; `by` is day, month or all. Raises `UsageError` for another.

    A site of which nothing was asked, and nothing that robots.txt forbade, is told of only where it is named.
    A site is followed from the first day it was asked (or `since`) to the last day that anything was asked (or
    `until`, of 100 years at most); days between on which nobody asked it are counted, and by day they are rows.
    """
    if by not in PERIODS:
        raise UsageError(f"there is no period {by!r}", hint=f"The periods are {', '.join(PERIODS)}.")
    wanted = replace(wanted, since=day_of(wanted.since), until=day_of(wanted.until))
    rows = coverage(host_named(wanted.site) if wanted.site is not None else None).subquery("days")
    statement = select(rows).order_by(rows.c.site, rows.c.day)
    if wanted.since is not None:
        statement = statement.where(rows.c.day >= f"{wanted.since:%Y-%m-%d}")
    if wanted.until is not None:
        statement = statement.where(rows.c.day <= f"{wanted.until:%Y-%m-%d}")
    found: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in connection.execute(statement).mappings():
        found[row["site"]][row["day"]] = dict(row)
    if not found:
        return []
    last = wanted.until or date.fromisoformat(max(day for days in found.values() for day in days))
    first = wanted.since or date.fromisoformat(min(day for days in found.values() for day in days))
    if last - first > _LONGEST:
        raise UsageError(f"{first} to {last} is no time to watch a site", hint="Name a span of 100 years at most.")
    return [
        one
        for site, days in found.items()
        if wanted.site is not None or any(row["requested"] or row["robots"] for row in days.values())
        for one in _periods(site, days, _span(wanted.since or date.fromisoformat(min(days)), last), _LENGTHS[by])
    ]


def _span(first: date, last: date) -> Iterator[str]:
    for number in range((last - first).days + 1):
        yield f"{first + timedelta(days=number):%Y-%m-%d}"


def _periods(site: str, watched: dict[str, dict[str, Any]], span: Iterable[str], length: int) -> Iterator[CoverageRow]:
    periods: dict[str, list[str]] = {}
    for day in span:
        periods.setdefault(day[:length], []).append(day)
    for period, days in periods.items():
        rows = [watched[day] for day in days if day in watched]
        yield CoverageRow(
            period=period or f"{days[0]}/{days[-1]}",
            site=site,
            days=len(days),
            days_watched=sum(bool(row["requested"]) for row in rows),
            **{name: sum(row[name] for row in rows) for name in ("runs", *COUNTS)},
        )
