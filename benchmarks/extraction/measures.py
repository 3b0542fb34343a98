"""The measures of a text against gold, and their confidence intervals over sites.

Shingles are the measure of Scrapinghub's article extraction benchmark: 4-grams of words, precision and recall
averaged over pages, F1 of the two. Segments are trafilatura's: the share of sentences that must and must not be in the
text. Intervals are 95 % percentile bootstrap in which all pages of a site move together.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

_WORD = re.compile(r"\w+")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_SPACE = re.compile(r"\s+")
_N = 4
_ROUNDS = 1000
_SEED = 12345


@dataclass(frozen=True, slots=True)
class Counted:
    """What one page adds to a measure: numerators and denominators, of one site."""

    site: str
    parts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score with the ends of its 95 % interval, and what it was drawn from."""

    value: float
    low: float
    high: float
    pages: int
    sites: int


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return the 4-grams of a text's words; of a shorter text, its words."""
    words = _WORD.findall(text.translate(_UNSEEN))
    return Counter(tuple(words[i : i + _N]) for i in range(max(1, len(words) - _N + 1)) if words[i : i + _N])


def shingle_parts(gold: str, told: str) -> tuple[float, ...]:
    """Return precision and recall of a page, each with whether it is defined."""
    wanted, found = shingles(gold), shingles(told)
    both = sum((wanted & found).values())
    here, there = sum(found.values()), sum(wanted.values())
    return (both / here if here else 0.0, float(here > 0), both / there if there else 0.0, float(there > 0))


def segment_parts(wanted: Sequence[str], unwanted: Sequence[str], told: str) -> tuple[float, ...]:
    """Return how many segments were rightly found, wrongly found and missed."""
    text = _spaced(told)
    hits = sum(_spaced(one) in text for one in wanted)
    return (float(hits), float(sum(_spaced(one) in text for one in unwanted)), float(len(wanted) - hits))


def f1_of_means(totals: np.ndarray) -> np.ndarray:
    """Return F1 of mean precision and mean recall, one for each row of sums of `shingle_parts`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = totals[:, 0] / totals[:, 1], totals[:, 2] / totals[:, 3]
        return 2 * precision * recall / (precision + recall)


def f1_of_counts(totals: np.ndarray) -> np.ndarray:
    """Return F1 of pooled counts, one for each row of sums of `segment_parts`."""
    hits, wrong, missed = totals[:, 0], totals[:, 1], totals[:, 2]
    return 2 * hits / (2 * hits + wrong + missed)


def share(totals: np.ndarray) -> np.ndarray:
    """Return the share of right values, of parts (right, asked)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return totals[:, 0] / totals[:, 1]


def estimate(counted: Sequence[Counted], measure: Callable[[np.ndarray], np.ndarray]) -> Estimate:
    """Return a measure with its interval over the sites."""
    return _estimate(counted, measure)


def difference(
    ours: Sequence[Counted], theirs: Sequence[Counted], measure: Callable[[np.ndarray], np.ndarray]
) -> Estimate:
    """Return how much more ours scores than theirs, page by page the same, with the interval of the difference."""
    width = len(ours[0].parts)
    paired = [Counted(a.site, (*a.parts, *b.parts)) for a, b in zip(ours, theirs, strict=True)]
    return _estimate(paired, lambda sums: measure(sums[:, :width]) - measure(sums[:, width:]))


def _estimate(counted: Sequence[Counted], measure: Callable[[np.ndarray], np.ndarray]) -> Estimate:
    names = sorted({one.site for one in counted})
    place = {name: number for number, name in enumerate(names)}
    sums = np.zeros((len(names), len(counted[0].parts)))
    for one in counted:
        sums[place[one.site]] += one.parts
    weights = np.random.default_rng(_SEED).multinomial(len(names), [1 / len(names)] * len(names), size=_ROUNDS)
    drawn = measure(weights @ sums)
    value = float(measure(sums.sum(axis=0, keepdims=True))[0])
    low, high = (float(end) for end in np.nanpercentile(drawn, [2.5, 97.5])) if len(names) > 1 else (value, value)
    return Estimate(value, low, high, len(counted), len(names))


def _spaced(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
