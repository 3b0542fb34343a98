"""Texts as the hashes of their words, and the prints that winnowing chooses among them.

Winnowing (Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003): of all hashes of five words in a row, the least of
every eight neighbours is kept, so any run of twelve words that two texts share leaves a print in both.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from umecrawl.index.pieces import WORD, pieces, words_of
from umecrawl.index.remembered import Remembered
from umecrawl.index.terms import spelling

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

_LITTLE = np.dtype("<u8")
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


def _hashes_in(piece: bytes) -> bytes:
    """Return the hashes of the words of a piece, in eight octets each."""
    return b"".join(map(_hash, words_of(piece)))


def _hash(word: str) -> bytes:
    # Not `hash`: it differs from process to process, and the least print must be the same in all of them.
    return hashlib.blake2b(spelling(word).encode(), digest_size=8).digest()


_HASHES = Remembered(_hashes_in)


def winnow(texts: Sequence[str]) -> list[WinnowedText]:
    """Return the texts as words and prints, a batch at a time: numpy's cost is in the call for texts this short."""
    read: list[WinnowedText] = []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        hashes = [_hashed(pieces(text)) for text in batch]
        read += [
            WinnowedText(text, words, *prints)
            for text, words, prints in zip(batch, hashes, _prints(hashes), strict=True)
        ]
    return read


def prints_of(texts: Sequence[Sequence[bytes]]) -> list[_Hashes]:
    """Return the prints of each text, told as its pieces (`umecrawl.index.pieces`)."""
    found: list[_Hashes] = []
    for start in range(0, len(texts), _BATCH):
        found += [prints for prints, _ in _prints([_hashed(some) for some in texts[start : start + _BATCH]])]
    return found


def _hashed(some: Sequence[bytes]) -> _Hashes:
    # Octets in a row become numbers ten times as fast as Python's own numbers do.
    return np.frombuffer(b"".join(map(_HASHES.__getitem__, some)), dtype=_LITTLE).astype(np.uint64, copy=False)


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
    least = _rightmost_least(sums)
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


def _rightmost_least(sums: _Hashes) -> _Numbers:
    """Return the place of the least in each window, the rightmost of equals."""
    least = np.arange(len(sums))
    width = 1
    while width < _WINDOW:  # two windows that lie beside each other make one of twice their width
        left, right = least[:-width], least[width:]
        least = np.where(sums[right] <= sums[left], right, left)
        width *= 2
    return least
