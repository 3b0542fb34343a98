"""Figures in a text, in digits or in Swedish words: which words are some, and what they come to."""

import re
from collections.abc import Sequence
from typing import Final

_DIGIT: Final = re.compile(r"\d")
# fmt: off
_ONES: Final = (
    "noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv", "tretton",
    "fjorton", "femton", "sexton", "sjutton", "arton", "nitton",
)
_TENS: Final = {
    "tjugo": 20, "trettio": 30, "fyrtio": 40, "femtio": 50, "sextio": 60, "sjuttio": 70, "åttio": 80, "nittio": 90,
}
_OTHERS: Final = frozenset((
    "första", "andra", "tredje", "fjärde", "femte", "sjätte", "sjunde", "åttonde", "nionde", "tionde", "elfte",
    "tolfte", "trettonde", "fjortonde", "femtonde", "sextonde", "sjuttonde", "artonde", "nittonde", "tjugonde",
    "trettionde", "fyrtionde", "femtionde", "hundrade", "tusende",
    "hundra", "tusen", "miljon", "miljoner", "miljard", "miljarder", "dussin", "hälften", "tredjedel", "tredjedelar",
    "fjärdedel", "fjärdedelar",
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
    "december",
))
# fmt: on
# `en`, `ett` and `andra` are other words as well, and count beside a figure only.
_DOUBTFUL: Final = frozenset(("en", "ett", "andra"))
_VALUES: Final = {**{word: value for value, word in enumerate(_ONES)}, **_TENS, "en": 1, "aderton": 18}
_SIZES: Final = {"hundra": 100, "tusen": 1000}
_PART: Final = re.compile("|".join(sorted((*_VALUES, *_SIZES), key=len, reverse=True)))
_NUMBER: Final = re.compile(f"(?:{_PART.pattern})+")
_LONGEST: Final = 60  # characters of a number in words; a page may write hundra thousands of times in a row
_SINGULAR: Final = {"miljoner": "miljon", "miljarder": "miljard"}


def is_figure(word: str, *, beside: bool = False) -> bool:
    """Return whether a word is a figure, a part of one, or of a date; `beside` says that another one stands near."""
    if _DIGIT.search(word) is not None:
        return True
    word = word.casefold()
    return (word in _OTHERS or _is_number(word)) and (beside or word not in _DOUBTFUL)


def figures_of(words: Sequence[str], *, beside: bool = False) -> list[str]:
    """Return what the figures among some words come to, in their order, however they are written.

    `fem` is `5`, and `12 000` is `12000`.
    """
    found: list[str] = []
    grouped = False
    for word in words:
        value = _value(word.casefold())
        digits = value.isdecimal()
        if not is_figure(word, beside=beside):
            grouped = False
            continue
        if grouped and len(word) == 3 and word.isdecimal():  # noqa: PLR2004 - digits of a thousand
            found[-1] += value
        else:
            found.append(value)
        grouped = digits and word.isdecimal()
    return found


def _is_number(word: str) -> bool:
    return len(word) <= _LONGEST and _NUMBER.fullmatch(word) is not None


def _value(word: str) -> str:
    """Return what a word comes to: `hundratjugo` is 120; of one that is no number in words, the word."""
    if not _is_number(word):
        return _SINGULAR.get(word, word)
    total = last = 0
    for part in _PART.findall(word):
        if part not in _SIZES:
            last += _VALUES[part]
            continue
        last = max(1, last) * _SIZES[part]
        if part == "tusen":
            total, last = total + last, 0
    return str(total + last)
