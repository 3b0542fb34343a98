"""The demo: the whole main job on the project's sample sites, in two editions, without network."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from umecrawl import config
from umecrawl.errors import UsageError
from umecrawl.pipeline.crawl import CrawlReport, Observer, run_crawl
from umecrawl.pipeline.runs import CrawlOptions
from umecrawl.pipeline.samples import SampleSites

# Loopback bears more than a real host: the delays are short, the rest is as in any collection.
_CONFIGURATION = """\
# The collection of `umecrawl demo`: invented sites that the program serves to itself.

[collection]
name = "demo"
title = "Partiet i Granvik och lokalpressen (påhittade)"
operator = "umecrawl demo"
contact = "https://archive.example/contact"
timezone = "Europe/Stockholm"

[politeness]
delay = "20ms"
max_delay = "50ms"

[[source]]
name = "partiet"
kind = "wordpress"
seeds = ["https://partiet.example/"]
scope = "host"
follow = ["bladet.example", "nybygdet.example"]

[[source]]
name = "annaberg"
kind = "blog"
seeds = ["http://blogg.bladet.example/annaberg/"]
scope = "prefix"
follow = ["bladet.example", "nybygdet.example"]
"""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """The archive that the demo made and how its two runs ended."""

    root: Path
    first: CrawlReport
    second: CrawlReport


def run_demo(
    root: Path,
    *,
    database: Callable[[Path], str],
    display: Callable[[str], AbstractContextManager[Observer]],
) -> DemoReport:
    """Make an archive at `root`, crawl edition 1 and then edition 2 of the sample sites into it, and index it.

    `display` opens an observer for a crawl, given its title. Raises UsageError where `root` is not empty.
    """
    if root.exists() and any(root.iterdir()):
        raise UsageError(f"{root} is not empty", hint="Name a folder that does not exist yet, or none.")
    root.mkdir(parents=True, exist_ok=True)
    path = root / config.FILE_NAME
    path.write_text(_CONFIGURATION, encoding="utf-8")
    settings = config.load(path)
    reports = []
    with SampleSites(edition=1) as sites:
        # No time passes between the editions: the plan would call nothing due.
        options = CrawlOptions(connect_to=sites.connect_to, insecure=True, full=True)
        for edition in (1, 2):
            sites.edition = edition
            with display(f"edition {edition}") as observe:
                reports.append(run_crawl(root, settings, options, database=database(root), observe=observe))
    first, second = reports
    return DemoReport(root, first, second)
