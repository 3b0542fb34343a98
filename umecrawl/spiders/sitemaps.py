"""Sitemaps (sitemaps.org 0.9): the pages or further sitemaps that one names, read by Scrapy's parser."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from lxml import etree
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots

from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.discovery import Interface, Reading, Standing
from umecrawl.model.message import decode_content
from umecrawl.model.urls import Url
from umecrawl.spiders.named import Manifest, is_day, moment, outlink

MAX_ENTRIES: Final = 50_000  # of one sitemap, by the protocol
MAX_SIZE: Final = 50 * 1024 * 1024  # octets of one sitemap, by the protocol
_GZIP: Final = b"\x1f\x8b"
# A sitemap that was changed at the moment it is asked for, in every entry: made on demand, and no word of the pages.
_NOW: Final = timedelta(minutes=10)
_ENOUGH: Final = 5
_MAX_ROBOTS: Final = 500  # lines that name a sitemap


def read_sitemap(url: Url, octets: bytes, asked_at: datetime) -> Manifest | None:
    """Return what a sitemap or sitemap index names; nothing where the octets are none.

    `octets` are without content coding; a gzip file is unpacked, at most 50 MB of it. Entities are not read and
    nothing is fetched. A `lastmod` that is the moment of asking on every entry is known to be wrong and left out.
    """
    if octets.startswith(_GZIP):
        octets = decode_content(octets, "gzip", MAX_SIZE)
    octets = octets.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not octets.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _read_lines(url, octets)
    try:
        sitemap = Sitemap(octets)
        if sitemap.type not in {"urlset", "sitemapindex"}:
            return None
        written = list(itertools.islice(_entries(sitemap), MAX_ENTRIES))
    except (etree.XMLSyntaxError, StopIteration, ValueError, AttributeError):
        return None
    index = sitemap.type == "sitemapindex"
    hop = Hop.SPECULATIVE if index else Hop.MANIFEST
    lying = _made_on_demand([lastmod for _, lastmod in written], asked_at)
    found: dict[Url, Outlink] = {}
    for location, lastmod in written:
        link = outlink(location, url, hop, None if lying else moment(lastmod, asked_at))
        if link is not None:
            found.setdefault(link.url, link)
    links = tuple(found.values())
    reading = Reading(
        Interface.SITEMAP,
        Standing.LYING if lying else Standing.OFFERED,
        named=len(links),
        newest=max((link.modified for link in links if link.modified is not None), default=None),
        index=index,
        detail="states the moment of asking as the last change of every entry; its times are not used" if lying else "",
    )
    return Manifest(reading, links)


def sitemaps_of_robots(url: Url, octets: bytes) -> tuple[Outlink, ...]:
    """Return the sitemaps that a robots.txt names (RFC 9309 §2.2.4)."""
    if not octets[:1_000_000].strip():
        return ()
    named = itertools.islice(sitemap_urls_from_robots(octets[:1_000_000], url), _MAX_ROBOTS)
    links = (outlink(one.strip(), url, Hop.SPECULATIVE) for one in named)
    return tuple({link.url: link for link in links if link is not None}.values())


def _entries(sitemap: Sitemap) -> Iterator[tuple[str, str]]:
    for entry in sitemap:
        location, lastmod = entry.get("loc"), entry.get("lastmod")
        if isinstance(location, str) and location:
            yield location, lastmod if isinstance(lastmod, str) else ""


def _made_on_demand(stated: list[str], asked_at: datetime) -> bool:
    if len(stated) < _ENOUGH or any(is_day(text) for text in stated):
        return False
    moments = [moment(text, asked_at) for text in stated]
    return all(at is not None and at >= asked_at - _NOW for at in moments)


def _read_lines(url: Url, octets: bytes) -> Manifest | None:
    """Read a sitemap in plain text: an address on each line, and nothing else."""
    written = (line.strip() for line in octets[:MAX_SIZE].splitlines())
    lines = list(itertools.islice(filter(None, written), MAX_ENTRIES))
    if not lines or not all(line.startswith((b"http://", b"https://")) for line in lines):
        return None
    links = (outlink(line.decode("utf-8", "replace"), url, Hop.MANIFEST) for line in lines)
    found = tuple({link.url: link for link in links if link is not None}.values())
    return Manifest(Reading(Interface.SITEMAP, Standing.OFFERED, named=len(found)), found)
