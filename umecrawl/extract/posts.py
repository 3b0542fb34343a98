"""The posts a listing shows, each a sighting of the article at its permalink: title, text, dates, byline, counts."""

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from lxml.html import Element, HtmlElement

from umecrawl.extract.blocks import blocks_of, lines_of, plain_text, told_apart
from umecrawl.extract.boilerplate import is_boilerplate, is_chrome, is_stray
from umecrawl.extract.byline import credit
from umecrawl.extract.container import container_paragraphs
from umecrawl.extract.counters import comment_count, like_count
from umecrawl.extract.language import language_of
from umecrawl.extract.linked_data import LinkedArticle, LinkedData
from umecrawl.extract.links import attachments_of, links_of
from umecrawl.extract.metadata import read_metadata
from umecrawl.extract.outline import Outline, outline_of
from umecrawl.extract.paragraphs import Paragraph, paragraphs, text_of
from umecrawl.extract.people import read_signatories
from umecrawl.extract.posts_excerpts import is_cut, more_links
from umecrawl.extract.segments import TITLE_CLASSES, Segment
from umecrawl.extract.text import key, text_sha256, word_count
from umecrawl.extract.tree import class_words, select, values
from umecrawl.model.article import Post
from umecrawl.model.urls import InvalidUrlError, resource_key

_CONTENT = (
    "wp-block-post-content",
    "entry-content",
    "e-content",
    "post-content",
    "post-entry",
    "post-body",
    "article-content",
    "article-body",
    "entry-body",
    "storycontent",
    "post-text",
    "entry-text",
    "article-text",
    "entry",
)
_SUMMARY = (
    "wp-block-post-excerpt",
    "entry-summary",
    "p-summary",
    "post-excerpt",
    "entry-excerpt",
    "excerpt",
    "post-summary",
    "td-excerpt",
    "summary",
)
_HOLDERS = frozenset({*_CONTENT, *_SUMMARY})
_ASIDE = re.compile(
    r"(?:[a-z]+[-_]{1,2})*(?:meta(?:data|-?info)?|byline|author|date|datum|time|timestamp|published|updated|"
    r"posted-?(?:on|by|in)|"
    r"categor(?:y|ies)|kategori(?:er)?|tags?|labels?|badge|breadcrumbs?|permalink|thumb(?:nail)?|credit|"
    r"comments?(?:-?(?:link|count|number))?|kommentarer|readtime|reading-time|actions?|buttons?|toolbar|icons?|"
    r"rating|views?|vignette|vinjett)"
    r"(?:[-_]{1,2}[a-z]+)?"
)
_LARGEST_ASIDE = 0.5  # of a post; what holds more is the post, whatever it is called
_TEASER = 60  # words; an unmarked text that is longer is taken for whole
_ANY_HEADING = ".//h1 | .//h2 | .//h3 | .//h4"
_HEADED = ".//h1 | .//h2 | .//h3 | .//h4 | .//h5 | ancestor::h1 | ancestor::h2 | ancestor::h3 | ancestor::h4"
_LEDE_LINES = 3
_SMALL = 8  # words; a line beside the text that is shorter is a label


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What posts on a page have in common: where and when it was captured, its language, what its data say."""

    base: str
    captured_at: datetime
    root: HtmlElement
    linked: LinkedData


def posts_of(segments: Sequence[Segment], around: Surroundings) -> tuple[Post, ...]:
    """Return the posts of a page's segments in order, each permalink once: the one with most text.

    An excerpt is one that says so, or a short text in a place that is not marked as a text's own on a page
    where all are short.
    """
    drafts = [_draft(segment, around) for segment in segments]
    # Where most entries are cut, the short ones are whole by chance and stripped of their form.
    cut = sum(d.excerpt for d in drafts)
    best: dict[str, _Draft] = {}
    for draft in drafts:
        place = resource_key(draft.segment.permalink)
        if place not in best or len(draft.plain) > len(best[place].plain):
            best[place] = draft  # the place of the first stays
    return tuple(_post(draft, around, mostly_cut=2 * cut > len(drafts)) for draft in best.values())


@dataclass(frozen=True, slots=True)
class _Draft:
    segment: Segment
    outline: Outline
    text: tuple[Paragraph, ...]
    plain: str
    content: bool
    excerpt: bool


def _draft(segment: Segment, around: Surroundings) -> _Draft:
    root = _alone(segment, around.root)
    outline = outline_of(root)
    more = [a for a in more_links(root, around.base, segment.permalink) if not select(a, _HEADED)]
    holder, content = _holder(root, segment.title)
    for anchor in more:
        if anchor is not holder:
            anchor.drop_tree()
    found = container_paragraphs(holder) if holder is not None else _rest(root)
    found = [p for p in found if not is_boilerplate(p.text)]
    if holder is None:
        found = [p for p in found if not is_stray(p.text)]
    text = () if segment.listed else tuple(told_apart(_without_title(found, segment.title)))
    plain = plain_text(text)
    excerpt = bool(more) or not text or is_cut(text, content=content) or (holder is not None and not content)
    return _Draft(segment, outline, text, plain, content, excerpt)


def _post(draft: _Draft, around: Surroundings, *, mostly_cut: bool) -> Post:
    segment, outline, text = draft.segment, draft.outline, draft.text
    linked = _linked(around.linked, segment)
    words = sum(word_count(p.text) for p in text)
    excerpt = draft.excerpt or (words <= _TEASER and len(text) <= 1 and (mostly_cut or not draft.content))
    metadata = read_metadata(outline, segment.permalink, around.captured_at, linked)
    lines = [] if excerpt else lines_of(text)
    byline = metadata.byline
    signatories = read_signatories(lines, title=segment.title, byline=byline.value if byline is not None else "")
    credited = credit(byline, metadata.account, signatories)
    return Post(
        permalink=segment.permalink,
        title=segment.title,
        text=draft.plain,
        text_sha256=text_sha256(draft.plain),
        language=language_of(draft.plain),
        byline=credited.byline,
        published=metadata.published,
        modified=metadata.modified,
        comment_count=comment_count(outline, linked),
        like_count=like_count(outline, linked),
        links=links_of(text, around.base),
        attachments=attachments_of(text, None, around.base),
        blocks=blocks_of(text),
        excerpt=excerpt,
        account=credited.account,
        signatories=signatories,
        claims=metadata.claims,
    )


def _alone(segment: Segment, page: HtmlElement) -> HtmlElement:
    """Return the segment as a document of its own, so that what is asked of a page can be asked of a post."""
    root = Element("html")
    for language in values(page, "/html/@lang")[:1]:
        root.set("lang", language)
    head = Element("head")
    for locale in values(page, "/html/head/meta[@property='og:locale']/@content")[:1]:
        meta = Element("meta")
        meta.set("property", "og:locale")
        meta.set("content", locale)
        head.append(meta)
    body = Element("body")
    root.append(head)
    root.append(body)
    for element in segment.elements:
        tail, element.tail = element.tail, None
        copy = deepcopy(element)
        element.tail = tail
        # The names of the entry itself (WordPress writes its terms there) say nothing of what stands in it.
        if len(segment.elements) == 1:
            kept = [word for word in (copy.get("class") or "").split() if word.lower() in _HOLDERS]
            copy.set("class", " ".join(kept))
            copy.attrib.pop("id", None)
        if copy.tag in {"aside", "footer", "nav", "form", "li"}:
            copy.tag = "div"
        body.append(copy)
    return root


def _holder(root: HtmlElement, title: str) -> tuple[HtmlElement | None, bool]:
    """Return the element that holds the text of a post, without its title, and whether it is one for whole texts."""
    named: dict[str, list[HtmlElement]] = {}
    for element in select(root, "//body//*[@class]"):
        for word in _HOLDERS.intersection(class_words(element)):
            named.setdefault(word, []).append(element)
    bodies = select(root, "//body//*[@itemprop='articleBody' or @itemprop='text']")
    said = key(title)
    for elements, content in (
        *((named.get(name, []), True) for name in _CONTENT),
        (bodies, True),
        *((named.get(name, []), False) for name in _SUMMARY),
    ):
        for element in elements:
            titled = said and any(key(text_of(h)) == said for h in select(element, _ANY_HEADING))
            if not titled and word_count(str(element.text_content())):
                return element, content
    return None, False


def _rest(root: HtmlElement) -> list[Paragraph]:
    """Return the paragraphs of a post without its heading, its byline, its tags and what else stands around a text."""
    size = len(str(root.text_content()))

    def skip(element: HtmlElement) -> bool:
        if not isinstance(element.tag, str):
            return True
        words = class_words(element)
        if not TITLE_CLASSES.isdisjoint(words) or element.tag in {"time", "button"}:
            return True
        if is_chrome(element) or any(_ASIDE.fullmatch(word) for word in words):
            return len(str(element.text_content())) <= _LARGEST_ASIDE * size
        return False

    return paragraphs(root, skip)


def _without_title(found: Sequence[Paragraph], title: str) -> list[Paragraph]:
    said = key(title)
    lines = [i for i, p in enumerate(found[:_LEDE_LINES]) if said and key(p.text) == said]
    if not lines:
        return list(found)
    above = [p for p in found[: lines[0]] if word_count(p.text) > _SMALL]
    return [*above, *found[lines[0] + 1 :]]


def _linked(linked: LinkedData, segment: Segment) -> LinkedArticle | None:
    """Return what the page's data say of a post by its address."""
    wanted = resource_key(segment.permalink)
    for article in linked.articles:
        try:
            if article.url and resource_key(article.url) == wanted:
                return article
        except InvalidUrlError:
            continue
    return None
