"""What kind of edit made one text of another: typo, figure, name, quotation, paragraph, correction notice."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from umecrawl.index.diff import Difference, Hunk, compare

# A line that tells readers of a change, as newsrooms and blogs write it.
_NOTICE = re.compile(
    r"\b(?:uppdatera[dt]|uppdatering|rättelse|rättad|korrigera[dt]|korrigering|ändra[dt] (?:den|kl)|"
    r"redigera[dt]|förtydligande|updated?|correct(?:ed|ion)|clarification|oppdatert|rettelse|opdateret)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_FIGURE = re.compile(r"\d")
_QUOTED = re.compile(r"[\"“”„»«]")
_DASHES = ("\u2013", "\u2014", "- ")  # that open a spoken line
_ALIKE = 0.8  # of the letters of a word and its correction
_LONGEST_TYPO = 3  # words
_FEWEST_PARAGRAPH = 5  # words


class EditClass(StrEnum):
    """A kind of edit; one edit may be of several."""

    NOTICE = "correction-notice"
    FIGURE = "figure"
    NAME = "name"
    PARAGRAPH_ADDED = "paragraph-added"
    PARAGRAPH_REMOVED = "paragraph-removed"
    QUOTE = "quote"
    TYPO = "typo"
    WORDING = "wording"


@dataclass(frozen=True, slots=True)
class Edit:
    """A difference of two texts and the kinds of edit in it, in the order of their names."""

    difference: Difference
    classes: tuple[EditClass, ...]

    @property
    def has_notice(self) -> bool:
        """Whether the new text tells its readers that it was changed."""
        return EditClass.NOTICE in self.classes


def edit_of(old: str, new: str) -> Edit:
    """Return how `new` came of `old`; without classes where only typography differs."""
    difference = compare(old, new)
    before, after = _lines(old), _lines(new)
    found = {
        one for hunk in difference.hunks for one in _classes(hunk, old, new, gone=before - after, come=after - before)
    }
    return Edit(difference, tuple(sorted(found)))


def _lines(text: str) -> frozenset[str]:
    return frozenset(" ".join(line.split()) for line in text.split("\n"))


def _classes(hunk: Hunk, old: str, new: str, *, gone: frozenset[str], come: frozenset[str]) -> set[EditClass]:
    found = set()
    if _NOTICE.search(hunk.added) and not _NOTICE.search(hunk.removed):
        found.add(EditClass.NOTICE)
    removed, added = _WORD.findall(hunk.removed), _WORD.findall(hunk.added)
    if _whole_lines(hunk.removed, gone) and not _whole_lines(hunk.added, come):
        found.add(EditClass.PARAGRAPH_REMOVED)
    if _whole_lines(hunk.added, come) and not _whole_lines(hunk.removed, gone):
        found.add(EditClass.PARAGRAPH_ADDED)
    if found:
        return found
    if _FIGURE.search(hunk.removed) or _FIGURE.search(hunk.added):
        found.add(EditClass.FIGURE)
    elif _is_typo(removed, added):
        found.add(EditClass.TYPO)
    elif _is_name(hunk, removed, old) or _is_name(hunk, added, new, in_new=True):
        found.add(EditClass.NAME)
    if _in_quotation(old, hunk.old_start) and _in_quotation(new, hunk.new_start):
        found.add(EditClass.QUOTE)
    return found or {EditClass.WORDING}


def _whole_lines(text: str, lines: frozenset[str]) -> bool:
    """Return whether a slice holds a paragraph that stands in only one of the texts."""
    words = _WORD.findall(text)
    return len(words) >= _FEWEST_PARAGRAPH and any(
        line and len(line.split()) >= _FEWEST_PARAGRAPH and line in lines
        for line in (" ".join(one.split()) for one in text.split("\n"))
    )


def _is_typo(removed: list[str], added: list[str]) -> bool:
    if not removed or not added or max(len(removed), len(added)) > _LONGEST_TYPO:
        return False
    if "".join(removed).casefold() == "".join(added).casefold():  # parted, joined, or in another case
        return True
    return len(removed) == len(added) and all(map(_is_misspelt, removed, added))


def _is_misspelt(removed: str, added: str) -> bool:
    old, new = removed.casefold(), added.casefold()
    return sorted(old) == sorted(new) or SequenceMatcher(None, old, new, autojunk=False).ratio() >= _ALIKE


def _is_name(hunk: Hunk, words: list[str], text: str, *, in_new: bool = False) -> bool:
    """Return whether all these words begin with a capital, and not for opening a sentence."""
    if not words or not all(word[0].isupper() for word in words):
        return False
    before = text[: hunk.new_start if in_new else hunk.old_start].rstrip()
    return len(words) > 1 or (bool(before) and before[-1] not in ".!?:\n-\u2013")


def _in_quotation(text: str, place: int) -> bool:
    """Return whether a place lies between quotation marks of its paragraph, or in a line that a dash opens."""
    start = text.rfind("\n", 0, place) + 1
    line = text[start:place]
    return line.lstrip().startswith(_DASHES) or len(_QUOTED.findall(line)) % 2 == 1
