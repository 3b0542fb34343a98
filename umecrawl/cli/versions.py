"""`umecrawl versions`: the distinct texts of an article."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.output import Form, emit, listing_options
from umecrawl.query.rows import VersionStep


@click.command("versions")
@click.argument("url")
@click.option("--text", is_flag=True, help="Print the texts whole.")
@listing_options
@global_options
@pass_globals
def command(state: Globals, url: str, text: bool, form: Form, limit: int | None) -> None:
    """List the distinct texts of the article at URL in time order, with what changed from one to the next.

    \b
    Examples:
      umecrawl versions https://umesosse.se/2023/05/07/debatt/
      umecrawl versions https://umesosse.se/2023/05/07/debatt/ --text
    """
    with umecrawl.open(state.existing_archive(), state.database) as archive:
        rows = archive.versions(url)[:limit]
    if form is Form.TABLE:
        _print(rows, whole=text)
    else:
        emit(rows, form, ())


def _print(rows: Sequence[VersionStep], *, whole: bool) -> None:
    console = Console(highlight=False)
    for number, row in enumerate(rows, 1):
        console.print(
            Text.assemble(
                (f"{number}. {row.title or '(no title)'}", "bold"),
                f"  {row.first_seen:%Y-%m-%d %H:%M} to {row.last_seen:%Y-%m-%d %H:%M} UTC, "
                f"{plural(row.captures, 'capture')}",
            )
        )
        facts = [plural(row.words, "word"), f"version {row.id}"]
        if row.byline:
            facts.insert(0, f"by {row.byline}")
        if row.published_at:
            facts.insert(0, f"published {row.published_at} ({row.published_source})")
        console.print(Text("   " + ", ".join(facts), style="dim"))
        if row.words_added is not None:
            headline = "headline changed, " if row.title_changed else ""
            console.print(f"   {headline}{row.words_added} words added, {row.words_removed} removed")
        if whole:
            console.print()
            for paragraph in row.text.split("\n"):
                console.print(Text(paragraph))
                console.print()
