"""The links of one start tag: which attributes of which element link, and by which hop."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache

from umecrawl.frontier.charset import text_of
from umecrawl.model.crawl import Hop
from umecrawl.model.message import media_type

Written = tuple[str, Hop]

_ATTRIBUTE = re.compile(rb"""([^\s=>"'/][^\s=>/]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++[^\s>]*+)))?""")
_SRCSET = re.compile(r"([^\s,]\S*[^\s,]|[^\s,])(?:\s+[^,]*)?(?:,|$)")
_REFRESH = re.compile(r"^\s*\d*(?:\.\d*)?\s*[;,]?\s*(?:url\s*=\s*)?(.*)$", re.IGNORECASE | re.DOTALL)

_EMBED_RELS = frozenset(
    {"stylesheet", "icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "manifest",
     "preload", "modulepreload"}
)  # fmt: skip
_LINK_RELS = frozenset({"canonical", "next", "prev", "previous", "amphtml"})
_API_REL = "https://api.w.org/"  # where WordPress says that its REST API is
_ALTERNATES = frozenset({"", "text/html", "application/rss+xml", "application/atom+xml", "application/feed+json"})
_EMBED_ATTRIBUTES = {
    b"img": ("src", "data-src", "data-lazy-src", "data-original"),
    b"source": ("src", "data-src"),
    b"script": ("src",),
    b"iframe": ("src", "data-src", "data-lazy-src"),
    b"frame": ("src",),
    b"video": ("src", "poster"),
    b"audio": ("src",),
    b"track": ("src",),
    b"embed": ("src",),
    b"object": ("data",),
    b"input": ("src",),
    b"body": ("background",),
    b"table": ("background",),
    b"td": ("background",),
    b"image": ("href", "xlink:href"),
    b"use": ("href", "xlink:href"),
}
_ATTRIBUTES = {
    name.encode("ascii"): name
    for name in (
        "href",
        "src",
        "srcset",
        "imagesrcset",
        "data-src",
        "data-srcset",
        "data-lazy-src",
        "data-lazy-srcset",
        "data-original",
        "data",
        "poster",
        "background",
        "content",
        "http-equiv",
        "rel",
        "type",
        "xlink:href",
    )
}
_SRCSETS = ("srcset", "data-srcset", "data-lazy-srcset", "imagesrcset")


# The same navigation stands on every page of a site: most tags have been read before.
@lru_cache(maxsize=16_384)
def tag_links(tag: bytes, written: bytes, charset: str) -> tuple[Written, ...]:
    """Return the links of an element, as written, by its name in lower case and what stands behind it in its tag."""
    values = attributes(written, charset)
    links: list[tuple[str | None, Hop]] = []
    if tag in {b"a", b"area"}:
        links.append((values.get("href") or values.get("xlink:href"), Hop.LINK))
    elif tag == b"link":
        links += _link_element(values)
    elif tag == b"meta":
        if values.get("http-equiv", "").lower() == "refresh":
            target = _REFRESH.match(values.get("content", ""))
            links.append((target[1].strip("\"' ") if target else None, Hop.LINK))
    else:
        links += ((values.get(name), Hop.EMBED) for name in _EMBED_ATTRIBUTES.get(tag, ()))
        links += _srcsets(values)
    return tuple((link, hop) for link, hop in links if link and not link.startswith("#"))


def attributes(written: bytes, charset: str) -> dict[str, str]:
    """Return the attributes of a start tag that bear on its links, by their names in lower case."""
    values: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        key = _ATTRIBUTES.get(name.lower())
        if key is not None and key not in values:  # the first of two equal attributes counts
            text = text_of(double or single or bare, charset)
            values[key] = (html.unescape(text) if "&" in text else text).strip()
    return values


def _link_element(values: dict[str, str]) -> Iterator[tuple[str | None, Hop]]:
    rels = values.get("rel", "").lower().split()
    href = values.get("href")
    if "stylesheet" in rels or ("alternate" not in rels and not _EMBED_RELS.isdisjoint(rels)):
        yield href, Hop.EMBED
        yield from _srcsets(values)
    elif _API_REL in rels:
        yield href, Hop.SPECULATIVE
    elif not _LINK_RELS.isdisjoint(rels) or ("alternate" in rels and media_type(values.get("type")) in _ALTERNATES):
        yield href, Hop.LINK


def _srcsets(values: dict[str, str]) -> Iterator[tuple[str | None, Hop]]:
    for name in _SRCSETS:
        if name in values:
            yield from ((match[1], Hop.EMBED) for match in _SRCSET.finditer(values[name]))
