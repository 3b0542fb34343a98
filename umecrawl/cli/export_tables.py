"""`umecrawl export csv|jsonl|parquet`: the views of the index as tables, whole or what filters choose."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import click

from umecrawl.cli.choices import choice_of, choice_options
from umecrawl.cli.context import PATH, Globals, global_options, pass_globals
from umecrawl.cli.figures import octets, plural
from umecrawl.errors import UsageError
from umecrawl.index.engine import Index
from umecrawl.index.views import views_metadata
from umecrawl.pipeline.tables import Sink, parquet_writer, write_csv, write_jsonl
from umecrawl.query.extracts import Extract
from umecrawl.query.selection import Choice
from umecrawl.warc.newfile import NewFile

F = TypeVar("F", bound=Callable[..., object])
_STDOUT = Path("-")
_VIEWS = sorted(views_metadata.tables)


def _table_options(function: F) -> F:
    options = [
        click.option(
            "--view",
            type=click.Choice(_VIEWS),
            metavar="NAME",
            default="versions",
            show_default=True,
            help=f"Which rows: {', '.join(_VIEWS)}.",
        ),
        click.option("--mask-emails", is_flag=True, help="Write [e-mail] for every e-mail address."),
        click.option("-o", "--output", type=PATH, metavar="FILE", default=_STDOUT, help="The file. [default: stdout]"),
    ]
    decorated: Callable[..., object] = function
    for option in reversed(options):
        decorated = option(decorated)
    return cast("F", decorated)


@click.command("csv")
@choice_options
@_table_options
@global_options
@pass_globals
def csv(state: Globals, /, view: str, mask_emails: bool, output: Path, **filters: object) -> None:
    """Write rows of the index as CSV (RFC 4180, UTF-8, a header line): all article versions, or those chosen.

    The columns are those of the SQL view. Lists stand as JSON, absent values are empty, truth is 0 or 1.

    \b
    Examples:
      umecrawl export csv trygghet --site umesosse.se -o trygghet.csv
      umecrawl export csv --view changes > changes.csv
    """
    _export(state, view, choice_of(filters), mask_emails, output, write_csv)


@click.command("jsonl")
@choice_options
@_table_options
@global_options
@pass_globals
def jsonl(state: Globals, /, view: str, mask_emails: bool, output: Path, **filters: object) -> None:
    """Write rows of the index as JSON lines (UTF-8): all article versions, or those chosen.

    The fields are the columns of the SQL view. Lists are arrays, absent values null, truth is 0 or 1.

    \b
    Examples:
      umecrawl export jsonl --current -o articles.jsonl
      umecrawl export jsonl --view removal_steps --site umesosse.se
    """
    _export(state, view, choice_of(filters), mask_emails, output, write_jsonl)


@click.command("parquet")
@choice_options
@_table_options
@global_options
@pass_globals
def parquet(state: Globals, /, view: str, mask_emails: bool, output: Path, **filters: object) -> None:
    """Write rows of the index as Parquet: all article versions, or those chosen. It needs the extra `parquet`.

    The columns are those of the SQL view; times are timestamps in UTC, lists JSON. The file says which view and filters
    it was made of.

    \b
    Examples:
      umecrawl export parquet -o versions.parquet
      umecrawl export parquet --view captures --run 20260412060000-1a2b -o run.parquet
    """
    choice = choice_of(filters)
    if output == _STDOUT and sys.stdout.isatty():
        raise UsageError("Parquet is no text to look at", hint="Name a file: -o FILE.")
    _export(state, view, choice, mask_emails, output, parquet_writer(view, choice))


def _export(
    state: Globals, view: str, choice: Choice, mask: bool, output: Path, write: Callable[[Extract, Sink], int]
) -> None:
    index = Index.open(state.database or Index.default_url(state.existing_archive()), create=False)
    try:
        with index.connect() as connection:
            extract = Extract(connection, view, choice, mask_emails=mask)
            if output == _STDOUT:
                rows = write(extract, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                with NewFile(output) as file:
                    rows = write(extract, file)
                    file.finish()
                state.say(f"{output}: {octets(output.stat().st_size)}")
    finally:
        index.close()
    state.say(f"Exported {plural(rows, 'row')} of {view}.")
