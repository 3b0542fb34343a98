"""The pieces of a page that show one post each, as the page marks them: microformats, schema.org, `article`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from umecrawl.extract.paragraphs import text_of
from umecrawl.extract.segments_room import Room
from umecrawl.extract.tree import class_words, select
from umecrawl.model.urls import Url

_ENTRY = frozenset({"hentry", "h-entry", "type-post", "wp-block-post"})
_POST_ID = re.compile(r"post-\d+")
_ITEM = re.compile(r"schema\.org/(?:\w*Article|BlogPosting|Report|SocialMediaPosting|LiveBlogPosting)$")
_ENTRIES = (
    "//body//*[self::article or @itemtype or starts-with(@id, 'post-') or contains(@class, 'hentry') "
    "or contains(@class, 'h-entry') or contains(@class, 'type-post') or contains(@class, 'wp-block-post')]"
)
TITLE_CLASSES = frozenset({"entry-title", "post-title", "p-name", "wp-block-post-title", "article-title"})
_TITLED = " or ".join(f"contains(@class, '{name}')" for name in sorted(TITLE_CLASSES))
_TITLES = f".//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6 or {_TITLED}]"
_NOT_OF_PEOPLE = "[not(ancestor::*[@itemprop='author' or @itemprop='publisher'])]"
_MARKED_LINKS = (
    ".//a[@href][contains(concat(' ', @rel, ' '), ' bookmark ')]",
    ".//a[@href][contains(concat(' ', @class, ' '), ' u-url ')]",
    ".//*[@itemprop='url' or @itemprop='mainEntityOfPage']" + _NOT_OF_PEOPLE,
    ".//a[@href][.//time or .//abbr[@title]]",
    ".//time//a[@href]",
)
_MORE_LINKS = ".//a[@href][contains(@class, 'more') or contains(@href, '#more-')]"
MOST_SEGMENTS = 500  # of a page; each is read as a document of its own
_WRAPPED = 0.5  # of a heading; a link over less of it is not the title


@dataclass(frozen=True, slots=True)
class Segment:
    """A post's piece of a page: one element, or several that stand beside one another, in order.

    `heading` is the element of the title, nothing for a post without one; `listed` says that it is a title only.
    """

    elements: tuple[HtmlElement, ...]
    permalink: Url
    title: str
    heading: HtmlElement | None
    listed: bool = False


def marked_segments(room: Room, within: HtmlElement | None = None) -> list[Segment]:
    """Return the entries a page marks as such: h-entry, hentry, schema.org items, WordPress blocks, `article`.

    An entry inside another is part of it, unless the outer one is only the frame around several.
    """
    entries = [e for e in select(room.root, _ENTRIES) if _is_entry(e) and not room.is_outside(e)]
    if within is not None:
        entries = [e for e in entries if any(a is within for a in e.iterancestors())]
    known = set(entries)
    taken: set[HtmlElement] = set()
    found: list[Segment] = []
    for entry in entries:
        if len(found) >= MOST_SEGMENTS:
            break
        if any(ancestor in taken for ancestor in entry.iterancestors()):
            continue
        segment = _segment(room, entry, known - {entry})
        if segment is not None:
            taken.add(entry)
            found.append(segment)
    return found


def title_of(heading: HtmlElement) -> str:
    """Return the title a heading holds: the words of its link where they are most of it."""
    whole = text_of(heading)
    longest = max((text_of(a) for a in select(heading, ".//a[@href]")), key=len, default="")
    return longest if len(longest) > _WRAPPED * len(whole) else whole


def link_of(room: Room, heading: HtmlElement) -> Url | None:
    """Return the post that a heading links to: a link in it, or one around it."""
    for anchor in [*select(heading, ".//a[@href]"), *select(heading, "ancestor-or-self::a[@href]")]:
        target = room.target(anchor.get("href") or "", anchor.get("rel") or "")
        if target is not None:
            return target
    return None


def _is_entry(element: HtmlElement) -> bool:
    if element.tag in {"body", "html", "main"}:
        return False
    return element.tag == "article" or is_named_entry(element)


def is_named_entry(element: HtmlElement) -> bool:
    """Return whether an element says by class, id or item type that it is an entry."""
    if _ITEM.search(element.get("itemtype") or ""):
        return True
    words = class_words(element)
    return not _ENTRY.isdisjoint(words) or any(_POST_ID.fullmatch(word) for word in words)


def _segment(room: Room, entry: HtmlElement, others: set[HtmlElement]) -> Segment | None:
    """Read title and permalink of an entry; nothing where it has none of its own."""

    def own(element: HtmlElement) -> bool:
        for ancestor in element.iterancestors():
            if ancestor is entry:
                return True
            if ancestor in others:
                return False
        return True

    nested = sum(inner in others for inner in entry.iterdescendants())
    if nested > 1 and _ENTRY.isdisjoint(class_words(entry)):
        return None  # a frame around several
    headings = [h for h in select(entry, _TITLES) if (not nested or own(h)) and not room.is_outside(h)]
    titled = [h for h in headings if not TITLE_CLASSES.isdisjoint(class_words(h))]
    for heading in [*titled, *headings]:
        target = link_of(room, heading)
        title = title_of(heading)
        if target is not None and title:
            return Segment((entry,), target, title, heading)
    target = next(_links(room, entry, own, alone=not nested), None)
    if target is None:
        return None
    heading = next((h for h in [*titled, *headings] if text_of(h)), None)
    return Segment((entry,), target, text_of(heading) if heading is not None else "", heading)


def _links(room: Room, entry: HtmlElement, own: Callable[[HtmlElement], bool], *, alone: bool) -> Iterator[Url]:
    """Yield where an entry says that it lives, best sign first; at last the one page that all its links lead to."""
    for path in (*_MARKED_LINKS, *((_MORE_LINKS,) if alone else ())):
        for element in select(entry, path):
            raw = element.get("href") or element.get("content") or element.get("itemid") or ""
            target = room.target(raw, element.get("rel") or "") if own(element) else None
            if target is not None:
                yield target
    if not alone:
        return
    every = {
        room.target(a.get("href") or "") for a in select(entry, ".//a[@href] | ancestor-or-self::a[@href]") if own(a)
    }
    every.discard(None)
    if len(every) == 1:
        only = every.pop()
        assert only is not None
        yield only
