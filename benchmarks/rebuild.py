"""What indexing costs beside extraction: `python benchmarks/rebuild.py [--pages N] [--eval DIR] [--database URL]`.

An archive is written, with the labelled pages of DIR (see benchmarks/extraction) or made-up ones of about 17 kB, and
its index is rebuilt with 1, 2 … processes up to the number of processors. Printed is CPU time a page: of extraction
alone, called in one process; of a rebuild, all processes together; and of the process that reads the files and writes
the index, which is the one that more processors cannot share. From these follow the rate of one processor, and how
many processors the writer can keep busy; the wall clock says something only where nothing else runs. On PostgreSQL
the CPU of the server is not counted.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from verify import write

from umecrawl.extract import extract
from umecrawl.index.engine import Index
from umecrawl.model.capture import Capture, Exchange
from umecrawl.model.crawl import CrawlRun, CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.pipeline.extraction import ExtractionPool
from umecrawl.pipeline.indexing import bring_up_to_date, readable_pages
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.writer import WarcWriter

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
        for workers in range(1, len(os.sched_getaffinity(0)) + 1):
            whole, writer, wall = rebuilt(root, url, workers)
            print(
                f"rebuild, {workers} worker{'s' * (workers > 1)} {1000 * whole / pages:7.2f} ms of CPU a page "
                f"({whole / alone - 1:+.1%}), {1000 * writer / pages:.2f} ms of it in the writer: "
                f"{pages / whole:.0f} pages a second and processor, up to {pages / writer:.0f} in all; "
                f"wall {pages / wall:.0f}"
            )


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


def rebuilt(root: Path, url: str, workers: int) -> tuple[float, float, float]:
    """Rebuild the index; return the CPU of all processes, that of this one, and the wall time, all in seconds.

    The processes have been started before, as they are in a rebuild of more than a few pages.
    """
    index = Index.open(url, rebuild=True)
    children, own, wall = _children(), time.process_time(), time.perf_counter()
    with ExtractionPool[Capture](workers) as pool:
        bring_up_to_date(root, index, pool=pool)
        wall = time.perf_counter() - wall
    own = time.process_time() - own
    index.close()
    return own + _children() - children, own, wall


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
    labelled = [page for page in pages(evaluation(folder)) if page.kind != "date-only"]
    with WarcWriter(root, run, payloads=None, hostname="bench", max_size=10_000_000) as writer:
        for number, page in enumerate(labelled[:most]):
            body = page.markup()
            writer.append(
                Exchange(
                    crawl_url=CrawlUrl(Url(address(page)), Url("http://news.example/"), "news"),
                    started_at=_BEGIN + timedelta(seconds=number),
                    elapsed_ms=20,
                    request=_REQUEST,
                    response_head=_HEAD % len(body),
                    response_body=body,
                )
            )


if __name__ == "__main__":
    main()
