"""Extracts of a text that show why it was found, cut from the text as written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import is_normalized

from umecrawl.index.pieces import WORD
from umecrawl.index.terms import form_of, forms
from umecrawl.query.expression import Field, Part, Prefix, Word, Words

_WORDS = 32
_BEFORE = 6
_SPACE = re.compile(r"\s+")
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Snippet:
    """An extract in one line; `marks` are the (start, end) in it of the words that were looked for."""

    text: str
    marks: tuple[tuple[int, int], ...]


def extract(text: str, wanted: Sequence[Word], *, words: int = _WORDS) -> Snippet:
    """Return the part of a text, about `words` words long, that shows most of what was looked for.

    Without a match in it (the title had it), the beginning of the text is returned.
    """
    spans = [match.span() for match in WORD.finditer(text)]
    if not spans:
        return Snippet("", ())
    shown = [one for one in wanted if one.field is not Field.TITLE]
    hits = _hits(_some_forms(text, shown), shown) or _hits(forms(text), shown)
    first = _best_start(hits, words)
    last = min(len(spans), first + words)
    return _cut(text, spans, (first, last), sorted({at for _, places in hits for at in places}))


_Hit = tuple[int, list[int]]
_Span = tuple[int, int]


def _some_forms(text: str, wanted: Sequence[Word]) -> list[str]:
    """Return the terms of the words that begin with the letter of one that is wanted, and nothing for the others.

    Nearly all forms of a word begin as it does, and a word that was never met before takes long to look up.
    """
    if not is_normalized("NFC", text) or any(isinstance(one, Part) for one in wanted):
        return forms(text)
    initials = {term[0] for one in wanted for term in _told(one)}
    return [form_of(word) if word[0].lower() in initials else "" for word in WORD.findall(text)]


def _hits(found: Sequence[str], wanted: Sequence[Word]) -> list[_Hit]:
    """Return what was found where, as (number of the thing looked for, numbers of its words), in order of the text."""
    hits: list[_Hit] = []
    for number, one in enumerate(wanted):
        if not isinstance(one, Words):
            hits += [(number, [at]) for at, form in enumerate(found) if _is_shown(one, form)]
            continue
        first, length = one.terms[0], len(one.terms)
        for at in (at for at, form in enumerate(found) if form == first):
            if tuple(found[at : at + length]) == one.terms:
                hits.append((number, list(range(at, at + length))))
    return sorted(hits, key=lambda hit: hit[1])


def _told(one: Word) -> tuple[str, ...]:
    match one:
        case Words(terms=found):
            return found
        case Prefix(start=start, term=term):
            return start, term
        case Part(part=part, term=term):
            return part, term


def _is_shown(one: Prefix | Part, form: str) -> bool:
    if form == one.term:
        return True
    if isinstance(one, Prefix):
        return form.startswith(one.start)
    return form.endswith((one.part, one.term)) if one.ends else one.part in form


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


def _cut(text: str, spans: Sequence[_Span], window: tuple[int, int], marked: Sequence[int]) -> Snippet:
    first, last = window
    at = spans[first][0] if first else 0
    end = spans[last - 1][1] if last < len(spans) else len(text.rstrip())
    parts: list[str] = [_ELLIPSIS + " "] if first else []
    length = sum(map(len, parts))
    marks: list[tuple[int, int]] = []
    for number in [number for number in marked if first <= number < last]:
        start, stop = spans[number]
        gap = _SPACE.sub(" ", text[at:start])
        word = text[start:stop]
        marks.append((length + len(gap), length + len(gap) + len(word)))
        parts += [gap, word]
        length += len(gap) + len(word)
        at = stop
    parts.append(_SPACE.sub(" ", text[at:end]))
    if last < len(spans):
        parts.append(" " + _ELLIPSIS)
    return Snippet("".join(parts), tuple(marks))
