"""`umecrawl crawl`: crawl the sources of the archive's collection."""

import shlex

import click

from umecrawl import config
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import clock, count, octets, plural
from umecrawl.cli.progress import display
from umecrawl.errors import InterruptedRunError, NoSpaceError, SeedFailedError, ServiceError
from umecrawl.index.engine import Index
from umecrawl.model.crawl import RunOutcome
from umecrawl.pipeline.crawl import CrawlReport, run_crawl
from umecrawl.pipeline.runs import CrawlOptions


@click.command("crawl")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
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
@global_options
@pass_globals
def command(
    state: Globals,
    sources: tuple[str, ...],
    limit_pages: int | None,
    connect_to: tuple[str, ...],
    insecure: bool,
    no_index: bool,
    resume: str | None,
) -> None:
    """Crawl all sources of the collection, or those named, into WARC files and the index.

    \b
    Examples:
      umecrawl crawl
      umecrawl crawl umesosse --limit-pages 50
      umecrawl crawl --resume last
    """
    state.set_up_logging()
    root = state.existing_archive()
    settings = config.load(root / "umecrawl.toml")
    if settings.collection.contact_is_placeholder:
        state.say(f"Warning: the contact in {settings.path} is an example; sites that you crawl cannot reach you.")
    options = CrawlOptions(
        sources=sources,
        limit_pages=limit_pages,
        connect_to=connect_to,
        insecure=insecure,
        resume=resume,
        index=not no_index,
    )
    with display(state.err, quiet=state.quiet) as observe:
        report = run_crawl(root, settings, options, database=state.database or Index.default_url(root), observe=observe)
    tell(state, report)
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
        *(f"  Note: {problem}" for problem in report.problems),
    ]
    state.say("\n".join(lines))
