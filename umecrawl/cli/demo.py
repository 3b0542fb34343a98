"""`umecrawl demo`: the whole job without network, and what it found."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import clock, count, octets, plural
from umecrawl.cli.progress import display
from umecrawl.index.engine import Index
from umecrawl.pipeline.crawl import CrawlReport, Observer
from umecrawl.pipeline.demo import DemoReport, run_demo
from umecrawl.query.rows import NewsKind, NewsRow

_SENTENCES = {
    NewsKind.NEW: "new",
    NewsKind.EDIT: "text edited",
    NewsKind.HEADLINE: "headline changed",
    NewsKind.REMOVAL: "removed",
    NewsKind.RESTORATION: "restored",
    NewsKind.REPUBLISHED: "republished",
    NewsKind.UNCHANGED: "unchanged",
}


@click.command("demo")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@global_options
@pass_globals
def command(state: Globals, directory: Path | None) -> None:
    """Crawl the built-in sample sites in two editions into an archive at DIRECTORY and report what changed.

    Needs no network: a party blog, a politician's blog and two newspapers (all invented) are served on loopback.
    Without DIRECTORY a temporary folder is made and its path printed.

    \b
    Examples:
      umecrawl demo
      umecrawl demo my-first-archive
    """
    root = directory or Path(tempfile.mkdtemp(prefix="umecrawl-demo-")) / "archive"
    console = Console(highlight=False)

    def show(title: str) -> AbstractContextManager[Observer]:
        state.say(f"Crawling the sample sites, {title} …")
        return display(state.err, quiet=state.quiet)

    report = run_demo(root, database=lambda path: state.database or Index.default_url(path), display=show)
    with umecrawl.open(root, state.database) as archive:
        news = archive.report(report.second.run)
        known = archive.report(report.first.run)
    _runs(console, report)
    _changes(console, known, news)
    _next_steps(console, report, news)


def _runs(console: Console, report: DemoReport) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "requests", "captures", "unchanged", "received", "stored", "time"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    for title, run in (("edition 1", report.first), ("edition 2", report.second)):
        table.add_row(title, *_figures(run))
    console.print()
    console.print(Text("Captures and dedup", style="bold"))
    console.print(table)


def _figures(run: CrawlReport) -> tuple[str, ...]:
    tally = run.tally
    return (
        count(tally.requests),
        count(tally.captures),
        count(tally.revisits),
        octets(tally.bytes_wire),
        octets(tally.bytes_stored),
        clock(run.elapsed),
    )


def _changes(console: Console, known: Sequence[NewsRow], news: Sequence[NewsRow]) -> None:
    articles = sum(row.kind is NewsKind.NEW for row in known)
    kinds = Counter(row.kind for row in news)
    console.print(Text("Articles", style="bold"))
    console.print(f"  {plural(articles, 'article')} in edition 1; edition 2 brought:")
    for kind, name in _SENTENCES.items():
        console.print(f"  {kinds[kind]:>3} {name}")
    console.print()
    console.print(Text("What changed", style="bold"))
    reuse = [row for row in known if row.kind is NewsKind.REPUBLISHED]
    for row in [*news, *reuse]:
        if row.kind is not NewsKind.UNCHANGED:
            console.print(Text.assemble(("  " + _SENTENCES[row.kind], "yellow"), f": {row.title or row.url}"))
            if row.summary:
                console.print(Text(f"    {row.summary}"))
            console.print(Text(f"    {row.url}", style="cyan"), soft_wrap=True)
    console.print()


def _next_steps(console: Console, report: DemoReport, news: Sequence[NewsRow]) -> None:
    edited = next((row.url for row in news if row.kind in {NewsKind.EDIT, NewsKind.HEADLINE}), None)
    console.print(Text("Go on", style="bold"))
    console.print(f"  The archive is at {report.root}", soft_wrap=True)
    commands = [
        "umecrawl status",
        "umecrawl search trygghet",
        f"umecrawl versions {edited}" if edited else "",
        f"umecrawl history {edited}" if edited else "",
        "umecrawl verify",
    ]
    console.print(f"  export UMECRAWL_ARCHIVE={report.root}", soft_wrap=True)
    for line in filter(None, commands):
        console.print(f"  {line}", soft_wrap=True)
