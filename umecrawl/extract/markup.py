"""From the bytes of a page to a parsed document: character encoding, size limits, one lxml parse."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HTMLParser, document_fromstring

from umecrawl.model.article import Sourced
from umecrawl.model.encodings import web_encoding

# Markup beyond this many octets is not read: pages are a tenth of it, and every later step is bounded by it.
MAX_MARKUP = 4 * 1024 * 1024
# A tree with more elements than this is not scored (the cost of that grows faster than the page): 1 page in 500.
MAX_ELEMENTS = 20_000

_PRESCAN = 4096  # octets searched for a declared encoding (WHATWG asks for 1,024; some pages put scripts first)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:\-]+)", re.IGNORECASE)
_QUOTE_TAG = r"</?q(?:\s[^<>]*)?>"
_QUOTE_TAGS = re.compile(_QUOTE_TAG)
_MARKED_QUOTE_TAGS = re.compile(rf'(?<=["“”„»«]){_QUOTE_TAG}|{_QUOTE_TAG}(?=["“”„»«])')
_META = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([\w.:\-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([\w.:\-]+)", re.IGNORECASE)
# Labels that stand for Windows-1252 on the web (WHATWG Encoding Standard §4.2), and its name there.
_SPOKEN = {"iso8859-1": "cp1252", "ascii": "cp1252"}
_WRITTEN = dict.fromkeys(("iso8859-1", "ascii", "cp1252"), "windows-1252")
_SEVERAL_OCTETS = frozenset(
    {"gbk", "gb2312", "gb18030", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "shift_jis", "euc_kr"}
)
_LONGEST_SEQUENCE = 4  # octets of a character in UTF-8
# What UTF-8 of Western European letters and quotes looks like, read as Windows-1252.
_DOUBLED = re.compile(
    "\u00c3[\u0080-\u00bf\u20ac\u201a-\u2039\u0152-\u017e\u02c6\u02dc\u2122]|\u00e2\u20ac[\u0080-\u00bf\u2122\u0153\u0161\u201d\u201c\u2018\u2019\u00a6]"
)
_FEW_DOUBLED = 3
_UTF16 = {"utf-16-le": "utf-8", "utf-16-be": "utf-8", "utf-16": "utf-8"}
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_CONTROL_OCTETS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F])
# The same characters by number: a parser takes them into the tree, where they stop whatever is to move a text.
_NUMBERED_CONTROLS = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|127|6553[45])(?!\d)|[xX]0*(?:[0-8bBcCeEfF]|1[\da-fA-F]|7[fF]|[fF]{3}[eEfF])"
    r"(?![\da-fA-F]));?"
)
_DEAD_WEIGHT = ((b"<!--", b"-->"), (b"<style", b"</style"), (b"<svg", b"</svg"), (b"<script", b"</script"))
_INLINE_DATA = re.compile(rb"(?<=[\"'(])data:[^\"')]{256,}")
_TAG_ROOM = 200  # octets of a script's tag in which its type stands
# libxml2 compares each attribute of a tag with all before it. What a tag of this length says is not needed.
_LONG_TAG = re.compile(rb"<([a-zA-Z][\w:-]{0,40})[^<>]{8192,}>?")
# The same with `>` inside of quotes, past scripts and comments; asked only where so much text has so many quotes.
_QUOTED_TAG = re.compile(
    rb"""<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)|\Z)|"""
    rb"""<([a-zA-Z][\w:-]{0,40})(?:[^>=]++|=\s*+"[^"]*"|=\s*+'[^']*'|=)*+>?""",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED_VALUE = re.compile(rb"""=\s*+(?:"[^"]*"|'[^']*')""")
_LONG = 8192
_DELIMITERS = b" \t\r\n\f/=\"'"
_MOST_DELIMITERS = 2_000
_PLAIN_ELEMENTS = etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed page: its root, how many elements it has, and whether its end was cut off at `MAX_MARKUP`.

    `encoding` is what it was read in, with who named it; `double_encoded` says that its letters were encoded twice.
    """

    root: HtmlElement
    elements: int
    cut: bool
    encoding: Sourced = Sourced("utf-8", "content", "")  # noqa: RUF009 - a frozen value
    double_encoded: bool = False

    @property
    def oversized(self) -> bool:
        """Whether the tree is too large for steps whose cost grows faster than the page."""
        return self.elements > MAX_ELEMENTS


def decode(markup: bytes, content_type: str = "") -> str:
    """Return the markup as text; never raises. `read_encoded` says how it was read, too."""
    return read_encoded(markup, content_type)[0]


def read_encoded(markup: bytes, content_type: str = "") -> tuple[str, Sourced]:
    """Return the markup as text, and the encoding it was read in with who named it and the label as written.

    The first of these that names an encoding of the web has the word: byte order mark (`bom`), `charset` of the header
    (`header`), `<meta>` or XML declaration (`meta`), and the octets themselves (`content`): UTF-8 where they are
    valid UTF-8, UTF-16 where every other one is NUL, else Windows-1252. Lies are seen through: octets that are valid
    UTF-8 under the label of another encoding with one octet a letter, octets that are not under a UTF-8 label, and
    UTF-16 without a NUL. Latin-1 and ASCII mean Windows-1252 (WHATWG Encoding §4.2). Broken octets become U+FFFD.
    Never raises.
    """
    for mark, name in _BOMS:
        if markup.startswith(mark):
            return markup[len(mark) :].decode(name, "replace"), Sourced(name, "bom", mark.hex(" "))
    claims = list(_claims(markup, content_type))
    for name, source, raw in claims:
        if _may_be(markup, name):
            return markup.decode(_SPOKEN.get(name, name), "replace"), Sourced(_WRITTEN.get(name, name), source, raw)
    raw = claims[0][2] if claims else ""
    for name in ("utf-16-le", "utf-16-be"):
        if _is_utf16(markup, name):
            return markup.decode(name, "replace"), Sourced(name, "content", raw)
    try:
        return markup.decode("utf-8"), Sourced("utf-8", "content", raw)
    except UnicodeDecodeError:
        return markup.decode("cp1252", "replace"), Sourced("windows-1252", "content", raw)


def _is_double_encoded(text: str) -> bool:
    """Return whether UTF-8 was taken for Windows-1252 and encoded once more before the page was sent.

    The page shows its readers the same, so it is kept as it is.
    """
    return text.count("\u00c3") + text.count("\u00e2\u20ac") >= _FEW_DOUBLED and len(_DOUBLED.findall(text)) >= (
        _FEW_DOUBLED + sum(map(text.count, "åäöÅÄÖé"))
    )


def _claims(markup: bytes, content_type: str) -> Iterator[tuple[str, str, str]]:
    label = _CHARSET.search(content_type)
    if label is not None:
        name = web_encoding(label[1])
        if name is not None:
            yield name, "header", label[1]
    written = _declared(markup[:_PRESCAN])
    if written is not None:
        yield written[0], "meta", written[1]


def _may_be(markup: bytes, name: str) -> bool:
    """Whether the octets can be what a label says."""
    if name in {"utf-16-le", "utf-16-be"}:
        return _is_utf16(markup, name)
    if name not in _SEVERAL_OCTETS and name != "utf-8":
        # Of a text in another encoding, hardly one in a million is valid UTF-8 by chance (RFC 3629 §3).
        return markup.isascii() or not _is_utf8(markup)
    if name == "utf-8" and not _is_utf8(markup):
        # A cut sequence at the end, or a few broken ones: still UTF-8. Many: the label lies.
        text = markup.decode("utf-8", "replace")
        return _only_end_broken(markup) or _mostly_whole(text)
    return True


def _is_utf8(markup: bytes) -> bool:
    try:
        markup.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _only_end_broken(markup: bytes) -> bool:
    try:
        markup.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(markup) - _LONGEST_SEQUENCE
    return True


def _is_utf16(markup: bytes, name: str) -> bool:
    """Whether the upper octets of the beginning are NUL, as those of markup in UTF-16 mostly are."""
    upper = markup[: 2 * _PRESCAN][1 if name == "utf-16-le" else 0 :: 2]
    return len(upper) > 1 and 2 * upper.count(0) > len(upper)


def parse(markup: bytes, content_type: str = "") -> Document | None:
    """Parse the markup once; nothing where there is nothing to parse.

    Of more than `MAX_MARKUP` octets, scripts, styles, inline images and comments are dropped first and then
    the end. Control characters, NUL among them, are dropped as a browser drops them.
    """
    cut = False
    if len(markup) > MAX_MARKUP:
        markup = _lightened(markup[: 4 * MAX_MARKUP])[:MAX_MARKUP]
        cut = True
    text, encoding = read_encoded(markup, content_type)
    text = without_controls(text)
    if not text or text.isspace():
        return None
    if "</q>" in text:
        # Scoring would tear the sentence apart. Browsers draw marks; who writes some of his own has these left out.
        text = _QUOTE_TAGS.sub("\u201d", _MARKED_QUOTE_TAGS.sub("", text))
    # The depth limit of libxml2 stays on: a depth bomb gives a shallow tree instead of a deep stack.
    parser = HTMLParser(encoding="utf-8", remove_pis=True, remove_comments=True, huge_tree=False)
    # One class for all elements: lxml's own choice by tag asks Python once for each element that is looked at.
    parser.set_element_class_lookup(_PLAIN_ELEMENTS)
    try:
        root = document_fromstring(encoded(text), parser=parser)
    except etree.ParserError:
        return None  # "Document is empty": nothing but comments or declarations
    elements = root.xpath("count(//*)")
    assert isinstance(elements, float)
    return Document(root, int(elements), cut, encoding, _is_double_encoded(text))


def without_controls(text: str) -> str:
    """Return markup without control characters, however written; a form feed is a space (WHATWG HTML §13.2)."""
    # Not nothing: what is left on both sides could be such a number again. A word joiner is no part of any text.
    octets = text.encode("utf-8", "surrogatepass")
    if len(octets.translate(None, _CONTROL_OCTETS)) < len(octets) or "\ufffe" in text or "\uffff" in text:
        text = _CONTROLS.sub("", text)
    return _NUMBERED_CONTROLS.sub("\u2060", text).replace("\x0c", " ")


def encoded(text: str) -> bytes:
    """Return markup as UTF-8 for libxml2, without the attributes of tags that have thousands of them."""
    markup = text.encode("utf-8", "replace")
    pieces = markup.split(b"<")
    lengths = list(map(len, pieces))
    if max(lengths) <= _LONG:
        return markup
    pieces.append(b"")
    long = [(pieces[i], pieces[i + 1]) for i, length in enumerate(lengths) if length > _LONG]
    if any(piece.find(b">", 0, _LONG + 1) < 0 for piece, _ in long):
        markup = _LONG_TAG.sub(_bare_tag, markup)
    # A script that holds no tag is no text, however many quotes are in it.
    texts = [piece for piece, after in long if piece[:6].lower() != b"script" or after[:7].lower() != b"/script"]
    if any(len(line) >= _LONG and _is_crowded(line) for piece in texts for line in piece.split(b">")[1:]):
        return _QUOTED_TAG.sub(_bare_quoted_tag, markup)
    return markup


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


def _bare_quoted_tag(match: re.Match[bytes]) -> bytes:
    tag = match[0]
    if not match[1] or len(tag) <= _LONG or not _is_crowded(_QUOTED_VALUE.sub(b"=", tag)):
        return tag
    return b"<" + match[1] + b">"


def _is_crowded(octets: bytes) -> bool:
    return len(octets) - len(octets.translate(None, _DELIMITERS)) >= _MOST_DELIMITERS


def _bare_tag(match: re.Match[bytes]) -> bytes:
    """Take the attributes off a tag that has thousands of them; a tag with a long picture in it stays."""
    tag = match[0]
    return b"<" + match[1] + b">" if _is_crowded(tag) else tag


def _declared(head: bytes) -> tuple[str, str] | None:
    match = _META.search(head) or _XML.search(head)
    if match is None:
        return None
    label = match[1].decode("ascii", "replace")
    # A declaration that could be read as ASCII is not UTF-16 (WHATWG HTML §13.2.3.2).
    name = web_encoding(_UTF16.get(label.lower(), label))
    return None if name is None else (name, label)


def _mostly_whole(text: str) -> bool:
    """Whether decoding as UTF-8 left fewer broken characters than whole ones beyond ASCII."""
    broken = text.count("\ufffd")
    return broken * 2 < sum(1 for c in text if c > "\x7f")
