"""The difference of two texts word by word: which words went, which came, and where.

Words are compared in NFC, with quotes, dashes and hyphenation evened out, so that what differs in typography only
does not show as an edit. Punctuation is compared too, but never counted as a word.

Long texts are first tied together where three words in a row occur exactly once in either (the idea of Bram
Cohen's patience diff); what lies between two ties is small and compared exactly (difflib).
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad])*|[^\s\u00ad\u200b]")
_EVEN = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u00b4`", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u00ad": None,
    }
)
_TIE = 3
# Beyond so many pairs of words a gap is taken as rewritten whole; difflib would need seconds.
_LARGEST_GAP = 1_000_000
_CONTEXT_WORDS = 6


@dataclass(frozen=True, slots=True)
class Hunk:
    """One place where the texts differ: `old[old_start:old_end]` became `new[new_start:new_end]` (characters).

    `removed` and `added` are those slices as written, empty where nothing went or came; `before` and `after` are
    a few words around it, as the new text has them.
    """

    removed: str
    added: str
    before: str
    after: str
    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two texts; counts are of words, without punctuation.

    `similarity` is the share of words that both have in the same order: 2 x common / (words of both), 1.0 for
    equal texts.
    """

    hunks: tuple[Hunk, ...]
    words_added: int
    words_removed: int
    similarity: float

    @property
    def changed(self) -> bool:
        """Whether anything differs that a reader would see."""
        return bool(self.hunks)


def compare(old: str, new: str) -> Difference:
    """Return how `new` differs from `old`, word by word."""
    a, b = _tokens(old), _tokens(new)
    hunks = []
    added = removed = 0
    for i, i_end, j, j_end in _changes([token.key for token in a], [token.key for token in b]):
        removed += sum(token.word for token in a[i:i_end])
        added += sum(token.word for token in b[j:j_end])
        old_start, old_end = _span(a, i, i_end, len(old))
        new_start, new_end = _span(b, j, j_end, len(new))
        hunks.append(
            Hunk(
                removed=old[old_start:old_end],
                added=new[new_start:new_end],
                before=new[b[max(0, j - _CONTEXT_WORDS)].start : b[j - 1].end] if j else "",
                after=new[b[j_end].start : b[min(len(b), j_end + _CONTEXT_WORDS) - 1].end] if j_end < len(b) else "",
                old_start=old_start,
                old_end=old_end,
                new_start=new_start,
                new_end=new_end,
            )
        )
    words = sum(token.word for token in a) + sum(token.word for token in b)
    return Difference(tuple(hunks), added, removed, 1.0 - (added + removed) / words if words else 1.0)


@dataclass(frozen=True, slots=True)
class _Token:
    key: str
    start: int
    end: int
    word: bool


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(unicodedata.normalize("NFC", m[0]).translate(_EVEN), m.start(), m.end(), m[0][0].isalnum())
        for m in _TOKEN.finditer(text)
    ]


def _span(tokens: Sequence[_Token], start: int, end: int, length: int) -> tuple[int, int]:
    """Return the characters of a run of tokens; an empty run lies before the token that follows it."""
    if start < end:
        return tokens[start].start, tokens[end - 1].end
    place = tokens[start].start if start < len(tokens) else length
    return place, place


_Change = tuple[int, int, int, int]


def _changes(a: Sequence[str], b: Sequence[str]) -> Iterator[_Change]:
    """Yield the runs that differ as (start, end) in `a` and (start, end) in `b`, in order, none touching another."""
    i = j = 0
    pending: _Change | None = None
    for tie_i, tie_j in [*_ties(a, b), (len(a), len(b))]:
        for change in _between(a, b, (i, tie_i, j, tie_j)):
            if pending and (pending[1], pending[3]) == (change[0], change[2]):
                pending = (pending[0], change[1], pending[2], change[3])
                continue
            if pending:
                yield pending
            pending = change
        i, j = tie_i, tie_j
    if pending:
        yield pending


def _between(a: Sequence[str], b: Sequence[str], gap: _Change) -> Iterator[_Change]:
    i, i_end, j, j_end = gap
    while i < i_end and j < j_end and a[i] == b[j]:
        i, j = i + 1, j + 1
    while i < i_end and j < j_end and a[i_end - 1] == b[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
    if i == i_end and j == j_end:
        return
    if i == i_end or j == j_end or (i_end - i) * (j_end - j) > _LARGEST_GAP:
        yield i, i_end, j, j_end
        return
    matcher = SequenceMatcher(None, a[i:i_end], b[j:j_end], autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind != "equal":
            yield i + i1, i + i2, j + j1, j + j2


def _ties(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest ascending chain of places where a run of words stands that each text has exactly once."""
    in_a, in_b = _unique_runs(a), _unique_runs(b)
    pairs = [(i, in_b[run]) for run, i in in_a.items() if run in in_b]
    # Longest increasing subsequence of the places in b, by patience sorting; pairs are in the order of a.
    tops: list[int] = []
    top_at: list[int] = []
    back: list[int] = []
    for number, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        back.append(top_at[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(j)
            top_at.append(number)
        else:
            tops[pile] = j
            top_at[pile] = number
    chain = []
    number = top_at[-1] if top_at else -1
    while number >= 0:
        chain.append(pairs[number])
        number = back[number]
    return chain[::-1]


def _unique_runs(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    runs = [tuple(words[i : i + _TIE]) for i in range(len(words) - _TIE + 1)]
    counts = Counter(runs)
    return {run: i for i, run in enumerate(runs) if counts[run] == 1}
