"""`umecrawl count`: how many articles answer a query, by time, site or author."""

from typing import Unpack

import click

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.filters import Filtered, filter_options
from umecrawl.cli.output import Column, Form, emit, listing_options

_BY = ("day", "week", "month", "year", "site", "author", "signatory")


@click.command("count")
@click.argument("query", nargs=-1)
@click.option("--by", type=click.Choice(_BY), default="month", show_default=True, help="What is counted by.")
@filter_options
@listing_options
@global_options
@pass_globals
def command(
    state: Globals, query: tuple[str, ...], by: str, form: Form, limit: int | None, **filters: Unpack[Filtered]
) -> None:
    """Count the articles that answer a query, in any of their versions; without QUERY, all articles.

    An article is counted once, under the day that it states as that of its publication, else that of its first
    capture (UTC). Authors are counted as bylines name them, signatories as texts are signed.

    \b
    Examples:
      umecrawl count trygghet
      umecrawl count '"utsatta områden"' --by site --from 2022-01-01
      umecrawl count --by author --site umesosse.se --csv
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        rows = archive.count(" ".join(query) or None, by=by, **filters)
        state.doubt(archive, rows, filters["site"])
    columns = (
        Column("name", by, gives_way=True, fold=True),
        Column("articles", "articles", right=True),
        Column("versions", "versions", right=True),
    )
    emit(rows[:limit], form, columns)
    if form is Form.TABLE and by not in {"author", "signatory"}:
        state.say(plural(sum(row.articles for row in rows), "article"))
