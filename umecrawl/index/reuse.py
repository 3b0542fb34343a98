"""Passages that articles of different sites share, and which of two articles had them first.

Texts are compared by winnowing (Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003): of all hashes of five words
in a row, the least of every eight neighbours is kept, so any run of twelve words that two texts share leaves a
print in both. Articles with two prints in common are aligned word by word around them.

A site's own boilerplate (signatures, "read more") would tie all its articles together; so articles of one site are
never compared with each other, and a print that stands in many articles is dropped, counted for each site by
itself as well as in all.

The result is a function of the texts given and of nothing else. It is computed when asked for: a stored form would
depend on the order in which articles came, for what is boilerplate shows only when all are there.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from umecrawl.index.terms import WORD, spelling

_GRAM = 5
_WINDOW = 8
# A print in more articles than this says nothing about any two of them.
_COMMON_IN_ALL = 100
_COMMON_IN_SITE = 5
_LEAST_PRINTS = 2
_LEAST_WORDS = 16
# Words that may differ inside a passage before it counts as two.
_WIDEST_EDIT = 12
# How far beyond the outermost prints a passage is followed, in words.
_REACH = 24
_SHORTEST_RUN = 3
_BATCH = 500

_MULTIPLIERS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)

_Numbers = NDArray[np.int64]
_Hashes = NDArray[np.uint64]


class Ordering(StrEnum):
    """What told which of two articles came first."""

    PUBLISHED = "published"
    FIRST_SEEN = "first-seen"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ArticleText:
    """A text to compare: one version of an article of a site.

    `published` is the time or day the article gives, `first_seen` when this version was first captured (UTC).
    """

    version: str
    article: str
    site: str
    text: str
    first_seen: datetime
    published: datetime | date | None = None


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


@dataclass(frozen=True, slots=True)
class Reuse:
    """What two articles share: `source` had it first as far as `ordering` can tell, `target` later.

    `words` is the sum over the passages; `containment` is their share of the words of the target.
    """

    source: ArticleText
    target: ArticleText
    ordering: Ordering
    passages: tuple[Passage, ...]
    words: int
    containment: float


def find_reuse(texts: Sequence[ArticleText], *, least_words: int = _LEAST_WORDS) -> list[Reuse]:
    """Return every two articles of different sites that share a passage of `least_words` words or more.

    Of two articles with several versions, the pair of versions that agrees most is shown, the earliest of equals.
    Sorted by source version and target version, whatever the order of `texts`.
    """
    ordered = sorted(texts, key=lambda text: (text.first_seen, text.version))
    read = _read([text.text for text in ordered])
    found = []
    for (a, b), seeds in _best_pairs(ordered, read).items():
        first, second, ordering = _in_order(ordered, a, b)
        if first != a:
            seeds = [(j, i) for i, j in seeds]  # noqa: PLW2901  (the same seeds, seen from the other side)
        passages = tuple(_passages(read[first], read[second], seeds, least_words))
        if passages:
            words = sum(passage.words for passage in passages)
            total = len(read[second].words)
            found.append(
                Reuse(ordered[first], ordered[second], ordering, passages, words, min(1.0, words / total)),
            )
    return sorted(found, key=lambda reuse: (reuse.source.version, reuse.target.version))


@dataclass(frozen=True, slots=True)
class _Read:
    """A text as the hashes of its words, and its prints as hash and number of the first word."""

    text: str
    words: _Hashes
    prints: _Hashes
    places: _Numbers

    def spans(self) -> list[tuple[int, int]]:
        """Return the first character of each word and the one behind its last."""
        return [m.span() for m in WORD.finditer(self.text)]


@lru_cache(maxsize=262_144)
def _hash_of(word: str) -> int:
    # Not `hash`: it differs from process to process, and the least print must be the same in all of them.
    return int.from_bytes(hashlib.blake2b(spelling(word).encode(), digest_size=8).digest(), "little")


def _read(texts: Sequence[str]) -> list[_Read]:
    """Return the texts as words and prints, a batch at a time: numpy's cost is in the call for texts this short."""
    read: list[_Read] = []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        hashes = []
        for text in batch:
            words = WORD.findall(text)
            hashes.append(np.fromiter(map(_hash_of, words), dtype=np.uint64, count=len(words)))
        read += [
            _Read(text, words, *prints) for text, words, prints in zip(batch, hashes, _winnow(hashes), strict=True)
        ]
    return read


def _winnow(texts: Sequence[_Hashes]) -> list[tuple[_Hashes, _Numbers]]:
    """Return the prints of each text and the numbers of the words at which they begin."""
    words = np.concatenate([np.empty(0, dtype=np.uint64), *texts])
    if len(words) < _GRAM:
        return [(words[:0], np.empty(0, dtype=np.int64)) for _ in texts]
    count = len(words) - _GRAM + 1
    sums = np.zeros(count, dtype=np.uint64)
    for offset, multiplier in enumerate(_MULTIPLIERS):
        sums += words[offset : offset + count] * multiplier
    # The sum alone keeps the low bits of its parts together; folding the high half in spreads them.
    sums = (sums ^ (sums >> np.uint64(32))) * _MULTIPLIERS[0]
    # The rightmost least of each window, as in the paper: neighbours then mostly choose the same. Of the windows
    # over all texts in a row, those that lie within one text are used.
    full = np.lib.stride_tricks.sliding_window_view(sums, _WINDOW) if count >= _WINDOW else np.empty((0, _WINDOW))
    least = np.arange(len(full)) + _WINDOW - 1 - full[:, ::-1].argmin(axis=1)
    prints = []
    start = 0
    for text in texts:
        grams = len(text) - _GRAM + 1
        if grams <= 0:
            places = np.empty(0, dtype=np.int64)
        elif grams < _WINDOW:
            places = np.array([start + grams - 1 - sums[start : start + grams][::-1].argmin()])
        else:
            chosen = least[start : start + grams - _WINDOW + 1]
            # Neighbouring windows choose in ascending order, so a change is a new print.
            places = chosen[np.concatenate([[True], chosen[1:] != chosen[:-1]])]
        prints.append((sums[places], places - start))
        start += len(text)
    return prints


_Seeds = list[tuple[int, int]]


def _best_pairs(texts: Sequence[ArticleText], read: Sequence[_Read]) -> dict[tuple[int, int], _Seeds]:
    """Return for each two articles the pair of their texts with the most prints in common, with their places."""
    shared: defaultdict[tuple[int, int], _Seeds] = defaultdict(list)
    for members in _groups(texts, read):
        for (a, i), (b, j) in combinations(members, 2):
            if texts[a].site != texts[b].site and texts[a].article != texts[b].article:
                shared[a, b].append((i, j))
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for pair in sorted(shared):
        if len(shared[pair]) < _LEAST_PRINTS:
            continue
        articles = tuple(sorted((texts[pair[0]].article, texts[pair[1]].article)))
        key = (articles[0], articles[1])
        if key not in best or len(shared[pair]) > len(shared[best[key]]):
            best[key] = pair
    return {pair: shared[pair] for pair in best.values()}


def _groups(texts: Sequence[ArticleText], read: Sequence[_Read]) -> Iterator[list[tuple[int, int]]]:
    """Yield for each print that ties two sites together the texts that have it, with its place, in their order."""
    if not texts:
        return
    site_numbers = {site: number for number, site in enumerate(sorted({text.site for text in texts}))}
    article_numbers = {article: number for number, article in enumerate(sorted({text.article for text in texts}))}
    lengths = [len(one.prints) for one in read]
    prints = np.concatenate([one.prints for one in read])
    places = np.concatenate([one.places for one in read])
    owners = np.repeat(np.arange(len(texts)), lengths)
    order = np.lexsort((places, owners, prints))
    prints, places, owners = prints[order], places[order], owners[order]
    bounds = np.flatnonzero(np.diff(prints)) + 1
    starts = np.concatenate([[0], bounds])
    ends = np.concatenate([bounds, [len(prints)]])
    sites = np.array([site_numbers[text.site] for text in texts], dtype=np.int64)[owners]
    articles = np.array([article_numbers[text.article] for text in texts], dtype=np.int64)[owners]
    if not len(prints):
        return
    several = np.minimum.reduceat(sites, starts) != np.maximum.reduceat(sites, starts)
    for start, end in zip(starts[several].tolist(), ends[several].tolist(), strict=True):
        seen = set(zip(sites[start:end].tolist(), articles[start:end].tolist(), strict=True))
        per_site: defaultdict[int, int] = defaultdict(int)
        for site, _ in seen:
            per_site[site] += 1
        if len(seen) <= _COMMON_IN_ALL and max(per_site.values()) <= _COMMON_IN_SITE:
            yield list(zip(owners[start:end].tolist(), places[start:end].tolist(), strict=True))


def _in_order(texts: Sequence[ArticleText], a: int, b: int) -> tuple[int, int, Ordering]:
    published = _earlier(texts[a].published, texts[b].published)
    if published:
        return (a, b, Ordering.PUBLISHED) if published < 0 else (b, a, Ordering.PUBLISHED)
    if texts[a].first_seen != texts[b].first_seen:
        return (*((a, b) if texts[a].first_seen < texts[b].first_seen else (b, a)), Ordering.FIRST_SEEN)
    return a, b, Ordering.UNKNOWN


def _earlier(a: datetime | date | None, b: datetime | date | None) -> int:
    """Return -1, 0 or 1 as `a` is before, level with or after `b`; where one is a day, both are taken as days."""
    if a is None or b is None:
        return 0
    if isinstance(a, datetime) and isinstance(b, datetime):
        return (a > b) - (a < b)
    day_a = a.date() if isinstance(a, datetime) else a
    day_b = b.date() if isinstance(b, datetime) else b
    return (day_a > day_b) - (day_a < day_b)


def _passages(a: _Read, b: _Read, seeds: _Seeds, least_words: int) -> Iterator[Passage]:
    """Yield the passages around the seeds, in the order of `a`; none overlaps another there."""
    done_a = 0
    spans_a, spans_b = a.spans(), b.spans()
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
            yield Passage(
                spans_a[first_a][0],
                spans_a[done_a - 1][1],
                spans_b[first_b][0],
                spans_b[done_b - 1][1],
                words,
                round(2 * words / (done_a - first_a + done_b - first_b), 4),
            )


def _chains(seeds: _Seeds) -> Iterator[tuple[int, int, int, int]]:
    """Yield the spans (in words) that seeds near each other cover in both texts."""
    span: list[int] = []
    for i, j in sorted(seeds):
        near = span and i - span[1] <= 2 * _REACH and -_GRAM <= j - span[3] <= 2 * _REACH
        if near:
            span = [span[0], i + _GRAM, span[2], max(span[3], j + _GRAM)]
            continue
        if span:
            yield span[0], span[1], span[2], span[3]
        span = [i, i + _GRAM, j, j + _GRAM]
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
