"""The interfaces at which stations meet: what one needs of the next, and nothing of who gives it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from umecrawl.model.article import Extraction, Page
from umecrawl.model.capture import ArchiveEvent, Capture, Exchange, FailedFetch, Fault, FetchFailure, Mark
from umecrawl.model.crawl import CrawlUrl, Decision
from umecrawl.model.history import History
from umecrawl.model.urls import Url


class Frontier(Protocol):
    """Frontier → fetch: what to ask for next and when; what a fetch brought comes back to it."""

    def offer(self, candidate: CrawlUrl) -> Decision:
        """Decide on a candidate and queue it when it is taken and new."""

    def next(self, now: datetime) -> CrawlUrl | None:
        """Return a candidate whose host may be asked now, or nothing."""

    def wait(self, now: datetime) -> timedelta | None:
        """Return how long until `next` may have something; nothing when that hangs on what is in flight."""

    def settle(
        self,
        candidate: CrawlUrl,
        result: Capture | FailedFetch,
        now: datetime,
        *,
        entity: bytes = b"",
        retry_after: str | None = None,
    ) -> None:
        """Take in what became of a candidate; `entity` is the decoded body of a robots.txt."""

    def abandon(self, candidate: CrawlUrl) -> None:
        """Take back a candidate that was handed out and not fetched."""


class RecordSink(Protocol):
    """Fetch → WARC: nothing that was fetched is used before `append` has returned."""

    def append(self, fetched: Exchange | FetchFailure) -> Capture | FailedFetch:
        """Write and flush the records; return what was written.

        Raises `NoSpaceError` when the disk is full; then nothing of this exchange is in the archive.
        """


class ReplaySource(Protocol):
    """WARC → fetch: recorded answers take the place of the network."""

    def answer(self, candidate: CrawlUrl, method: str) -> Exchange | FetchFailure:
        """Return the recorded exchange that answers a request, as one of this candidate.

        What no file holds is a failure of kind `not-archived`. Raises `DamageError` when a record cannot be read.
        """


class CaptureSource(Protocol):
    """WARC → extract: what the archive holds, read in the order of writing."""

    def names(self) -> tuple[str, ...]:
        """Return the base names of all WARCs in order."""

    def unreadable(self) -> tuple[str, ...]:
        """Return what is wrong with packages (WACZ) whose WARCs cannot be named."""

    def read(self, name: str, start: int = 0) -> Iterator[tuple[Mark, ArchiveEvent]]:
        """Yield what one WARC tells from a mark (octets, start of a gzip member) on.

        The mark of an event lies behind the last record that belongs to it. Raises `DamageError` where the file
        cannot be read on.
        """

    def faults(self, name: str) -> tuple[Fault, ...]:
        """Return the faults that the last reading of a WARC met and read past."""

    def payload(self, capture: Capture) -> bytes:
        """Return the entity of a capture (transfer coding removed, content coding kept), following `refers_to`."""

    def content(self, capture: Capture) -> tuple[bytes, bytes]:
        """Return the response head that came with the entity of a capture, and the entity, as `payload` gives it."""


class Histories(Protocol):
    """WARC → frontier: what earlier runs saw."""

    def of(self, key: Url) -> History | None:
        """Return the history of a canonical URL; nothing where no earlier run got an answer."""

    def known(self) -> Iterator[tuple[CrawlUrl, History]]:
        """Yield each URL that was once captured whole for its own sake, with the way it was first found."""

    def page(self, key: Url) -> CrawlUrl | None:
        """Return the way a canonical URL was first found; nothing where it was never asked for its own sake."""


class Extractor(Protocol):
    """Extract → index: a page becomes posts, or a named outcome."""

    def __call__(self, page: Page, /) -> Extraction:
        """Return what the page gives; never raises for what a page can contain."""


class IndexSink(Protocol):
    """Extract → index: events and extractions go in, in any order and any number of times."""

    def marks(self) -> dict[str, int]:
        """Return how far each WARC has been read: offsets in octets by base name."""

    def put(self, mark: Mark, event: ArchiveEvent) -> None:
        """Take an event; `mark` lies behind its last record."""

    def wants(self, observed: Capture) -> bool:
        """Return whether an extraction of this capture is called for."""

    def put_extraction(self, observed: Capture, what: Extraction) -> None:
        """Take what the page of a capture gave."""

    def unread(self) -> Iterator[Capture]:
        """Yield the captures put earlier whose payload still waits for an extractor."""

    def commit(self) -> None:
        """Write all that was put, and the marks with it, in one transaction."""

    def finish(self, *, reuse: bool = True) -> None:
        """Work out what is derived from many rows: versions, full text, URLs; with `reuse` shared passages too."""
