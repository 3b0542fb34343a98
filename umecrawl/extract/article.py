"""The text of an article: what the content system marks as it, or what trafilatura finds, without page boilerplate."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from lxml.html import HtmlElement

from umecrawl.extract.blocks import blocks_of, plain_text, told_apart
from umecrawl.extract.boilerplate import is_boilerplate, is_stray, is_tag_line, without_buttons
from umecrawl.extract.container import container_paragraphs, densest_container, wordpress_container
from umecrawl.extract.endings import without_ending
from umecrawl.extract.language import language_of
from umecrawl.extract.markup import Document
from umecrawl.extract.outline import Outline, is_foreign
from umecrawl.extract.paragraphs import Paragraph, text_of
from umecrawl.extract.scoring import page_paragraphs, scored_paragraphs
from umecrawl.extract.text import joined_key, key, word_count
from umecrawl.extract.tree import class_words, elements_saying, select, values
from umecrawl.model.article import Block

# It reports every page it cannot read; the outcome of the extraction says that already.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_SHORTEST_LEDE = 5  # words; a shorter description is a label
_LONGEST_LEDE = 100  # words; a longer description is the text itself
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STYLED = "//body//*[@hidden or @aria-hidden or @style]"
_FOLD = re.compile(
    r"(?:[a-z]+[-_]{1,2})*(?:accordions?|collaps\w*|fold\w*|read-?more\w*|toggle|expand\w*|details)(?:[-_].*)?"
)
_LOCKED = re.compile(r"pay-?wall|locked|premium|subscriber|prenumer|meter", re.IGNORECASE)
_OVERLAY = re.compile(r".*(?:consent|cookie|gdpr|didomi|onetrust|sp_message|usercentrics|cybot).*")
_PROMPT = re.compile(r".*(?:pay-?wall-?(?:prompt|offer|login|box|message|barrier)|paywall--locked|subscribe-wall).*")
_COLUMN = re.compile(r"(?:sido|höger|hoger|vänster|vanster)(?:spalt|kolumn)(?:en)?")
_OVERLAYS = (
    (_OVERLAY, re.compile("consent|cookie|gdpr|didomi|onetrust|sp_message|usercentrics|cybot")),
    (_PROMPT, re.compile("pay-?wall|subscribe-wall")),
    (_COLUMN, re.compile("(?:spalt|kolumn)")),
)
_CUT_OFF = re.compile(r"\[?(?:\u2026|\.\.\.)\]?\s*$")
_LEDE_LEVELS = 4  # how far out the element around the whole lede is looked for
_OPENING_WORDS = 6  # of a description, of which the longest is looked for in the page
_MOST_PLACES = 100  # of the page in which the lede is looked for
_NO_LEDE = frozenset({"nav", "aside", "footer", "form", "script", "style", "body", "title"})
_TITLE_LINES = 3  # how far down the title may be repeated
_EDGE_LINES = 2  # how far from the ends the byline may be repeated


@dataclass(frozen=True, slots=True)
class ArticleText:
    """The paragraphs of an article, how they were found, and how many words of the page a paywall hides.

    `container` is the element that the content system marks as the place of the text, where there is one.
    """

    paragraphs: tuple[Paragraph, ...]
    method: str
    hidden_words: int = 0
    container: HtmlElement | None = None

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
    styled = select(root, _STYLED)
    _open_folds(root, styled)
    covered = _covered(styled)
    hidden = sum(word_count(str(element.text_content())) for element in covered)
    container = wordpress_container(root)
    if container is not None:
        method = "container"
        found = container_paragraphs(container)
        # A theme names the tags of a post once; an author who sets them under each link means them.
        tagged = sum(1 for p in found if is_tag_line(p.text)) > 1
        found = [p for p in found if not is_boilerplate(p.text) or (tagged and is_tag_line(p.text))]
    else:
        _uncover(covered)
        _drop_overlays(outline)
        container = densest_container(root)
        if container is not None:
            method, found = "container", container_paragraphs(container)
        else:
            method = "plain" if document.oversized else "trafilatura"
            page = page_paragraphs(root)
            found = _plain(page) if document.oversized else scored_paragraphs(root, page)
        found = [p for p in found if not is_boilerplate(p.text) and not is_stray(p.text) and p.text not in demand]
        found = without_ending(_without_byline(found, byline))
    if container is not None:
        found = without_buttons(found)
    kept = told_apart(_without_title(found, titles))
    lede = _missing_lede(root, kept, titles, descriptions)
    return ArticleText((*lede, *kept), method, hidden, container)


def _open_folds(root: HtmlElement, styled: Iterable[HtmlElement]) -> None:
    """Show the closed panels of accordions and "read more" folds, whose text was sent: those with paragraphs in them.

    A panel is what a control of the page names (`aria-controls`, WAI-ARIA 1.2 §6.7) or a class calls so. Menus and
    dialogs have such controls, too, and stay closed.
    """
    named: set[str] | None = None
    for panel in styled:
        if panel.get("hidden") is None and panel.get("aria-hidden") != "true" and "none" not in panel.get("style", ""):
            continue
        if (
            next(panel.iterdescendants("p"), None) is None
            or next(panel.iterdescendants("nav", "form"), None) is not None
        ):
            continue
        if named is None:
            named = {name for names in values(root, "//body//@aria-controls") for name in names.split()}
        words = class_words(panel)
        called = not named.isdisjoint((panel.get("id") or "").split()) or any(map(_FOLD.fullmatch, words))
        if called and panel.get("role") not in {"dialog", "menu"} and not any(map(_OVERLAY.fullmatch, words)):
            panel.attrib.pop("hidden", None)
            panel.attrib.pop("aria-hidden", None)
            panel.attrib.pop("style", None)


def _covered(styled: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Return the elements in which a paywall hides text that was sent."""
    covered = [
        element
        for element in styled
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
    for element in [*dialogs, *(e for names in _OVERLAYS for e in outline.matching(*names))]:
        inside = element.tag in {"html", "body"} or select(element, "(.//h1 | .//article | .//main)[1]")
        if element.getparent() is not None and not inside:
            element.drop_tree()


def _plain(page: Iterable[Paragraph]) -> list[Paragraph]:
    """Return the text of a page too large for scoring: all its paragraphs that read like sentences."""
    return [p for p in page if word_count(p.text) > _SHORTEST_LEDE]


def _without_byline(found: list[Paragraph], byline: str) -> list[Paragraph]:
    """Drop a line that is only the byline, one near each end; a signature above it stays."""
    said = key(byline)
    if not said:
        return found
    lines = {said, *(f"{label} {said}" for label in ("av", "text", "by", "von", "af"))}
    ends = (
        range(min(_EDGE_LINES, len(found))),
        range(len(found) - 1, max(_EDGE_LINES, len(found) - _EDGE_LINES) - 1, -1),
    )

    def is_byline(text: str) -> bool:
        # With the date behind it: "Maja Ek Publicerad 2026-05-17".
        dated = text.startswith(byline) and is_boilerplate(text.removeprefix(byline).strip(" |,\u00b7\u2013-"))
        return key(text) in lines or dated

    dropped = {next((i for i in end if is_byline(found[i].text)), None) for end in ends}
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
    have = joined_key(p.text for p in kept)
    known = {key(title) for title in titles}
    for description in descriptions:
        wanted = key(_CUT_OFF.sub("", description))
        long_enough = _SHORTEST_LEDE <= word_count(wanted) <= _LONGEST_LEDE
        if long_enough and wanted not in have and wanted not in known:
            shown = next(_shown(root, description, wanted, have), None)
            if shown is not None:
                # What Nordic or German papers open with is the first paragraph; English ones set a line to sell the
                # text, which people who label pages leave out.
                beside = language_of(plain_text(kept)) == "en"
                return tuple(replace(line, in_text=not beside) for line in shown)
    return ()


def _shown(root: HtmlElement, description: str, wanted: str, have: str) -> Iterator[tuple[Paragraph, ...]]:
    """Elements of the page that say what is wanted and not much more: found by a rare word of it, then outwards."""
    words = [word for word in description.split()[:_OPENING_WORDS] if word.isalnum()]
    places = elements_saying(root, max(words, key=len)) if words else iter(())
    for place in islice(places, _MOST_PLACES):
        element: HtmlElement | None = place
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
