"""What indexing costs beside extraction: `python benchmarks/rebuild.py [--pages N] [--eval DIR] [--rounds N]`.

An archive is written, with the labelled pages of DIR (see benchmarks/extraction), each once, or made-up ones of about
17 kB. Its pages are read and extracted by one process, and its index is rebuilt on 1, 2 … processors, by as many
extraction processes beside the one that reads the files and writes the index: each time in a process of its own that
has nothing in memory yet, in turn, and the least of all rounds counts. Printed is CPU time a page: of extraction
alone, reading the files told apart; of a rebuild, all processes together, as what it adds to reading and extracting
the same pages, and to extracting them; and of the writer, which is what more processors cannot share, least of all
what it does at the end, when all pages are extracted. From that follows what share of so many times the rate of one
core many cores can reach. Loading the model of languages counts everywhere, once for each process that extracts.
The wall clock, and with it the share of so many times the rate of one processor that is reached, says something only
where nothing else runs. On PostgreSQL (`--database URL`, an empty one) the CPU of the server is not counted.
The dictionary of Swedish is made in the user's cache before, as the first index of a machine does (3 s).
"""

import argparse
import gc
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from verify import write

from umecrawl.index.engine import Index
from umecrawl.index.showing import can_be_read
from umecrawl.index.terms import expect
from umecrawl.model.capture import Capture, Exchange
from umecrawl.model.crawl import CrawlRun, CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.pipeline.indexing import bring_up_to_date, indexing_pool, read_for_index, readable_pages
from umecrawl.pipeline.progress import IndexSummary
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.writer import WarcWriter

_T = TypeVar("_T")
_BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)
_REQUEST = b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild took, in seconds: CPU of all processes, of the writer, of it at the end, and the time."""

    cpu: float
    writer: float
    end: float
    wall: float


def main() -> None:
    """Write, rebuild and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--eval", help="folder of the labelled pages (default: made-up ones)")
    parser.add_argument("--archive", help="folder of an archive of yours to read, instead of one that is made")
    parser.add_argument("--database", help="an empty PostgreSQL database (default: SQLite)")
    parser.add_argument("--rounds", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(chosen.archive or Path(folder) / "archive")
        if chosen.eval and not chosen.archive:
            _write_labelled(root, chosen.eval, chosen.pages)
        elif not chosen.archive:
            write(root, chosen.pages, max_size=2_000_000)
        url = chosen.database or f"sqlite:///{Path(folder) / 'index.sqlite'}"
        expect(10**9)
        cores = range(1, len(os.sched_getaffinity(0)) + 1)
        load = os.getloadavg()[0]
        reads, alones = [], []
        rebuilds: dict[int, list[Rebuilt]] = {count: [] for count in cores}
        for _ in range(chosen.rounds):
            pages, read, alone = apart(extraction_alone, root)
            reads.append(read)
            alones.append(alone)
            for count in cores:
                rebuilds[count].append(apart(rebuilt, root, url, count))
        read, alone = min(reads), min(alones)
        print(f"{pages} pages, least of {chosen.rounds} rounds; load at the start {load:.1f}")
        print(
            f"extraction alone   {1000 * (read + alone) / pages:7.2f} ms of CPU a page: "
            f"reading {1000 * read / pages:.2f}, extracting {1000 * alone / pages:.2f}"
        )
        single = min(one.wall for one in rebuilds[1])
        for count in cores:
            whole = min(one.cpu for one in rebuilds[count])
            writer = min(one.writer for one in rebuilds[count])
            end = min(one.end for one in rebuilds[count])
            wall = min(one.wall for one in rebuilds[count])
            print(
                f"rebuild, {count} core{'s' * (count > 1)}    {1000 * whole / pages:7.2f} ms of CPU a page: "
                f"{whole / (read + alone) - 1:+.1%} of reading and extracting, {whole / alone - 1:+.1%} of extracting; "
                f"{1000 * writer / pages:.2f} ms in the writer, {1000 * end / pages:.2f} of these at the end; "
                f"wall {pages / wall:.0f} pages a second, {single / wall / count:.0%} of {count} x one core's"
            )
        shares = ", ".join(f"{whole / (whole - end + many * end):.0%} of {many}" for many in (2, 4, 8, 16))
        print(f"where nothing is left to extract beside the end, at most {shares} x one core's")


def apart(measure: Callable[..., _T], *arguments: object) -> _T:
    """Return what a measurement gives in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        return executor.submit(measure, *arguments).result()


def extraction_alone(root: Path) -> tuple[int, float, float]:
    """Return how many pages the archive has, and the CPU, in seconds, of reading and of extracting them."""
    archive = WarcArchive(root)
    began = time.process_time()
    # As the index reads it: each payload once at its URL.
    captures = {
        (event.payload_digest, event.url): event
        for _, event in archive.events({})
        if isinstance(event, Capture) and can_be_read(event)
    }.values()
    pages = [page for _, page in readable_pages(archive, captures, [])]
    read = time.process_time()
    gc.freeze()  # as the workers of a rebuild have it
    for page in pages:
        read_for_index(page)
    return len(pages), read - began, time.process_time() - read


def rebuilt(root: Path, url: str, cores: int) -> Rebuilt:
    """Rebuild the index on so many processors."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    index = Index.open(url, rebuild=True)
    children, own, wall = _children(), time.process_time(), time.perf_counter()
    with indexing_pool(cores, anew=True) as pool:
        extracted = own

        def note(_: IndexSummary) -> None:
            nonlocal extracted
            extracted = time.process_time()

        bring_up_to_date(root, index, pool=pool, on_progress=note)
        end = time.process_time() - extracted
        wall = time.perf_counter() - wall
    own = time.process_time() - own
    index.close()
    return Rebuilt(own + _children() - children, own, end, wall)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _write_labelled(root: Path, folder: str, most: int) -> None:
    sys.path.insert(0, str(Path(__file__).parent / "extraction"))
    from corpus import address, evaluation, pages  # noqa: PLC0415  (only with --eval)

    run = CrawlRun(
        id="20260131120000-bench",
        collection="bench",
        sources=("news",),
        started_at=_BEGIN,
        operator="Benchmark",
        contact="mailto:archive@archive.example",
        user_agent="umecrawl",
        robots="obey",
        software="umecrawl",
    )
    # A page that is there twice would be read twice alone, and once for the index.
    labelled: dict[tuple[str, bytes], None] = {}
    for page in pages(evaluation(folder)):
        if page.kind != "date-only" and len(labelled) < most:
            labelled.setdefault((address(page), page.markup()))
    with WarcWriter(root, run, payloads=None, hostname="bench", max_size=10_000_000) as writer:
        for number, (url, body) in enumerate(labelled):
            writer.append(
                Exchange(
                    crawl_url=CrawlUrl(Url(url), Url("http://news.example/"), "news"),
                    started_at=_BEGIN + timedelta(seconds=number),
                    elapsed_ms=20,
                    request=_REQUEST,
                    response_head=_HEAD % len(body),
                    response_body=body,
                )
            )


if __name__ == "__main__":
    main()
