"""`umecrawl demo`: the whole job without network, and what it found."""

import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click
from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import umecrawl
from umecrawl.cli.context import PATH, Globals, global_options, pass_globals
from umecrawl.cli.figures import clock, count, octets, plural
from umecrawl.cli.progress import display
from umecrawl.cli.screen import Screen, talk
from umecrawl.index.engine import Index
from umecrawl.pipeline.crawl import CrawlReport, Observer
from umecrawl.pipeline.demo import DemoReport, run_demo
from umecrawl.query.rows import NewsKind, NewsRow

_NAMES = {
    NewsKind.NEW: "new",
    NewsKind.EDIT: "text edited",
    NewsKind.HEADLINE: "headline changed",
    NewsKind.REMOVAL: "removed",
    NewsKind.RESTORATION: "restored",
    NewsKind.REPUBLISHED: "republished",
    NewsKind.UNCHANGED: "unchanged",
}


@click.command("demo")
@click.argument("directory", required=False, type=PATH)
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
    state.set_up_logging()
    root = directory or Path(tempfile.mkdtemp(prefix="umecrawl-demo-")) / "archive"
    console = Screen()

    def show(title: str) -> AbstractContextManager[Observer]:
        state.say(f"Crawling the sample sites, {title} …")
        return display(talk(), quiet=state.quiet)

    report = run_demo(root, database=lambda path: state.database or Index.default_url(path), display=show)
    with umecrawl.open(root, state.database) as archive:
        news = archive.report(report.second.run)
        known = archive.report(report.first.run)
    _runs(console, report)
    _articles(console, known, news)
    _next_steps(console, root, news)


def _runs(console: Screen, report: DemoReport) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in ("", "requests", "captures", "unchanged", "received", "stored", "time"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    for title, run in (("edition 1", report.first), ("edition 2", report.second)):
        table.add_row(title, *_figures(run))
    console.print()
    console.print(Text("Captures and dedup", style="bold"))
    console.print(Padding(table, (0, 0, 1, 2), expand=False))


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


def _articles(console: Screen, known: Sequence[NewsRow], news: Sequence[NewsRow]) -> None:
    articles = sum(row.kind is NewsKind.NEW for row in known)
    kinds = Counter(row.kind for row in news)
    console.print(Text("Articles", style="bold"))
    console.print(f"  Edition 1 has {plural(articles, 'article')}. Edition 2, compared with it:")
    for kind, name in _NAMES.items():
        console.print(f"  {kinds[kind]:>3} {name}")
    console.print()
    console.print(Text("What changed in edition 2", style="bold"))
    for row in news:
        if row.kind not in {NewsKind.UNCHANGED, NewsKind.REPUBLISHED}:
            console.print(Text.assemble(("  " + _NAMES[row.kind], "yellow"), f"  {row.title or row.url}"))
            console.print(Padding(Text(row.summary), (0, 0, 0, 4), expand=False))
            console.print(Text(f"    {row.url}", style="cyan"), soft_wrap=True)
    console.print()
    console.print(Text("Who repeats whom", style="bold"))
    for row in [*known, *news]:
        if row.kind is NewsKind.REPUBLISHED:
            console.print(f"  {row.title}", markup=False)
            console.print(Text(f"    {row.url}", style="cyan"), soft_wrap=True)
            console.print(f"    shares {plural(row.words_shared or 0, 'word')} ({row.similarity:.0%} of it) with")
            console.print(Text(f"    {row.source_url}", style="cyan"), soft_wrap=True)
    console.print()


def _next_steps(console: Screen, root: Path, news: Sequence[NewsRow]) -> None:
    edited = next((row.url for row in news if row.kind is NewsKind.EDIT), "URL")
    console.print(Text("Go on", style="bold"))
    console.print(f"  The archive is at {root}", soft_wrap=True, markup=False)
    console.print(f"  export UMECRAWL_ARCHIVE={root}", soft_wrap=True, markup=False)
    # Whoever came by `uv run` has no `umecrawl` on the path.
    umecrawl_command = "uv run umecrawl" if "UV_RUN_RECURSION_DEPTH" in os.environ else "umecrawl"
    for words in ("status", "search skolan", f"versions {edited}", f"history {edited}", "verify"):
        console.print(f"  {umecrawl_command} {words}", soft_wrap=True, markup=False)
