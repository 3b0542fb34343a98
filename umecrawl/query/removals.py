"""Articles that went, chosen by state, site and time, each with the steps of its evidence."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from umecrawl.errors import UsageError
from umecrawl.index.views import removal_steps
from umecrawl.index.views import removals as view
from umecrawl.query.change_rows import RemovalRow, RemovalStep
from umecrawl.query.filters import host_named
from umecrawl.query.rows import row_of
from umecrawl.query.times import from_bound, to_bound

STATES = ("missing", "gone", "restored", "moved")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class RemovalFilters:
    """Which removals are wanted; `since` and `until` bound the time of the state, both inclusive."""

    since: date | None = None
    until: date | None = None
    site: str | None = None
    state: str | None = None
    url: str | None = None


def find_removals(connection: Connection, wanted: RemovalFilters, limit: int | None = None) -> list[RemovalRow]:
    """Return the articles that went, the latest first. Raises `UsageError` for a state that there is none of."""
    statement = select(view).order_by(view.c.since.desc(), view.c.url).limit(limit)
    if wanted.state is not None:
        if wanted.state not in STATES:
            raise UsageError(f"there is no state {wanted.state!r}", hint=f"The states are {', '.join(STATES)}.")
        statement = statement.where(view.c.state == wanted.state)
    if wanted.since is not None:
        statement = statement.where(from_bound(view.c.since, wanted.since))
    if wanted.until is not None:
        statement = statement.where(to_bound(view.c.since, wanted.until))
    if wanted.site is not None:
        statement = statement.where(view.c.site == host_named(wanted.site))
    if wanted.url is not None:
        statement = statement.where(view.c.url == wanted.url)
    rows = [row._asdict() for row in connection.execute(statement)]
    steps = _steps(connection, [row["url"] for row in rows])
    return [row_of(RemovalRow, {**row, "steps": tuple(steps[row["url"]])}) for row in rows]


def _steps(connection: Connection, urls: list[str]) -> defaultdict[str, list[RemovalStep]]:
    found: defaultdict[str, list[RemovalStep]] = defaultdict(list)
    for start in range(0, len(urls), _BATCH):
        rows = connection.execute(
            select(removal_steps)
            .where(removal_steps.c.url.in_(urls[start : start + _BATCH]))
            .order_by(removal_steps.c.url, removal_steps.c.number)
        )
        for row in rows:
            found[row.url].append(row_of(RemovalStep, row._asdict()))
    return found
