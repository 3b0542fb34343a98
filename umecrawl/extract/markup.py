"""From the bytes of a page to a parsed document: character encoding, size limits, one lxml parse."""

import codecs
import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HTMLParser, document_fromstring

from umecrawl.model.encodings import web_encoding

# Markup beyond this many octets is not read: pages are a tenth of it, and every later step is bounded by it.
MAX_MARKUP = 4 * 1024 * 1024
# A tree with more elements than this is not scored (the cost of that grows faster than the page): 1 page in 500.
MAX_ELEMENTS = 20_000

_PRESCAN = 4096  # octets searched for a declared encoding (WHATWG asks for 1,024; some pages put scripts first)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:\-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([\w.:\-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([\w.:\-]+)", re.IGNORECASE)
# Labels that stand for Windows-1252 on the web (WHATWG Encoding Standard §4.2).
_WINDOWS_1252 = frozenset({"iso8859-1", "ascii", "cp1252"})
_UTF16 = {"utf-16-le": "utf-8", "utf-16-be": "utf-8", "utf-16": "utf-8"}
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_DEAD_WEIGHT = ((b"<!--", b"-->"), (b"<style", b"</style"), (b"<svg", b"</svg"), (b"<script", b"</script"))
_INLINE_DATA = re.compile(rb"(?<=[\"'(])data:[^\"')]{256,}")
_TAG_ROOM = 200  # octets of a script's tag in which its type stands
# libxml2 compares each attribute of a tag with all before it. What a tag of this length says is not needed.
_LONG_TAG = re.compile(rb"<([a-zA-Z][\w:-]{0,40})[^<>]{8192,}>?")
_DELIMITERS = b" \t\r\n\f/=\"'"
_MOST_DELIMITERS = 2_000
_BLANK = re.compile(r"\s*")
_PLAIN_ELEMENTS = etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed page: its root, how many elements it has, and whether its end was cut off at `MAX_MARKUP`."""

    root: HtmlElement
    elements: int
    cut: bool

    @property
    def oversized(self) -> bool:
        """Whether the tree is too large for steps whose cost grows faster than the page."""
        return self.elements > MAX_ELEMENTS


def decode(markup: bytes, content_type: str = "") -> str:
    """Return the markup as text; never raises.

    The first of these that names a known encoding has the word: byte order mark, `charset` of the header,
    `<meta>` or XML declaration, UTF-8 where the bytes are valid UTF-8, Windows-1252. Two lies are seen
    through: bytes that are valid UTF-8 under a Latin-1 label, and bytes that are not under a UTF-8 label.
    """
    for mark, name in _BOMS:
        if markup.startswith(mark):
            return markup[len(mark) :].decode(name, "replace")
    label = _CHARSET.search(content_type)
    encoding = web_encoding(label[1]) if label else None
    if encoding is None:
        encoding = _declared(markup[:_PRESCAN])
    if encoding in {None, "utf-8", *_WINDOWS_1252}:
        try:
            return markup.decode("utf-8")
        except UnicodeDecodeError as error:
            # A cut sequence at the end, or a few broken ones: still UTF-8. Many: the label lies.
            text = markup.decode("utf-8", "replace")
            if encoding == "utf-8" and (error.start > len(markup) - 4 or _mostly_whole(text)):
                return text
            return markup.decode("cp1252", "replace")
    assert encoding is not None
    return markup.decode(encoding, "replace")


def parse(markup: bytes, content_type: str = "") -> Document | None:
    """Parse the markup once; nothing where there is nothing to parse.

    Of more than `MAX_MARKUP` octets, scripts, styles, inline images and comments are dropped first and then
    the end. Control characters, NUL among them, are dropped as a browser drops them.
    """
    cut = False
    if len(markup) > MAX_MARKUP:
        markup = _lightened(markup[: 4 * MAX_MARKUP])[:MAX_MARKUP]
        cut = True
    text = _CONTROLS.sub("", decode(markup, content_type))
    if _BLANK.fullmatch(text):
        return None
    # The depth limit of libxml2 stays on: a depth bomb gives a shallow tree instead of a deep stack.
    parser = HTMLParser(encoding="utf-8", remove_pis=True, remove_comments=True, huge_tree=False)
    # One class for all elements: lxml's own choice by tag asks Python once for each element that is looked at.
    parser.set_element_class_lookup(_PLAIN_ELEMENTS)
    try:
        root = document_fromstring(_LONG_TAG.sub(_bare_tag, text.encode("utf-8", "replace")), parser=parser)
    except etree.ParserError:
        return None  # "Document is empty": nothing but comments or declarations
    return Document(root, int(root.xpath("count(//*)")), cut)


def _lightened(markup: bytes) -> bytes:
    """Return the markup without comments, styles, drawings, scripts (but JSON-LD) and inline data, in linear time."""
    for opening, closing in _DEAD_WEIGHT:
        lower = markup.lower()
        kept: list[bytes] = []
        position = 0
        while (start := lower.find(opening, position)) >= 0:
            end = lower.find(closing, start + len(opening))
            if end < 0:
                break
            if b"ld+json" in lower[start : start + _TAG_ROOM]:
                kept.append(markup[position : end + len(closing)])
            else:
                kept.append(markup[position:start])
            position = end + len(closing)
        kept.append(markup[position:])
        markup = b"".join(kept)
    return _INLINE_DATA.sub(b"", markup)


def _bare_tag(match: re.Match[bytes]) -> bytes:
    """Take the attributes off a tag that has thousands of them; a tag with a long picture in it stays."""
    tag = match[0]
    return tag if len(tag) - len(tag.translate(None, _DELIMITERS)) < _MOST_DELIMITERS else b"<" + match[1] + b">"


def _declared(head: bytes) -> str | None:
    match = _META.search(head) or _XML.search(head)
    if match is None:
        return None
    label = match[1].decode("ascii", "replace")
    # A declaration that could be read as ASCII is not UTF-16 (WHATWG HTML §13.2.3.2).
    return web_encoding(_UTF16.get(label.lower(), label))


def _mostly_whole(text: str) -> bool:
    """Whether decoding as UTF-8 left fewer broken characters than whole ones beyond ASCII."""
    broken = text.count("\ufffd")
    return broken * 2 < sum(1 for c in text if c > "\x7f")
