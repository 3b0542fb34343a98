"""What is known and asked of one source: its interfaces as they answered before and in this run, and its pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from umecrawl.config import Source
from umecrawl.frontier.address import address_of
from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.interfaces import Known
from umecrawl.frontier.listings import listing_kind
from umecrawl.model.capture import Capture, RecordRef
from umecrawl.model.crawl import CrawlUrl, Hop, Outlink
from umecrawl.model.discovery import Enumeration, Interface, Place, Reading, Standing
from umecrawl.model.readable import HTML_TYPES
from umecrawl.model.urls import Url, canonicalize
from umecrawl.pipeline.enumerations import MOST_URLS, Part, enumeration, named_by, wholes
from umecrawl.pipeline.verdicts import Met
from umecrawl.warc.interfaces import PastReading

_OK: Final = 200
_GONE: Final = frozenset({404, 410})

LinksOf = Callable[[RecordRef], tuple[Outlink, ...]]


class Step(Enum):
    """What was asked, and so what follows from the answer."""

    REST_INDEX = "rest-index"
    REST_START = "rest-start"  # the first page of a collection; further ones follow
    REST_CHANGED = "rest-changed"  # what was changed lately; further pages follow
    REST_PART = "rest-part"  # a page in rotation; none follows
    SITEMAP = "sitemap"
    FEED = "feed"
    LIST = "list"


@dataclass(slots=True)
class Asked:
    """One question under way: `others` are asked in turn should it lead to nothing; `named` collects for a sweep."""

    step: Step
    seed: Url
    others: tuple[Url, ...] = ()
    start: Url | None = None
    page: int = 1
    named: set[Url] = field(default_factory=set)


class Site:
    """What is known and asked of one source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.known: dict[Url, Known] = {}  # the last answer of each address before this run
        self.content: dict[Url, PastReading] = {}  # the last one that names something: neither a refusal nor a 304
        self.parts: dict[Url, Part] = {}  # what this run read, by canonical URL
        self.asked: dict[Url, Asked] = {}
        self.roots: set[Url] = set()  # that were seen to in this run
        self.places: dict[Url, Place] = {}
        self.met = Met()

    @property
    def is_new(self) -> bool:
        """Whether no earlier run read an interface: then this one meets every page, and can compare."""
        return not self.content

    def usable(self, interface: Interface) -> bool:
        """Return whether this interface is known to work, from this run or before."""
        readings = [part.reading for part in self.parts.values()]
        readings += [self._reading(known) for url, known in self.known.items() if canonicalize(url) not in self.parts]
        return any(one.interface is interface and one.standing.usable and not one.index for one in readings)

    def _reading(self, known: Known) -> Reading:
        unchanged = known.reading.standing is Standing.UNCHANGED and known.url in self.content
        return self.content[known.url].reading if unchanged else known.reading

    def worked(self, interface: Interface) -> list[PastReading]:
        """Return the addresses that once named something by this interface."""
        return [past for past in self.content.values() if past.reading.interface is interface]

    def remember(self, past: PastReading) -> None:
        """Take in what an earlier run read."""
        content = self.content.get(past.url)
        names = past.reading.standing.usable and past.reading.standing is not Standing.UNCHANGED
        if names and (content is None or past.at >= content.at):
            self.content[past.url] = past
        known = self.known.get(past.url)
        if known is None or past.at >= known.at:
            self.known[past.url] = Known(past.url, past.at, past.reading)

    def meet(self, candidate: CrawlUrl, capture: Capture, *, inside: bool) -> None:
        """Keep what the interfaces are compared with at the end: pages, links, and what they name and is gone."""
        hops, met = hops_of(candidate.hop_path), self.met
        if capture.status in _GONE and hops.last == Hop.MANIFEST and candidate.via is not None:
            met.gone[candidate.via] = met.gone.get(candidate.via, 0) + 1
        shown = inside and capture.status == _OK and capture.mime in HTML_TYPES
        if not self.is_new or not hops.is_page or not shown:
            return
        if listing_kind(address_of(capture.url)) is None and not hops.is_seed:
            met.pages.add(canonicalize(capture.url))
        if len(met.linked) < MOST_URLS:
            met.linked.update(link.url for link in capture.outlinks if link.hop is Hop.LINK)

    def whole(self, links_of: LinksOf | None = None) -> Iterator[Enumeration]:
        """Yield what the lists that were read whole in this run name.

        With `links_of`, sitemaps of an index that were left alone in this run count as they were last read. Pages of a
        collection or listing do not: an entry moves from one to the next with each new one.
        """
        parts = dict(self.parts)
        if links_of is not None:
            for past in self.worked(Interface.SITEMAP):
                parts.setdefault(canonicalize(past.url), _past_part(past, links_of))
        for whole in wholes(parts, self.lists()):
            if any(canonicalize(part.url) in self.parts for part in whole.parts):
                one = enumeration(self.source.name, whole)
                if one is not None:
                    yield one

    def before(self, now: Enumeration, links_of: LinksOf) -> Enumeration | None:
        """Return what the same list named when it was last read before this run."""
        parts = {canonicalize(one.url): _past_part(one, links_of) for one in self.content.values()}
        for whole in wholes(parts, self.lists()):
            if (whole.interface, whole.place) == (now.interface, now.place):
                return enumeration(now.source, whole)
        return None

    def lists(self) -> tuple[Url, ...]:
        """Return the listings that stand for the whole of a source: those of one that has nothing better."""
        if self.usable(Interface.REST) or self.usable(Interface.SITEMAP):
            return ()
        return self.source.seeds


def _past_part(past: PastReading, links_of: LinksOf) -> Part:
    top = past.hop_path.count(Hop.SPECULATIVE) == 1
    return Part(past.url, past.at, past.reading, top, lambda: named_by(past.reading, links_of(past.record)))
