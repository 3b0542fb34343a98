"""The display of a running crawl: a few live lines on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from umecrawl.cli.figures import clock, count, octets
from umecrawl.pipeline.crawl import Observer
from umecrawl.pipeline.progress import HostLine, Progress

_HOSTS_SHOWN = 8
# Seconds between two lines where there is no terminal.
_LINE_EVERY = 30.0


@contextmanager
def display(console: Console, *, quiet: bool) -> Iterator[Observer]:
    """Give an observer that shows each snapshot in the way that suits where stderr goes."""
    if quiet:
        yield lambda _: None
    elif console.is_terminal:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            yield lambda progress: live.update(_panel(progress))
    else:
        yield _Lines()


class _Lines:
    """Prints one line at most every half minute: what a log file or a cron mail can bear."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        if progress.elapsed - self._last >= _LINE_EVERY:
            self._last = progress.elapsed
            print(  # noqa: T201  # talk of the command line, on stderr
                f"{clock(progress.elapsed)}  {progress.requests} requests, {progress.pages} pages, "
                f"{progress.revisits} unchanged, {progress.failed} failed, {progress.queued} waiting",
                file=sys.stderr,
                flush=True,
            )


def _panel(progress: Progress) -> Group:
    rate = progress.requests / progress.elapsed if progress.elapsed else 0.0
    behind = max(0, progress.captures - progress.indexed)
    head = Text.assemble(
        ("Run ", "dim"),
        (progress.run, "bold"),
        f"  {clock(progress.elapsed)}",
        ("  stopping after what is under way; Ctrl-C again stops at once" if progress.stopping else "", "yellow"),
    )
    figures = Table.grid(padding=(0, 2))
    for _ in range(4):
        figures.add_column(justify="left", no_wrap=True)
    figures.add_row(
        f"{count(progress.requests)} requests",
        f"{rate:.1f}/s",
        f"{count(progress.pages)} pages",
        f"{octets(progress.bytes_wire)} received",
    )
    figures.add_row(
        f"{count(progress.queued)} waiting",
        f"{progress.in_flight} under way",
        f"{count(progress.revisits)} unchanged",
        f"{count(behind)} to index",
    )
    figures.add_row(
        f"{count(progress.errors)} error pages",
        f"{count(progress.failed)} failed",
        f"{count(progress.skipped)} left out",
        "",
    )
    hosts = Table.grid(padding=(0, 2))
    hosts.add_column(width=30, no_wrap=True, overflow="ellipsis")
    for _ in range(2):
        hosts.add_column(justify="right", no_wrap=True)
    hosts.add_column(no_wrap=True)
    shown = sorted(progress.hosts, key=lambda line: (not line.in_flight, not line.queued, -line.queued))
    for line in shown[:_HOSTS_SHOWN]:
        hosts.add_row(line.host, f"{line.requested} asked", f"{line.queued} waiting", _state(line))
    more = len(progress.hosts) - _HOSTS_SHOWN
    tail = Text(f"and {more} more hosts" if more > 0 else "", style="dim")
    foot = Text("Ctrl-C stops cleanly; nothing that is recorded is lost.", style="dim")
    return Group(head, figures, Text(), hosts, tail, foot)


def _state(line: HostLine) -> Text:
    trouble = f", {line.failures} failed" if line.failures else ""
    if line.in_flight:
        return Text(f"asking{trouble}", style="green")
    if not line.queued:
        return Text(f"done{trouble}", style="dim")
    if line.wait >= 1:
        return Text(f"next in {line.wait:.0f} s{trouble}", style="yellow" if trouble else "dim")
    return Text(f"ready{trouble}", style="dim")
