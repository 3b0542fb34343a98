"""`umecrawl similar`: articles that are like another one."""

from typing import Unpack

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.filters import Filtered, filter_options
from umecrawl.cli.output import Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.query.counting_rows import SimilarRow

_DEFAULT_LIMIT = 10


@click.command("similar")
@click.argument("url")
@filter_options
@listing_options
@global_options
@pass_globals
def command(state: Globals, url: str, form: Form, limit: int | None, **filters: Unpack[Filtered]) -> None:
    """List the articles that are most like the one at URL, as they stand now.

    They are alike by the words they share, rare ones most; no order of words is looked at. What one article took
    from another word for word is told by `umecrawl reuse`. The most alike 10 are shown; --limit asks for others.

    \b
    Examples:
      umecrawl similar https://umesosse.se/2023/05/07/debatt/
      umecrawl similar https://umesosse.se/2023/05/07/debatt/ --site vk.se --json
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        rows = archive.similar(url, limit=limit or _DEFAULT_LIMIT, **filters)
    if form is Form.TABLE:
        _print(rows)
        state.say(plural(len(rows), "similar article"))
    else:
        emit(rows, form, ())


def _print(rows: list[SimilarRow]) -> None:
    console = Screen()
    for row in rows:
        day = f"  {row.published_at[:10]}" if row.published_at else ""
        console.print(Text.assemble((row.title or "(no title)", "bold"), f"{day}  {row.site}  {row.similarity:.0%}"))
        console.print(Text(row.url, style="cyan"), soft_wrap=True)
        console.print(Text("  " + ", ".join(row.shared), style="dim"))
        console.print()
