"""Two sequences of words laid side by side: which runs of them differ.

They are first tied together where three words in a row occur exactly once in either (the idea of Bram Cohen's
patience diff); what lies between two ties is small and compared exactly (difflib). What merely came or went is then
slid to where a line or a sentence opens, for "A. B. A. C." may be read as "B. A." or as "A. B." inserted.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

_TIE: Final = 3
# Beyond so many pairs of words a gap is taken as rewritten whole; difflib would need seconds.
_LARGEST_GAP: Final = 1_000_000
_FARTHEST_SLIDE: Final = 200  # words

# The runs that differ: (start, end) in the old sequence, (start, end) in the new one.
Change = tuple[int, int, int, int]


def changes(a: Sequence[str], b: Sequence[str], breaks_a: Sequence[int], breaks_b: Sequence[int]) -> list[Change]:
    """Return the runs that differ, in order, none touching another.

    `breaks_…` say what opens at each word: 2 a line, 1 a sentence, 0 nothing; with one more entry for the end.
    """
    found = list(_changes(a, b))
    slid: list[Change] = []
    for number, change in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        i, i_end, j, j_end = change
        if i < i_end and j < j_end:
            slid.append(change)
            continue
        # One word at least stays between two changes.
        left = min(i - slid[-1][1] - 1, j - slid[-1][3] - 1) if slid else min(i, j)
        right = min(after[0] - i_end - 1, after[2] - j_end - 1) if after else min(len(a) - i_end, len(b) - j_end)
        k = _slide(a, breaks_a, (i, i_end), left, right) if i < i_end else _slide(b, breaks_b, (j, j_end), left, right)
        slid.append((i + k, i_end + k, j + k, j_end + k))
    return slid


def _slide(words: Sequence[str], opens: Sequence[int], run: tuple[int, int], left: int, right: int) -> int:
    """Return how far a run that came or went is best slid; `left` and `right` are the room it has."""
    start, end = run
    best, best_place = _worth(opens, start, end), 0
    for step, room in ((-1, left), (1, right)):
        for place in range(1, min(room, _FARTHEST_SLIDE) + 1):
            k = step * place
            inside, outside = (end + k, start + k) if step < 0 else (start + k - 1, end + k - 1)
            if words[inside] != words[outside]:
                break
            worth = _worth(opens, start + k, end + k)
            if worth > best:
                best, best_place = worth, k
    return best_place


def _worth(opens: Sequence[int], start: int, end: int) -> int:
    return opens[start] * 2 + opens[end]


def _changes(a: Sequence[str], b: Sequence[str]) -> Iterator[Change]:
    """Yield the runs that differ as (start, end) in `a` and (start, end) in `b`, in order, none touching another."""
    i = j = 0
    pending: Change | None = None
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


def _between(a: Sequence[str], b: Sequence[str], gap: Change) -> Iterator[Change]:
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
