"""Corrections of spelling, told from other words put in place: by the letters, and by a dictionary of Swedish."""

from difflib import SequenceMatcher
from typing import Final

from umecrawl.index.terms import forms, is_known

_LONGEST: Final = 3  # words
_ALIKE: Final = 0.8  # of the letters of a word and its correction
_SHORTEST: Final = 3  # letters; of such words one may differ
_LONG: Final = 8  # letters; a letter doubled makes no other word of such a one
# Small words that are put for one another by mistake.
_CONFUSED: Final = frozenset(
    frozenset(pair.split())
    for pair in (
        "att ett", "att och", "att at", "de dem", "de det", "dem dom", "de dom", "den det", "en ett", "sin sitt",
        "vår vårt", "var vart", "varit vart", "enda ända", "sen senn", "än en", "å och", "på p", "för föra",
    )
)  # fmt: skip


def is_typo(removed: list[str], added: list[str]) -> bool:
    """Return whether words were but spelt otherwise: letters, parting, case, or only signs between words.

    Two words that the dictionary knows are two words, however alike (`olaglig` and `laglig`, `minskar` and
    `minskat`), and so are two forms of one word.
    """
    if max(len(removed), len(added)) > _LONGEST:
        return False
    if "".join(removed).casefold() == "".join(added).casefold():
        return True
    return len(removed) == len(added) and all(map(_is_misspelt, removed, added))


def is_doubled(removed: list[str], added: list[str], before: str, after: str) -> bool:
    """Return whether words stood twice in a row and now once, or now twice; `before` and `after` surround them."""
    if bool(removed) == bool(added) or len(removed or added) > _LONGEST:
        return False
    words = [word.casefold() for word in removed or added]
    around = [[word.casefold().strip(".,;:!?") for word in part.split()] for part in (before, after)]
    return around[0][-len(words) :] == words or around[1][: len(words)] == words


def _is_misspelt(removed: str, added: str) -> bool:
    old, new = removed.casefold(), added.casefold()
    if old == new or frozenset((old, new)) in _CONFUSED:
        return True
    if is_known(old) and is_known(new):  # the dictionary passes some misspelt compounds (ungdommar)
        return max(len(old), len(new)) >= _LONG and _differs_by_doubling(old, new)
    if sorted(old) == sorted(new) or _differs_by_doubling(old, new):
        return True
    if forms(old) == forms(new):
        return False
    if SequenceMatcher(None, old, new, autojunk=False).ratio() >= _ALIKE:
        return True
    return min(len(old), len(new)) >= _SHORTEST and _differs_by_one(old, new)


def _differs_by_one(old: str, new: str) -> bool:
    """Return whether one letter is another, too many, or missing."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    rest = (old[start:], new[start:])
    return rest[0][1:] in rest or rest[0] == rest[1][1:] or rest[0][1:] == rest[1][1:]


def _differs_by_doubling(old: str, new: str) -> bool:
    """Return whether the one is the other with a letter doubled."""
    short, long = sorted((old, new), key=len)
    return len(long) == len(short) + 1 and any(
        long[at] == long[at - 1] and long[:at] + long[at + 1 :] == short for at in range(1, len(long))
    )
