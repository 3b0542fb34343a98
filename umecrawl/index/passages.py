"""The passages that two texts share: aligned word by word around the prints they have in common."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from umecrawl.index.winnowing import GRAM, WinnowedText

# Words that may differ inside a passage before it counts as two.
_WIDEST_EDIT = 12
# How far beyond the outermost prints a passage is followed, in words.
_REACH = 24
_SHORTEST_RUN = 3

# Where two texts have a print in common: the numbers of the words at which it begins in each.
Seeds = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that stands in both texts; `start` and `end` are characters of each text.

    `words` counts the words that agree, in order; `similarity` is 2 x `words` / (words of both spans).
    """

    source_start: int
    source_end: int
    target_start: int
    target_end: int
    words: int
    similarity: float


def passages_of(a: WinnowedText, b: WinnowedText, seeds: Seeds, least_words: int) -> Iterator[Passage]:
    """Yield the passages around the seeds, in the order of `a`; none overlaps another there."""
    found = list(_aligned(a, b, seeds, least_words))
    if not found:  # as of most pairs: prints are chosen so that many of them meet by chance
        return
    spans_a, spans_b = a.spans(), b.spans()
    for first_a, end_a, first_b, end_b, words in found:
        yield Passage(
            spans_a[first_a][0],
            spans_a[end_a - 1][1],
            spans_b[first_b][0],
            spans_b[end_b - 1][1],
            words,
            round(2 * words / (end_a - first_a + end_b - first_b), 4),
        )


def _aligned(
    a: WinnowedText, b: WinnowedText, seeds: Seeds, least_words: int
) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield passages in words: first and end in `a`, first and end in `b`, and how many agree."""
    done_a = 0
    for start_a, end_a, start_b, end_b in _chains(seeds):
        low_a, low_b = max(done_a, start_a - _REACH), max(0, start_b - _REACH)
        if low_a >= end_a:
            continue
        window_a = a.words[low_a : end_a + _REACH].tolist()
        window_b = b.words[low_b : end_b + _REACH].tolist()
        blocks = [
            (low_a + block.a, low_b + block.b, block.size)
            for block in SequenceMatcher(None, window_a, window_b, autojunk=False).get_matching_blocks()
            if block.size >= _SHORTEST_RUN
        ]
        for run in _runs(blocks):
            words = sum(size for _, _, size in run)
            if words < least_words:
                continue
            first_a, first_b, _ = run[0]
            done_a, done_b = run[-1][0] + run[-1][2], run[-1][1] + run[-1][2]
            yield first_a, done_a, first_b, done_b, words


def _chains(seeds: Seeds) -> Iterator[tuple[int, int, int, int]]:
    """Yield the spans (in words) that seeds near each other cover in both texts."""
    span: list[int] = []
    for i, j in sorted(seeds):
        near = span and i - span[1] <= 2 * _REACH and -GRAM <= j - span[3] <= 2 * _REACH
        if near:
            span = [span[0], i + GRAM, span[2], max(span[3], j + GRAM)]
            continue
        if span:
            yield span[0], span[1], span[2], span[3]
        span = [i, i + GRAM, j, j + GRAM]
    if span:
        yield span[0], span[1], span[2], span[3]


def _runs(blocks: Sequence[tuple[int, int, int]]) -> Iterator[list[tuple[int, int, int]]]:
    """Yield the equal blocks that belong to one passage: no more than a small edit lies between two of them."""
    run: list[tuple[int, int, int]] = []
    for i, j, size in blocks:
        if run and max(i - run[-1][0] - run[-1][2], j - run[-1][1] - run[-1][2]) > _WIDEST_EDIT:
            yield run
            run = []
        run.append((i, j, size))
    if run:
        yield run
