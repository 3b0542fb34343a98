"""`umecrawl history`: every capture of a URL and its aliases."""

from collections.abc import Sequence

import click

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.output import Column, Form, emit, listing_options, print_table
from umecrawl.query.rows import CaptureRow, as_json

_COLUMNS = (
    Column("captured_at", "captured (UTC)", moment=True),
    Column("status", "http", right=True),
    Column("quality", "quality"),
    Column("version", "version", short=8),
    Column("id", "capture"),
)
_ALIAS = Column("alias", "URL", right=True)


@click.command("history")
@click.argument("url")
@listing_options
@global_options
@pass_globals
def command(state: Globals, url: str, form: Form, limit: int | None) -> None:
    """List every capture of URL and its aliases in time order: status, quality, and the version it shows.

    \b
    Examples:
      umecrawl history https://umesosse.se/2023/05/07/debatt/
      umecrawl history https://umesosse.se/ --json
    """
    with umecrawl.open(state.existing_archive(), state.database) as archive:
        rows = archive.history(url)
    if form is Form.TABLE:
        _print(rows[:limit])
    else:
        emit(rows[:limit], form, ())


def _print(rows: Sequence[CaptureRow]) -> None:
    """Print the captures under their URL, or numbered by URL where there are aliases."""
    urls = list(dict.fromkeys(row.url for row in rows))
    for number, one in enumerate(urls, 1):
        click.echo(f"{number}  {one}" if len(urls) > 1 else one)
    click.echo()
    objects = [as_json(row) | {"alias": urls.index(row.url) + 1} for row in rows]
    print_table(objects, (_ALIAS, *_COLUMNS) if len(urls) > 1 else _COLUMNS)
