"""`umecrawl status`: runs, storage, dedup, and what a person should look at."""

from collections.abc import Mapping

import click

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import count, octets, plural
from umecrawl.cli.output import Column, Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.query.rows import StatusRow
from umecrawl.warc.audits import Audit, last_audits

_DEFAULT_RUNS = 10
_COLUMNS = (
    Column("id", "run"),
    Column("outcome", "outcome"),
    Column("requested", "asked", right=True),
    Column("captured", "kept", right=True),
    Column("revisits", "same", right=True),
    Column("failed", "failed", right=True),
    Column("new_versions", "new", right=True),
    Column("source", "sources", gives_way=True),
)


@click.command("status")
@listing_options
@global_options
@pass_globals
def command(state: Globals, form: Form, limit: int | None) -> None:
    """Show the runs, newest first, with storage and dedup figures and problems to look at.

    `--json`, `--nl` and `--csv` list the runs.

    \b
    Examples:
      umecrawl status
      umecrawl status --json --limit 1
    """
    with umecrawl.open(state.existing_archive(), state.database) as archive:
        runs = archive.runs()[::-1]
        if form is Form.TABLE:
            _print(archive.status(), last_audits(state.existing_archive()))
            emit(runs[: limit or _DEFAULT_RUNS], form, _COLUMNS, empty="No run yet.")
        else:
            emit(runs[:limit], form, _COLUMNS)


def _print(status: StatusRow, audits: Mapping[str, Audit]) -> None:
    console = Screen()
    console.print(
        f"{plural(status.captures, 'capture')} of {plural(status.resources, 'URL')} in {plural(status.runs, 'run')}; "
        f"{count(status.failed)} failed fetches, {plural(status.skipped, 'URL')} left out"
    )
    console.print(
        f"{plural(status.articles, 'article')} in {plural(status.versions, 'version')}; "
        f"{count(status.revisits)} captures were unchanged"
    )
    console.print(
        f"{octets(status.bytes_wire)} received, {octets(status.bytes_stored)} stored, "
        f"{octets(status.bytes_saved)} saved by dedup"
    )
    if status.first_capture_at and status.last_capture_at:
        console.print(f"from {status.first_capture_at:%Y-%m-%d %H:%M} to {status.last_capture_at:%Y-%m-%d %H:%M} UTC")
    if audits:
        last = max(audit.at for audit in audits.values())
        console.print(f"last checked {last:%Y-%m-%d %H:%M} UTC")
    for audit in audits.values():
        if not audit.ok:
            console.print(f"[yellow]Look at:[/yellow] {audit.file} was not sound at its last check; `umecrawl verify`.")
    for problem in status.problems:
        console.print(f"[yellow]Look at:[/yellow] {problem}")
    console.print()
