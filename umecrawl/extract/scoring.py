"""The paragraphs that trafilatura takes for a page's text, as they stand in the page: with links and kinds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lxml.html import HtmlElement
from trafilatura import bare_extraction

from umecrawl.extract.boilerplate import is_card, is_furniture
from umecrawl.extract.paragraphs import Anchor, Paragraph, paragraphs
from umecrawl.extract.text import joined_key, key
from umecrawl.extract.tree import select, tagged
from umecrawl.model.article import BlockKind

# Elements of which trafilatura reads nothing, but copies them five times. JSON-LD stays: it looks for the text there
# when it finds no other.
_SCRIPTS = "//script[not(contains(@type, 'ld+json'))] | //body//style | //body//svg"
_UNREAD = ("noscript", "template", "iframe", "nav", "select")
# A page whose running text is so many times what was found is read again, with all that trafilatura has: a short text
# may be a part of it, a long one seldom is.
_MORE = 1.35
_MUCH_MORE = 1.8
# What that reading finds is believed when it is a little more (the same text, whole) or very much more (the first found
# a teaser); from twice to five times as much is the article and the next ones under it.
_SAME_TEXT = 2.2
_ANOTHER_TEXT = 4.75
# A text that has the densest block of the page is whole, unless nearly all running text stands elsewhere.
_WHOLE = 0.85
_OTHER_TEXTS = 4.5
_LITTLE = 250  # characters; less is hardly an article
_SHORT = 500  # characters of a text that is sought with more patience
_RUNNING = 60  # characters of a paragraph that is no label
_MOSTLY = 0.5
# Chrome that holds more of a page than this is none: some themes name the whole page `ad-…` or `social-…`.
_LARGEST_CHROME = 0.4
_MOST_ODD = 200  # paragraphs that are looked for in those of the page, one by one
# What belongs to the block around it when one asks in which part of a page a paragraph stands.
_PARTS = frozenset(
    {"li", "ul", "ol", "dl", "dd", "dt", "blockquote", "tr", "tbody", "thead", "table", "p", "h2", "h3", "h4"}
)


def page_paragraphs(root: HtmlElement) -> list[Paragraph]:
    """Return the paragraphs of a page without chrome, and take chrome, scripts and styles out of the tree.

    What is not in the tree is not found by scoring, and need not be copied for it.
    """
    for element in select(root, _SCRIPTS):
        element.drop_tree()
    data = sum(len(script.text or "") for script in root.iter("script"))
    largest = _LARGEST_CHROME * (len(str(root.text_content())) - data)
    for element in tagged(root, *_UNREAD):
        # What is not closed may hold the whole page.
        if element.getparent() is not None and len(str(element.text_content())) <= largest:
            element.drop_tree()
    chrome: list[HtmlElement] = []

    def is_small_chrome(element: HtmlElement) -> bool:
        card = is_card(element)
        if not (card or is_furniture(element)) or len(str(element.text_content())) > largest:
            return False
        if not card and next(element.iter("h1"), None) is not None:
            return False  # whatever its name, it holds the title
        chrome.append(element)
        return True

    found = paragraphs(root, is_small_chrome)
    for element in chrome:
        if element.getparent() is not None:
            element.drop_tree()
    return found


def scored_paragraphs(root: HtmlElement, page: list[Paragraph]) -> list[Paragraph]:
    """Return what trafilatura finds, as it stands in `page`: with links, and with what was lost in between.

    trafilatura's own links are not asked for: it closes up the white space around them.
    """
    places: dict[str, int] = {}
    for place, paragraph in enumerate(page):
        places.setdefault(_key(paragraph), place)
    found = _found(root, page)
    keys = [key(paragraph.text) for paragraph in found]
    have = set(keys)
    linked = [p for p in page if p.anchors]
    rows = {place: _key(p) for place, p in enumerate(page) if p.kind is BlockKind.TABLE_ROW}
    odd = 0
    placed: list[Paragraph] = []
    last: int | None = None
    for paragraph, said in zip(found, keys, strict=True):
        position = places.get(said)
        if position is None and paragraph.kind is BlockKind.TABLE_ROW:
            position = _whole_row(said, rows, last)
        if position is None:
            odd += 1
            parted = _parted(said, page, places) if odd <= _MOST_ODD else None
            if parted is not None and not _is_linked(page[parted.start : parted.stop]):
                placed += page[parted.start : parted.stop]
                last = parted.stop - 1
                continue
            placed.append(_with_anchors(paragraph, linked) if odd <= _MOST_ODD else paragraph)
            continue
        if last is not None and last < position:
            placed += _between(page, last, position, have)
        placed.append(page[position])
        last = position
    return placed


def _found(root: HtmlElement, page: list[Paragraph]) -> list[Paragraph]:
    """Ask trafilatura the quick way first, and the long way where the page has much more running text.

    Its long way compares with other algorithms each time, which costs as much again and changes one page in twenty.
    """
    first = _read(root, fast=True)
    size = _size(first)
    running = _running(root, page)
    if size >= _LITTLE and running <= (_MORE if size < _SHORT else _MUCH_MORE) * size:
        return first
    if size >= _LITTLE and running <= _OTHER_TEXTS * size and _has_densest(first, page):
        return first
    other = _read(root, recall=True) if size < _SHORT else []
    if _size(other) <= size:
        other = _read(root)
    more = _size(other) / max(1, size)
    believed = size < _LITTLE or more > _ANOTHER_TEXT or more <= _SAME_TEXT
    return other if more > 1 and believed else first


def _whole_row(said: str, rows: dict[int, str], last: int | None) -> int | None:
    """Return the next row of the page that ends with these words: trafilatura loses a first cell that is a picture."""
    behind = -1 if last is None else last
    found = (place for place, row in rows.items() if place > behind and row.endswith(f" {said}"))
    return next(found, None) if said else None


def _parted(said: str, page: Sequence[Paragraph], places: Mapping[str, int]) -> range | None:
    """Return the paragraphs of the page that were closed up to one: trafilatura does so where it finds but a few."""
    for opening, start in places.items():
        if not opening or not said.startswith(f"{opening} "):
            continue
        rest = said
        for stop in range(start, len(page)):
            one = _key(page[stop])
            if not (rest == one or rest.startswith(f"{one} ")):
                break
            rest = rest[len(one) + 1 :]
            if not rest:
                return range(start, stop + 1)
    return None


def _key(paragraph: Paragraph) -> str:
    return key(paragraph.text)


def _has_densest(found: list[Paragraph], page: list[Paragraph]) -> bool:
    """Return whether the block of the page with most running text is in what was found: what is more is others'."""
    blocks: dict[HtmlElement, list[Paragraph]] = {}
    for paragraph in page:
        part = _part(paragraph) if _is_running(paragraph) else None
        if part is not None:
            blocks.setdefault(part, []).append(paragraph)
    if not blocks:
        return False
    densest = max(blocks.values(), key=_size)
    said = joined_key(p.text for p in found)
    return sum(len(p.text) for p in densest if key(p.text) in said) >= _WHOLE * _size(densest)


def _running(root: HtmlElement, page: list[Paragraph]) -> int:
    """Return how many characters of running text a page has; in `p`, where nearly all of it is called chrome."""
    running = sum(len(p.text) for p in page if _is_running(p))
    said = [len(str(p.text_content())) for p in root.iter("p")]
    everything = sum(length for length in said if length >= _RUNNING)
    return running if running >= _LARGEST_CHROME * everything else everything


def _read(root: HtmlElement, *, fast: bool = False, recall: bool = False) -> list[Paragraph]:
    # Of any other format than `python` it does not write the text out, too.
    result = bare_extraction(root, output_format="txt", include_comments=False, fast=fast, favor_recall=recall)
    body = getattr(result, "body", None)
    return [] if body is None else paragraphs(body)


def _size(found: Iterable[Paragraph]) -> int:
    return sum(len(paragraph.text) for paragraph in found)


def _is_running(paragraph: Paragraph) -> bool:
    return len(paragraph.text) >= _RUNNING and not _is_linked((paragraph,))


def _is_linked(found: Sequence[Paragraph]) -> bool:
    """Return whether a text is mostly links."""
    linked = sum(anchor.end - anchor.start for paragraph in found for anchor in paragraph.anchors)
    return linked >= _MOSTLY * _size(found)


def _with_anchors(paragraph: Paragraph, linked: Iterable[Paragraph]) -> Paragraph:
    """Give a paragraph that trafilatura joined or cut the links of those in the page that it shares text with."""
    anchors = []
    for other in linked:
        if other.text in paragraph.text or paragraph.text in other.text:
            for anchor in other.anchors:
                label = other.text[anchor.start : anchor.end]
                start = paragraph.text.find(label)
                if start >= 0:
                    anchors.append(Anchor(anchor.href, start, start + len(label)))
    return replace(paragraph, anchors=tuple(anchors))


def _between(page: list[Paragraph], first: int, last: int, have: set[str]) -> list[Paragraph]:
    part = _part(page[first])
    gap = page[first + 1 : last]
    if part is None:
        return []
    # Where the text goes on in another block, a list may still end this one.
    ends = part is not _part(page[last])
    lost = [p for p in gap if _part(p) is part and key(p.text) and key(p.text) not in have]
    if ends and any(p.kind is not BlockKind.ITEM for p in lost):
        return []
    linked = sum(a.end - a.start for p in lost for a in p.anchors)
    return lost if linked < _MOSTLY * sum(len(p.text) for p in lost) else []


def _part(paragraph: Paragraph) -> HtmlElement | None:
    """Return the block of the page in which a paragraph, list or quotation stands."""
    element = paragraph.block
    while element is not None and element.tag in _PARTS:
        element = element.getparent()
    return element
