"""An article as Markdown (CommonMark 0.31, tables as in GitHub's dialect), from its blocks."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from umecrawl.model.article import Block, BlockKind

# What may mean something anywhere in a line (CommonMark §2.4: any ASCII punctuation may be escaped).
_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~])")
# What means something at the beginning of a line only: headings, lists, quotes, rules, fences.
_OPENING = re.compile(r"^([#+=\-])")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")
_FENCE = re.compile(r"`{3,}")
_INDENT = 4  # spaces: as wide as the widest marker below, so that an item of any list may hold another
_LINES = frozenset({BlockKind.ITEM, BlockKind.PREFORMATTED, BlockKind.TABLE_ROW})


def markdown(title: str, blocks: Iterable[Block]) -> str:
    """Return title and blocks as Markdown that ends in a newline; no block is left out.

    A first heading is the title, so those of the text begin one level below. Pull quotes are quotes, captions are
    set in emphasis. What a text has of Markdown's own signs is escaped.
    """
    parts = [f"# {escaped(title)}"] if title.strip() else []
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        if kind in _LINES:
            parts.append("\n".join(_lines(kind, list(run))))
        else:
            parts.extend(_paragraph(block) for block in run)
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return a text on one line in which nothing is read as Markdown."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _NUMBERED.sub(r"\1\\\2", _OPENING.sub(r"\\\1", line))


def _paragraph(block: Block) -> str:
    text = escaped(block.text)
    if block.kind is BlockKind.HEADING:
        return f"{'#' * min(6, max(2, block.level))} {text}"
    if block.kind in {BlockKind.QUOTE, BlockKind.PULL_QUOTE}:
        return f"> {text}"
    if block.kind is BlockKind.CAPTION:
        return f"*{text}*"
    return text


def _lines(kind: BlockKind, run: list[Block]) -> Iterator[str]:
    if kind is BlockKind.ITEM:
        yield from _items(run)
    elif kind is BlockKind.TABLE_ROW:
        yield from _table(run)
    else:
        longest = max((len(m[0]) for block in run for m in _FENCE.finditer(block.text)), default=2)
        fence = "`" * (longest + 1)
        yield from (fence, *(block.text for block in run), fence)


def _items(run: list[Block]) -> Iterator[str]:
    """Write list items, each numbered within its depth; a depth that skips one is drawn in."""
    numbers: list[int] = []
    for block in run:
        depth = min(max(1, block.level), len(numbers) + 1)
        numbers = [*numbers[:depth], *([0] if depth > len(numbers) else [])]
        numbers[-1] += 1
        mark = f"{numbers[-1]}." if block.ordered else "-"
        yield f"{' ' * _INDENT * (depth - 1)}{mark:<3} {escaped(block.text)}"


def _table(run: list[Block]) -> Iterator[str]:
    rows = [[escaped(cell) for cell in block.text.split("\t")] for block in run]
    width = max(map(len, rows))
    for number, row in enumerate(rows):
        yield f"| {' | '.join([*row, *[''] * (width - len(row))])} |"
        if not number:
            yield f"|{' --- |' * width}"
