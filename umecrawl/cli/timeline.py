"""`umecrawl timeline`: a term over time, with its share of all articles."""

from typing import Unpack

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.filters import Filtered, filter_options
from umecrawl.cli.output import Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.query.counting_rows import TimelineRow

_WIDTH = 36


@click.command("timeline")
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--by",
    type=click.Choice(["day", "week", "month", "year"]),
    default="month",
    show_default=True,
    help="Length of a period.",
)
@filter_options
@listing_options
@global_options
@pass_globals
def command(
    state: Globals, query: tuple[str, ...], by: str, form: Form, limit: int | None, **filters: Unpack[Filtered]
) -> None:
    """Show for each period how many articles answer a query, and their share of all articles of that period.

    Periods without any article are listed too. The filters narrow both numbers: with --site it is the share of the
    articles of that site. Days are those of `umecrawl count`.

    \b
    Examples:
      umecrawl timeline trygghet
      umecrawl timeline 'vård OR omsorg' --by year --site umesosse.se
      umecrawl timeline klimat --from 2022-01-01 --to 2022-12-31 --csv
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        rows = archive.timeline(" ".join(query), by=by, **filters)[:limit]
        state.doubt(archive, rows, filters["site"])
    if form is Form.TABLE and rows:
        _print(rows)
    else:
        emit(rows, form, ())


def _print(rows: list[TimelineRow]) -> None:
    console = Screen()
    longest = max(row.share or 0 for row in rows)
    wide = max(len(str(row.all_articles)) for row in rows)
    console.print(f"{'period':10}  {'articles':>{2 * wide + 4}}  {'share':>6}", markup=False)
    for row in rows:
        share = "" if row.share is None else f"{row.share:.1%}"
        bar = "▇" * round(_WIDTH * (row.share or 0) / longest) if longest else ""
        numbers = f"{row.articles:{wide}} of {row.all_articles:{wide}}"
        console.print(Text.assemble(f"{row.period:10}  {numbers:>8}  {share:>6}  ", (bar, "cyan")))
