"""`umecrawl export`: hand over an archive, or what filters choose of it: as WACZ, WARC and CDXJ, or as tables."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from umecrawl.cli import export_tables
from umecrawl.cli.choices import choice_of, choice_options
from umecrawl.cli.context import PATH, Globals, global_options, pass_globals
from umecrawl.cli.figures import octets, plural
from umecrawl.cli.screen import talk
from umecrawl.errors import UsageError
from umecrawl.model.clock import utc_now
from umecrawl.pipeline.exports import Exporter, ExportOptions, ExportReport
from umecrawl.warc.newfile import NewFile
from umecrawl.warc.wacz import wacz_name
from umecrawl.warc.waczsignature import SigningKey

_STDOUT = Path("-")


@click.group("export")
def command() -> None:
    """Write the archive, or what filters choose of it, as WACZ, WARC or CDXJ; or its tables as CSV, JSON or Parquet.

    \b
    Examples:
      umecrawl export wacz -o archive.wacz
      umecrawl export warc trygghet --site umesosse.se -o result/
      umecrawl export cdxj > archive.cdxj
      umecrawl export csv trygghet --from 2022-01-01 -o versions.csv
    """


for _table in (export_tables.csv, export_tables.jsonl, export_tables.parquet):
    command.add_command(_table)


_no_requisites = click.option(
    "--no-requisites", is_flag=True, help="With filters: leave out the images and styles that chosen pages need."
)
_with_credentials = click.option(
    "--with-credentials", is_flag=True, help="Export requests that carry cookies or passwords; else they are refused."
)
_description = click.option("--description", metavar="TEXT", help="What the export is. [default: what was chosen]")


@command.command("cdxj")
@choice_options
@click.option("-o", "--output", type=PATH, metavar="FILE", default=_STDOUT, help="The file. [default: stdout]")
@global_options
@pass_globals
def cdxj(state: Globals, /, output: Path, **filters: object) -> None:
    """Write one sorted CDXJ of all captures, or of those chosen; it names their places in the archive's files.

    With filters only the captures themselves are listed. QUERY and the filters are those of `umecrawl search`.

    \b
    Examples:
      umecrawl export cdxj > archive.cdxj
      umecrawl export cdxj --site umesosse.se -o umesosse.cdxj
    """
    exporter = _exporter(state, filters, ExportOptions(_now()))
    if output == _STDOUT:
        report = exporter.cdxj(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        with NewFile(output) as file:
            report = exporter.cdxj(file)
            file.finish()
    _tell(state, report, plural(report.captures, "line"))


@command.command("warc")
@choice_options
@click.option("-o", "--output", type=PATH, metavar="DIR", default=Path(), help="The folder. [default: the current one]")
@_description
@_no_requisites
@_with_credentials
@global_options
@pass_globals
def warc(
    state: Globals,
    /,
    output: Path,
    description: str | None,
    no_requisites: bool,
    with_credentials: bool,
    **filters: object,
) -> None:
    """Write WARC files: all closed files as they are, or new ones of the captures that are chosen.

    Chosen captures are copied octet for octet with their requests and metadata, the originals of revisits, and
    what their pages need to be shown. New files have at most about 1 GB and names of their own.
    QUERY and the filters are those of `umecrawl search`.

    \b
    Examples:
      umecrawl export warc -o copy/
      umecrawl export warc '"utsatta områden"' --from 2022-01-01 -o result/
    """
    options = ExportOptions(
        _now(),
        description=description or "",
        requisites=not no_requisites,
        with_credentials=with_credentials,
    )
    report = _exporter(state, filters, options).warc(output)
    _tell(state, report, plural(report.captures, "capture"))


@command.command("wacz")
@choice_options
@click.option(
    "-o", "--output", type=PATH, metavar="FILE", help="The file. [default: COLLECTION-TIME.wacz in this folder]"
)
@click.option("--title", metavar="TEXT", help="Title of the WACZ. [default: the collection's]")
@_description
@click.option("--text/--no-text", default=True, help="Put the texts of articles into the list of pages. [default: do]")
@_no_requisites
@_with_credentials
@click.option(
    "--sign", type=PATH, metavar="KEYFILE", help="Sign with the key in this PEM file; it is made where it is missing."
)
@global_options
@pass_globals
def wacz(
    state: Globals,
    /,
    output: Path | None,
    title: str | None,
    description: str | None,
    text: bool,
    no_requisites: bool,
    with_credentials: bool,
    sign: Path | None,
    **filters: object,
) -> None:
    """Write one WACZ 1.1.1, which opens in ReplayWeb.page: WARC files, index and list of pages.

    Without filters it holds all closed WARC files as they are; with filters, WARC files of what is chosen, as
    `umecrawl export warc` makes them. QUERY and the filters are those of `umecrawl search`.

    \b
    Examples:
      umecrawl export wacz -o archive.wacz
      umecrawl export wacz trygghet --site umesosse.se --sign key.pem -o trygghet.wacz
    """
    created = _now()
    options = ExportOptions(
        created,
        title=title or "",
        description=description or "",
        requisites=not no_requisites,
        text=text,
        with_credentials=with_credentials,
        key=SigningKey.of(sign) if sign else None,
    )
    exporter = _exporter(state, filters, options)
    target = output or Path(wacz_name(exporter.name, created))
    with talk().status("Exporting"):
        report = exporter.wacz(target)
    _tell(state, report, f"{plural(report.captures, 'capture')} and {plural(report.pages, 'page')}")


def _exporter(state: Globals, filters: dict[str, object], options: ExportOptions) -> Exporter:
    return Exporter(state.existing_archive(), state.database, choice_of(filters), options)


def _tell(state: Globals, report: ExportReport, what: str) -> None:
    for note in report.notes:
        state.say(f"Note: {note}.")
    for path in report.files:
        state.say(f"{path}: {octets(path.stat().st_size)}")
    state.say(f"Exported {what}.")


def _now() -> datetime:
    """Return the time of the export: SOURCE_DATE_EPOCH (reproducible-builds.org) where it is set, else now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return utc_now().replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"SOURCE_DATE_EPOCH is no time: {epoch!r}", hint="Give seconds since 1970.") from error
