"""Extracts of a text that show why it was found, cut from the text as written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from umecrawl.index.terms import Term, terms
from umecrawl.query.expression import Field, Prefix, Words

_WORDS = 32
_BEFORE = 6
_SPACE = re.compile(r"\s+")
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Snippet:
    """An extract in one line; `marks` are the (start, end) in it of the words that were looked for."""

    text: str
    marks: tuple[tuple[int, int], ...]


def extract(text: str, wanted: Sequence[Words | Prefix], *, words: int = _WORDS) -> Snippet:
    """Return the part of a text, about `words` words long, that shows most of what was looked for.

    Without a match in it (the title had it), the beginning of the text is returned.
    """
    found = terms(text)
    if not found:
        return Snippet("", ())
    hits = _hits(found, [one for one in wanted if one.field is not Field.TITLE])
    first = _best_start(hits, words)
    last = min(len(found), first + words)
    return _cut(text, found, (first, last), sorted({at for _, places in hits for at in places}))


_Hit = tuple[int, list[int]]


def _hits(found: Sequence[Term], wanted: Sequence[Words | Prefix]) -> list[_Hit]:
    """Return what was found where, as (number of the thing looked for, numbers of its words), in order of the text."""
    hits: list[_Hit] = []
    for number, one in enumerate(wanted):
        for at, term in enumerate(found):
            if isinstance(one, Prefix):
                if term.form == one.term or term.form.startswith(one.start):
                    hits.append((number, [at]))
            elif term.form == one.terms[0] and at + len(one.terms) <= len(found):
                places = list(range(at, at + len(one.terms)))
                if all(found[place].form == form for place, form in zip(places, one.terms, strict=True)):
                    hits.append((number, places))
    return sorted(hits, key=lambda hit: hit[1])


def _best_start(hits: Sequence[_Hit], words: int) -> int:
    """Return the word to begin at: the window from there shows most different things, then most hits, then is first."""
    best, best_score = 0, (0, 0)
    for number, (_, places) in enumerate(hits):
        start = max(0, places[0] - _BEFORE)
        inside = []
        for other in hits[number:]:
            if other[1][0] >= start + words:
                break
            if other[1][-1] < start + words:
                inside.append(other[0])
        score = (len(set(inside)), len(inside))
        if score > best_score:
            best, best_score = start, score
    return best


def _cut(text: str, found: Sequence[Term], window: tuple[int, int], marked: Sequence[int]) -> Snippet:
    first, last = window
    start = found[first].start if first else 0
    end = found[last - 1].end if last < len(found) else len(text.rstrip())
    parts: list[str] = [_ELLIPSIS + " "] if first else []
    length = sum(map(len, parts))
    marks: list[tuple[int, int]] = []
    at = start
    for number in [number for number in marked if first <= number < last]:
        term = found[number]
        gap = _SPACE.sub(" ", text[at : term.start])
        word = text[term.start : term.end]
        marks.append((length + len(gap), length + len(gap) + len(word)))
        parts += [gap, word]
        length += len(gap) + len(word)
        at = term.end
    parts.append(_SPACE.sub(" ", text[at:end]))
    if last < len(found):
        parts.append(" " + _ELLIPSIS)
    return Snippet("".join(parts), tuple(marks))
