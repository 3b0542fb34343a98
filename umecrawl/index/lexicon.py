"""The dictionary and the stemmer of Swedish: the lemma of a word that the dictionary knows, and the stem of any.

The dictionary (simplemma) is looked up in one of three ways, with the same answers: as a trie that is kept in the
user's cache and is there at once; packed as it is delivered, which takes 0.6 s to open and twenty times as long for
a word; or unpacked in memory, which takes 1.3 s. The trie takes 3 s to make: who has many words to look up and finds
none makes it, for all who come later.
"""

import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import Stemmer

if TYPE_CHECKING:
    from marisa_trie import BytesTrie

_SWEDISH = "sv"
# After so many look-ups the trie is made: the packed dictionary has by then cost about what that takes.
_LOOKED_UP_PACKED = 20_000
# In so much text, in characters, there are more words to look up than that.
_MUCH_TEXT = 400_000
_CHECKSUM = 4  # octets behind the trie

_Lookup = Callable[[str], str | None]


class Lexicon:
    """Answers for words in lower case and NFC; the trie is kept in `folder`, or nowhere."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._left = _LOOKED_UP_PACKED
        found = _kept(folder)
        self._is_packed = found is None
        self._lookup = found or _packed()
        stemmer = Stemmer.Stemmer("swedish")
        stemmer.maxCacheSize = 0  # words come here once; looking for each in a cache takes longer than to stem it
        self._stem: Callable[[str], str] = stemmer.stemWord

    def expect(self, characters: int) -> None:
        """Unpack the dictionary at once if so much text is worth it, before the packed one is looked up in vain."""
        if self._is_packed and characters >= _MUCH_TEXT:
            self._unpack()

    def lemma(self, word: str) -> str | None:
        """Return the lemma of a word that the dictionary knows in lower case or with a capital; None of any other."""
        found = self._look_up(word)
        return self._look_up(word.capitalize()) if found is None else found

    def knows(self, word: str) -> bool:
        """Return whether the dictionary has a word as it is written."""
        return self._look_up(word) is not None

    def stem(self, word: str) -> str:
        """Return what the stemmer (Snowball) leaves of a word."""
        return self._stem(word)

    def _look_up(self, word: str) -> str | None:
        if self._is_packed:
            self._left -= 1
            if self._left <= 0:
                self._unpack()
        return self._lookup(word)

    def _unpack(self) -> None:
        self._lookup = _made(self._folder) or _unpacked()
        self._is_packed = False


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of this process."""
    import platformdirs  # noqa: PLC0415  (nothing but this needs it)

    try:
        folder = platformdirs.user_cache_path("umecrawl", appauthor=False)
    except RuntimeError:  # nobody knows a home, as in a container whose user has no name
        return Lexicon(None)
    return Lexicon(folder if folder.is_absolute() else None)  # older versions give `~/.cache` then


# simplemma is imported where it is needed: that takes 0.1 s, and a command that finds the trie needs not wait for it.


def _packed() -> _Lookup:
    from simplemma.strategies.dictionaries import LOW_MEMORY_DICTIONARY_FACTORY  # noqa: PLC0415  (see above)

    return LOW_MEMORY_DICTIONARY_FACTORY.get_dictionary(_SWEDISH).get


def _unpacked() -> _Lookup:
    from simplemma.strategies.dictionaries import DEFAULT_DICTIONARY_FACTORY  # noqa: PLC0415  (see above)

    return DEFAULT_DICTIONARY_FACTORY.get_dictionary(_SWEDISH).get


def _kept(folder: Path | None) -> _Lookup | None:
    """Return the trie in the cache; None where there is none, or a broken one, which is made anew in its time."""
    if folder is None:
        return None
    from marisa_trie import BytesTrie  # noqa: PLC0415  (only who looks up words needs it)

    try:
        octets = _trie_in(folder).read_bytes()
        octets, checksum = octets[:-_CHECKSUM], octets[-_CHECKSUM:]
        if checksum != _checksum(octets):  # the library would read whatever there is, and crash
            return None
        return _read_from(BytesTrie().frombytes(octets))
    except (OSError, RuntimeError):  # it is not there, or of another version of the library
        return None


def _made(folder: Path | None) -> _Lookup | None:
    """Make the trie and put it into the cache whole, if there is room; None where nothing can be written."""
    if folder is None:
        return None
    from marisa_trie import HUGE_CACHE, BytesTrie  # noqa: PLC0415  (as above)
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory  # noqa: PLC0415  (see above)

    # Of one name for all: who is killed leaves no more than one file behind, and two at once write the same.
    unfinished = _trie_in(folder).with_suffix(".unfinished")
    trie = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            words = DefaultDictionaryFactory().get_dictionary(_SWEDISH)
            trie = BytesTrie(((word, lemma.encode()) for word, lemma in words.items()), cache_size=HUGE_CACHE)
            octets = trie.tobytes()
            file.write(octets + _checksum(octets))
        unfinished.replace(_trie_in(folder))
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
    return None if trie is None else _read_from(trie)


def _read_from(trie: "BytesTrie") -> _Lookup:
    def look_up(word: str, get: Callable[[str], list[bytes] | None] = trie.get) -> str | None:
        found = get(word)
        return found[0].decode() if found else None

    return look_up


def _checksum(octets: bytes) -> bytes:
    return zlib.crc32(octets).to_bytes(_CHECKSUM, "big")


def _trie_in(folder: Path) -> Path:
    return folder / f"simplemma-{metadata.version('simplemma')}-{_SWEDISH}.marisa"
