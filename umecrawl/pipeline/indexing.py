"""Indexing: what the WARCs hold after the watermark is extracted and put into the SQL index.

Live, resumed and rebuilt are this one function; they differ only in where the watermark stands.
"""

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.extract import EXTRACTOR, extract
from umecrawl.extract.language import load_model
from umecrawl.index.engine import Index
from umecrawl.model.article import Extraction, Page
from umecrawl.model.capture import Capture, Fault
from umecrawl.model.message import decode_content, parse_head
from umecrawl.model.ports import CaptureSource, IndexSink
from umecrawl.pipeline.extraction import ExtractionPool
from umecrawl.pipeline.progress import IndexSummary
from umecrawl.warc.reader import WarcArchive

# Rows are committed after this many events: short transactions, and little to read again after a crash.
_COMMIT_EVERY = 200
# More objects than a batch makes at a time.
_LEFT_OVER = 200_000


def read_for_index(page: Page) -> Extraction:
    """Return what a page gives without what no table holds, which would only be carried from process to process."""
    found = extract(page)
    return replace(found, posts=tuple(replace(post, blocks=()) for post in found.posts))


def default_workers() -> int:
    """Return how many extraction processes to start: one for each core.

    The process that reads and writes takes a fraction of what they take, and waits for them most of the time.
    """
    return os.cpu_count() or 2


def indexing_pool(workers: int, *, anew: bool) -> ExtractionPool[Capture]:
    """Return workers that read pages for the index; of an index made anew it is known that all of them have to read."""
    if anew:
        return ExtractionPool(workers, reader=read_for_index, prepare=load_model)
    return ExtractionPool(workers, reader=read_for_index)


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
    with _sparing_collector(), index.writer(extractor=EXTRACTOR) as writer:
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
    reading = _Reading(archive, writer, on_progress)
    # Events are read while pages before them are being extracted, so that no process waits for another. A page that
    # is lost on the way was committed as unread.
    for _ in _extract(archive, writer, pool, reading.wanted(), reading.damage):
        reading.extracted += 1
    writer.commit()
    summary = reading.summary()
    on_progress(summary)
    return replace(summary, damage=tuple(reading.damage), faults=tuple(reading.faults))


class _Reading:
    """Reads what the archive tells behind the marks of the index, and counts it."""

    def __init__(self, archive: CaptureSource, writer: IndexSink, on_progress: Callable[[IndexSummary], None]) -> None:
        self._archive = archive
        self._writer = writer
        self._on_progress = on_progress
        self.events = self.captures = self.extracted = 0
        self.damage: list[str] = []
        self.faults: list[Fault] = []

    def wanted(self) -> Iterator[Capture]:
        """Put every event into the index and yield the captures whose pages are to be read."""
        marks = self._writer.marks()
        names = self._archive.names()
        self.damage += self._archive.unreadable()
        for name in names:
            try:
                for mark, event in self._archive.read(name, marks.get(name, 0)):
                    self._writer.put(mark, event)
                    self.events += 1
                    if isinstance(event, Capture):
                        self.captures += 1
                        if self._writer.wants(event):
                            yield event
                    if self.events % _COMMIT_EVERY == 0:
                        self._writer.commit()
                        self._on_progress(self.summary())
            except DamageError as error:
                self.damage.append(error.message)
            self.faults += self._archive.faults(name)

    def summary(self) -> IndexSummary:
        """Return the figures so far."""
        return IndexSummary(self.events, self.captures, self.extracted)


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
            head_octets, payload = archive.content(capture)
            head = parse_head(head_octets)
        except (DamageError, NotFoundError) as error:
            damage.append(error.message)
            continue
        markup = decode_content(payload, head.joined("content-encoding"))
        content_type = head.get("content-type") or ""
        yield capture, Page(capture.url, capture.captured_at, capture.status, content_type, markup)


@contextmanager
def _sparing_collector() -> Iterator[None]:
    """Let the garbage collector look for cycles where many objects are left over, and not after a few hundred rows.

    A batch makes tens of thousands of rows that live until it is committed and are no cycles.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_LEFT_OVER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
