"""The blocks of an article: what of them is its text, and what stands beside it (captions, pull quotes)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lxml.html import HtmlElement

from umecrawl.extract.paragraphs import Paragraph
from umecrawl.extract.text import key
from umecrawl.extract.tree import class_words
from umecrawl.model.article import Block, BlockKind

_QUOTES = frozenset({BlockKind.QUOTE, BlockKind.PULL_QUOTE})
_FEWEST_WORDS = 4  # of a quote that is looked for inside the paragraphs
_MOST_QUOTES = 200  # that are looked for there, one by one
_LONGEST_SOURCE = 12  # words of the line under a pull quote that says whose it is
_EDGE = "\n"
_CAPTIONS = frozenset({"figcaption", "caption"})
_CAPTION_LEVELS = 4  # how far out from a paragraph its caption element may stand


def told_apart(found: Iterable[Paragraph]) -> list[Paragraph]:
    """Mark what stands beside the text, and drop a paragraph that says again what the one before it said.

    Beside the text stand captions, but not those of embedded media, which are all that the page says of them, nor
    those of a post that is mostly pictures, where they are the text, nor those of older blogs, which are paragraphs.
    Beside it stand quotes that repeat it, too: a whole paragraph, or without a source of its own a part of one. Those
    are pull quotes, whatever their element is called. A quote that says something else is text.
    """
    once = _without_repeats(found)
    quoting = any(p.kind in _QUOTES for p in once)
    own = [key(p.text) for p in once if p.kind not in _QUOTES] if quoting else []
    whole = set(own)
    said = f" {_EDGE} ".join(["", *own, ""])
    asked = 0
    pulled: HtmlElement | None = None  # the quote of which a line stands beside the text
    told: list[Paragraph] = []
    captions = Counter(p.text for p in once if p.kind is BlockKind.CAPTION)  # one under each picture is a credit
    pictured = 2 * _length(p for p in once if p.kind is BlockKind.CAPTION) > _length(once)
    for paragraph in once:
        beside = paragraph.kind is BlockKind.CAPTION and not pictured
        beside = beside and (captions[paragraph.text] > 1 or not _tells(paragraph))
        if paragraph.kind in _QUOTES:
            quote, place = key(paragraph.text), _quote_around(paragraph)
            words = quote.count(" ") + 1
            beside = quote in whole or (pulled is not None and place is pulled and words <= _LONGEST_SOURCE)
            if not beside and asked < _MOST_QUOTES and words >= _FEWEST_WORDS:
                asked += 1
                beside = f" {quote} " in said and not _has_source(place)
            if beside:
                pulled = place
                paragraph = replace(paragraph, kind=BlockKind.PULL_QUOTE)  # noqa: PLW2901 - what it has turned out to be
        told.append(replace(paragraph, in_text=False) if beside else paragraph)
    return told


def _quote_around(paragraph: Paragraph) -> HtmlElement | None:
    block = paragraph.block
    if block is None:
        return None
    return next((e for e in (block, *block.iterancestors()) if e.tag in {"blockquote", "quote", "aside"}), block)


def _length(paragraphs: Iterable[Paragraph]) -> int:
    return sum(len(paragraph.text) for paragraph in paragraphs)


def _tells(caption: Paragraph) -> bool:
    """Whether a caption is text: under embedded media, and where the author's system made it a paragraph.

    The captions of WordPress before HTML 5 (`<p class="wp-caption-text">`) are words of the blogger's in labelled pages
    and in feeds; those of `figcaption` are mostly sources of pictures.
    """
    block = caption.block
    if block is None:
        return False
    around = [block, *block.iterancestors()]
    near = around[:_CAPTION_LEVELS]
    if not any(e.tag in _CAPTIONS for e in near) and any("wp-caption-text" in class_words(e) for e in near):
        return True
    figure = next((e for e in around if e.tag == "figure"), None)
    return figure is not None and any("embed" in word for word in class_words(figure))


def _has_source(quote: HtmlElement | None) -> bool:
    return quote is not None and next(quote.iter("cite", "footer"), None) is not None


def plain_text(paragraphs: Iterable[Paragraph]) -> str:
    """Return the text: what is in it, one paragraph a line."""
    return "\n".join(p.text for p in paragraphs if p.in_text)


def lines_of(paragraphs: Iterable[Paragraph]) -> list[str]:
    """Return the lines in which a text may be signed: a caption names who is in a picture."""
    return [p.text for p in paragraphs if p.in_text and p.kind is not BlockKind.CAPTION]


def blocks_of(paragraphs: Sequence[Paragraph]) -> tuple[Block, ...]:
    """Return paragraphs as the blocks of a post, in the order of the page; the lines of those in the text are it."""
    return tuple(Block(p.kind, p.text, p.level, p.ordered, p.in_text) for p in paragraphs)


def _without_repeats(found: Iterable[Paragraph]) -> list[Paragraph]:
    """Drop what is sent twice for two widths of screen; two alike in one block are the author's refrain."""
    kept: list[Paragraph] = []
    for paragraph in found:
        if not kept or kept[-1].text != paragraph.text or _are_siblings(kept[-1].block, paragraph.block):
            kept.append(paragraph)
    return kept


def _are_siblings(one: HtmlElement | None, other: HtmlElement | None) -> bool:
    if one is None or other is None:
        return False
    return one is other or (one.tag == other.tag and one.getparent() is other.getparent())
