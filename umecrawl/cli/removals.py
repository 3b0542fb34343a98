"""`umecrawl removals`: articles that went, each with the chain of its evidence."""

from collections.abc import Sequence
from datetime import datetime

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.moments import MOMENT
from umecrawl.cli.output import Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.query.change_rows import RemovalRow
from umecrawl.query.removals import STATES

_STYLES = {"missing": "yellow", "gone": "red", "restored": "green", "moved": "cyan"}


@click.command("removals")
@click.argument("url", required=False)
@click.option("--state", "wanted", type=click.Choice(STATES), help="In this state.")
@click.option("--since", type=MOMENT, help="In it at or after this time.")
@click.option("--until", type=MOMENT, help="In it at or before this time.")
@click.option("--site", metavar="HOST", help="On this host.")
@listing_options
@global_options
@pass_globals
def command(
    state: Globals,
    url: str | None,
    wanted: str | None,
    since: datetime | None,
    until: datetime | None,
    site: str | None,
    form: Form,
    limit: int | None,
) -> None:
    """List the articles that went, or the one at URL, with each step of the evidence and its capture.

    An article is missing when it was gone on fewer than three days, or when no sitemap names it any more and nobody
    asked for it since; gone when captures of three days say so; restored; or moved to another address.

    \b
    Examples:
      umecrawl removals --state gone --site umesosse.se
      umecrawl removals --since 2026-05-01 --json
      umecrawl removals https://umesosse.se/2023/05/07/debatt/
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        rows = archive.removals(url, since=since, until=until, site=site, state=wanted, limit=limit)
        state.doubt(archive, rows, site)
    if form is Form.TABLE:
        _print(rows)
        state.say(plural(len(rows), "article"))
    else:
        emit(rows, form, ())


def _print(rows: Sequence[RemovalRow]) -> None:
    console = Screen()
    for row in rows:
        console.print(Text.assemble((row.state, _STYLES[row.state]), "  ", (row.title or "(no title)", "bold")))
        console.print(Text(row.url, style="cyan"), soft_wrap=True)
        for step in row.steps:
            console.print(Text(f"  {step.at:%Y-%m-%d %H:%M}  {step.step}: {step.detail}"), soft_wrap=True)
            console.print(Text(f"                    capture {step.capture}", style="dim"), soft_wrap=True)
        console.print()
