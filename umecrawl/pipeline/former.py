"""What pages linked to before a run, read from the WARCs: with it a capture of the run is told in full."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.model.capture import Capture, RecordRef
from umecrawl.model.crawl import CrawlUrl, Outlink
from umecrawl.model.history import History
from umecrawl.model.ports import Histories
from umecrawl.model.urls import Url, canonicalize
from umecrawl.pipeline.hints import moved_on
from umecrawl.warc.reader import WarcArchive

_NOT_MODIFIED: Final = 304


class FormerLinks:
    """The links of the answers that `known` has of earlier runs."""

    def __init__(self, archive: WarcArchive, known: Histories) -> None:
        self._archive = archive
        self._known = known

    def told_in_full(self, capture: Capture) -> Capture:
        """Return a capture with the links of the page that a 304 says is unchanged, and times of change as hints."""
        return self._with_hints(self._with_links(capture))

    def of_pages(self, chosen: Callable[[Url], bool]) -> Iterator[tuple[CrawlUrl, tuple[Outlink, ...]]]:
        """Yield the known pages that are chosen, each with its links."""
        for page, history in self._known.known():
            if chosen(page.url):
                yield page, self._latest(history)

    def at(self, ref: RecordRef) -> tuple[Outlink, ...]:
        """Return the links in one record; none of a broken one, which keeps nobody from crawling."""
        try:
            return self._archive.links(ref)
        except (DamageError, NotFoundError):
            return ()

    def _with_links(self, capture: Capture) -> Capture:
        if capture.status != _NOT_MODIFIED or capture.outlinks:
            return capture
        history = self._known.of(canonicalize(capture.url))
        return capture if history is None else replace(capture, outlinks=self._latest(history))

    def _with_hints(self, capture: Capture) -> Capture:
        if all(link.modified is None for link in capture.outlinks):
            return capture
        history = self._known.of(canonicalize(capture.url))
        if history is None:
            return capture
        links = moved_on(capture.outlinks, self._latest(history), capture.captured_at)
        return replace(capture, outlinks=links)

    def _latest(self, history: History) -> tuple[Outlink, ...]:
        """Return what the latest whole answer linked to."""
        return () if history.whole is None else self.at(history.whole)
