"""`umecrawl history`: every capture of a URL and its aliases."""

from collections.abc import Sequence

import click

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.output import Column, Form, emit, listing_options, print_table
from umecrawl.query.json_form import as_json
from umecrawl.query.rows import CaptureRow
from umecrawl.query.statement_rows import SightingRow

_COLUMNS = (
    Column("captured_at", "captured (UTC)", moment=True),
    Column("status", "http", right=True),
    Column("quality", "quality"),
    Column("version", "version", short=8),
    Column("id", "capture"),
)
_ALIAS = Column("alias", "URL", right=True)
_SIGHTINGS = (
    Column("captured_at", "captured (UTC)", moment=True),
    Column("shows", "shows"),
    Column("comment_count", "comments", right=True),
    Column("url", "seen at", gives_way=True),
)


@click.command("history")
@click.argument("url")
@click.option("--sightings", is_flag=True, help="Instead: where listings, feeds and API answers show the article.")
@listing_options
@global_options
@pass_globals
def command(state: Globals, url: str, sightings: bool, form: Form, limit: int | None) -> None:
    """List every capture of URL and its aliases in time order: status, quality, and the version it shows.

    A sighting shows the version whose text it has whole. One that differs has a text that the article's own page
    never had; an excerpt shows the beginning only.

    \b
    Examples:
      umecrawl history https://umesosse.se/2023/05/07/debatt/
      umecrawl history https://umesosse.se/ --json
      umecrawl history https://umesosse.se/2023/05/07/debatt/ --sightings
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        if sightings:
            _emit_sightings(archive.sightings(url)[:limit], form)
            return
        rows = archive.history(url)
    if form is Form.TABLE:
        _print(rows[:limit])
    else:
        emit(rows[:limit], form, ())


def _emit_sightings(rows: Sequence[SightingRow], form: Form) -> None:
    if form is Form.TABLE and rows:
        print_table([as_json(row) | {"shows": _what(row)} for row in rows], _SIGHTINGS)
    else:
        emit(rows, form, (), empty="No listing, feed or API answer shows it.")


def _what(row: SightingRow) -> str:
    if row.excerpt:
        return "excerpt"
    return row.version[:8] if row.version else "differs"


def _print(rows: Sequence[CaptureRow]) -> None:
    """Print the captures under their URL, or numbered by URL where there are aliases."""
    urls = list(dict.fromkeys(row.url for row in rows))
    for number, one in enumerate(urls, 1):
        click.echo(f"{number}  {one}" if len(urls) > 1 else one)
    click.echo()
    objects = [as_json(row) | {"alias": urls.index(row.url) + 1} for row in rows]
    print_table(objects, (_ALIAS, *_COLUMNS) if len(urls) > 1 else _COLUMNS)
