"""Texts as the hashes of their words, and the prints that winnowing chooses among them.

Winnowing (Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003): of all hashes of five words in a row, the least of
every eight neighbours is kept, so any run of twelve words that two texts share leaves a print in both.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from umecrawl.index.terms import WORD, spelling

# Words to a hash.
GRAM = 5
# Hashes of which the least is kept.
_WINDOW = 8
# Texts to a call of numpy.
_BATCH = 500

_MULTIPLIERS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)

_Numbers = NDArray[np.int64]
_Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class WinnowedText:
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


def winnow(texts: Sequence[str]) -> list[WinnowedText]:
    """Return the texts as words and prints, a batch at a time: numpy's cost is in the call for texts this short."""
    read: list[WinnowedText] = []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        hashes = []
        for text in batch:
            words = WORD.findall(text)
            hashes.append(np.fromiter(map(_hash_of, words), dtype=np.uint64, count=len(words)))
        read += [
            WinnowedText(text, words, *prints)
            for text, words, prints in zip(batch, hashes, _prints(hashes), strict=True)
        ]
    return read


def _prints(texts: Sequence[_Hashes]) -> list[tuple[_Hashes, _Numbers]]:
    """Return the prints of each text and the numbers of the words at which they begin."""
    words = np.concatenate([np.empty(0, dtype=np.uint64), *texts])
    if len(words) < GRAM:
        return [(words[:0], np.empty(0, dtype=np.int64)) for _ in texts]
    count = len(words) - GRAM + 1
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
        grams = len(text) - GRAM + 1
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
