"""The dictionary and the stemmer of Swedish: the lemma of a word, whether it is known at all, its stem.

The dictionary (simplemma) can be looked up as it is packed or be unpacked, with the same answers. Packed it is there
in half the time and takes 10 MB instead of 100, but each word takes ten times as long: who indexes more than a few
texts is better served by the unpacked one.
"""

import unicodedata
from collections.abc import Callable
from functools import cache

import Stemmer

_SWEDISH = "sv"
# After so many look-ups the dictionary is unpacked: the packed one has by then cost about what unpacking takes.
_LOOKED_UP_PACKED = 20_000
# In so much text, in characters, there are more words to look up than that.
_MUCH_TEXT = 400_000


class Lexicon:
    """Answers for words in lower case and NFC."""

    def __init__(self) -> None:
        # Imported here because it costs 0.12 s, and its dictionary 0.3 s more at the first word: a command that does
        # not search must not pay for it.
        from simplemma.strategies import DefaultStrategy, DictionaryLookupStrategy  # noqa: PLC0415  (see above)
        from simplemma.strategies.dictionaries import (  # noqa: PLC0415  (see above)
            DEFAULT_DICTIONARY_FACTORY,
            LOW_MEMORY_DICTIONARY_FACTORY,
        )

        self._packed = (
            DefaultStrategy(dictionary_factory=LOW_MEMORY_DICTIONARY_FACTORY),
            DictionaryLookupStrategy(LOW_MEMORY_DICTIONARY_FACTORY),
        )
        self._unpacked = (
            DefaultStrategy(dictionary_factory=DEFAULT_DICTIONARY_FACTORY),
            DictionaryLookupStrategy(DEFAULT_DICTIONARY_FACTORY),
        )
        self._strategy, self._lookup = self._packed
        self._left = _LOOKED_UP_PACKED
        stemmer = Stemmer.Stemmer("swedish")
        stemmer.maxCacheSize = 0  # words come here once; looking for each in a cache takes longer than to stem it
        self._stem: Callable[[str], str] = stemmer.stemWord

    def expect(self, characters: int) -> None:
        """Unpack the dictionary at once if so much text is worth it, before the packed one is looked up in vain."""
        if characters >= _MUCH_TEXT:
            self._unpack()

    def lemma(self, word: str) -> str:
        """Return the lemma of a word; of one that is not known, what the rules of inflection make of it."""
        self._count()
        word = unicodedata.normalize("NFC", word)
        found = self._strategy.get_lemma(word, _SWEDISH)
        return word.lower() if found is None else found

    def knows(self, word: str) -> bool:
        """Return whether a word stands in the dictionary, in lower case or with a capital."""
        self._count()
        return self._lookup.get_lemma(unicodedata.normalize("NFC", word), _SWEDISH) is not None

    def stem(self, word: str) -> str:
        """Return what the stemmer (Snowball) leaves of a word."""
        return self._stem(word)

    def _count(self) -> None:
        self._left -= 1
        if not self._left:
            self._unpack()

    def _unpack(self) -> None:
        self._strategy, self._lookup = self._unpacked


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of this process."""
    return Lexicon()
