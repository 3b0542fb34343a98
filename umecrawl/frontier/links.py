"""The links of a page or style sheet, found cheaply in its bytes.

A crawl pays per link (wire.md §4), so this is one scan by regular expression for the few elements that link,
with scripts, styles and comments stepped over as a parser would. What it finds is what a browser would ask for
or a reader could click; `nofollow` is advice to search engines and is not heeded.
"""

import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.encodings import web_encoding
from umecrawl.model.message import media_type
from umecrawl.model.urls import InvalidUrlError, Url, normalize, origin_of

_Written = tuple[str, Hop]

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/xhtml", ""})
_CSS_TYPE = "text/css"
_MAX_URL = 8_192

# A comment, or the start tag of an element that may link; quoted values may hold ">".
_TAG = re.compile(
    rb"<(?:!--(?:>|->|.*?--!?>)|"
    rb"(a|area|img|script|style|link|base|source|iframe|frame|video|audio|track|embed|object|input|meta|body|table|td|image|use|"
    rb"template|textarea|title|xmp|plaintext)"
    rb"(?=[\s/>])((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+|[^>]*+)>)",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"""([^\s=>"'/][^\s=>/]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++[^\s>]*+)))?""")
# Elements whose content is text to a parser: nothing in it is a tag.
_RAW = {
    name: re.compile(rb"</" + name + rb"(?=[\s/>])", re.IGNORECASE)
    for name in (b"script", b"style", b"textarea", b"title", b"xmp")
}
_STYLE_ATTRIBUTE = re.compile(rb"""\sstyle\s*+=\s*+("[^"]*+"|'[^']*+')""", re.IGNORECASE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_LINK = re.compile(
    r"""url\(\s*+(?:"([^"]*+)"|'([^']*+)'|([^"'()\s]++))\s*+\)|@import\s++(?:"([^"]*+)"|'([^']*+)')""", re.IGNORECASE
)
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_SRCSET = re.compile(r"([^\s,]\S*[^\s,]|[^\s,])(?:\s+[^,]*)?(?:,|$)")
_REFRESH = re.compile(r"^\s*\d*(?:\.\d*)?\s*[;,]?\s*(?:url\s*=\s*)?(.*)$", re.IGNORECASE | re.DOTALL)
_META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_SKIPPED_SCHEMES = (
    "#",
    "javascript:",
    "mailto:",
    "tel:",
    "data:",
    "about:",
    "blob:",
    "sms:",
    "whatsapp:",
    "fb-messenger:",
)

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
    name: name.decode("ascii")
    for name in (
        *(
            b"href",
            b"src",
            b"srcset",
            b"imagesrcset",
            b"data-src",
            b"data-srcset",
            b"data-lazy-src",
            b"data-lazy-srcset",
        ),
        *(
            b"data-original",
            b"data",
            b"poster",
            b"background",
            b"content",
            b"http-equiv",
            b"rel",
            b"type",
            b"xlink:href",
        ),
    )
}
_SRCSETS = ("srcset", "data-srcset", "data-lazy-srcset", "imagesrcset")


def discover(url: Url, content_type: str, markup: bytes) -> tuple[Outlink, ...]:
    """Return the links of a page or style sheet in its order, each URL and hop once.

    `content_type` is the header's value as sent; without one, the markup is looked at. `markup` is the entity
    with content coding removed. `a` and `area`, refreshing `meta` and `link` to canonical, next, previous and feeds
    are hop L; what a browser loads with the page is hop E, and all that a style sheet names; WordPress's API is hop X.
    What is neither HTML nor CSS has no links here.
    """
    kind = media_type(content_type)
    if kind == _CSS_TYPE:
        return _resolve(url, ((link, Hop.EMBED) for link in _css_links(_text(markup, _charset(b"", content_type)))))
    if kind not in _HTML_TYPES or (not kind and b"<" not in markup[:1024]):
        return ()
    if markup[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        markup = markup.decode("utf-16", errors="replace").encode("utf-8")
    scan = _Scan(_charset(markup, content_type))
    scan.run(markup)
    base = url
    if scan.base:
        try:
            base = normalize(scan.base, url)
        except InvalidUrlError:
            base = url
    return _resolve(base, scan.links)


class _Scan:
    """One pass over a page: its links as written and the `base` that they are resolved against."""

    def __init__(self, charset: str) -> None:
        self.links: list[_Written] = []
        self.base = ""
        self._charset = charset

    def run(self, markup: bytes) -> None:
        position = 0
        raw: list[tuple[int, int]] = []
        while (match := _TAG.search(markup, position)) is not None:
            position = match.end()
            if match[1] is None:
                continue
            tag = match[1].lower()
            if tag == b"base":
                self.base = self.base or _attributes(match[2], self._charset).get("href", "")
            else:
                self.links += _tag_links(tag, match[2], self._charset)
            closing = _RAW.get(tag)
            if closing is not None:
                end = closing.search(markup, position)
                stop = end.start() if end else len(markup)
                if tag == b"style":
                    self._css(_text(markup[position:stop], self._charset))
                raw.append((position, stop))
                position = stop
            elif tag == b"plaintext":
                raw.append((position, len(markup)))
                break
        self._style_attributes(markup, raw)

    def _style_attributes(self, markup: bytes, raw: list[tuple[int, int]]) -> None:
        """Add what style attributes name; they may stand on any element, so the search begins at `url(`."""
        done = 0
        place = markup.find(b"url(")
        while place >= 0:
            start = max(markup.rfind(b"<", 0, place), done)
            inside = next((end for begin, end in raw if begin <= place < end), 0)
            if inside:
                done = inside
            else:
                end = markup.find(b">", place)
                done = end if end >= 0 else len(markup)
                for style in _STYLE_ATTRIBUTE.finditer(markup, start, done):
                    self._css(html.unescape(_text(style[1][1:-1], self._charset)))
            place = markup.find(b"url(", max(done, place + 4))

    def _css(self, style: str) -> None:
        self.links += ((link, Hop.EMBED) for link in _css_links(style) if not link.startswith("#"))


# The same navigation stands on every page of a site: most tags have been read before.
@lru_cache(maxsize=16_384)
def _tag_links(tag: bytes, written: bytes, charset: str) -> tuple[_Written, ...]:
    values = _attributes(written, charset)
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


def _attributes(written: bytes, charset: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        key = _ATTRIBUTES.get(name.lower())
        if key is not None and key not in values:  # the first of two equal attributes counts
            text = _text(double or single or bare, charset)
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


def _text(written: bytes, charset: str) -> str:
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode(charset, errors="replace")


@lru_cache(maxsize=256)
def _css_links(text: str) -> tuple[str, ...]:
    if "/*" in text:
        text = _CSS_COMMENT.sub("", text)
    # A plain search for the two words is ten times as fast as the expression's own.
    lower = text.lower()
    links: list[str] = []
    for place in sorted((*_places(lower, "url("), *_places(lower, "@import"))):
        match = _CSS_LINK.match(text, place)
        if match is not None:
            link = next((group for group in match.groups() if group), "")
            links.append(_CSS_ESCAPE.sub(_unescaped, link) if "\\" in link else link)
    return tuple(links)


def _places(text: str, word: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + len(word))


def _unescaped(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    number = int(match[1], 16)
    return chr(number) if 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"  # noqa: PLR2004 - Unicode


def _resolve(base: Url, found: Iterable[_Written]) -> tuple[Outlink, ...]:
    origin = origin_of(base)
    outlinks: dict[tuple[str, Hop], Outlink] = {}
    for link, hop in dict.fromkeys(found):
        if len(link) > _MAX_URL or link[:13].lower().startswith(_SKIPPED_SCHEMES):
            continue
        try:
            # Where the page's own path plays no part, the normal form is kept for all pages of the site.
            if link.startswith(("https://", "http://")):
                url = normalize(link)
            elif link.startswith("/") and not link.startswith("//"):
                url = normalize(origin + link)
            else:
                url = normalize(link, base)
        except InvalidUrlError:
            continue
        if (url, hop) not in outlinks:
            outlinks[url, hop] = Outlink(url, hop)
    return tuple(outlinks.values())


def _charset(markup: bytes, content_type: str) -> str:
    declared = _CHARSET.search(content_type)
    name = declared[1] if declared else ""
    if not name:
        meta = _META_CHARSET.search(markup, 0, 2048)
        name = meta[1].decode("ascii") if meta else ""
    # HTML means Windows-1252 by ISO-8859-1 (WHATWG Encoding §4.2); it also is what undeclared Swedish pages are in.
    if not name or name.lower() in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii", "utf-8", "utf8"}:
        return "cp1252"
    return web_encoding(name) or "cp1252"
