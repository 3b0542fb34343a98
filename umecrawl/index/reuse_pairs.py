"""Which texts have prints in common that say something: found for all texts at once, in arrays.

A site's own boilerplate (signatures, "read more") would tie all its articles together; so articles of one site are
never compared with each other, and a print that stands in many articles is dropped, counted for each site by
itself as well as in all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A print in more articles than this says nothing about any two of them.
_COMMON_IN_ALL = 100
_COMMON_IN_SITE = 5
_LEAST_PRINTS = 2
# Prints that are sorted at a time, and pairs that are counted at a time: what memory has to hold.
_AT_ONCE = 8_000_000
_PAIRS_AT_ONCE = 4_000_000

Prints = NDArray[np.uint32]
_Keys = NDArray[np.uint64]
_Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, by their places among those given, with how many telling prints they share and the sum of these."""

    a: int
    b: int
    prints: int
    sum: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """For each two articles the two texts that agree most, the earliest of equals; and all prints that tie sites."""

    best: tuple[Pair, ...]
    telling: Prints


def best_pairs(prints: Sequence[Prints], articles: Sequence[int], sites: Sequence[int]) -> Pairs:
    """Return which of these texts share prints across sites; all three are told for each text, in order of time.

    Articles and sites are numbers below 2^31; an article belongs to one site.
    """
    of_article, of_site = np.asarray(articles, dtype=np.int64), np.asarray(sites, dtype=np.int64)
    total = sum(map(len, prints))
    parts = 1 + total // _AT_ONCE
    pairs, counts, sums = [np.empty(0, np.uint64)], [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    telling = [np.empty(0, np.uint32)]
    for part in range(parts):
        keys = _sorted_keys(prints, part, parts)
        if not len(keys):
            continue
        found, members = _telling(keys, of_article, of_site)
        telling.append(found)
        for some in _pairs(found, members, of_site):
            pairs.append(some[0])
            counts.append(some[1])
            sums.append(some[2])
    merged = _merged(np.concatenate(pairs), np.concatenate(counts), np.concatenate(sums))
    return Pairs(tuple(_best(*merged, of_article)), np.sort(np.concatenate(telling)))


def _sorted_keys(prints: Sequence[Prints], part: int, parts: int) -> _Keys:
    """Return print and text of a part of all prints as one sorted number each, every one once."""
    chosen = [one[one % parts == part] for one in prints] if parts > 1 else prints
    owners = np.repeat(np.arange(len(prints), dtype=np.uint64), [len(one) for one in chosen])
    if not len(owners):
        return owners
    keys = (np.concatenate(chosen).astype(np.uint64) << np.uint64(32)) | owners
    keys.sort()
    once: _Keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    return once


def _telling(keys: _Keys, of_article: _Numbers, of_site: _Numbers) -> tuple[Prints, list[_Numbers]]:
    """Return the prints that tie sites together and are not common, with the texts that have each."""
    hashes, owners = (keys >> np.uint64(32)).astype(np.uint32), (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
    starts = np.concatenate([[0], np.flatnonzero(hashes[1:] != hashes[:-1]) + 1])
    sites = of_site[owners]
    several = np.minimum.reduceat(sites, starts) != np.maximum.reduceat(sites, starts)
    ends = np.concatenate([starts[1:], [len(keys)]])
    found, members = [], []
    for start, end in zip(starts[several].tolist(), ends[several].tolist(), strict=True):
        texts = owners[start:end]
        _, first = np.unique(of_article[texts], return_index=True)
        if len(first) <= _COMMON_IN_ALL and np.bincount(of_site[texts[first]]).max() <= _COMMON_IN_SITE:
            found.append(hashes[start])
            members.append(texts)
    return np.array(found, dtype=np.uint32), members


def _pairs(hashes: Prints, members: Sequence[_Numbers], of_site: _Numbers) -> Iterator[tuple[_Keys, _Numbers, _Keys]]:
    """Yield pairs of texts of different sites that share prints, with how many and their sum, in batches."""
    by_size: dict[int, list[int]] = {}
    for number, texts in enumerate(members):
        by_size.setdefault(len(texts), []).append(number)
    for size, numbers in by_size.items():
        one, other = np.triu_indices(size, 1)
        step = max(1, _PAIRS_AT_ONCE // len(one))
        for start in range(0, len(numbers), step):
            chosen = numbers[start : start + step]
            table = np.stack([members[number] for number in chosen])
            a, b = table[:, one].ravel(), table[:, other].ravel()
            shared = np.repeat(hashes[chosen], len(one)).astype(np.uint64)
            apart = of_site[a] != of_site[b]
            keys = (a[apart].astype(np.uint64) << np.uint64(32)) | b[apart].astype(np.uint64)
            yield _merged(keys, np.ones(len(keys), dtype=np.int64), shared[apart])


def _merged(keys: _Keys, counts: _Numbers, sums: _Keys) -> tuple[_Keys, _Numbers, _Keys]:
    """Return each pair once, its counts and sums added up."""
    if not len(keys):
        return keys, counts, sums
    order = np.argsort(keys, kind="stable")
    keys, counts, sums = keys[order], counts[order], sums[order]
    starts = np.concatenate([[0], np.flatnonzero(keys[1:] != keys[:-1]) + 1])
    return keys[starts], np.add.reduceat(counts, starts), np.add.reduceat(sums, starts)


def _best(keys: _Keys, counts: _Numbers, sums: _Keys, of_article: _Numbers) -> Iterator[Pair]:
    enough = counts >= _LEAST_PRINTS
    keys, counts, sums = keys[enough], counts[enough], sums[enough]
    if not len(keys):
        return
    a, b = (keys >> np.uint64(32)).astype(np.int64), (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
    one, other = of_article[a], of_article[b]
    articles = (np.minimum(one, other) << 31) | np.maximum(one, other)
    order = np.lexsort((keys, -counts, articles))
    first = order[np.concatenate([[True], articles[order][1:] != articles[order][:-1]])]
    for place in np.sort(first).tolist():
        yield Pair(int(a[place]), int(b[place]), int(counts[place]), int(sums[place]))
