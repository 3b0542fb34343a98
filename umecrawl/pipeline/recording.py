"""What happens to each exchange before anybody may use it: what it names found, records written, log line, tally."""

import logging
from dataclasses import dataclass

from umecrawl.frontier.address import address_of
from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.links import discover
from umecrawl.frontier.listings import ListingKind, listing_kind
from umecrawl.frontier.wording import sketch_of
from umecrawl.model.capture import Capture, Exchange, FailedFetch, FetchFailure
from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.discovery import Interface, Reading, Standing
from umecrawl.model.message import MAX_DECODED, Head, decode_content, media_type, parse_head
from umecrawl.model.readable import HTML_TYPES
from umecrawl.model.sketch import TextSketch
from umecrawl.model.urls import Url
from umecrawl.pipeline.crawllog import CrawlLog
from umecrawl.pipeline.progress import Tally
from umecrawl.spiders.manifests import interfaces_of_head, may_name_pages, read_asked, read_met
from umecrawl.spiders.sitemaps import MAX_SIZE, sitemaps_of_robots
from umecrawl.warc.writer import WarcWriter

_log = logging.getLogger(__name__)

# Where links are looked for; anything else is stored without being read.
_LINKED = HTML_TYPES | {"text/css"}
_OK = 200


class RecordingSink:
    """A RecordSink that finds the outlinks first, so that they are part of what is written."""

    def __init__(self, writer: WarcWriter, log: CrawlLog, tally: Tally) -> None:
        self._writer = writer
        self._log = log
        self._tally = tally

    def append(self, fetched: Exchange | FetchFailure) -> Capture | FailedFetch:
        """Write and flush the records of what was fetched. Raises NoSpaceError when the disk is full."""
        named = _named(fetched) if isinstance(fetched, Exchange) else _Named()
        result = self._writer.append(fetched, named.outlinks, named.reading, named.sketch)
        self._log.write(result)
        self._tally.count(result)
        return result


@dataclass(frozen=True, slots=True)
class _Named:
    """The links of an answer, the sketch of its text, and what it is as an interface where it is or should be one."""

    outlinks: tuple[Outlink, ...] = ()
    reading: Reading | None = None
    sketch: TextSketch | None = None


def _named(exchange: Exchange) -> _Named:
    try:
        return _look(exchange)
    except Exception as error:  # noqa: BLE001 - whatever a page does to its reader, the page is kept and the crawl goes on
        url = exchange.crawl_url.url
        _log.warning("the links of %s could not be read: %s: %s", url, type(error).__name__, error)
        return _Named()


def _look(exchange: Exchange) -> _Named:
    candidate = exchange.crawl_url
    head = parse_head(exchange.response_head)
    content_type = head.get("content-type") or ""
    hops = hops_of(candidate.hop_path)
    if hops.is_prerequisite:
        if head.status != _OK:
            return _Named()
        return _Named(sitemaps_of_robots(candidate.url, _decoded(exchange, head)))
    if hops.is_manifest:
        octets = _decoded(exchange, head, MAX_SIZE)
        found = read_asked(candidate.url, head, octets, exchange.started_at)
        if head.status != _OK or found.reading.standing.usable or not _is_list(candidate.url, content_type):
            return _Named(found.outlinks, found.reading)
        links = discover(candidate.url, content_type, octets)
        return _Named(links, _list(links), sketch_of(octets))
    return _look_page(exchange, head, content_type)


def _look_page(exchange: Exchange, head: Head, content_type: str) -> _Named:
    url = exchange.crawl_url.url
    # An error page's links are those of its frame: navigation that every page has.
    if head.status != _OK:
        return _Named()
    if may_name_pages(content_type):
        met = read_met(url, head, _decoded(exchange, head, MAX_SIZE), exchange.started_at)
        return _Named(met.outlinks, met.reading) if met is not None else _Named()
    if media_type(content_type) not in _LINKED:
        return _Named()
    markup = _decoded(exchange, head)
    sketch = sketch_of(markup) if media_type(content_type) in HTML_TYPES else None
    links = discover(url, content_type, markup)
    seed = hops_of(exchange.crawl_url.hop_path).is_seed
    if seed:
        links += tuple(link for link in interfaces_of_head(url, head) if link not in links)
    return _Named(links, _list(links) if seed or _is_list(url, content_type) else None, sketch)


def _list(links: tuple[Outlink, ...]) -> Reading:
    return Reading(Interface.LIST, Standing.OFFERED, named=sum(link.hop is Hop.LINK for link in links))


def _is_list(url: str, content_type: str) -> bool:
    """Return whether a page that was asked for what it names is a further page of a list."""
    return media_type(content_type) in HTML_TYPES and listing_kind(address_of(Url(url))) is ListingKind.PAGES


def _decoded(exchange: Exchange, head: Head, most: int = MAX_DECODED) -> bytes:
    return decode_content(exchange.payload, head.joined("content-encoding"), most)
