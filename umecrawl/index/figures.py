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
_VALUES: Final = {
    **{word: str(value) for value, word in enumerate(_ONES)},
    "en": "1",
    "aderton": "18",
    **{tens: str(value) for tens, value in _TENS.items()},
    **{f"{tens}{one}": str(value + add) for tens, value in _TENS.items() for add, one in enumerate(_ONES[:10]) if add},
    **{f"{tens}en": str(value + 1) for tens, value in _TENS.items()},
    "miljoner": "miljon",
    "miljarder": "miljard",
}
_FIGURES: Final = frozenset(_VALUES) | _OTHERS


def is_figure(word: str, *, beside: bool = False) -> bool:
    """Return whether a word is a figure, a part of one, or of a date; `beside` says that another one stands near."""
    if _DIGIT.search(word) is not None:
        return True
    word = word.casefold()
    return word in _FIGURES and (beside or word not in _DOUBTFUL)


def figures_of(words: Sequence[str], *, beside: bool = False) -> list[str]:
    """Return what the figures among some words come to, in their order, however they are written.

    `fem` is `5`, and `12 000` is `12000`.
    """
    found: list[str] = []
    grouped = False
    for word in words:
        value = _VALUES.get(word.casefold(), word.casefold())
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
