"""Which answers an extractor can read: pages, feeds, WordPress's API and PDF documents, told by type and address."""

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})
# RSS 2.0 and 1.0, Atom (RFC 4287), JSON Feed 1.1; the second RSS type was never registered, but is sent.
FEED_TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/rss+xml"}
)
XML_TYPES: Final = frozenset({"application/xml", "text/xml"})
JSON_TYPE: Final = "application/json"
PDF_TYPE: Final = "application/pdf"

# A sitemap is XML too, and an API answers much else in JSON: of these the address must say what they are.
_FEED_NAME = re.compile(r"(?:feeds?|rss2?|atom|rdf)(?:\.(?:xml|json|rss|php|aspx?))?|index\.(?:rdf|rss)", re.IGNORECASE)
_FEED_SUFFIX = re.compile(r"\.(?:rss|atom|rdf)$", re.IGNORECASE)
_REST = re.compile(r"/wp/v2/(?:posts|pages)(?:/\d+)?/?")


def is_readable(mime: str, url: str) -> bool:
    """Return whether an extractor can make something of an answer of this media type (lower case) from this URL.

    Those are HTML, feeds, the posts and pages of WordPress's REST API, and PDF. Sitemaps, oEmbed and other
    answers for programs are none.
    """
    if mime in HTML_TYPES or mime in FEED_TYPES or mime == PDF_TYPE:
        return True
    try:
        if mime in XML_TYPES:
            return is_feed_address(url)
        if mime == JSON_TYPE:
            return is_rest_address(url) or is_feed_address(url)
    except ValueError:  # the target of a record by another tool may be no URL
        return False
    return False


def is_rest_address(url: str) -> bool:
    """Return whether a URL asks WordPress's REST API for posts or pages, by path or by `rest_route`."""
    parts = urlsplit(url)
    _, found, route = parts.path.partition("/wp-json")
    if not found:
        route = dict(parse_qsl(parts.query)).get("rest_route", "")
    return _REST.fullmatch(route) is not None


def is_feed_address(url: str) -> bool:
    """Return whether a URL names a feed: `/feed/`, `/rss.xml`, `/nyheter.atom`, `?feed=rss2` and their like."""
    parts = urlsplit(url)
    segments = parts.path.rstrip("/").split("/")[-2:]
    if any(_FEED_NAME.fullmatch(segment) for segment in segments) or _FEED_SUFFIX.search(segments[-1]):
        return True
    return any(name == "feed" for name, _ in parse_qsl(parts.query, keep_blank_values=True))
