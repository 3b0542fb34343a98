"""Remembers what was worked out for each word, or piece of a text, that was met before."""

from collections.abc import Callable
from typing import TypeVar

_Word = TypeVar("_Word", bound=str | bytes)
_Found = TypeVar("_Found")

_MOST = 262_144
# What is longer hardly comes again, and may be megabytes long: Chinese and Thai put no space between words.
_LONGEST = 100


class Remembered(dict[_Word, _Found]):
    """What `work_out` gave for each word; looked up as an item, which takes two thirds of a cached call."""

    def __init__(self, work_out: Callable[[_Word], _Found]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, word: _Word) -> _Found:
        found = self._work_out(word)
        if len(word) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[word] = found
        return found
