"""The elements of a page by the names they carry: classes, ids, microdata, meta; read once, asked often."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from umecrawl.extract.tree import class_words, select, squeeze

# Places that belong to readers, to other posts or to the site. Whole class names or ids, since a post may be
# `comments-open` or `tag-related` and a page builder calls everything a widget.
_FOREIGN_NAME = re.compile(
    r"comments?(?:[-_](?:list|area|body|meta|author|content|respond|form|section|wrapper|block|template|item|text|thread))?|"
    r"comment-?list|commentlist|wp-block-comments?(?:-\w+)*|respond|sidebar|secondary|disqus_thread|"
    r"widget(?:[-_](?:area|container|title|content))?|widget_\w+|"
    r"(?:[a-z]+[-_]+)*teasers?(?:[-_]+[\w-]+)?|related(?:[-_]+[\w-]+)?|(?:[a-z]+[-_])+related(?:[-_]+\w+)?|relaterat|jp-relatedposts|"
    r"latest(?:[-_]\w+)*|wp-block-latest-\w+|recent(?:[-_]?\w+)*|wp-block-query|wp-block-post"
)
_FOREIGN_TAGS = frozenset({"aside", "nav", "footer", "form"})
_WHOLE = frozenset({"html", "body", "main"})
# Blogger calls the column of its posts a widget too: `widget Blog`.
_POSTS_WIDGET = frozenset({"widget", "blog"})


@dataclass(frozen=True, slots=True)
class Outline:
    """The elements of one page by name; every answer is in document order.

    `named` is by class and id, `properties` by microdata, `metas` the contents of meta elements by name, `rdfa` what
    has a property in the body, `spelled` the keys of `named`, one a line.
    """

    root: HtmlElement
    named: dict[str, list[tuple[int, HtmlElement]]]
    properties: dict[str, list[HtmlElement]]
    metas: dict[str, list[str]]
    rdfa: list[HtmlElement]
    spelled: str

    def meta(self, *names: str) -> list[str]:
        """Return the contents of meta elements by name or property, in the order of the names asked for."""
        return [content for name in names for content in self.metas.get(name, [])]

    def classed(self, *names: str) -> list[HtmlElement]:
        """Return the elements that carry one of these classes or ids."""
        return _in_order(pair for name in names for pair in self.named.get(name, []))

    def matching(self, pattern: re.Pattern[str], sign: re.Pattern[str]) -> list[HtmlElement]:
        """Return the elements of which a class or id, as a whole, fits the pattern.

        `sign` stands somewhere in each name that fits. It is looked for in all names of the page at once.
        """
        names: set[str] = set()
        for match in sign.finditer(self.spelled):
            start = self.spelled.rfind("\n", 0, match.start()) + 1
            names.add(self.spelled[start : self.spelled.find("\n", match.end())])
        return _in_order(pair for name in names if pattern.fullmatch(name) for pair in self.named[name])


def outline_of(root: HtmlElement) -> Outline:
    """Read the names of all elements of a page, in lower case."""
    named: dict[str, list[tuple[int, HtmlElement]]] = {}
    for position, element in enumerate(select(root, "//body//*[@class or @id]")):
        place = (position, element)
        words = class_words(element)
        for word in dict.fromkeys(words) if len(words) > 1 else words:
            places = named.get(word)
            if places is None:
                named[word] = [place]
            else:
                places.append(place)
    properties: dict[str, list[HtmlElement]] = {}
    for element in select(root, "//*[@itemprop]"):
        for word in (element.get("itemprop") or "").lower().split():
            properties.setdefault(word, []).append(element)
    metas: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        content = squeeze(element.get("content") or "")
        if content:
            for label in dict.fromkeys(
                (element.get(a) or "").strip().lower() for a in ("property", "name", "itemprop")
            ):
                if label:
                    metas.setdefault(label, []).append(content)
    spelled = "".join(f"{name}\n" for name in named)
    return Outline(root, named, properties, metas, select(root, "//body//*[@property]"), spelled)


def is_foreign(element: HtmlElement) -> bool:
    """Return whether an element stands in a place of readers, of other posts or of the site, not of the article."""
    if element.tag in _FOREIGN_TAGS and element.tag != "form":
        return True
    for place in (element, *element.iterancestors()):
        if place is not element and place.tag in _FOREIGN_TAGS:
            return True
        if place.tag not in _WHOLE and _foreign_name(place):
            return True
    return False


def is_foreign_place(element: HtmlElement) -> bool:
    """Return whether an element is itself such a place, whatever stands around it."""
    if element.tag in _FOREIGN_TAGS:
        return True
    return element.tag not in _WHOLE and _foreign_name(element)


def _foreign_name(element: HtmlElement) -> bool:
    words = class_words(element)
    return bool(words) and _are_foreign_names(words)


@lru_cache(maxsize=8192)
def _are_foreign_names(words: tuple[str, ...]) -> bool:
    return any(map(_is_foreign_name, words)) and not _POSTS_WIDGET.issubset(words)


@lru_cache(maxsize=8192)
def _is_foreign_name(name: str) -> bool:
    return _FOREIGN_NAME.fullmatch(name) is not None


def _in_order(pairs: Iterable[tuple[int, HtmlElement]]) -> list[HtmlElement]:
    return [element for _, element in sorted(dict(pairs).items())]
