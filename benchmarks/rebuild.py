"""What indexing costs beside extraction: `python benchmarks/rebuild.py [--pages N] [--eval DIR] [--database URL]`.

An archive is written, with the labelled pages of DIR (see benchmarks/extraction), each once, or made-up ones of about
17 kB, and its index is rebuilt on 1, 2 … processors, by as many extraction processes beside the one that reads the
files and writes the index, each time in a process of its own that has nothing in memory yet. Printed is CPU time a
page: of extraction alone, called in one process; of a rebuild, all processes together, and how much of that is spent
once, however many pages there are (starting a worker, which loads its model of languages, and unpacking the
dictionary); and of the writer, which is what more processors cannot share, least of all what it does at the end, when
all pages are extracted. From that follows what share of so many times the rate of one core many cores can reach.
The wall clock, and with it the share of so many times the rate of one processor that is reached, says something only
where nothing else runs. On PostgreSQL the CPU of the server is not counted.
"""

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from verify import write

from umecrawl.extract import extract
from umecrawl.extract.language import language_of
from umecrawl.index.engine import Index
from umecrawl.index.terms import expect, forms
from umecrawl.model.article import Extraction, Page
from umecrawl.model.capture import Capture, Exchange
from umecrawl.model.crawl import CrawlRun, CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.pipeline.extraction import ExtractionPool
from umecrawl.pipeline.indexing import bring_up_to_date, read_for_index, readable_pages
from umecrawl.pipeline.progress import IndexSummary
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.writer import WarcWriter

_T = TypeVar("_T")
_BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)
_REQUEST = b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"


def main() -> None:
    """Write, rebuild and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--eval", help="folder of the labelled pages (default: made-up ones)")
    parser.add_argument("--database", help="an empty PostgreSQL database (default: SQLite)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "archive"
        if chosen.eval:
            _write_labelled(root, chosen.eval, chosen.pages)
        else:
            write(root, chosen.pages, max_size=2_000_000)
        pages, alone = extraction_alone(root)
        print(f"{pages} pages; load at the start {os.getloadavg()[0]:.1f}")
        print(f"extraction alone   {1000 * alone / pages:7.2f} ms of CPU a page")
        url = chosen.database or f"sqlite:///{Path(folder) / 'index.sqlite'}"
        once = apart(start)
        print(f"once               {once:7.2f} s of CPU, {1000 * once / pages:.2f} ms a page of these")
        single = 0.0
        for cores in range(1, len(os.sched_getaffinity(0)) + 1):
            whole, writer, end, wall = apart(rebuilt, root, url, cores)
            single = single or pages / wall
            print(
                f"rebuild, {cores} core{'s' * (cores > 1)}    {1000 * whole / pages:7.2f} ms of CPU a page "
                f"({whole / alone - 1:+.1%}, {(whole - once) / alone - 1:+.1%} without what is spent once), "
                f"{1000 * writer / pages:.2f} ms of it in the writer, {1000 * end / pages:.2f} of these at the end: "
                f"{pages / whole:.0f} pages a second and processor; "
                f"wall {pages / wall:.0f}, {pages / wall / single / cores:.0%} of {cores} x one core's"
            )
        shares = ", ".join(f"{whole / (whole - end + many * end):.0%} of {many}" for many in (2, 4, 8, 16))
        print(f"where nothing is left to extract beside the end, at most {shares} x one core's")


def apart(measure: Callable[..., _T], *arguments: object) -> _T:
    """Return what a measurement gives in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        return executor.submit(measure, *arguments).result()


def start() -> float:
    """Return the CPU, in seconds, of what a rebuild does once: start a worker, load its model and the dictionary."""
    children, own = _children(), time.process_time()
    page = Page(Url("http://news.example/"), _BEGIN, 200, "text/html", b"<p>Ord")
    with ExtractionPool[int](1, reader=_read_first) as pool:
        list(pool.extract([(0, page)]))
        expect(10**9)
        forms("ord")
    return time.process_time() - own + _children() - children


def _read_first(page: Page) -> Extraction:
    language_of("Nämnden beslutade på tisdagen att skolan ska få ett nytt tak innan vintern kommer.")
    return read_for_index(page)


def extraction_alone(root: Path) -> tuple[int, float]:
    """Return how many pages the archive has, and the CPU that their extraction takes in this process."""
    archive = WarcArchive(root)
    captures = [event for _, event in archive.events({}) if isinstance(event, Capture)]
    pages = [page for _, page in readable_pages(archive, captures, [])]
    for page in pages[:50]:
        extract(page)
    began = time.process_time()
    for page in pages:
        extract(page)
    return len(pages), time.process_time() - began


def rebuilt(root: Path, url: str, cores: int) -> tuple[float, float, float, float]:
    """Rebuild the index; return the CPU of all processes, of this one, of this one once all is extracted, and the time.

    All in seconds.
    """
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    index = Index.open(url, rebuild=True)
    children, own, wall = _children(), time.process_time(), time.perf_counter()
    with ExtractionPool[Capture](cores, reader=read_for_index) as pool:
        extracted = own

        def note(_: IndexSummary) -> None:
            nonlocal extracted
            extracted = time.process_time()

        bring_up_to_date(root, index, pool=pool, on_progress=note)
        end = time.process_time() - extracted
        wall = time.perf_counter() - wall
    own = time.process_time() - own
    index.close()
    return own + _children() - children, own, end, wall


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
