"""What changed in articles, chosen by time, site and kind."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from umecrawl.errors import UsageError
from umecrawl.index.views import changes as view
from umecrawl.query.change_rows import ChangeRow
from umecrawl.query.filters import host_named
from umecrawl.query.rows import row_of
from umecrawl.query.times import from_bound, to_bound

KINDS = ("edit", "stealth-edit", "headline", "removal", "restoration", "paywall", "moved")


@dataclass(frozen=True, slots=True)
class ChangeFilters:
    """Which changes are wanted; bounds are inclusive, a day is a day in UTC, `url` is that of one article."""

    since: date | None = None
    until: date | None = None
    site: str | None = None
    kind: str | None = None
    url: str | None = None
    run: str | None = None


def find_changes(connection: Connection, wanted: ChangeFilters, limit: int | None = None) -> list[ChangeRow]:
    """Return the changes wanted, the latest first. Raises `UsageError` for a kind that there is none of."""
    statement = select(view).order_by(view.c.detected_at.desc(), view.c.url, view.c.kind, view.c.id).limit(limit)
    if wanted.kind is not None:
        if wanted.kind not in KINDS:
            raise UsageError(f"there is no kind of change {wanted.kind!r}", hint=f"The kinds are {', '.join(KINDS)}.")
        statement = statement.where(view.c.kind == wanted.kind)
    if wanted.since is not None:
        statement = statement.where(from_bound(view.c.detected_at, wanted.since))
    if wanted.until is not None:
        statement = statement.where(to_bound(view.c.detected_at, wanted.until))
    if wanted.site is not None:
        statement = statement.where(view.c.site == host_named(wanted.site))
    if wanted.url is not None:
        statement = statement.where(view.c.url == wanted.url)
    if wanted.run is not None:
        statement = statement.where(view.c.run == wanted.run)
    return [row_of(ChangeRow, row._asdict()) for row in connection.execute(statement)]
