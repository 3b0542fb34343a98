"""Passages that articles of different sites share, and which of two articles had them first.

Texts are compared by the prints that winnowing leaves in them (`umecrawl.index.winnowing`); articles with two telling
prints in common (`umecrawl.index.reuse_pairs`) are aligned word by word around them (`umecrawl.index.passages`).

The result is a function of the texts given and of nothing else: what is boilerplate shows only when all are there.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from umecrawl.index.passages import Passage, Seeds, passages_of
from umecrawl.index.reuse_pairs import Prints, best_pairs
from umecrawl.index.winnowing import WinnowedText, winnow

LEAST_WORDS = 16


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


def find_reuse(texts: Sequence[ArticleText], *, least_words: int = LEAST_WORDS) -> list[Reuse]:
    """Return every two articles of different sites that share a passage of `least_words` words or more.

    Of two articles with several versions, the pair of versions that agrees most is shown, the earliest of equals.
    Sorted by source version and target version, whatever the order of `texts`.
    """
    ordered = sorted(texts, key=lambda text: (text.first_seen, text.version))
    read = winnow([text.text for text in ordered])
    pairs = best_pairs(
        [low(one.prints) for one in read],
        _numbered([text.article for text in ordered]),
        _numbered([text.site for text in ordered]),
    )
    found = []
    for pair in pairs.best:
        first, second, ordering = in_order(ordered, pair.a, pair.b)
        seeds = seeds_of(read[first], read[second], pairs.telling)
        passages = tuple(passages_of(read[first], read[second], seeds, least_words))
        if passages:
            words = sum(passage.words for passage in passages)
            found.append(
                Reuse(ordered[first], ordered[second], ordering, passages, words, containment(words, read[second]))
            )
    return sorted(found, key=lambda reuse: (reuse.source.version, reuse.target.version))


def seeds_of(a: WinnowedText, b: WinnowedText, telling: Prints) -> Seeds:
    """Return where two texts have telling prints in common."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    known = _among(low(b.prints), telling)
    for shared, place in zip(b.prints[known].tolist(), b.places[known].tolist(), strict=True):
        places[shared].append(place)
    return [
        (place, other)
        for shared, place in zip(a.prints.tolist(), a.places.tolist(), strict=True)
        for other in places.get(shared, ())
    ]


def _among(prints: Prints, telling: Prints) -> NDArray[np.bool_]:
    """Return which prints are among those that tell something, which come sorted: `np.isin` would sort them anew."""
    if not len(telling):
        return np.zeros(len(prints), dtype=np.bool_)
    places = np.minimum(np.searchsorted(telling, prints), len(telling) - 1)
    found: NDArray[np.bool_] = telling[places] == prints
    return found


def containment(words: int, target: WinnowedText) -> float:
    """Return what share of the words of a text so many words are."""
    return min(1.0, words / len(target.words))


def low(prints: NDArray[np.uint64]) -> Prints:
    """Return the low halves of prints, which are enough to tell them apart."""
    return (prints & np.uint64(0xFFFFFFFF)).astype(np.uint32)


def _numbered(names: Sequence[str]) -> list[int]:
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return [numbers[name] for name in names]


def in_order(texts: Sequence[ArticleText], a: int, b: int) -> tuple[int, int, Ordering]:
    """Return two texts in the order in which they had what they share, and what told it."""
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
