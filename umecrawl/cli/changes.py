"""`umecrawl changes`: edits, stealth edits, headlines, removals, returns, paywalls and moves."""

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
from umecrawl.query.change_rows import ChangeRow
from umecrawl.query.changes import KINDS

_STYLES = {"removal": "red", "stealth-edit": "magenta", "restoration": "green"}
_ANNOUNCED = {"notice": "a notice in the text", "modified": "a later date"}


@click.command("changes")
@click.argument("url", required=False)
@click.option("--since", type=MOMENT, help="Found at or after this time.")
@click.option("--until", type=MOMENT, help="Found at or before this time.")
@click.option("--site", metavar="HOST", help="On this host.")
@click.option("--kind", type=click.Choice(KINDS), help="Of this kind.")
@click.option("--run", metavar="RUN", help="Found in this run.")
@listing_options
@global_options
@pass_globals
def command(
    state: Globals,
    url: str | None,
    since: datetime | None,
    until: datetime | None,
    site: str | None,
    kind: str | None,
    run: str | None,
    form: Form,
    limit: int | None,
) -> None:
    """List what changed in all articles, or in the one at URL, the latest first.

    A stealth edit left the time of change that the page, a feed or an API tells as it was, and put no notice into the
    text. A removal is listed from its first sighting and confirmed when captures of three days say so. Every row names
    the captures that show it (--json).

    \b
    Examples:
      umecrawl changes
      umecrawl changes --kind stealth-edit --since 2026-05-01
      umecrawl changes https://umesosse.se/2023/05/07/debatt/ --json
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        rows = archive.changes(url, since=since, until=until, site=site, kind=kind, run=run, limit=limit)
        state.doubt(archive, rows, site)
    if form is Form.TABLE:
        _print(rows)
        state.say(plural(len(rows), "change"))
    else:
        emit(rows, form, ())


def _print(rows: Sequence[ChangeRow]) -> None:
    console = Screen()
    for row in rows:
        doubt = "" if row.confirmed else ", not yet confirmed"
        kind = Text(f"{row.kind}{doubt}", style=_STYLES.get(row.kind, "yellow"))
        console.print(Text.assemble(f"{row.detected_at:%Y-%m-%d %H:%M} UTC  ", kind))
        console.print(Text(row.url, style="cyan"), soft_wrap=True)
        classes = f" ({', '.join(row.classes)})" if row.classes else ""
        told = f"; announced by {_ANNOUNCED[row.announced]}" if row.announced else ""
        console.print(Text(f"  {row.summary}{classes}{told}"))
        # Of a removal the captures between confirm it; --json has them all.
        for name, capture in zip(("before", "after"), (row.evidence[0], row.evidence[-1]), strict=True):
            console.print(Text(f"  {name}: capture {capture}", style="dim"), soft_wrap=True)
        console.print()
