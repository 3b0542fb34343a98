"""What is asked again at the start of a run: collections, feeds and sitemaps that once answered, else lists."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from umecrawl.frontier import interfaces
from umecrawl.frontier.address import address_of
from umecrawl.frontier.listings import page_number
from umecrawl.model.crawl import Hop
from umecrawl.model.discovery import Interface
from umecrawl.model.urls import Url
from umecrawl.pipeline.sites import Asked, Site, Step
from umecrawl.warc.interfaces import PastReading

MOST_FEEDS: Final = 10


def asked_again(site: Site, now: datetime) -> Iterator[tuple[Url, Asked]]:
    """Yield what once answered and is worth another question, whether or not its last answer still holds."""
    seed = site.source.seeds[0]
    yield from _collections(site, seed)
    for past in site.worked(Interface.FEED)[:MOST_FEEDS]:
        yield past.url, Asked(Step.FEED, seed)
    rest = site.usable(Interface.REST)
    for past in site.worked(Interface.SITEMAP):
        audited_lately = rest and now - site.known[past.url].at < interfaces.AUDIT_EVERY
        if past.hop_path.count(Hop.SPECULATIVE) <= 1 and not audited_lately:
            yield past.url, Asked(Step.SITEMAP, seed)
    if not rest and not site.usable(Interface.SITEMAP):
        yield from _lists(site)


def _collections(site: Site, seed: Url) -> Iterator[tuple[Url, Asked]]:
    starts: dict[Url, PastReading] = {}
    for past in site.worked(Interface.REST):
        collection = None if past.reading.index else interfaces.collection_of(past.url)
        if collection is not None and (collection not in starts or past.at > starts[collection].at):
            starts[collection] = past
    for past in starts.values():
        pages = past.reading.pages or 1
        if pages <= interfaces.HANDFUL:
            yield past.url, Asked(Step.REST_START, seed)
            continue
        yield interfaces.changed_since(past.url, _last_sweep(site, past)), Asked(Step.REST_CHANGED, seed)
        parts = [interfaces.collection_page(past.url, page) for page in range(2, pages + 1)]
        turn = interfaces.longest_unread(parts[: interfaces.MOST_PARTS], site.known, interfaces.ROTATION)
        for url in (past.url, *turn):
            yield url, Asked(Step.REST_PART, seed)


def _last_sweep(site: Site, start: PastReading) -> datetime:
    """Return when a collection was last asked for its changes; when its start was read, at the least."""
    prefix = interfaces.changes_of(start.url)
    return max((past.at for past in site.content.values() if past.url.startswith(prefix)), default=start.at)


def _lists(site: Site) -> Iterator[tuple[Url, Asked]]:
    for first in site.source.seeds:
        root = address_of(first)
        chain: dict[int, Url] = {}
        for past in site.worked(Interface.LIST):
            number = page_number(root, address_of(past.url))
            if number is not None and number > 1:
                chain.setdefault(number, past.url)
        pages = [chain[number] for number in sorted(chain)]
        if len(pages) > interfaces.HANDFUL:
            turn = interfaces.longest_unread(pages[1:], site.known, interfaces.ROTATION)
            pages = [pages[0], *turn]
        for url in pages:
            yield url, Asked(Step.LIST, first)
