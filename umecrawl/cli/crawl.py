"""`umecrawl crawl`: crawl the sources of the archive's collection."""

import shlex
from datetime import datetime
from pathlib import Path

import click

from umecrawl import config
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import clock, count, octets, plural
from umecrawl.cli.findings import found
from umecrawl.cli.moments import MOMENT
from umecrawl.cli.progress import display
from umecrawl.cli.screen import talk
from umecrawl.errors import InterruptedRunError, NoSpaceError, SeedFailedError, ServiceError
from umecrawl.index.engine import Index
from umecrawl.model.crawl import RunOutcome
from umecrawl.pipeline.crawl import CrawlReport, run_crawl
from umecrawl.pipeline.runs import CrawlOptions


@click.command("crawl")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--full", is_flag=True, help="Ask for every URL, whatever earlier runs have and whether due or not.")
@click.option("--limit-pages", type=click.IntRange(min=1), metavar="N", help="Stop after N pages.")
@click.option(
    "--connect-to",
    multiple=True,
    metavar="HOST:PORT:ADDR:PORT",
    help="Send requests for HOST:PORT to ADDR:PORT, as curl does; an empty HOST or PORT matches all. Repeatable.",
)
@click.option("--insecure", is_flag=True, help="Accept any TLS certificate (for test servers).")
@click.option("--no-index", is_flag=True, help="Only archive; `umecrawl index` catches up later.")
@click.option("--resume", metavar="RUN", help="Go on with an interrupted run (`last`: the newest).")
@click.option(
    "--from-warc",
    multiple=True,
    metavar="FILE...",
    help="Replay WARC or WACZ files, or folders of them, instead of asking the network.",
)
@click.option("--at", type=MOMENT, help="With --from-warc: the captures nearest to this time. [default: the latest]")
@global_options
@pass_globals
def command(
    state: Globals,
    sources: tuple[str, ...],
    full: bool,
    limit_pages: int | None,
    connect_to: tuple[str, ...],
    insecure: bool,
    no_index: bool,
    resume: str | None,
    from_warc: tuple[str, ...],
    at: datetime | None,
) -> None:
    """Crawl all sources of the collection, or those named, into WARC files and the index.

    What earlier runs captured is asked for again when its revisit plan says so, or when something says that it has
    changed; --full asks for everything.

    \b
    Examples:
      umecrawl crawl
      umecrawl crawl umesosse --limit-pages 50
      umecrawl crawl --full
      umecrawl crawl --resume last
      umecrawl crawl --from-warc old/*.warc.gz --at 2024-05-06 --archive replayed
    """
    state.set_up_logging()
    root = state.existing_archive()
    settings = config.load(root / "umecrawl.toml")
    if from_warc:
        sources, from_warc = _told_apart(settings, sources, from_warc)
    if from_warc and (connect_to or insecure):
        raise click.UsageError("--from-warc asks no server; --connect-to and --insecure have no meaning with it")
    if at is not None and not (from_warc or resume):
        raise click.UsageError("--at chooses among captures of WARC files; name them with --from-warc")
    if settings.collection.contact_is_placeholder and not from_warc:
        state.say(f"Warning: the contact in {settings.path} is an example; sites that you crawl cannot reach you.")
    options = CrawlOptions(
        sources=sources,
        limit_pages=limit_pages,
        connect_to=connect_to,
        insecure=insecure,
        resume=resume,
        index=not no_index,
        from_warc=from_warc,
        at=at,
        full=full,
    )
    with display(talk(), quiet=state.quiet) as observe:
        report = run_crawl(root, settings, options, database=state.database or Index.default_url(root), observe=observe)
    tell(state, report)
    _end_as(report, root)


def _told_apart(
    settings: config.Config, arguments: tuple[str, ...], files: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return sources and files: a shell that expands `--from-warc *.warc.gz` leaves all but the first as arguments."""
    known = {source.name for source in settings.sources}
    sources = tuple(word for word in arguments if word in known or not Path(word).exists())
    return sources, (*files, *(word for word in arguments if word not in sources))


def _end_as(report: CrawlReport, root: Path) -> None:
    """Raise the error whose exit code says how a run ended, if it did not end well."""
    place = shlex.quote(str(root))
    resume_hint = f"Go on with: umecrawl crawl --resume {report.run} --archive {place}"
    if report.outcome is RunOutcome.INTERRUPTED:
        raise InterruptedRunError(
            f"run {report.run} was stopped; {plural(report.queued, 'URL')} still waiting, nothing is lost",
            hint=resume_hint,
        )
    if report.index_exit_code == NoSpaceError.exit_code:
        raise NoSpaceError(
            f"run {report.run} is archived whole, but there was no space for its index",
            hint=f"Make room, then: umecrawl index --archive {place}",
        )
    if report.index_exit_code == ServiceError.exit_code:
        raise ServiceError(
            f"run {report.run} is archived whole, but its index is not complete: {report.index_problem}",
            hint=f"When the database is back: umecrawl index --archive {place}",
        )
    if report.outcome is RunOutcome.SEED_FAILED:
        raise SeedFailedError(
            f"run {report.run} ended, but {plural(len(report.failed_seeds), 'seed')} could not be captured: "
            + "; ".join(f"{seed.url} ({seed.reason})" for seed in report.failed_seeds),
            hint="`umecrawl status` names the reason; check the address, or try again later.",
        )


def tell(state: Globals, report: CrawlReport) -> None:
    """Print the report at the end of a run."""
    tally = report.tally
    share = f" ({tally.revisits / tally.captures:.0%})" if tally.captures else ""
    unchanged = f"{count(tally.revisits)} unchanged{share}"
    saved = octets(tally.bytes_saved)
    detail = f", {report.detail}" if report.detail else ""
    lines = [
        f"Run {report.run}: {report.outcome} after {clock(report.elapsed)}{detail}",
        f"  {plural(tally.requests, 'request')}: {plural(tally.captures, 'capture')}, {count(tally.failed)} failed",
        f"  {plural(tally.pages, 'page')}, {plural(tally.errors, 'error page')}, {unchanged}",
        f"  {octets(tally.bytes_wire)} received, {octets(tally.bytes_stored)} stored, {saved} saved by dedup",
        f"  {plural(tally.skipped, 'URL')} left out (the SQL view `skipped` names the rule of each)",
        *([f"  {plural(report.not_due, 'known URL')} not due (--full asks for all)"] if report.not_due else []),
        *found(report.findings),
        *(f"  Note: {problem}" for problem in report.problems),
    ]
    state.say("\n".join(lines))
