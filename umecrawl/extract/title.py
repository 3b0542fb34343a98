"""The title of an article, told from the names that sites, menus and comment forms put beside it."""

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.outline import Outline, is_foreign
from umecrawl.extract.paragraphs import text_of
from umecrawl.extract.text import key, word_count
from umecrawl.extract.tree import class_words, select, values
from umecrawl.model.article import Sourced

_HEADINGS = frozenset({"h1", "h2", "h3"})
_TITLE_CLASSES = ("entry-title", "wp-block-post-title", "post-title", "p-name", "article-title", "article__headline")
_SITE_TITLES = re.compile(r"site-?(?:title|name|header)|logo|brand|blog-?title|masthead", re.IGNORECASE)
_DIVIDER = r"[\-\u2013\u2014|\u00b7\u2022\u00bb:/~]+"
_SEPARATOR = re.compile(rf"\s+{_DIVIDER}\s+|\s*[|\u00bb]\s*")
_TAIL = re.compile(rf"\s*{_DIVIDER}\s*$")
_LEAD = re.compile(rf"^\s*{_DIVIDER}\s*")
_NO_TITLE = re.compile(
    r"(?:write a reply or comment|leave a (?:reply|comment)|lämna (?:ett svar|en kommentar)|kommentarer|menu|"
    r"meny|search|sök)",
    re.IGNORECASE,
)
_LONGEST_SITE = 4  # words


@dataclass(frozen=True, slots=True)
class Title:
    """The title, and every form in which the page writes it (with the site's name, in the heading, in the data).

    `said` holds what each source says, the one that was taken first.
    """

    text: str
    forms: tuple[str, ...]
    said: tuple[Sourced, ...] = ()


def read_title(outline: Outline, linked: LinkedArticle | None) -> Title:
    """Return the title of the article a page shows; an empty one where the page has none.

    In order: the one heading marked as an entry's title, the headline of JSON-LD, the `h1` that stands in the
    document's title, `og:title` and `<title>` without the site's name, other headings.
    """
    root = outline.root
    document = values(root, "/html/head/title/text()") or values(root, "//title[not(ancestor::*[name()='svg'])]/text()")
    graph = outline.meta("og:title", "twitter:title")
    marked = [text for text in map(text_of, _marked(outline)) if text]
    main = [h for h in select(root, "//h1") if not is_foreign(h) and not _is_site_title(h)]
    heads = [text for text in map(text_of, main) if text and not _NO_TITLE.fullmatch(text)]
    headline = linked.headline if linked is not None else ""
    sites = outline.meta("og:site_name", "application-name")
    short = [_without_site(t, sites, [*marked, *heads, headline]) for t in (*graph[:1], *document[:1])]
    in_title = next((h for h in heads if any(key(h) and key(h) in key(t) for t in (*graph, *document))), "")
    whole = [*graph[:1], *document[:1]]
    labels = ["opengraph"] * len(graph[:1]) + ["title"] * len(document[:1])
    cut = [Sourced(text, label, raw) for text, label, raw in zip(short, labels, whole, strict=True)]
    candidates = [
        *(_sourced("h-entry", marked[:1]) if len(set(marked)) == 1 else ()),
        *_sourced("json-ld", [headline]),
        *_sourced("heading", [in_title]),
        *cut[:1],
        *(_sourced("heading", heads[:1]) if len(set(heads)) == 1 else ()),
        *cut[1:],
        *_sourced("h-entry", marked[:1]),
        *_sourced("heading", heads[:1]),
    ]
    told = [one for one in candidates if one.value and not _NO_TITLE.fullmatch(one.value)]
    title = told[0].value if told else ""
    forms = (title, headline, *short, *graph, *document[:1], *marked, *heads)
    return Title(title, tuple(dict.fromkeys(form for form in forms if form)), tuple(told))


def _sourced(source: str, texts: list[str]) -> list[Sourced]:
    return [Sourced(text, source, text) for text in texts]


def _marked(outline: Outline) -> list[HtmlElement]:
    """Return the headings marked as the title of an entry, those of other posts on the page left out."""
    found = [*outline.classed(*_TITLE_CLASSES), *outline.properties.get("headline", [])]
    return [h for h in found if h.tag in _HEADINGS and not is_foreign(h) and not _is_site_title(h)]


def _is_site_title(heading: HtmlElement) -> bool:
    parent = heading.getparent()
    words = [*class_words(heading), *(class_words(parent) if parent is not None else [])]
    return any(_SITE_TITLES.search(word) for word in words) or bool(select(heading, ".//a[@rel='home']"))


def _without_site(title: str, sites: list[str], headings: list[str]) -> str:
    """Drop the name of the site from the end (or start) of a title."""
    parts = _SEPARATOR.split(title)
    if len(parts) == 1:
        return title
    for heading in headings:
        if heading and key(title).startswith(key(heading)):
            return heading
    known = {key(site) for site in sites if site}
    head = _TAIL.sub("", title[: title.rfind(parts[-1])])
    short = word_count(parts[-1]) <= _LONGEST_SITE and word_count(head) > word_count(parts[-1])
    if head and (key(parts[-1]) in known or short):
        return head
    if key(parts[0]) in known:
        return _LEAD.sub("", title[len(parts[0]) :])
    return title
