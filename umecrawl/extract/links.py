"""The links of an article's own text, each with the sentence it stands in."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from lxml.html import HtmlElement

from umecrawl.extract.paragraphs import Anchor, Paragraph
from umecrawl.extract.tree import values
from umecrawl.model.article import Link
from umecrawl.model.urls import InvalidUrlError, Url, normalize

_SENTENCE_END = re.compile(
    "(?<![.!?\u2026])[.!?\u2026]+[\"'\u201d\u2019\u00bb)\\]]*\\s+"
    "(?=[\"'\u201c\u201d\u201e\u2018\u2019\u00bb(\\[\u2013\u2014-]*\\s?[A-ZÅÄÖÉÜÆØ\\d])"
)
# Swedish and English abbreviations that end in a dot without ending the sentence, and initials.
_ABBREVIATED = re.compile(
    r"(?:\b(?:bl\.\s?a|t\.\s?ex|s\.\s?k|m\.\s?fl|m\.\s?m|d\.\s?v\.\s?s|f\.\s?d|o\.\s?s\.\s?v|osv|ca|kl|nr|st|dr|prof|resp|"
    r"inkl|exkl|jfr|mr|mrs|ms|vs|etc)|\b[A-ZÅÄÖ])\.$",
    re.IGNORECASE,
)
_PDF = re.compile(r"\.pdf(?:[?#]|$)", re.IGNORECASE)
_HELD = (
    ".//*[contains(concat(' ', @class, ' '), ' wp-block-file ')]//a/@href | .//a[@type='application/pdf']/@href | "
    ".//object[@type='application/pdf']/@data | .//embed[@type='application/pdf']/@src | "
    ".//a[contains(@href, '.pdf') or contains(@href, '.PDF')]/@href"
)
_SENTENCE_ROOM = 500  # characters on each side of a link
_ABBREVIATION_ROOM = 16  # characters before the dot that are looked at


def links_of(text: Iterable[Paragraph], base: str) -> tuple[Link, ...]:
    """Return the links of the text in order, resolved against `base`; what is no web address is left out.

    `position` counts the characters of `blocks.plain_text(text)` before the anchor, which stands there as it is in
    `anchor`. Paragraphs that stand beside the text have no place in it and give no links.
    """
    links: list[Link] = []
    offset = 0
    for paragraph in text:
        if not paragraph.in_text:
            continue
        ends = _sentence_ends(paragraph.text) if paragraph.anchors else []
        for anchor in sorted(paragraph.anchors, key=lambda a: a.start):
            url = _resolve(anchor.href, base)
            if url is not None:
                shown = paragraph.text[anchor.start : anchor.end]
                position = offset + anchor.start + len(shown) - len(shown.lstrip())
                links.append(Link(url, shown.strip(), _sentence(paragraph.text, ends, anchor), position))
        offset += len(paragraph.text) + 1
    return tuple(dict.fromkeys(links))


def attachments_of(text: Iterable[Paragraph], container: HtmlElement | None, base: str) -> tuple[Url, ...]:
    """Return the files that an article attaches, each once: PDFs its paragraphs link to, then file blocks.

    `container` is the element that holds the article, where one does: a file block of WordPress, an embedded or
    linked `application/pdf` in it is an attachment whatever its name.
    """
    named = [a.href for p in text for a in p.anchors if _PDF.search(a.href)]
    held = [] if container is None else values(container, _HELD)
    urls = (_resolve(href, base) for href in (*named, *held))
    return tuple(dict.fromkeys(url for url in urls if url is not None))


def _sentence_ends(text: str) -> list[int]:
    """Return where the sentences of a paragraph end (the white space after them included); abbreviations end none."""
    return [
        match.end()
        for match in _SENTENCE_END.finditer(text)
        if not _ABBREVIATED.search(text[max(0, match.start() - _ABBREVIATION_ROOM) : match.start() + 1])
    ]


def _sentence(text: str, ends: list[int], anchor: Anchor) -> str:
    """Return the sentence around a link; of a text without sentences, what stands next to the link."""
    before = bisect_right(ends, anchor.start)
    after = bisect_left(ends, anchor.end)
    first = ends[before - 1] if before else 0
    last = ends[after] if after < len(ends) else len(text)
    first, last = max(first, anchor.start - _SENTENCE_ROOM), min(last, anchor.end + _SENTENCE_ROOM)
    return text[first:last].strip()


def _resolve(href: str, base: str) -> Url | None:
    if href.startswith("#"):
        return None
    try:
        return normalize(href, base)
    except InvalidUrlError:
        return None
