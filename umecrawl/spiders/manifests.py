"""Whether an answer is a feed, a sitemap or an API that names pages, what it names, and what it is when it is none."""

import re
from datetime import datetime
from typing import Final

from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.discovery import Interface, Reading, Standing
from umecrawl.model.message import Head, is_redirect, media_type
from umecrawl.model.readable import FEED_TYPES, HTML_TYPES, JSON_TYPE, XML_TYPES, is_feed_address
from umecrawl.model.urls import Url
from umecrawl.spiders.feeds import read_feed
from umecrawl.spiders.named import Manifest, outlink
from umecrawl.spiders.rest import read_rest
from umecrawl.spiders.sitemaps import read_sitemap

_READ_TYPES: Final = FEED_TYPES | XML_TYPES
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_GONE: Final = frozenset({404, 410})
_WALLS: Final = frozenset({401, 402, 403, 407, 429, 451})
_CHALLENGE = re.compile(
    rb"challenge-platform|cf-chl|cf_chl|just a moment\.\.\.|attention required!|captcha|ddos-guard|sgcaptcha",
    re.IGNORECASE,
)
_API_RELATION: Final = "https://api.w.org/"
_LINK_FIELD = re.compile(r"<([^<>]{1,2000})>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]{0,500}\"|[^\s\",;]{1,500}))*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]+))", re.IGNORECASE)


def interface_of(url: str) -> Interface:
    """Return what is asked for at this address."""
    if "/wp-json" in url or "rest_route=" in url:
        return Interface.REST
    return Interface.FEED if is_feed_address(url) else Interface.SITEMAP


def read_asked(url: Url, head: Head, octets: bytes, asked_at: datetime) -> Manifest:
    """Return what an answer is that was asked for as an interface (hop X); `octets` are without content coding."""
    interface = interface_of(url)
    if interface is Interface.REST and (found := read_rest(url, head, octets, asked_at)) is not None:
        if head.status == _OK or found.reading.standing is not Standing.OFFERED:
            return found
    elif head.status == _OK and interface is not Interface.REST and (found := _read(url, head, octets, asked_at)):
        return found
    return Manifest(_standing(interface, head, octets))


def read_met(url: Url, head: Head, octets: bytes, asked_at: datetime) -> Manifest | None:
    """Return what an answer names that a link led to, where it is a feed or a sitemap."""
    if head.status != _OK or media_type(head.get("content-type")) not in _READ_TYPES:
        return None
    return _read(url, head, octets, asked_at)


def interfaces_of_head(url: Url, head: Head) -> tuple[Outlink, ...]:
    """Return the interfaces that the header fields of a page name: `Link: <…>; rel="https://api.w.org/"`."""
    found = [
        outlink(target, url, Hop.SPECULATIVE)
        for value in head.all("link")[:20]
        for target, parameters in _LINK_FIELD.findall(value[:8_192])
        if _API_RELATION in _relations(parameters)
    ]
    return tuple(link for link in found if link is not None)


def may_name_pages(content_type: str) -> bool:
    """Return whether an answer of this type is looked into for what it names."""
    return media_type(content_type) in _READ_TYPES


def _read(url: Url, head: Head, octets: bytes, asked_at: datetime) -> Manifest | None:
    content_type = head.get("content-type") or ""
    kind = media_type(content_type)
    feed_first = kind in FEED_TYPES or kind == JSON_TYPE or is_feed_address(url)
    if kind in HTML_TYPES and not _is_xml(octets):
        return None
    if feed_first and (found := read_feed(url, content_type, octets, asked_at)) is not None:
        return found
    if (found := read_sitemap(url, octets, asked_at)) is not None:
        return found
    return None if feed_first else read_feed(url, content_type, octets, asked_at)


def _is_xml(octets: bytes) -> bool:
    """Return whether what calls itself HTML is XML after all: some servers send every answer as text/html."""
    start = octets[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return (
        start.startswith((b"<?xml", b"<rss", b"<feed", b"<urlset", b"<sitemapindex", b"\x1f\x8b"))
        and b"<html" not in start
    )


def _standing(interface: Interface, head: Head, octets: bytes) -> Reading:
    """Return what an answer is that names nothing."""
    status = head.status
    if status == _NOT_MODIFIED:
        return Reading(interface, Standing.UNCHANGED)
    if is_redirect(status):
        return Reading(interface, Standing.MOVED, detail=f"redirects to {head.get('location') or 'nowhere'}"[:500])
    if _is_challenge(head, octets):
        return Reading(interface, Standing.BLOCKED, detail=f"answers with a challenge (status {status})")
    if status == _OK:
        if media_type(head.get("content-type")) in HTML_TYPES:
            return Reading(interface, Standing.ABSENT, detail="answers with a page")
        return Reading(interface, Standing.BROKEN, detail="answers with what cannot be read")
    standing = Standing.ABSENT if status in _GONE else Standing.BLOCKED if status in _WALLS else Standing.BROKEN
    return Reading(interface, standing, detail=f"answers with status {status}")


def _is_challenge(head: Head, octets: bytes) -> bool:
    if (head.get("cf-mitigated") or "").strip().lower() == "challenge":
        return True
    return media_type(head.get("content-type")) in HTML_TYPES and _CHALLENGE.search(octets[:65_536]) is not None


def _relations(parameters: str) -> frozenset[str]:
    found = _RELATION.search(parameters)
    return frozenset((found[1] or found[2] or "").split()) if found else frozenset()
