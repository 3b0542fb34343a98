"""Indexing: what the WARCs hold after the watermark is extracted and put into the SQL index.

Live, resumed and rebuilt are this one function; they differ only in where the watermark stands.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.extract import EXTRACTOR
from umecrawl.index.engine import Index
from umecrawl.model.article import Page
from umecrawl.model.capture import Capture, Fault
from umecrawl.model.message import decode_content, parse_head
from umecrawl.model.ports import CaptureSource, IndexSink
from umecrawl.pipeline.extraction import ExtractionPool
from umecrawl.pipeline.progress import IndexSummary
from umecrawl.warc.reader import WarcArchive

# Rows are committed after this many events: short transactions, and little to read again after a crash.
_COMMIT_EVERY = 200


def default_workers() -> int:
    """Return how many extraction processes to start: all cores but the one that reads and writes."""
    return max(1, (os.cpu_count() or 2) - 1)


def bring_up_to_date(
    root: Path,
    index: Index,
    *,
    pool: ExtractionPool[Capture],
    on_progress: Callable[[IndexSummary], None] = lambda _: None,
    reuse: bool = True,
) -> IndexSummary:
    """Index everything that the archive holds and the index does not; with `reuse`, find shared passages too.

    A damaged WARC is indexed up to the damage and named in the summary; the others are not held up by it.
    """
    archive = WarcArchive(root)
    with index.writer(extractor=EXTRACTOR) as writer:
        summary = _read_events(archive, writer, pool, on_progress)
        unread = iter(writer.unread())
        damage = list(summary.damage)
        extracted = sum(1 for _ in _extract(archive, writer, pool, unread, damage))
        writer.commit()
        writer.finish(reuse=reuse)
    return replace(summary, extracted=summary.extracted + extracted, damage=tuple(damage))


def _read_events(
    archive: CaptureSource,
    writer: IndexSink,
    pool: ExtractionPool[Capture],
    on_progress: Callable[[IndexSummary], None],
) -> IndexSummary:
    events = captures = extracted = 0
    faults: list[Fault] = []
    wanted: list[Capture] = []

    def settle() -> int:
        done = sum(1 for _ in _extract(archive, writer, pool, iter(wanted), damage))
        wanted.clear()
        writer.commit()
        return done

    marks = writer.marks()
    names = archive.names()
    damage: list[str] = list(archive.unreadable())
    for name in names:
        try:
            for mark, event in archive.read(name, marks.get(name, 0)):
                writer.put(mark, event)
                events += 1
                if isinstance(event, Capture):
                    captures += 1
                    if writer.wants(event):
                        wanted.append(event)
                if events % _COMMIT_EVERY == 0:
                    extracted += settle()
                    on_progress(IndexSummary(events, captures, extracted))
        except DamageError as error:
            damage.append(error.message)
        faults += archive.faults(name)
    extracted += settle()
    summary = IndexSummary(events, captures, extracted, tuple(damage), tuple(faults))
    on_progress(summary)
    return summary


def _extract(
    archive: CaptureSource,
    writer: IndexSink,
    pool: ExtractionPool[Capture],
    captures: Iterator[Capture],
    damage: list[str],
) -> Iterator[Capture]:
    for capture, extraction in pool.extract(readable_pages(archive, captures, damage)):
        writer.put_extraction(capture, extraction)
        yield capture


def readable_pages(
    archive: CaptureSource, captures: Iterable[Capture], damage: list[str]
) -> Iterator[tuple[Capture, Page]]:
    """Yield the pages that can be read; one whose record is damaged or gone is named in `damage` and stays unread."""
    for capture in captures:
        try:
            head = parse_head(archive.payload_head(capture))
            payload = archive.payload(capture)
        except (DamageError, NotFoundError) as error:
            damage.append(error.message)
            continue
        markup = decode_content(payload, head.joined("content-encoding"))
        content_type = head.get("content-type") or ""
        yield capture, Page(capture.url, capture.captured_at, capture.status, content_type, markup)
