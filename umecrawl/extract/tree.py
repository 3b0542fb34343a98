"""Reading a parsed page: elements by class, and its text as paragraphs with their links."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

_SPACE = re.compile(r"\s+")
# Shown to nobody: soft hyphen, zero-width space, word joiner, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_BLOCKS = frozenset(
    (  # noqa: SIM905 - a list of names reads best as text
        "address article aside blockquote body br center dd details dialog dir div dl dt fieldset figcaption figure "
        "footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol optgroup option p pre section "
        "summary table tbody tfoot thead tr ul caption head list item quote row lb"
    ).split()
)
_BREAKS = frozenset({"br", "lb"})
_CELLS = frozenset({"td", "th", "cell"})
_LINKS = frozenset({"a", "ref"})
_UNREAD = frozenset(
    (  # noqa: SIM905 - a list of names reads best as text
        "script style noscript template iframe object embed audio video canvas svg math select button input textarea "
        "label datalist map head"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link inside a paragraph: the target as written, and the span of its text in the paragraph."""

    href: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of text with single spaces, and the links in it. Table cells are parted by tabs.

    `block` is the element it stands in, where that is known.
    """

    text: str
    anchors: tuple[Anchor, ...] = ()
    block: HtmlElement | None = field(default=None, compare=False, repr=False)


def select(node: HtmlElement, path: str) -> list[HtmlElement]:
    """Return the elements an XPath finds, in document order."""
    found = node.xpath(path)
    assert isinstance(found, list)
    return found


def values(node: HtmlElement, path: str) -> list[str]:
    """Return the attribute values or texts an XPath finds, stripped, empty ones left out."""
    found = node.xpath(path)
    assert isinstance(found, list)
    return [text for text in (squeeze(str(value)) for value in found) if text]


def class_words(element: HtmlElement) -> list[str]:
    """Return the class and id names of an element in lower case."""
    return f"{element.get('class') or ''} {element.get('id') or ''}".lower().split()


def by_class(name: str) -> str:
    """Return the XPath condition that an element has exactly this class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def squeeze(text: str) -> str:
    """Return the text with single spaces and without characters that are never shown."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def text_of(element: HtmlElement) -> str:
    """Return the text of an element on one line."""
    return squeeze(" ".join(paragraph.text for paragraph in paragraphs(element)))


def paragraphs(root: HtmlElement, skip: Callable[[HtmlElement], bool] | None = None) -> list[Paragraph]:
    """Return the text below `root` as paragraphs, in order.

    Block elements and line breaks begin a new paragraph; rows of a table are one each. Elements for which
    `skip` is true are left out, as are scripts, forms' controls and embedded media. Works on HTML and on the
    XML vocabulary of trafilatura (`p`, `head`, `list`, `item`, `quote`, `row`, `cell`, `lb`, `ref`).
    """
    return list(_Reader(root, skip).read())


class _Reader:
    """Walks a tree once, without recursion: a page may be two thousand elements deep."""

    def __init__(self, root: HtmlElement, skip: Callable[[HtmlElement], bool] | None) -> None:
        self._root = root
        self._skip = skip
        self._text: list[str] = []
        self._length = 0
        self._space = False
        self._open: list[tuple[str, int]] = []
        self._anchors: list[Anchor] = []
        self._blocks: list[HtmlElement] = []

    def read(self) -> Iterator[Paragraph]:
        walk = etree.iterwalk(self._root, events=("start", "end", "comment", "pi"))
        skipped: HtmlElement | None = None
        for event, node in walk:
            element = cast("HtmlElement", node)
            if event == "start":
                if self._unread(element):
                    skipped = element
                    walk.skip_subtree()
                    if element.tag in _BLOCKS:
                        yield from self._flush()
                    continue
                yield from self._enter(element)
                self._add(element.text)
                continue
            if event == "end" and element is skipped:
                skipped = None
            elif event == "end":
                yield from self._leave(element)
            if element is not self._root:
                self._add(element.tail)
        yield from self._flush()

    def _unread(self, element: HtmlElement) -> bool:
        # `head` is a heading in the XML vocabulary of trafilatura and the head of a page in HTML.
        if element.tag in _UNREAD and not (element.tag == "head" and element.get("rend")):
            return element is not self._root
        return self._skip is not None and element is not self._root and self._skip(element)

    def _enter(self, element: HtmlElement) -> Iterator[Paragraph]:
        if element.tag in _BLOCKS:
            yield from self._flush()
            if element.tag not in _BREAKS:
                self._blocks.append(element)
        elif element.tag in _CELLS:
            if self._length:
                self._cell()
        elif element.tag in _LINKS:
            href = element.get("href") or element.get("target") or ""
            self._open.append((href, self._length + self._space if self._length else 0))

    def _leave(self, element: HtmlElement) -> Iterator[Paragraph]:
        if element.tag in _BLOCKS:
            yield from self._flush()
            if element.tag not in _BREAKS:
                self._blocks.pop()
        elif element.tag in _LINKS and self._open:
            href, start = self._open.pop()
            if href and start < self._length:
                self._anchors.append(Anchor(href, start, self._length))

    def _cell(self) -> None:
        self._text.append("\t")
        self._length += 1
        self._space = False

    def _add(self, text: str | None) -> None:
        if not text:
            return
        text = _SPACE.sub(" ", _INVISIBLE.sub("", text))
        if text.startswith(" "):
            self._space = True
            text = text[1:]
        if not text:
            return
        if self._space and self._length and self._text[-1] != "\t":
            self._text.append(" ")
            self._length += 1
        self._space = text.endswith(" ")
        if self._space:
            text = text[:-1]
        self._text.append(text)
        self._length += len(text)

    def _flush(self) -> Iterator[Paragraph]:
        text = "".join(self._text).rstrip("\t")
        if text.strip():
            anchors = list(self._anchors)
            # A link around several blocks is given to the first; an open one closes with the paragraph.
            anchors += [Anchor(href, start, len(text)) for href, start in self._open if href and start < len(text)]
            yield Paragraph(
                text,
                tuple(a for a in anchors if a.start < a.end <= len(text)),
                self._blocks[-1] if self._blocks else None,
            )
            self._open = [("", 0) for _ in self._open]
        self._text, self._length, self._space, self._anchors = [], 0, False, []
