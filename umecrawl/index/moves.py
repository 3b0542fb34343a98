"""Passages that went in one place of a text and came in another: moved, neither removed nor added.

A line that was edited as it moved is told word by word: what it kept has moved, the rest went and came.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

from umecrawl.index.alignment import Change

# A shorter run stands twice by chance; a whole line or sentence may be as short as `_FEWEST_WHOLE`.
_FEWEST_WORDS: Final = 8
_FEWEST_WHOLE: Final = 5
_GRAM: Final = 5
_MOST_PLACES: Final = 16
_ALIKE: Final = 2 / 3  # of the words of a line that moved and was edited
_FEWEST_KEPT: Final = 2  # words of it in a row
_MOST_PAIRS: Final = 2_500  # of lines that are set against each other
_LINE: Final = 2


@dataclass(frozen=True, slots=True)
class Side:
    """One text as it is looked through: its tokens, which of them are words, and what opens at each.

    `opens` has 2 for a line, 1 for a sentence and 0 for nothing, with one more entry for the end.
    """

    keys: Sequence[str]
    words: Sequence[bool]
    opens: Sequence[int]


def moves(old: Side, new: Side, changes: Sequence[Change]) -> list[Change]:
    """Return the passages that moved, in the order of the new text: where each went, and where it came."""
    taken = [False] * len(old.keys)
    came = [False] * len(new.keys)
    moved: list[Change] = []
    for one in _edited_lines(old, new, changes):
        taken[one[0] : one[1]] = [True] * (one[1] - one[0])
        came[one[2] : one[3]] = [True] * (one[3] - one[2])
        moved.append(one)
    places: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for i, i_end, _, _ in changes:
        for at in range(i, i_end - _GRAM + 1):
            found = places[tuple(old.keys[at : at + _GRAM])]
            if len(found) < _MOST_PLACES:
                found.append((at, i_end))
    for _, _, j, j_end in changes if places else ():
        for start, end in _free(came, j, j_end):
            for one in _moved_into(old, new, (start, end), places, taken):
                taken[one[0] : one[1]] = [True] * (one[1] - one[0])
                moved.append(one)
    return sorted(moved, key=lambda one: one[2])


def _free(came: Sequence[bool], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of a span that nothing is known to have come into."""
    at = start
    while at < end:
        until = at
        while until < end and not came[until]:
            until += 1
        if until > at:
            yield at, until
        at = until + 1


def _edited_lines(old: Side, new: Side, changes: Sequence[Change]) -> Iterator[Change]:
    """Yield what lines kept that went in one place and came, edited, in another; each line is taken once."""
    went = [(number, *line) for number, one in enumerate(changes) for line in _lines(old, one[0], one[1])]
    came = [(number, *line) for number, one in enumerate(changes) for line in _lines(new, one[2], one[3])]
    if len(went) * len(came) > _MOST_PAIRS:
        return
    counts = [Counter(old.keys[start:end]) for _, start, end in went]
    used: set[int] = set()
    for place, j, j_end in came:
        words = Counter(new.keys[j:j_end])
        alike = [
            (2 * (words & counts[number]).total() / (j_end - j + i_end - i), -number)
            for number, (origin, i, i_end) in enumerate(went)
            if origin != place and number not in used
        ]
        share, chosen = max(alike, default=(0.0, 0))
        if share < _ALIKE:
            continue
        _, i, i_end = went[-chosen]
        if old.keys[i:i_end] == new.keys[j:j_end]:
            continue  # not edited
        used.add(-chosen)
        matcher = SequenceMatcher(None, old.keys[i:i_end], new.keys[j:j_end], autojunk=False)
        for block in matcher.get_matching_blocks():
            if sum(new.words[j + block.b : j + block.b + block.size]) >= _FEWEST_KEPT:
                yield i + block.a, i + block.a + block.size, j + block.b, j + block.b + block.size


def _lines(side: Side, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the whole lines of some length within a run."""
    opens = [at for at in range(start, end + 1) if side.opens[at] == _LINE]
    for at, until in pairwise(opens):
        if sum(side.words[at:until]) >= _FEWEST_WHOLE:
            yield at, until


def _moved_into(
    old: Side,
    new: Side,
    run: tuple[int, int],
    places: dict[tuple[str, ...], list[tuple[int, int]]],
    taken: Sequence[bool],
) -> Iterator[Change]:
    at, end = run
    while at <= end - _GRAM:
        if not new.words[at] and not new.opens[at]:  # the full stop of what stands before it
            at += 1
            continue
        best = 0
        origin = 0
        for start, limit in places.get(tuple(new.keys[at : at + _GRAM]), ()):
            length = 0
            while (
                start + length < limit
                and at + length < end
                and not taken[start + length]
                and old.keys[start + length] == new.keys[at + length]
            ):
                length += 1
            if length > best and _counts(old, new, start, at, length):
                best, origin = length, start
        if best:
            yield origin, origin + best, at, at + best
        at += best or 1


def _counts(old: Side, new: Side, start: int, at: int, length: int) -> bool:
    words = sum(new.words[at : at + length])
    if words >= _FEWEST_WORDS:
        return True
    whole = all(side.opens[place] and side.opens[place + length] for side, place in ((old, start), (new, at)))
    return whole and words >= _FEWEST_WHOLE
