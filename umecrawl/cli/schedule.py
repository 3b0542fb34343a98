"""`umecrawl schedule`: crawl each source when it is due, for as long as the command runs."""

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from umecrawl import config
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.crawl import tell
from umecrawl.cli.output import Column, Form, emit, listing_options
from umecrawl.cli.progress import display
from umecrawl.cli.screen import talk
from umecrawl.config.quantity import format_duration
from umecrawl.errors import ConfigError, InterruptedRunError
from umecrawl.index.engine import Index
from umecrawl.model.clock import utc_now
from umecrawl.pipeline.crawl import CrawlReport, run_crawl
from umecrawl.pipeline.duetimes import Outlook, local_time
from umecrawl.pipeline.health import PulseFile, prospects
from umecrawl.pipeline.notices import send
from umecrawl.pipeline.progress import Progress
from umecrawl.pipeline.runs import CrawlOptions
from umecrawl.pipeline.schedule import Scheduler, Ways
from umecrawl.pipeline.stopping import Stopping
from umecrawl.query.rows import DueRow
from umecrawl.warc.history import RunHistory
from umecrawl.warc.lock import ScheduleLock

_COLUMNS = (
    Column("source", "source", gives_way=True),
    Column("schedule", "schedule"),
    Column("due_local", "due"),
    Column("why", "why"),
    Column("missed", "missed", right=True),
    Column("failures", "failed", right=True),
    Column("last_outcome", "last run"),
)


@click.command("schedule")
@click.option("--once", is_flag=True, help="Crawl what is due now, then end.")
@click.option("--list", "listing", is_flag=True, help="Crawl nothing; show what is due when, and why.")
@click.option("--no-index", is_flag=True, help="Only archive; `umecrawl index` catches up later.")
@click.option(
    "--connect-to",
    multiple=True,
    metavar="HOST:PORT:ADDR:PORT",
    help="Send requests for HOST:PORT to ADDR:PORT, as curl does; an empty HOST or PORT matches all. Repeatable.",
)
@click.option("--insecure", is_flag=True, help="Accept any TLS certificate (for test servers).")
@listing_options
@global_options
@pass_globals
def command(
    state: Globals,
    once: bool,
    listing: bool,
    no_index: bool,
    connect_to: tuple[str, ...],
    insecure: bool,
    form: Form,
    limit: int | None,
) -> None:
    """Stay in the foreground and crawl each source when it is due (`every` or `cron` in umecrawl.toml).

    What was missed is made up for by one run, what was cut off goes on, what fails is tried again ever more rarely.
    Ctrl-C or SIGTERM end it cleanly. The forms of output and --limit are for --list.

    \b
    Examples:
      umecrawl schedule
      umecrawl schedule --once --quiet
      umecrawl schedule --list
    """
    if once and listing:
        raise click.UsageError("--once crawls and --list does not; choose one of them")
    state.set_up_logging()
    root = state.existing_archive()
    settings = config.load(root / config.FILE_NAME)
    if listing:
        emit(_rows(root, settings)[:limit], form, _COLUMNS, empty="No source to crawl.")
        return
    if not once and not any(source.every is not None or source.cron is not None for source in settings.sources):
        raise ConfigError(
            f"{settings.path} has nothing to schedule: no source has `every` or `cron`",
            hint='Add for instance every = "6h" to a [[source]], or crawl once with `umecrawl crawl`.',
        )
    if settings.collection.contact_is_placeholder:
        state.say(f"Warning: the contact in {settings.path} is an example; sites that you crawl cannot reach you.")
    options = CrawlOptions(connect_to=connect_to, insecure=insecure, index=not no_index)
    pulse = PulseFile(root)
    with Stopping(), ScheduleLock(root):
        scheduler = Scheduler(str(root.resolve()), settings, options, _ways(state, root, pulse))
        try:
            if once:
                if not scheduler.once():
                    state.say("Nothing is due.")
            else:
                scheduler.run()
        except KeyboardInterrupt as error:
            raise InterruptedRunError(
                "the schedule was stopped; nothing is lost", hint="Go on with: umecrawl schedule"
            ) from error
        finally:
            pulse.write("stopped")


def _ways(state: Globals, root: Path, pulse: PulseFile) -> Ways:
    database = state.database or Index.default_url(root)

    def crawl(settings: config.Config, options: CrawlOptions) -> CrawlReport:
        with display(talk(), quiet=state.quiet) as shown:

            def observe(progress: Progress) -> None:
                pulse.write("crawling")
                shown(progress)

            report = run_crawl(root, settings, options, database=database, observe=observe)
        tell(state, report)
        return report

    return Ways(
        load=lambda: config.load(root / config.FILE_NAME),
        history=RunHistory(root).runs,
        crawl=crawl,
        check_index=lambda: Index.open(database).close(),
        notify=lambda notice, settings: send(notice, settings.schedule, os.environ),
        say=state.say,
        complain=lambda text: talk().print(text, markup=False, soft_wrap=True),
        note=pulse.write,
        clock=utc_now,
        sleep=time.sleep,
    )


def _rows(root: Path, settings: config.Config) -> Sequence[DueRow]:
    now = utc_now()
    last = datetime.max.replace(tzinfo=UTC)
    sources = {source.name: source for source in settings.sources}
    return [
        _row(one, _written(sources[one.source]), now, settings)
        for one in sorted(prospects(root, settings, now), key=lambda one: (one.due_at or last, one.source))
    ]


def _written(source: config.Source) -> str | None:
    return f"every {format_duration(source.every)}" if source.every is not None else source.cron


def _row(one: Outlook, schedule: str | None, now: datetime, settings: config.Config) -> DueRow:
    return DueRow(
        source=one.source,
        schedule=schedule,
        due_at=one.due_at,
        due=one.is_due(now),
        why=str(one.why),
        slot=one.slot,
        missed=len(one.missed),
        failures=one.failures,
        last_run=one.last.id if one.last is not None else None,
        last_started_at=one.last.started_at if one.last is not None else None,
        last_outcome=str(one.last.outcome) if one.last is not None else None,
        due_local=local_time(one.due_at, settings) if one.due_at is not None else None,
    )
