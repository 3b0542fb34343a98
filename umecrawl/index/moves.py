"""Passages that went in one place of a text and came in another: moved, neither removed nor added."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from umecrawl.index.alignment import Change

# A shorter run stands twice by chance; a whole line or sentence may be as short as `_FEWEST_WHOLE`.
_FEWEST_WORDS: Final = 8
_FEWEST_WHOLE: Final = 5
_GRAM: Final = 5
_MOST_PLACES: Final = 16


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
    places: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for i, i_end, _, _ in changes:
        for at in range(i, i_end - _GRAM + 1):
            found = places[tuple(old.keys[at : at + _GRAM])]
            if len(found) < _MOST_PLACES:
                found.append((at, i_end))
    if not places:
        return []
    taken = [False] * len(old.keys)
    moved: list[Change] = []
    for _, _, j, j_end in changes:
        for one in _moved_into(old, new, (j, j_end), places, taken):
            taken[one[0] : one[1]] = [True] * (one[1] - one[0])
            moved.append(one)
    return moved


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
