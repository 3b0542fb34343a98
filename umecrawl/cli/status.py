"""`umecrawl status`: runs, storage, dedup, and what a person should look at."""

from collections.abc import Mapping
from itertools import islice

import click

import umecrawl
from umecrawl import config
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import count, octets, plural
from umecrawl.cli.output import Column, Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.cli.visible import one_line
from umecrawl.errors import NotFoundError, UmecrawlError
from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.model.clock import utc_now
from umecrawl.pipeline.crawllog import line_of
from umecrawl.pipeline.duetimes import local_time
from umecrawl.pipeline.health import health
from umecrawl.pipeline.runs import events_of, run_of
from umecrawl.query.json_form import rfc3339
from umecrawl.query.rows import StatusRow
from umecrawl.warc.audits import Audit, last_audits
from umecrawl.warc.reader import WarcArchive

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


_REPORTS = ("host", "status", "type", "source", "reason", "uncaptured", "log")
_UNCAPTURED = (
    Column("url", "URL", fold=True, gives_way=True),
    Column("why", "why"),
    Column("attempts", "tries", right=True),
    Column("captured_before", "other runs have it"),
)


@click.command("status")
@click.option(
    "--health", "ask_health", is_flag=True, help="One line for a monitor; exit code 1 when something is wrong."
)
@click.option("--run", metavar="RUN", help="Report on one run (`last`: the newest) instead of listing them.")
@click.option(
    "--report",
    type=click.Choice(_REPORTS),
    default="host",
    show_default=True,
    help="With --run: figures by host, status, type, source or reason; URLs that were not captured; or its crawl log.",
)
@listing_options
@global_options
@pass_globals
def command(state: Globals, ask_health: bool, run: str | None, report: str, form: Form, limit: int | None) -> int:
    """Show the runs, newest first, with what is due, storage and dedup figures, and problems to look at.

    `--json`, `--nl` and `--csv` list the runs; with --health they give its facts.

    \b
    Examples:
      umecrawl status
      umecrawl status --json --limit 1
      umecrawl status --health
      umecrawl status --run last --report reason
    """
    if ask_health:
        return _tell_health(state, form)
    if run is not None:
        _report(state, run, report, form, limit)
        return 0
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        runs = archive.runs()[::-1]
        if form is Form.TABLE:
            is_here = state.archive.is_dir()
            _print(archive.status(), last_audits(state.archive) if is_here else {})
            if is_here:
                _print_health(state)
            emit(runs[: limit or _DEFAULT_RUNS], form, _COLUMNS, empty="No run yet.")
        else:
            emit(runs[:limit], form, _COLUMNS)
    return 0


def _report(state: Globals, run: str, kind: str, form: Form, limit: int | None) -> None:
    root = state.existing_archive() if kind == "log" else state.asked_archive()
    if kind == "log":  # from the WARCs alone, in the form of the file that a crawl keeps
        warcs = WarcArchive(root)
        logged = (
            line_of(one) for one in events_of(warcs, run_of(warcs, run).id) if isinstance(one, Capture | FailedFetch)
        )
        for line in islice(logged, limit):
            click.echo(line)
        return
    with umecrawl.open(root, state.database) as archive:
        if kind == "uncaptured":
            emit(archive.uncaptured(run)[:limit], form, _UNCAPTURED, empty="Every URL that it knew was captured.")
        else:
            emit(archive.figures(run, kind)[:limit], form, _figures(kind), empty="It asked for nothing.")


def _figures(kind: str) -> tuple[Column, ...]:
    return (
        Column("key", kind, gives_way=True),
        Column("requested", "asked", right=True),
        Column("captured", "kept", right=True),
        Column("not_modified", "304", right=True),
        Column("revisits", "same", right=True),
        Column("failed", "failed", right=True),
        Column("skipped", "left", right=True),
        Column("bytes_wire", "received", right=True),
        Column("bytes_stored", "stored", right=True),
    )


def _tell_health(state: Globals, form: Form) -> int:
    root = state.existing_archive()
    found = health(root, config.load(root / config.FILE_NAME), utc_now())
    if form is Form.TABLE:
        last = f"last run {found.last_run} {found.last_outcome}" if found.last_run else "no run yet"
        due = f"{found.next_source} due {rfc3339(found.next_due_at)}" if found.next_due_at else "nothing scheduled"
        ok = f"ok: {last}; {due}; scheduler {found.scheduler}; {octets(found.free_bytes)} free"
        click.echo(one_line(ok if found.ok else f"not well: {'; '.join(found.problems)}"))
    else:
        emit([found], form, ())
    return 0 if found.ok else 1


def _print_health(state: Globals) -> None:
    root = state.existing_archive()
    console = Screen()
    settings = None
    try:
        settings = config.load(root / config.FILE_NAME)
    except NotFoundError:  # files of others need no configuration
        pass
    except UmecrawlError as error:
        console.print(f"Look at: {error.message}", style="yellow", markup=False)
    found = health(root, settings, utc_now())
    if settings is not None and found.next_source and found.next_due_at:
        due_at = local_time(found.next_due_at, settings)
        console.print(f"next due: {found.next_source} at {due_at}; scheduler: {found.scheduler}", markup=False)
    for problem in found.problems:
        console.print(f"Look at: {problem}.", style="yellow", markup=False)
    console.print()


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
    for problem in status.problems:
        console.print(f"Look at: {problem}", style="yellow", markup=False)
