"""`umecrawl reuse`: passages that articles share, and who had them first."""

from collections.abc import Sequence

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.output import Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.query.rows import ReuseRow

_SHOWN = 300  # characters of a passage


@click.command("reuse")
@click.argument("url", required=False)
@listing_options
@global_options
@pass_globals
def command(state: Globals, url: str | None, form: Form, limit: int | None) -> None:
    """List the passages that articles of different sites share, or those of the article at URL with any other.

    The source is the one that had the passage first: by the times of publication, where both are known, else by the
    first capture.

    \b
    Examples:
      umecrawl reuse
      umecrawl reuse https://umesosse.se/2023/05/07/debatt/ --json
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        rows = archive.reuse(url)[:limit]
    if form is Form.TABLE:
        _print(rows)
        state.say(plural(len(rows), "shared passage"))
    else:
        emit(rows, form, ())


def _print(rows: Sequence[ReuseRow]) -> None:
    console = Screen()
    for row in rows:
        console.print(Text(row.source_url, style="cyan"), soft_wrap=True)
        first = {"published": "published first", "first-seen": "seen first"}.get(row.ordering, "order unknown")
        share = f"{plural(row.words, 'word')}, {row.similarity:.0%} alike, {row.containment:.0%} of"
        console.print(Text(f"  {first}; {share}"))
        console.print(Text(row.target_url, style="cyan"), soft_wrap=True)
        passage = " ".join(row.passage.split())
        console.print(Text(f"  {passage[:_SHOWN]}{'…' if len(passage) > _SHOWN else ''}", style="dim"))
        console.print()
