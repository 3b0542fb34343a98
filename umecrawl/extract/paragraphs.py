"""The text of a parsed page as paragraphs, with their kinds and links."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from umecrawl.extract.tree import INVISIBLE, squeeze
from umecrawl.model.article import BlockKind

_LINE_END = re.compile(r"\r\n?|\n")
_BLOCKS = frozenset(
    (  # noqa: SIM905 - a list of names reads best as text
        "address article aside blockquote body br center dd details dialog dir div dl dt fieldset figcaption figure "
        "footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol optgroup option p pre section "
        "summary table tbody tfoot thead tr ul caption head list item quote row lb"
    ).split()
)
_BREAKS = frozenset({"br", "lb"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"ul", "ol", "dl", "list"})
_ITEMS = frozenset({"li", "item", "dd", "dt"})
_ROWS = frozenset({"tr", "row"})
_KINDS = {
    **dict.fromkeys(_HEADINGS, BlockKind.HEADING),
    **dict.fromkeys(_ITEMS, BlockKind.ITEM),
    **dict.fromkeys(_ROWS, BlockKind.TABLE_ROW),
    **dict.fromkeys(("blockquote", "quote"), BlockKind.QUOTE),
    **dict.fromkeys(("figcaption", "caption"), BlockKind.CAPTION),
    "pre": BlockKind.PREFORMATTED,
}
_CAPTION_NAMES = frozenset({"wp-caption-text", "wp-element-caption", "gallery-caption", "caption-text"})
_PULL_QUOTE = re.compile(r"(?<![a-z])pull[-_]?quotes?(?![a-z])")
_CELLS = frozenset({"td", "th", "cell"})
_LINKS = frozenset({"a", "ref"})
_UNREAD = frozenset(
    (  # noqa: SIM905 - a list of names reads best as text
        "script style noscript template iframe object embed audio video canvas svg math select button input textarea "
        "label datalist map head"
    ).split()
)
# What an element means to the reader, as bits: most elements mean nothing and are looked up once.
_IS_BLOCK, _IS_BREAK, _IS_CELL, _IS_LINK, _IS_UNREAD, _IS_SHAPE = 1, 2, 4, 8, 16, 32
_ROLES = {
    tag: _IS_BLOCK * (tag in _BLOCKS)
    + _IS_BREAK * (tag in _BREAKS)
    + _IS_CELL * (tag in _CELLS)
    + _IS_LINK * (tag in _LINKS)
    + _IS_UNREAD * (tag in _UNREAD)
    + _IS_SHAPE * (tag in _KINDS or tag in _LISTS or tag == "head")
    for tag in _BLOCKS | _CELLS | _LINKS | _UNREAD
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link inside a paragraph: the target as written, and the span of its text in the paragraph."""

    href: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of text with single spaces, and the links in it. Table cells are parted by tabs.

    `block` is the element it stands in, where that is known; `kind`, `level`, `ordered` and `in_text` are those of
    `model.article.Block`. A line of preformatted text keeps its spaces.
    """

    text: str
    anchors: tuple[Anchor, ...] = ()
    block: HtmlElement | None = field(default=None, compare=False, repr=False)
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    ordered: bool = False
    in_text: bool = True


def text_of(element: HtmlElement) -> str:
    """Return the text of an element on one line."""
    if not len(element) and element.tag not in _UNREAD:
        return squeeze(element.text or "")
    return squeeze(" ".join(paragraph.text for paragraph in paragraphs(element)))


def paragraphs(root: HtmlElement, skip: Callable[[HtmlElement], bool] | None = None) -> list[Paragraph]:
    """Return the text below `root` as paragraphs, in order.

    Block elements and line breaks begin a new paragraph; rows of a table are one each. Elements for which
    `skip` is true are left out, as are scripts, forms' controls and embedded media. Works on HTML and on the
    XML vocabulary of trafilatura (`p`, `head`, `list`, `item`, `quote`, `row`, `cell`, `lb`, `ref`).
    """
    return _Reader(root, skip).read()


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
        self._shapes: list[HtmlElement] = []  # those of the blocks that give a text its kind
        self._besides: list[BlockKind | None] = []
        self._preformatted = 0
        self._found: list[Paragraph] = []

    def read(self) -> list[Paragraph]:  # noqa: C901 - one loop over the tree, one branch for each kind of event
        """Walk the tree and return its paragraphs."""
        root, skip, roles = self._root, self._skip, _ROLES  # asked for each element
        walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        skipped: HtmlElement | None = None
        for event, node in walk:
            if event == "start":
                element = cast("HtmlElement", node)
                role = roles.get(element.tag, 0)
                if (role & _IS_UNREAD and self._is_unread(element)) or (
                    skip is not None and element is not root and skip(element)
                ):
                    skipped = element
                    walk.skip_subtree()
                    if role & _IS_BLOCK:
                        self._flush()
                    continue
                if role:
                    self._enter(element, role)
                text = element.text
                if text:
                    self._add(text)
                continue
            if event == "end":
                if node is skipped:
                    skipped = None
                elif role := roles.get(node.tag, 0):
                    self._leave(cast("HtmlElement", node), role)
            if node is not root and (text := node.tail):
                self._add(text)
        self._flush()
        return self._found

    def _is_unread(self, element: HtmlElement) -> bool:
        # `head` is a heading in the XML vocabulary of trafilatura and the head of a page in HTML. The heading of a
        # fold is a button.
        if element is self._root or (element.tag == "head" and element.get("rend")):
            return False
        return element.tag != "button" or not self._in_heading()

    def _enter(self, element: HtmlElement, role: int) -> None:
        if role & _IS_BLOCK:
            self._flush()
            if not role & _IS_BREAK:
                if role & _IS_SHAPE:
                    self._shapes.append(element)
                self._blocks.append(element)
                self._besides.append(_beside(element) or (self._besides[-1] if self._besides else None))
                self._preformatted += element.tag == "pre"
        elif role & _IS_CELL:
            if self._length:
                self._cell()
        elif role & _IS_LINK:
            href = element.get("href") or element.get("target") or ""
            self._open.append((href, self._length + self._space if self._length else 0))

    def _leave(self, element: HtmlElement, role: int) -> None:
        if role & _IS_BLOCK:
            self._flush()
            if not role & _IS_BREAK:
                self._blocks.pop()
                if role & _IS_SHAPE:
                    self._shapes.pop()
                self._besides.pop()
                self._preformatted -= element.tag == "pre"
        elif role & _IS_LINK and self._open:
            href, start = self._open.pop()
            if href and start < self._length:
                self._anchors.append(Anchor(href, start, self._length))

    def _cell(self) -> None:
        self._text.append("\t")
        self._length += 1
        self._space = False

    def _in_heading(self) -> bool:
        return bool(self._blocks) and (self._blocks[-1].tag in _HEADINGS or self._blocks[-1].tag == "summary")

    def _add(self, text: str) -> None:
        if text.isspace() and not self._preformatted:
            self._space = True
            return
        if not text.isascii():
            text = INVISIBLE.sub("", text)
        if self._preformatted:
            self._add_lines(text)
            return
        shown = " ".join(text.split())
        if not shown:
            self._space = self._space or bool(text)
            return
        if (self._space or text[0].isspace()) and self._length and self._text[-1] != "\t":
            self._text.append(" ")
            self._length += 1
        self._space = text[-1].isspace()
        self._text.append(shown)
        self._length += len(shown)

    def _add_lines(self, text: str) -> None:
        """Add preformatted text: each line is a paragraph of its own and keeps its spaces."""
        for number, line in enumerate(_LINE_END.split(text.expandtabs(4))):
            if number:
                self._flush()
            if line:
                self._text.append(line)
                self._length += len(line)

    def _flush(self) -> None:
        self._space = False
        if not self._text:
            return
        text = "".join(self._text).rstrip("\t ")
        if text.strip():
            anchors = self._anchors
            if self._open:
                # A link around several blocks is given to the first; an open one closes with the paragraph.
                anchors += [Anchor(href, start, len(text)) for href, start in self._open if href and start < len(text)]
                self._open = [("", 0)] * len(self._open)
            block = self._blocks[-1] if self._blocks else None
            kind, level, ordered = self._shape()
            if kind is BlockKind.TABLE_ROW and "\t" not in text:
                kind = BlockKind.PARAGRAPH  # a table of one column is there for the layout
            inside = tuple(a for a in anchors if a.start < a.end <= len(text)) if anchors else ()
            self._found.append(Paragraph(text, inside, block, kind, level, ordered))
        self._text, self._length, self._anchors = [], 0, []

    def _shape(self) -> tuple[BlockKind, int, bool]:
        """Return kind, level and order of what stands in the blocks that are open."""
        if self._besides and self._besides[-1] is not None:
            return self._besides[-1], 0, False
        kind: BlockKind | None = None
        level = 0
        ordered: bool | None = None
        for block in reversed(self._shapes):
            tag = block.tag
            if kind is None and (tag not in _ROWS or block is self._blocks[-1]):
                kind = BlockKind.HEADING if tag == "head" else _KINDS.get(tag)
                if kind is BlockKind.HEADING:
                    level = _HEADINGS.get(block.get("rend") or tag, 2)
                if kind is not None and kind is not BlockKind.ITEM:
                    break
            if kind is BlockKind.ITEM and tag in _LISTS:
                level += 1
                ordered = (tag == "ol" or block.get("rend") == "ol") if ordered is None else ordered
        if kind is BlockKind.ITEM:
            return kind, max(1, level), bool(ordered)
        return kind or BlockKind.PARAGRAPH, level, False


def _beside(block: HtmlElement) -> BlockKind | None:
    """Return what a block is that stands beside the text: a caption or a pull quote."""
    if block.tag in {"figcaption", "caption"}:
        return BlockKind.CAPTION
    names = block.get("class")
    return _called_beside(names) if names else None


@lru_cache(maxsize=4096)
def _called_beside(names: str) -> BlockKind | None:
    words = names.lower().split()
    if not _CAPTION_NAMES.isdisjoint(words):
        return BlockKind.CAPTION
    return BlockKind.PULL_QUOTE if any(map(_PULL_QUOTE.search, words)) else None
