"""The interfaces at which stations meet; one shared test suite each, run on every implementation."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from umecrawl.model.article import Extraction, Page
from umecrawl.model.capture import ArchiveEvent, Capture, Exchange, FailedFetch, FetchFailure, Mark
from umecrawl.model.crawl import CrawlUrl, Decision


class Frontier(Protocol):
    """Frontier → fetch: what to ask for next, and when."""

    def offer(self, candidate: CrawlUrl) -> Decision:
        """Decide on a candidate and queue it when it is taken and new."""

    def next(self, now: datetime) -> CrawlUrl | None:
        """Return a candidate whose host may be asked now, or nothing."""


class RecordSink(Protocol):
    """Fetch → WARC: nothing that was fetched is used before `append` has returned."""

    def append(self, fetched: Exchange | FetchFailure) -> Capture | FailedFetch:
        """Write and flush the records; return what was written.

        Raises `NoSpaceError` when the disk is full; then nothing of this exchange is in the archive.
        """


class CaptureSource(Protocol):
    """WARC → extract: what the archive holds, read in the order of writing."""

    def events(self, after: Mapping[str, int]) -> Iterator[tuple[Mark, ArchiveEvent]]:
        """Yield what each WARC holds from the offset given for its name (none: from its start).

        The mark of an event lies behind the last record that belongs to it.
        """

    def payload(self, capture: Capture) -> bytes:
        """Return the entity of a capture (transfer coding removed, content coding kept), following `refers_to`."""


class Extractor(Protocol):
    """Extract → index: a page becomes posts, or a named outcome."""

    def extract(self, page: Page) -> Extraction:
        """Return what the page gives; never raises for what a page can contain."""
