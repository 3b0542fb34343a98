"""What kind of edit made one text of another: typo, figure, name, quotation, paragraph, correction notice, move."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from umecrawl.index.diff import Difference, Hunk, compare
from umecrawl.index.figures import figures_of, is_figure
from umecrawl.index.notices import has_notice, is_frame
from umecrawl.index.spelling import is_doubled, is_typo
from umecrawl.index.terms import forms_of

_WORD: Final = re.compile(r"[^\W_]+")
_QUOTED: Final = re.compile(r"[\"“”„»«]")
_QUOTATION: Final = re.compile(r"[\"“”„»«][^\"“”„»«\n]*[^\W\d_]{2}[^\"“”„»«\n]*[\"“”„»«]")
_DASHES: Final = ("\u2013", "\u2014", "- ")  # that open a spoken line
# Behind it a spoken line is the newspaper's own again, up to the next sentence.
_SAID: Final = re.compile(
    r",?\s(?:säger|sade|sa|menar|tycker|anser|skriver|skrev|berättar|förklarar|konstaterar|uppger|betonar|hävdar)\b"
)
_SENTENCE_END: Final = re.compile(r"[.!?:]\s")
_FEWEST_PARAGRAPH: Final = 5  # words of a line that is known by its words alone
_ALIKE_PARAGRAPHS: Final = 1 / 3
_MOST_PAIRS: Final = 100_000  # of lines that are compared with one another: half a second
_SHORT: Final = 6  # words of a place in which a name beside other words makes a change of name


class EditClass(StrEnum):
    """A kind of edit; one edit may be of several."""

    NOTICE = "correction-notice"
    FIGURE = "figure"
    MOVED = "moved"
    NAME = "name"
    PARAGRAPH_ADDED = "paragraph-added"
    PARAGRAPH_REMOVED = "paragraph-removed"
    QUOTE = "quote"
    TYPO = "typo"
    WORDING = "wording"


@dataclass(frozen=True, slots=True)
class Edit:
    """A difference of two texts and the kinds of edit in it, in the order of their names.

    `is_noise` is set where nothing differs but typography, times of publication and counters.
    """

    difference: Difference
    classes: tuple[EditClass, ...]
    is_noise: bool = False

    @property
    def has_notice(self) -> bool:
        """Whether the new text tells its readers that it was changed."""
        return EditClass.NOTICE in self.classes


def edit_of(old: str, new: str) -> Edit:
    """Return how `new` came of `old`; without classes where only typography differs."""
    difference = compare(old, new)
    before, after = _Text(old), _Text(new)
    found: set[EditClass] = {EditClass.MOVED} if difference.moves else set()
    went, came = _lines_unlike(before.lines, after.lines)
    away = [(one.old_start, one.old_end) for one in difference.moves]
    here = [(one.new_start, one.new_end) for one in difference.moves]
    telling = False
    for hunk in difference.hunks:
        removed = _Side(before, _left(hunk.old_start, hunk.old_end, away))
        added = _Side(after, _left(hunk.new_start, hunk.new_end, here))
        if is_frame(old, hunk.old_start, hunk.old_end) and is_frame(new, hunk.new_start, hunk.new_end):
            if has_notice(new, added.spans):  # "Uppdaterad 14.32" announces what else was changed
                found.add(EditClass.NOTICE)
            continue
        telling = True
        if removed.words or added.words or EditClass.MOVED not in found:
            found |= _classes(hunk, removed, added, went, came)
    return Edit(difference, tuple(sorted(found)), is_noise=not telling)


def edit_of_headline(old: str, new: str) -> Edit:
    """Return how one headline came of another: it is no paragraph, and `Läs också: …` is all of it."""
    difference = compare(old, new)
    before, after = _Text(old), _Text(new)
    found: set[EditClass] = set()
    for hunk in difference.hunks:
        removed = _Side(before, [(hunk.old_start, hunk.old_end)])
        added = _Side(after, [(hunk.new_start, hunk.new_end)])
        found |= _classes_of_words(hunk, removed, added)
    return Edit(difference, tuple(sorted(found)))


def _left(start: int, end: int, moved: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a span without what moved out of it or into it, as spans."""
    spans = []
    for begin, stop in sorted(one for one in moved if start <= one[0] < end):
        spans.append((start, begin))
        start = stop
    return [*spans, (start, end)]


class _Text:
    """One of the texts, with its lines as they are compared."""

    def __init__(self, body: str) -> None:
        self.body = body
        self.lines = {" ".join(line.split()) for line in body.split("\n")}

    def lines_of(self, start: int, end: int) -> set[str]:
        """Return the lines that a span touches."""
        opens = self.body.rfind("\n", 0, start) + 1
        closes = self.body.find("\n", end)
        whole = self.body[opens : len(self.body) if closes < 0 else closes]
        return {" ".join(line.split()) for line in whole.split("\n")}


class _Side:
    """What one place of a text holds: its words, and where it stands."""

    def __init__(self, text: _Text, spans: list[tuple[int, int]]) -> None:
        self.text = text
        self.spans = spans
        self.words = [word for start, end in spans for word in _WORD.findall(text.body[start:end])]

    def is_whole(self) -> bool:
        """Return whether these are lines and nothing but whole ones."""
        return any(_is_whole(self.text.body, *span) for span in self.spans)

    def touches(self, lines: frozenset[str]) -> bool:
        """Return whether some of these words stand in one of the lines."""
        return bool(self.words) and any(lines & self.text.lines_of(*span) for span in self.spans if span[0] < span[1])

    def names(self) -> Counter[str]:
        """Return the words here that begin with a capital, and not for opening a sentence."""
        return Counter(word for span in self.spans for word in _names(self.text.body, *span))


def _lines_unlike(old: set[str], new: set[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the lines of some length of each text that stand in the other neither whole nor in other words."""
    went, came = ([(line, _words(line)) for line in lines] for lines in (old - new, new - old))
    if len(went) * len(came) > _MOST_PAIRS:  # another text
        return _unlike(went, []), _unlike(came, [])
    return _unlike(went, came), _unlike(came, went)


def _unlike(lines: list[tuple[str, Counter[str]]], others: list[tuple[str, Counter[str]]]) -> frozenset[str]:
    return frozenset(
        line
        for line, words in lines
        if words.total() >= _FEWEST_PARAGRAPH and not any(_are_alike(words, one) for _, one in others)
    )


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))


def _are_alike(words: Counter[str], others: Counter[str]) -> bool:
    size, other = words.total(), others.total()
    needed = _ALIKE_PARAGRAPHS * (size + other)
    if 2 * min(size, other) < needed:  # much shorter than the other
        return False
    # Not `words & others`, which goes through all words of both.
    return 2 * sum(min(words[word], others[word]) for word in words.keys() & others.keys()) >= needed


def _is_whole(body: str, start: int, end: int) -> bool:
    """Return whether a span with words in it begins and ends with a line."""
    opens = not body[:start].rstrip(" \t").rpartition("\n")[2]
    closes = not body[end:].lstrip(" \t").partition("\n")[0]
    return opens and closes and _WORD.search(body, start, end) is not None


def _names(body: str, start: int, end: int) -> Iterator[str]:
    found = list(_WORD.finditer(body, start, end))
    for number, match in enumerate(found):
        if not match[0][0].isupper():
            continue
        before = body[: match.start()].rstrip()
        opens = not before or before[-1] in ".!?:\u2013" or "\n" in body[len(before) : match.start()]
        follows = found[number + 1][0] if number + 1 < len(found) else ""
        if not opens or follows[:1].isupper():  # a first name and a last one, wherever they stand
            yield match[0]


def _classes(hunk: Hunk, removed: _Side, added: _Side, went: frozenset[str], came: frozenset[str]) -> set[EditClass]:
    found = set()
    if has_notice(added.text.body, added.spans):
        found.add(EditClass.NOTICE)
    if removed.touches(went) or (removed.is_whole() and not added.words):
        found.add(EditClass.PARAGRAPH_REMOVED)
    if added.touches(came) or (added.is_whole() and not removed.words):
        found.add(EditClass.PARAGRAPH_ADDED)
    return found or _classes_of_words(hunk, removed, added)


def _classes_of_words(hunk: Hunk, removed: _Side, added: _Side) -> set[EditClass]:
    found = set()
    some = any(map(is_figure, (*removed.words, *added.words)))
    if figures_of(removed.words, beside=some) != figures_of(added.words, beside=some):
        found.add(EditClass.FIGURE)
    old, new = ([word for word in side.words if not is_figure(word, beside=some)] for side in (removed, added))
    # `Fler` in front of which a figure was put is the same word, and so is `personer` for `person` behind another.
    if not found or forms_of(old) != forms_of(new):
        found |= _of_words(hunk, old, new, removed.names(), added.names())
    if _is_quoted(hunk, removed, added):
        found = (found - {EditClass.WORDING}) | {EditClass.QUOTE}
    return found


def _is_quoted(hunk: Hunk, removed: _Side, added: _Side) -> bool:
    """Return whether a place lies within a quotation, or a whole quotation came or went there."""
    if _in_quotation(removed.text.body, hunk.old_start) and _in_quotation(added.text.body, hunk.new_start):
        return True
    return any(_QUOTATION.search(one) for one in (hunk.removed, hunk.added)) and not (removed.words and added.words)


def _of_words(hunk: Hunk, old: list[str], new: list[str], went: Counter[str], came: Counter[str]) -> set[EditClass]:
    found = set()
    if is_typo(old, new) or is_doubled(old, new, hunk.before, hunk.after):
        found.add(EditClass.TYPO)
    if went != came:
        only_names = set(old) <= set(went) and set(new) <= set(came)
        if only_names or (old and new and max(len(old), len(new)) <= _SHORT):
            found.add(EditClass.NAME)
        if only_names:
            return found
    return found if EditClass.TYPO in found else found | {EditClass.WORDING}


def _in_quotation(text: str, place: int) -> bool:
    """Return whether a place lies between quotation marks of its paragraph, or in a line that a dash opens."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    if line.lstrip().startswith(_DASHES) and _SAID.search(_SENTENCE_END.split(line)[-1]) is None:
        return True
    return len(_QUOTED.findall(line)) % 2 == 1
