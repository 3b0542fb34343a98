"""Two texts as one with the changes marked, paragraph by paragraph: what stayed, went, came or moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from umecrawl.index.diff import compare

_NEAR = 1  # unchanged paragraphs shown around a changed one


class Mark(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    MOVED_AWAY = "moved-away"
    MOVED_HERE = "moved-here"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text within one paragraph, and what became of it."""

    mark: Mark
    text: str


Line = tuple[Stretch, ...]


def redline(old: str, new: str) -> tuple[Line, ...]:
    """Return the paragraphs of both texts in the order of the new one; each is a row of stretches.

    A passage that went in one place and came in another is marked as moved in both.
    """
    lines: list[list[Stretch]] = [[]]
    for mark, text in _pieces(old, new):
        for number, part in enumerate(text.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(Stretch(mark, part))
    return tuple(tuple(line) for line in lines if line)


def changed_only(lines: tuple[Line, ...]) -> Iterator[Line | None]:
    """Yield the paragraphs with changes and those next to them; None stands for paragraphs left out."""
    shown = {
        near
        for number, line in enumerate(lines)
        if any(stretch.mark is not Mark.SAME for stretch in line)
        for near in range(number - _NEAR, number + _NEAR + 1)
    }
    left_out = False
    for number, line in enumerate(lines):
        if number in shown:
            left_out = False
            yield line
        elif not left_out:
            left_out = True
            yield None


def html_page(title: str, facts: tuple[str, ...], lines: tuple[Line, ...]) -> str:
    """Return a page that shows the changes by itself, without scripts or anything from elsewhere.

    Changes are `del` and `ins` elements, so that they are told by more than colour.
    """
    body = "\n".join(f"<p>{''.join(map(_element, line))}</p>" for line in lines)
    said = "\n".join(f"<li>{escape(fact)}</li>" for fact in facts)
    return (
        '<!doctype html>\n<html lang="sv">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n<ul>\n{said}\n<li>{_LEGEND}</li>\n</ul>\n<article>\n{body}\n</article>\n</main>\n</body>\n</html>\n"
    )


_STYLE = """\
:root { color-scheme: light dark; }
body { font: 1.05rem/1.6 Georgia, serif; margin: 2rem auto; max-width: 42rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
ul { color: GrayText; font: .9rem/1.5 system-ui, sans-serif; list-style: none; overflow-wrap: anywhere; padding: 0; }
del { background: #fbd5d5; color: #7a1010; }
ins { background: #cdeccf; color: #0b4d16; }
.moved { background: #fdeec2; color: #5c4300; }
"""
_LEGEND = '<del>went</del> <ins>came</ins> <ins class="moved">moved</ins>'
_TAGS = {
    Mark.REMOVED: ("<del>", "</del>"),
    Mark.ADDED: ("<ins>", "</ins>"),
    Mark.MOVED_AWAY: ('<del class="moved" title="moved to another place">', "</del>"),
    Mark.MOVED_HERE: ('<ins class="moved" title="moved here">', "</ins>"),
}


def _element(stretch: Stretch) -> str:
    before, after = _TAGS.get(stretch.mark, ("", ""))
    return f"{before}{escape(stretch.text)}{after}"


def _pieces(old: str, new: str) -> Iterator[tuple[Mark, str]]:
    at = 0
    difference = compare(old, new)
    away = [(one.old_start, one.old_end) for one in difference.moves]
    here = [(one.new_start, one.new_end) for one in difference.moves]
    for hunk in difference.hunks:
        yield Mark.SAME, new[at : hunk.new_start]
        # What opened or closed a paragraph of the old text keeps its line to itself.
        opens = bool(hunk.removed) and not old[: hunk.old_start].rstrip(" ").rpartition("\n")[2]
        closes = bool(hunk.removed) and not old[hunk.old_end :].lstrip(" ").partition("\n")[0]
        if opens and (closes or not hunk.added):
            yield Mark.SAME, "\n"
        yield from _parted(old, (hunk.old_start, hunk.old_end), away, (Mark.REMOVED, Mark.MOVED_AWAY))
        if hunk.removed:
            yield Mark.SAME, "\n" if closes else " "
        yield from _parted(new, (hunk.new_start, hunk.new_end), here, (Mark.ADDED, Mark.MOVED_HERE))
        at = hunk.new_end
    yield Mark.SAME, new[at:]


def _parted(
    text: str, span: tuple[int, int], moved: list[tuple[int, int]], marks: tuple[Mark, Mark]
) -> Iterator[tuple[Mark, str]]:
    """Yield a slice of a text in pieces: those that moved, and what lies between them."""
    at, end = span
    for start, stop in sorted(one for one in moved if at <= one[0] < end):
        yield marks[0], text[at:start]
        yield marks[1], text[start:stop]
        at = stop
    yield marks[0], text[at:end]
