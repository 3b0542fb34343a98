"""`umecrawl coverage`: how well each site was watched, for a methods section."""

from datetime import date

import click

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.moments import DAY
from umecrawl.cli.output import Column, Form, emit, listing_options
from umecrawl.query.coverage import PERIODS

_PERIOD = Column("period", "day")
_COLUMNS = (
    Column("site", "site", fold=True, gives_way=True),
    Column("days_watched", "days", right=True),
    Column("requested", "asked", right=True),
    Column("pages", "pages", right=True),
    Column("gone", "gone", right=True),
    Column("blocked", "block", right=True),
    Column("errors", "error", right=True),
    Column("failed", "fail", right=True),
    Column("robots", "robot", right=True),
    Column("new_versions", "new", right=True),
)


@click.command("coverage")
@click.option("--site", metavar="HOST", help="Of this host.")
@click.option("--since", type=DAY, help="From this day on (UTC).")
@click.option("--until", type=DAY, help="Up to this day (UTC).")
@click.option("--by", type=click.Choice(PERIODS), default="month", show_default=True, help="A row for each of these.")
@listing_options
@global_options
@pass_globals
def command(
    state: Globals,
    site: str | None,
    since: date | None,
    until: date | None,
    by: str,
    form: Form,
    limit: int | None,
) -> None:
    """Say how well each site was watched: on how many days, what was asked, and what came of it.

    Images, styles and scripts of pages and robots.txt are not counted. By day, days on which nobody asked are rows
    too. `robot` are URLs that robots.txt forbade; which URLs are named and not captured: the SQL view `missed`.

    \b
    Examples:
      umecrawl coverage
      umecrawl coverage --by day --site umesosse.se --since 2026-05-01
      umecrawl coverage --by all --csv > coverage.csv
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        rows = archive.coverage(site=site, since=since, until=until, by=by)[:limit]
        state.doubt(archive, rows, site)
    # Of all time the span is the same for most sites, and as wide as a day is not.
    emit(rows, form, _COLUMNS if by == "all" else (_PERIOD, *_COLUMNS), empty="Nothing was asked for.")
