"""`umecrawl citations`: who links to whom, in which sentence, and what became of the target."""

from collections.abc import Sequence

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.output import Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.query.change_rows import CitationRow
from umecrawl.query.citations import STATES

_STYLES = {"archived": "green", "gone": "red"}


@click.command("citations")
@click.argument("url", required=False)
@click.option("--site", metavar="HOST", help="In articles of this host.")
@click.option("--to", "target", metavar="URL", help="To this page, as it is linked.")
@click.option("--to-site", metavar="HOST", help="To pages of this host.")
@click.option("--state", "wanted", type=click.Choice(STATES), help="Whose target is in this state.")
@listing_options
@global_options
@pass_globals
def command(
    state: Globals,
    url: str | None,
    site: str | None,
    target: str | None,
    to_site: str | None,
    wanted: str | None,
    form: Form,
    limit: int | None,
) -> None:
    """List the links in the texts of all articles, or of the one at URL, with the sentence around each.

    A target is archived, gone (its latest answer is 404 or 410), blocked (by robots.txt or a wall), excluded (by a
    rule: `umecrawl scope explain`) or pending (not captured so far).

    \b
    Examples:
      umecrawl citations --site umesosse.se --to-site vk.se
      umecrawl citations --state gone
      umecrawl citations https://umesosse.se/2023/05/07/debatt/ --json
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        rows = archive.citations(url, site=site, target=target, target_site=to_site, state=wanted, limit=limit)
        state.doubt(archive, rows, site)
    if form is Form.TABLE:
        _print(rows)
        state.say(plural(len(rows), "citation"))
    else:
        emit(rows, form, ())


def _print(rows: Sequence[CitationRow]) -> None:
    console = Screen()
    for row in rows:
        console.print(Text(row.from_url, style="cyan"), soft_wrap=True)
        console.print(
            Text.assemble("  → ", row.to_url, "  ", (row.target_state, _STYLES.get(row.target_state, "yellow"))),
            soft_wrap=True,
        )
        sentence = Text(f"  {row.sentence or row.anchor}", style="dim")
        if row.anchor:
            sentence.highlight_words([row.anchor], "bold")
        console.print(sentence)
        console.print()
