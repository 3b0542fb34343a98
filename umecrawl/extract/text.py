"""Text that can be compared: one spelling of white space, quotes, dashes and dots, and the hash over it."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_QUOTES = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u301d\u301e\uff02", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2039\u203a\u2032\u00b4`\uff07", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    "\u2026": "...",
}
_QUOTED = re.compile(f"[{''.join(map(re.escape, _QUOTES))}]")
# Soft hyphens, zero-width characters, direction marks and variation selectors: seen by no reader.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_FOUND_AS = str.maketrans("\u0130\u0131\u017f", "iis")
_LONE_DOT = re.compile(r"(?<!\S)[·•∙](?!\S)")
_WORD = re.compile(r"\w+")
_LINE = 1000  # characters; longer texts are not kept for the next time


def normalized(text: str) -> str:
    """Return the form under which two texts are the same text.

    Unicode NFC (UAX #15); all white space, paragraph breaks included, as one space; one kind of double
    quote, single quote and dash; `…` as three dots; no soft hyphens, zero-width characters or lone
    separator dots. Letters, figures and their case stay: a change of any word changes the result.
    """
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    text = _QUOTED.sub(lambda match: _QUOTES[match[0]], text)
    text = _LONE_DOT.sub(" ", text.replace("''", '"'))
    return " ".join(text.split())


def text_sha256(text: str) -> str:
    """Return the SHA-256 of the normalized text in UTF-8, as hex."""
    return hashlib.sha256(normalized(text).encode("utf-8", "surrogatepass")).hexdigest()


def small(text: str) -> str:
    """Return what a pattern in any case has found, in lower case.

    Such patterns take the long s for an s and the two i of Turkish for an i; `lower` alone does not.
    """
    return text.translate(_FOUND_AS).lower()


def key(text: str) -> str:
    """Return the words of a text in lower case, for asking whether two lines say the same."""
    return _line_key(text) if len(text) <= _LINE else _key(text)


def joined_key(texts: Iterable[str]) -> str:
    """Return the key of texts that are parted by white space, from those of each."""
    return " ".join(filter(None, map(key, texts)))


def word_count(text: str) -> int:
    """Return how many words a text has."""
    return _line_words(text) if len(text) <= _LINE else len(_WORD.findall(text))


def _key(text: str) -> str:
    if text.isascii():
        return " ".join(_WORD.findall(text.lower()))
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()))


@lru_cache(maxsize=2048)  # the lines of a page are compared many times
def _line_key(text: str) -> str:
    return _key(text)


@lru_cache(maxsize=2048)
def _line_words(text: str) -> int:
    return len(_WORD.findall(text))
