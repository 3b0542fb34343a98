"""Reading a parsed page: elements by path, tag and class, and strings with single spaces."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

# Shown to nobody: soft hyphen, zero-width space, word joiner, byte order mark.
INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_NODES = etree.XPath("//body//text()[contains(., $word)]")


def select(node: HtmlElement, path: str) -> list[HtmlElement]:
    """Return the elements an XPath finds, in document order."""
    found = _compiled(path)(node)
    assert isinstance(found, list)
    return found


def tagged(root: HtmlElement, *tags: str) -> list[HtmlElement]:
    """Return the elements with these tags in a page's body, in document order: ten times as fast as an XPath."""
    body = root.find("body")
    return [] if body is None else list(body.iter(*tags))


def values(node: HtmlElement, path: str) -> list[str]:
    """Return the attribute values or texts an XPath finds, stripped, empty ones left out."""
    found = _compiled(path)(node)
    assert isinstance(found, list)
    return [text for text in (squeeze(str(value)) for value in found) if text]


def elements_saying(node: HtmlElement, word: str) -> Iterator[HtmlElement]:
    """Yield the elements in whose own text a word stands, once for each time."""
    found = _NODES(node, word=word)
    assert isinstance(found, list)
    for text in found:
        assert isinstance(text, etree._ElementUnicodeResult)  # noqa: SLF001 - lxml's text that knows its place
        element = text.getparent()
        if element is not None and text.is_tail:
            element = element.getparent()
        if element is not None:
            yield cast("HtmlElement", element)


@lru_cache(maxsize=512)  # the paths are those of the program; reading one takes longer than most pages take to answer
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, smart_strings=False)


def class_words(element: HtmlElement) -> tuple[str, ...]:
    """Return the class and id names of an element in lower case."""
    words, name = class_names(element), element.get("id")
    return (*words, *name.lower().split()) if name else words


def class_names(element: HtmlElement) -> tuple[str, ...]:
    """Return the class names of an element in lower case."""
    classes = element.get("class")
    return _words(classes) if classes else ()


@lru_cache(maxsize=8192)  # a page carries the same few classes on many elements, and each is asked for them often
def _words(classes: str) -> tuple[str, ...]:
    return tuple(classes.lower().split())


def squeeze(text: str) -> str:
    """Return the text with single spaces and without characters that are never shown."""
    return " ".join((text if text.isascii() else INVISIBLE.sub("", text)).split())
