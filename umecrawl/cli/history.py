"""`umecrawl history`: every capture of a URL and its aliases."""

import click

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.output import Column, Form, emit, listing_options

_COLUMNS = (
    Column("captured_at", "captured", moment=True),
    Column("status", "status", right=True),
    Column("quality", "quality"),
    Column("record_type", "record"),
    Column("version", "version", short=8),
    Column("id", "capture", short=8),
    Column("url", "url", fold=True, gives_way=True),
)


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
    emit(rows[:limit], form, _COLUMNS)
