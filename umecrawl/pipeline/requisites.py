"""What a captured page needs to be shown: the images, styles and scripts it names, as they were closest in time."""

from collections.abc import Iterator
from typing import Final

from umecrawl.model.capture import Capture
from umecrawl.model.crawl import Hop
from umecrawl.model.readable import HTML_TYPES
from umecrawl.model.urls import Url
from umecrawl.query.selection import Selection
from umecrawl.warc.provenance import read_provenance
from umecrawl.warc.reader import WarcArchive

_LINKED: Final = HTML_TYPES | {"text/css", ""}  # a 304 does not say what it is
_DEEPEST: Final = 5  # page, frame, style, style it imports, image


class Requisites:
    """Finds requisites in the metadata records of captures; each capture is given once.

    Files by others say nothing of the links of a page: what they need is not known.
    """

    def __init__(self, selection: Selection, archive: WarcArchive) -> None:
        self._selection = selection
        self._archive = archive
        self._given: set[str] = set()

    def of(self, page: Capture) -> Iterator[Capture]:
        """Yield the captures that a page needs and that were not given yet, the originals of revisits included."""
        waiting = [(page, 0)]
        while waiting:
            capture, depth = waiting.pop()
            urls = self._embedded(capture) if capture.mime in _LINKED else ()
            if depth and capture.location is not None:
                urls = (capture.location,)
            for url in urls:
                found = self._selection.closest(url, page.captured_at)
                if found is None or found.id in self._given:
                    continue
                self._given.add(found.id)
                yield found
                if found.refers_to and (original := self._selection.by_id(found.refers_to)):
                    yield original
                if depth < _DEEPEST:
                    waiting.append((found, depth + 1))

    def _embedded(self, capture: Capture) -> tuple[Url, ...]:
        """Return the URLs that a page or style embeds; of a page that has not changed, those of its original."""
        for record in self._archive.exchange(capture)[:-1]:
            provenance = read_provenance(record.block) if record.type == "metadata" else None
            if provenance is not None and provenance.outlinks:
                return tuple(link.url for link in provenance.outlinks if link.hop is Hop.EMBED)
        original = self._selection.by_id(capture.refers_to) if capture.refers_to else None
        return self._embedded(original) if original is not None and original.refers_to is None else ()
