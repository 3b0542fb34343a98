"""The text of an article: what the content system marks as it, or what trafilatura finds, without page boilerplate."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lxml.html import HtmlElement
from trafilatura import bare_extraction

from umecrawl.extract.blocks import blocks_of, plain_text, told_apart
from umecrawl.extract.boilerplate import is_boilerplate, is_chrome, is_stray
from umecrawl.extract.container import container_paragraphs, wordpress_container
from umecrawl.extract.markup import Document
from umecrawl.extract.outline import Outline, is_foreign
from umecrawl.extract.text import key, word_count
from umecrawl.extract.tree import Anchor, Paragraph, paragraphs, select, text_of
from umecrawl.model.article import Block

# It reports every page it cannot read; the outcome of the extraction says that already.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_SHORTEST_LEDE = 5  # words; a shorter description is a label
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LOCKED = re.compile(r"pay-?wall|locked|premium|subscriber|prenumer|meter", re.IGNORECASE)
_OVERLAY = re.compile(r".*(?:consent|cookie|gdpr|didomi|onetrust|sp_message|usercentrics|cybot).*")
_PROMPT = re.compile(r".*(?:pay-?wall-?(?:prompt|offer|login|box|message|barrier)|paywall--locked|subscribe-wall).*")
_COLUMN = re.compile(r"(?:sido|höger|hoger|vänster|vanster)(?:spalt|kolumn)(?:en)?")
_CUT_OFF = re.compile(r"\[?(?:\u2026|\.\.\.)\]?\s*$")
_MOST_ODD = 200  # paragraphs that are looked for in those of the page, one by one
_LEDE_LEVELS = 4  # how far out the element around the whole lede is looked for
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÆØÉÜ"
_LOWER = _UPPER.lower()
_NO_LEDE = frozenset({"nav", "aside", "footer", "form", "script", "style", "body", "title"})
_TITLE_LINES = 3  # how far down the title may be repeated
_EDGE_LINES = 2  # how far from the ends the byline may be repeated
# What belongs to the block around it when one asks in which part of a page a paragraph stands.
_PARTS = frozenset(
    {"li", "ul", "ol", "dl", "dd", "dt", "blockquote", "tr", "tbody", "thead", "table", "p", "h2", "h3", "h4"}
)
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class ArticleText:
    """The paragraphs of an article, how they were found, and how many words of the page a paywall hides."""

    paragraphs: tuple[Paragraph, ...]
    method: str
    hidden_words: int = 0

    @property
    def text(self) -> str:
        """The text, one paragraph a line, without what stands beside it."""
        return plain_text(self.paragraphs)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The text and what stands beside it as blocks, in the order of the page."""
        return blocks_of(self.paragraphs)

    @property
    def words(self) -> int:
        """How many words the text has."""
        return sum(word_count(p.text) for p in self.paragraphs if p.in_text)


def read_article(
    document: Document,
    outline: Outline,
    titles: Sequence[str],
    descriptions: Sequence[str],
    *,
    byline: str = "",
    demand: str = "",
) -> ArticleText:
    """Return the text of the article a page shows; empty where there is none.

    `titles` are the forms of the title, dropped where they open the text, as is a line that is only the
    `byline`; what stands in `demand`, the words of a paywall, is no text; `descriptions` are the page's
    summaries of itself, of which one that is visible on the page but missing in the text is put in front.
    Takes overlays and the covers of paywalls out of the tree: call it last.
    """
    root = document.root
    covered = _covered(root)
    hidden = sum(word_count(str(element.text_content())) for element in covered)
    container = wordpress_container(root)
    if container is not None:
        method = "container"
        found = [p for p in container_paragraphs(container) if not is_boilerplate(p.text)]
    else:
        _uncover(covered)
        _drop_overlays(outline)
        method = "plain" if document.oversized else "trafilatura"
        found = _plain(root) if document.oversized else _scored(root)
        found = [p for p in found if not is_boilerplate(p.text) and not is_stray(p.text) and p.text not in demand]
        found = _without_byline(found, byline)
    kept = told_apart(_without_title(found, titles))
    lede = _missing_lede(root, kept, titles, descriptions)
    return ArticleText((*lede, *kept), method, hidden)


def _covered(root: HtmlElement) -> list[HtmlElement]:
    """Return the elements in which a paywall hides text that was sent."""
    hidden = select(root, "//body//*[@hidden or contains(@style, 'none') or contains(@style, 'hidden')]")
    covered = [
        element
        for element in hidden
        if (element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""))
        and (_LOCKED.search(element.get("class") or "") or element.get("data-locked") is not None)
    ]
    outer = set(covered)
    return [e for e in covered if outer.isdisjoint(e.iterancestors())]


def _uncover(covered: Iterable[HtmlElement]) -> None:
    for element in covered:
        for name in ("hidden", "style", "class"):
            element.attrib.pop(name, None)


def _drop_overlays(outline: Outline) -> None:
    """Take consent dialogs, demands to pay and side columns off the page, unless the article stands in them."""
    dialogs = select(outline.root, "//body//*[@role='dialog' or @aria-modal='true']")
    for element in [*dialogs, *outline.matching(_OVERLAY), *outline.matching(_PROMPT), *outline.matching(_COLUMN)]:
        inside = element.tag in {"html", "body"} or select(element, "(.//h1 | .//article | .//main)[1]")
        if element.getparent() is not None and not inside:
            element.drop_tree()


def _scored(root: HtmlElement) -> list[Paragraph]:
    """Return what trafilatura finds, as it stands in the page: with links, and with what was lost in between.

    trafilatura's own links are not asked for: it closes up the white space around them.
    """
    result = bare_extraction(root, include_comments=False, with_metadata=False)
    body = getattr(result, "body", None)
    if body is None:
        return []
    found = paragraphs(body)
    page = paragraphs(root, is_chrome)
    places: dict[str, int] = {}
    for place, paragraph in enumerate(page):
        places.setdefault(key(paragraph.text), place)
    have = {key(paragraph.text) for paragraph in found}
    linked = [p for p in page if p.anchors]
    odd = 0
    placed: list[Paragraph] = []
    last: int | None = None
    for paragraph in found:
        position = places.get(key(paragraph.text))
        if position is None:
            odd += 1
            placed.append(_with_anchors(paragraph, linked) if odd <= _MOST_ODD else paragraph)
            continue
        if last is not None and last < position:
            placed += _between(page, last, position, have)
        placed.append(page[position])
        last = position
    return placed


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
    if part is None or part is not _part(page[last]):
        return []
    lost = [p for p in gap if _part(p) is part and key(p.text) and key(p.text) not in have]
    linked = sum(a.end - a.start for p in lost for a in p.anchors)
    return lost if linked < _MOSTLY * sum(len(p.text) for p in lost) else []


def _part(paragraph: Paragraph) -> HtmlElement | None:
    """Return the block of the page in which a paragraph, list or quotation stands."""
    element = paragraph.block
    while element is not None and element.tag in _PARTS:
        element = element.getparent()
    return element


def _plain(root: HtmlElement) -> list[Paragraph]:
    """Return the text of a page too large for scoring: all paragraphs outside chrome that read like sentences."""
    body = select(root, "//body")
    found = paragraphs(body[0] if body else root, is_chrome)
    return [p for p in found if word_count(p.text) > _SHORTEST_LEDE]


def _without_byline(found: list[Paragraph], byline: str) -> list[Paragraph]:
    """Drop a line that is only the byline, one near each end; a signature above it stays."""
    said = key(byline)
    if not said:
        return found
    lines = {said, f"av {said}", f"text {said}"}
    ends = (
        range(min(_EDGE_LINES, len(found))),
        range(len(found) - 1, max(_EDGE_LINES, len(found) - _EDGE_LINES) - 1, -1),
    )
    dropped = {next((i for i in end if key(found[i].text) in lines), None) for end in ends}
    return [paragraph for i, paragraph in enumerate(found) if i not in dropped]


def _without_title(found: list[Paragraph], titles: Sequence[str]) -> list[Paragraph]:
    keys = {key(title) for title in titles if title}
    for position, paragraph in enumerate(found[:_TITLE_LINES]):
        if key(paragraph.text) in keys:
            # What stands above the title is the section or a crumb trail, as long as it is no sentence.
            above = [p for p in found[:position] if word_count(p.text) > _SHORTEST_LEDE]
            return [*above, *found[position + 1 :]]
    return found


def _missing_lede(
    root: HtmlElement, kept: Sequence[Paragraph], titles: Sequence[str], descriptions: Sequence[str]
) -> tuple[Paragraph, ...]:
    """Return the page's own summary, where a reader sees it and the text lacks it."""
    if not kept:
        return ()
    have = key(" ".join(p.text for p in kept))
    known = {key(title) for title in titles}
    said = [key(_CUT_OFF.sub("", description)) for description in descriptions]
    wanted = [s for s in said if word_count(s) >= _SHORTEST_LEDE and s not in have and s not in known]
    if not wanted:
        return ()
    return next((found for s in wanted for found in _shown(root, s, have)), ())


def _shown(root: HtmlElement, wanted: str, have: str) -> Iterator[tuple[Paragraph, ...]]:
    """Elements of the page that say what is wanted and not much more: found by its first words, then outwards."""
    nodes = root.xpath(
        "//body//text()[contains(translate(., $upper, $lower), $start)]",
        upper=_UPPER,
        lower=_LOWER,
        start=wanted.split(maxsplit=1)[0],
    )
    assert isinstance(nodes, list)
    for node in nodes:
        element = node.getparent()
        if element is not None and node.is_tail:
            element = element.getparent()
        for _ in range(_LEDE_LEVELS):
            if element is None or element.tag in _NO_LEDE:
                break
            line = text_of(element) if len(str(element.text_content())) <= 3 * len(wanted) + 200 else ""
            said = key(line)
            if said == wanted or (said.startswith(wanted) and len(said) < 2 * len(wanted)):
                if said not in have and not is_foreign(element):
                    yield (Paragraph(line),)
                break
            element = element.getparent()
