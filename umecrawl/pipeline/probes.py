"""Where the interfaces of a site are looked for once a seed has come: where it and robots.txt say, else where most are.

Each place comes as a question to be asked unless its last answer still holds.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from umecrawl.config import Kind
from umecrawl.frontier import interfaces
from umecrawl.frontier.address import address_of
from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.discovery import Interface
from umecrawl.model.readable import is_feed_address
from umecrawl.model.urls import Url
from umecrawl.pipeline.rounds import MOST_FEEDS
from umecrawl.pipeline.sites import Asked, Site, Step


@dataclass(frozen=True, slots=True)
class SeedPage:
    """What the page of a seed names, and the robots.txt of its host."""

    seed: Url
    root: Url
    links: Sequence[Outlink]
    sitemaps: Sequence[Outlink]


def root_of(seed: Url) -> Url:
    """Return the folder of a URL, with its slash at the end: the root of what a seed stands for."""
    parts = urlsplit(seed)
    head, _, last = parts.path.rpartition("/")
    path = f"{head}/" if not last or "." in last else f"{parts.path}/"
    return Url(f"{parts.scheme}://{parts.netloc}{path}")


def probes(site: Site, page: SeedPage, contains: Callable[[Url], bool], now: datetime) -> Iterator[tuple[Url, Asked]]:
    """Yield where to look; `contains` says whether a URL lies on the source's own ground."""
    yield from _rest(site, page)
    yield from _sitemaps(site, page, contains, now)
    yield from _feeds(site, page, contains)


def _rest(site: Site, page: SeedPage) -> Iterator[tuple[Url, Asked]]:
    named = [link.url for link in page.links if link.hop is Hop.SPECULATIVE]
    kind = site.source.kind
    if not named and not interfaces.wants_rest(kind):
        return
    others = () if named or kind is not Kind.WORDPRESS else (interfaces.plain_rest_index(page.root),)
    index = named[0] if named else interfaces.rest_index(page.root)
    yield index, Asked(Step.REST_INDEX, page.seed, others)


def _sitemaps(
    site: Site, page: SeedPage, contains: Callable[[Url], bool], now: datetime
) -> Iterator[tuple[Url, Asked]]:
    named = [link.url for link in page.sitemaps if link.hop is Hop.SPECULATIVE and contains(link.url)]
    if named:
        for url in named[: interfaces.MOST_PARTS]:
            if url not in site.content:
                yield url, Asked(Step.SITEMAP, page.seed)
        return
    if site.worked(Interface.SITEMAP):
        return
    places = interfaces.sitemap_places(page.root, site.source.kind)
    due = [url for url in places if interfaces.due_again(site.known.get(url), now)]
    if due:
        yield due[0], Asked(Step.SITEMAP, page.seed, tuple(due[1:]))


def _feeds(site: Site, page: SeedPage, contains: Callable[[Url], bool]) -> Iterator[tuple[Url, Asked]]:
    named = [link.url for link in page.links if link.hop is Hop.LINK and _is_feed_of_pages(link.url)]
    named = [url for url in named if contains(url)]
    if not named and interfaces.wants_feed(site.source.kind):
        named = [] if site.worked(Interface.FEED) else [Url(f"{page.root}feed/")]
    for url in named[:MOST_FEEDS]:
        yield url, Asked(Step.FEED, page.seed)


def _is_feed_of_pages(url: Url) -> bool:
    return is_feed_address(url) and "comments" not in address_of(url).segments
