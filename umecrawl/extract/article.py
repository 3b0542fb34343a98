"""The text of an article: the container a content system marks, or what trafilatura finds, without page boilerplate."""

import logging
import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml.html import HtmlElement
from trafilatura import bare_extraction

from umecrawl.extract.boilerplate import is_boilerplate, is_chrome, is_embedded_post
from umecrawl.extract.markup import Document
from umecrawl.extract.text import key, word_count
from umecrawl.extract.tree import Paragraph, by_class, class_words, paragraphs, select, text_of, values
from umecrawl.model.article import Link
from umecrawl.model.urls import InvalidUrlError, Url, normalize

# It reports every page it cannot read; the outcome of the extraction says that already.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_WORDPRESS_CONTAINERS = ("wp-block-post-content", "entry-content", "e-content", "post-content", "post-entry")
_WORDPRESS_ASSET = re.compile(r"/wp-(?:content|includes)/")
_SHORTEST_LEDE = 5  # words; a shorter description is a label
_SHORTEST_CONTAINER = 3
_LARGEST_CHROME = 0.4
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LOCKED = re.compile(r"pay-?wall|locked|premium|subscriber|prenumer|meter", re.IGNORECASE)
_OVERLAY = re.compile(r"consent|cookie|gdpr|cmp|didomi|onetrust|sp_message|usercentrics|cybot", re.IGNORECASE)
_PROMPT = re.compile(
    r"pay-?wall-?(?:prompt|offer|login|box|message|barrier)|paywall--locked|subscribe-wall", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*\s+(?=[\"'“”„‘’»(\[–—-]*\s?[^\W\d_a-zåäöéü])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:bl\.\s?a|t\.\s?ex|s\.\s?k|m\.\s?fl|m\.\s?m|d\.\s?v\.\s?s|f\.\s?d|o\.\s?s\.\s?v|osv|ca|kl|nr|st|dr|prof|resp|"
    r"inkl|exkl|jfr|mr|mrs|ms|vs|etc)|\b[A-ZÅÄÖ])\.$",
    re.IGNORECASE,
)
_TITLE_LINES = 3  # how far down the title may be repeated


@dataclass(frozen=True, slots=True)
class ArticleText:
    """The paragraphs of an article, how they were found, and how many words of them the page hides."""

    paragraphs: tuple[Paragraph, ...]
    method: str
    hidden_words: int = 0

    @property
    def text(self) -> str:
        """The text, one paragraph a line."""
        return "\n".join(p.text for p in self.paragraphs)

    @property
    def words(self) -> int:
        """How many words the text has."""
        return sum(word_count(p.text) for p in self.paragraphs)


def read_article(document: Document, titles: Sequence[str], descriptions: Sequence[str]) -> ArticleText:
    """Return the text of the article a page shows; empty where there is none.

    `titles` are the forms of the title, dropped where they open the text; `descriptions` are the page's
    summaries of itself, of which one that is visible on the page but missing in the text is put in front.
    """
    hidden = hidden_words(document.root)
    found: list[Paragraph] = []
    method = "container"
    container = wordpress_container(document.root)
    if container is not None:
        found = container_paragraphs(container)
    if container is None:
        method = "plain" if document.oversized else "trafilatura"
        found = _plain(document.root) if document.oversized else _trafilatura(document.root)
    kept = _without_title(_without_boilerplate(found), titles)
    lede = _missing_lede(document.root, kept, titles, descriptions)
    return ArticleText((*lede, *kept), method, hidden)


def is_wordpress(root: HtmlElement) -> bool:
    """Return whether a page was made by WordPress: its generator, its asset paths or its body classes say so."""
    if any(v.lower().startswith("wordpress") for v in values(root, "//meta[@name='generator']/@content")):
        return True
    assets = root.xpath("//link/@href[contains(., '/wp-')] | //script/@src[contains(., '/wp-')]")
    assert isinstance(assets, list)
    return any(_WORDPRESS_ASSET.search(str(asset)) for asset in assets)


def wordpress_container(root: HtmlElement) -> HtmlElement | None:
    """Return the element that holds the post's own text on a WordPress page, if exactly one does."""
    if not is_wordpress(root):
        return None
    for name in _WORDPRESS_CONTAINERS:
        found = [
            element
            for element in select(root, f"//*[{by_class(name)}]")
            if not any(e.tag in {"aside", "footer", "nav"} or e.tag == "li" for e in element.iterancestors())
        ]
        outer = [e for e in found if not any(a in found for a in e.iterancestors())]
        if len(outer) == 1 and word_count(str(outer[0].text_content())) >= _SHORTEST_CONTAINER:
            return outer[0]
        if outer:
            return None
    return None


def container_paragraphs(container: HtmlElement) -> list[Paragraph]:
    """Return the paragraphs of a container without chrome and embedded posts."""
    size = max(1, len(str(container.text_content())))

    def skip(element: HtmlElement) -> bool:
        if is_embedded_post(element):
            return True
        return is_chrome(element) and len(str(element.text_content())) < _LARGEST_CHROME * size or _is_loop(element)

    return paragraphs(container, skip)


def hidden_words(root: HtmlElement) -> int:
    """Return how many words stand in the page under a paywall's cover (hidden by style, class or attribute)."""
    return sum(word_count(str(element.text_content())) for element in _covered(root))


def links_of(text: Iterable[Paragraph], base: str) -> tuple[Link, ...]:
    """Return the links of an article's paragraphs, resolved and in order, each with the sentence around it."""
    links: list[Link] = []
    for paragraph in text:
        for anchor in sorted(paragraph.anchors, key=lambda a: a.start):
            url = _resolve(anchor.href, base)
            if url is not None:
                label = paragraph.text[anchor.start : anchor.end].strip()
                links.append(Link(url, label, sentence_around(paragraph.text, anchor.start, anchor.end)))
    return tuple(dict.fromkeys(links))


def sentence_around(text: str, start: int, end: int) -> str:
    """Return the sentence of a paragraph that holds the span; Swedish abbreviations do not end one."""
    first, last = 0, len(text)
    for match in _SENTENCE_END.finditer(text):
        if _ABBREVIATED.search(text[: match.start() + 1]):
            continue
        if match.end() <= start:
            first = match.end()
        elif match.start() >= end - 1:
            last = match.end()
            break
    return text[first:last].strip()


def _resolve(href: str, base: str) -> Url | None:
    if href.startswith("#"):
        return None
    try:
        return normalize(href, base)
    except InvalidUrlError:
        return None


def _is_loop(element: HtmlElement) -> bool:
    return any(
        w in {"wp-block-query", "wp-block-latest-posts", "tb-loop", "display-posts-listing"}
        for w in class_words(element)
    )


def _covered(root: HtmlElement) -> list[HtmlElement]:
    found = select(root, "//body//*[@hidden or contains(@style, 'none') or contains(@style, 'hidden')]")
    covered = [
        element
        for element in found
        if (element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""))
        and (_LOCKED.search(element.get("class") or "") or element.get("data-locked") is not None)
    ]
    return [e for e in covered if not any(a in covered for a in e.iterancestors())]


def _trafilatura(root: HtmlElement) -> list[Paragraph]:
    tree = deepcopy(root)
    for element in _covered(tree):
        for name in ("hidden", "style", "class"):
            element.attrib.pop(name, None)
    for element in select(tree, "//body//*[@role='dialog' or @aria-modal='true' or @class or @id]"):
        if element.getparent() is None:
            continue
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        overlay = element.get("aria-modal") == "true" or element.get("role") == "dialog" or _OVERLAY.search(names)
        if (overlay or _PROMPT.search(names)) and not _holds_article(element):
            element.drop_tree()
    result = bare_extraction(tree, include_comments=False, include_links=True, with_metadata=False)
    if result is None:
        return []
    body = getattr(result, "body", None)
    return paragraphs(body) if body is not None else []


def _holds_article(element: HtmlElement) -> bool:
    """Whether an element is the page rather than a box on it: some sites set `cookie-open` on the wrapper."""
    return bool(select(element, ".//h1 | .//article | .//main")) or element.tag in {"html", "body"}


def _plain(root: HtmlElement) -> list[Paragraph]:
    """The text of a page too large for scoring: all paragraphs outside chrome that read like sentences."""
    body = select(root, "//body")
    found = paragraphs(body[0] if body else root, is_chrome)
    return [p for p in found if word_count(p.text) > _SHORTEST_LEDE]


def _without_boilerplate(found: Iterable[Paragraph]) -> list[Paragraph]:
    kept: list[Paragraph] = []
    for paragraph in found:
        if is_boilerplate(paragraph.text):
            continue
        # The scoring libraries give some blocks twice in a row.
        if kept and kept[-1].text == paragraph.text:
            continue
        kept.append(paragraph)
    return kept


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
    if not kept:
        return ()
    have = key(" ".join(p.text for p in kept))
    known = {key(title) for title in titles}
    wanted = []
    for description in descriptions:
        words = key(re.sub(r"(?:\[?(?:…|\.\.\.)\]?)\s*$", "", description))
        if word_count(words) >= _SHORTEST_LEDE and words not in have and words not in known:
            wanted.append(words)
    if not wanted:
        return ()
    visible = select(
        root,
        "//body//*[self::p or self::div or self::h2 or self::h3 or self::span or self::strong or self::b or self::section]"
        "[not(ancestor::aside or ancestor::nav or ancestor::footer or ancestor::form)]",
    )
    for element in visible:
        text = element.text_content()
        if not any(len(w) // 2 <= len(text) <= 3 * len(w) + 200 for w in wanted):
            continue
        line = text_of(element)
        said = key(line)
        if any(said == w or (said.startswith(w) and len(said) < 2 * len(w)) for w in wanted) and said not in have:
            return (Paragraph(line),)
    return ()
