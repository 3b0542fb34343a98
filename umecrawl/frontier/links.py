"""The links of a page or style sheet, found cheaply in its bytes.

A crawl pays for each of them, so this is one scan by regular expression for the few elements that link,
with scripts, styles and comments stepped over as a parser would. What it finds is what a browser would ask for
or a reader could click; `nofollow` is advice to search engines and is not heeded.
"""

import html
import re
from collections.abc import Iterable

from umecrawl.frontier.charset import charset_of, text_of
from umecrawl.frontier.styles import style_links
from umecrawl.frontier.tags import Written, attributes, tag_links
from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.message import media_type
from umecrawl.model.urls import InvalidUrlError, Url, normalize, origin_of

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
# Elements whose content is text to a parser: nothing in it is a tag.
_RAW = {
    name: re.compile(rb"</" + name + rb"(?=[\s/>])", re.IGNORECASE)
    for name in (b"script", b"style", b"textarea", b"title", b"xmp")
}
_STYLE_ATTRIBUTE = re.compile(rb"""\sstyle\s*+=\s*+("[^"]*+"|'[^']*+')""", re.IGNORECASE)
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


def discover(url: Url, content_type: str, markup: bytes) -> tuple[Outlink, ...]:
    """Return the links of a page or style sheet in its order, each URL and hop once.

    `content_type` is the header's value as sent; without one, the markup is looked at. `markup` is the entity
    with content coding removed. `a` and `area`, refreshing `meta` and `link` to canonical, next, previous and feeds
    are hop L; what a browser loads with the page is hop E, and all that a style sheet names; WordPress's API is hop X.
    What is neither HTML nor CSS has no links here.
    """
    kind = media_type(content_type)
    if kind == _CSS_TYPE:
        written = style_links(text_of(markup, charset_of(b"", content_type)))
        return _resolve(url, ((link, Hop.EMBED) for link in written))
    if kind not in _HTML_TYPES or (not kind and b"<" not in markup[:1024]):
        return ()
    if markup[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        markup = markup.decode("utf-16", errors="replace").encode("utf-8")
    scan = _Scan(charset_of(markup, content_type))
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
        self.links: list[Written] = []
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
                self.base = self.base or attributes(match[2], self._charset).get("href", "")
            else:
                self.links += tag_links(tag, match[2], self._charset)
            closing = _RAW.get(tag)
            if closing is not None:
                end = closing.search(markup, position)
                stop = end.start() if end else len(markup)
                if tag == b"style":
                    self._css(text_of(markup[position:stop], self._charset))
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
                    self._css(html.unescape(text_of(style[1][1:-1], self._charset)))
            place = markup.find(b"url(", max(done, place + 4))

    def _css(self, style: str) -> None:
        self.links += ((link, Hop.EMBED) for link in style_links(style) if not link.startswith("#"))


def _resolve(base: Url, found: Iterable[Written]) -> tuple[Outlink, ...]:
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
