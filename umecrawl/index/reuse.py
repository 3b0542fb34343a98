"""Passages that articles of different sites share, and which of two articles had them first.

Texts are compared by the prints that winnowing leaves in them (`umecrawl.index.winnowing`); articles with two prints
in common are aligned word by word around them (`umecrawl.index.passages`).

A site's own boilerplate (signatures, "read more") would tie all its articles together; so articles of one site are
never compared with each other, and a print that stands in many articles is dropped, counted for each site by
itself as well as in all.

The result is a function of the texts given and of nothing else. It is computed when asked for: a stored form would
depend on the order in which articles came, for what is boilerplate shows only when all are there.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import combinations

import numpy as np

from umecrawl.index.passages import Passage, Seeds, passages_of
from umecrawl.index.winnowing import WinnowedText, winnow

# A print in more articles than this says nothing about any two of them.
_COMMON_IN_ALL = 100
_COMMON_IN_SITE = 5
_LEAST_PRINTS = 2
_LEAST_WORDS = 16


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
    read = winnow([text.text for text in ordered])
    found = []
    for (a, b), seeds in _best_pairs(ordered, read).items():
        first, second, ordering = _in_order(ordered, a, b)
        if first != a:
            seeds = [(j, i) for i, j in seeds]  # noqa: PLW2901  (the same seeds, seen from the other side)
        passages = tuple(passages_of(read[first], read[second], seeds, least_words))
        if passages:
            words = sum(passage.words for passage in passages)
            total = len(read[second].words)
            found.append(
                Reuse(ordered[first], ordered[second], ordering, passages, words, min(1.0, words / total)),
            )
    return sorted(found, key=lambda reuse: (reuse.source.version, reuse.target.version))


def _best_pairs(texts: Sequence[ArticleText], read: Sequence[WinnowedText]) -> dict[tuple[int, int], Seeds]:
    """Return for each two articles the pair of their texts with the most prints in common, with their places."""
    shared: defaultdict[tuple[int, int], Seeds] = defaultdict(list)
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


def _groups(texts: Sequence[ArticleText], read: Sequence[WinnowedText]) -> Iterator[list[tuple[int, int]]]:
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
