"""`umecrawl versions`: the distinct texts of an article."""

from collections.abc import Sequence

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.output import Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.query.rows import VersionStep
from umecrawl.query.statement_rows import Signatory


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
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        rows = archive.versions(url)[:limit]
    if form is Form.TABLE:
        _print(rows, whole=text)
    else:
        emit(rows, form, ())


def _print(rows: Sequence[VersionStep], *, whole: bool) -> None:
    console = Screen()
    for number, row in enumerate(rows, 1):
        console.print(Text(f"{number}. {row.title or '(no title)'}", style="bold"))
        where = "" if row.basis == "page" else " on listings only,"
        seen = f"seen{where} {row.first_seen:%Y-%m-%d %H:%M} to {row.last_seen:%Y-%m-%d %H:%M} UTC"
        facts = [
            f"{seen} in {plural(row.captures, 'capture')}",
            f"published {row.published_at} ({row.published_source})" if row.published_at else "",
            f"by {row.byline}" if row.byline else "",
            f"signed by {'; '.join(map(_signatory, row.signatories))}" if row.signatories else "",
            _sighted(row),
            f"{plural(row.words, 'word')}; version {row.id}",
            f"first shown by capture {row.first_capture}",
        ]
        for fact in filter(None, facts):
            console.print(Text(f"   {fact}", style="dim"))
        if row.words_added is not None and row.words_removed is not None:
            headline = "headline changed; " if row.title_changed else ""
            change = f"{plural(row.words_added, 'word')} added, {row.words_removed} removed"
            console.print(Text(f"   {headline}{change}", style="yellow"))
        if whole:
            console.print()
            for paragraph in row.text.split("\n"):
                console.print(Text(paragraph))
                console.print()


def _signatory(one: Signatory) -> str:
    return one.name + (f" ({one.party})" if one.party else "") + (f", {one.office}" if one.office else "")


def _sighted(row: VersionStep) -> str:
    if row.basis != "page" or row.first_sighted is None or row.last_sighted is None:
        return ""
    when = f"{row.first_sighted:%Y-%m-%d %H:%M} to {row.last_sighted:%Y-%m-%d %H:%M} UTC"
    return f"on listings {when} in {plural(row.sightings, 'capture')}"
