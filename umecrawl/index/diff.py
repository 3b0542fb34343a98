"""The difference of two texts word by word: which words went, which came, and where.

Words are compared in NFC, with quotes, dashes and hyphenation evened out, so that what differs in typography only
does not show as an edit. Punctuation is compared too, but never counted as a word.

What went in one place and came in another is told as moved, and counted neither as removed nor as added.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from umecrawl.index.alignment import changes
from umecrawl.index.moves import Side, moves

# As in `umecrawl.extract.text`: seen by no reader, so they part no word; and dots alone between words or before items.
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
_TOKEN = re.compile(
    rf"[^\W_](?:[^\W_]|[\u0300-\u036f{_INVISIBLE}])*|\.{{3}}|(?!(?<!\S)[\u00b7\u2022\u2219](?!\S))[^\s{_INVISIBLE}]"
)
_HIDDEN = re.compile(f"[{_INVISIBLE}]+")
# No word is longer; to compose thousands of accents takes the square of their number.
_LONGEST_COMPOSED = 1_000
_EVEN = str.maketrans(
    {
        **dict.fromkeys(
            "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033'\u2018\u2019\u201a\u201b\u2039\u203a\u2032\u00b4`", '"'
        ),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2026": "...",
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
    }
)
_SENTENCE_ENDS = frozenset(".!?:")
_CONTEXT_WORDS = 6


@dataclass(frozen=True, slots=True)
class Hunk:
    """One place where the texts differ: `old[old_start:old_end]` became `new[new_start:new_end]` (characters).

    `removed` and `added` are those slices as written, empty where nothing went or came; `before` and `after` are
    a few words around it, as the new text has them.
    """

    removed: str
    added: str
    before: str
    after: str
    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class Move:
    """A passage that stands elsewhere now: `old[old_start:old_end]` is `new[new_start:new_end]` (characters).

    `text` is the passage as the new text has it, `words` how many words it has.
    """

    text: str
    words: int
    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two texts; counts are of words, without punctuation.

    `hunks` are all places that differ; `moves` tell of those parts of them that only moved, which are counted as
    neither added nor removed. `similarity` is the share of words that both have in the same order:
    2 x common / (words of both), 1.0 for equal texts.
    """

    hunks: tuple[Hunk, ...]
    words_added: int
    words_removed: int
    similarity: float
    moves: tuple[Move, ...] = ()
    words_moved: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything differs that a reader would see."""
        return bool(self.hunks)


def compare(old: str, new: str) -> Difference:
    """Return how `new` differs from `old`, word by word."""
    a, b = _tokens(old), _tokens(new)
    before, after = _side(old, a), _side(new, b)
    hunks = []
    added = removed = 0
    differing = changes(before.keys, after.keys, before.opens, after.opens)
    for i, i_end, j, j_end in differing:
        removed += sum(before.words[i:i_end])
        added += sum(after.words[j:j_end])
        old_start, old_end = _span(a, i, i_end, len(old))
        new_start, new_end = _span(b, j, j_end, len(new))
        hunks.append(
            Hunk(
                removed=old[old_start:old_end],
                added=new[new_start:new_end],
                before=new[b[max(0, j - _CONTEXT_WORDS)].start : b[j - 1].end] if j else "",
                after=new[b[j_end].start : b[min(len(b), j_end + _CONTEXT_WORDS) - 1].end] if j_end < len(b) else "",
                old_start=old_start,
                old_end=old_end,
                new_start=new_start,
                new_end=new_end,
            )
        )
    words = sum(before.words) + sum(after.words)
    similarity = 1.0 - (added + removed) / words if words else 1.0
    moved = tuple(
        Move(
            text=new[b[j].start : b[j_end - 1].end],
            words=sum(after.words[j:j_end]),
            old_start=a[i].start,
            old_end=a[i_end - 1].end,
            new_start=b[j].start,
            new_end=b[j_end - 1].end,
        )
        for i, i_end, j, j_end in moves(before, after, differing)
    )
    elsewhere = sum(one.words for one in moved)
    return Difference(tuple(hunks), added - elsewhere, removed - elsewhere, similarity, moved, elsewhere)


@dataclass(frozen=True, slots=True)
class _Token:
    key: str
    start: int
    end: int
    word: bool


def _tokens(text: str) -> list[_Token]:
    return [_Token(_key(m[0]), m.start(), m.end(), m[0][0].isalnum()) for m in _TOKEN.finditer(text)]


def _key(token: str) -> str:
    if token.isascii():
        return token.translate(_EVEN)
    shown = _HIDDEN.sub("", token)
    if len(shown) <= _LONGEST_COMPOSED:
        shown = unicodedata.normalize("NFC", shown)
    return shown.translate(_EVEN)


def _span(tokens: Sequence[_Token], start: int, end: int, length: int) -> tuple[int, int]:
    """Return the characters of a run of tokens; an empty run lies before the token that follows it."""
    if start < end:
        return tokens[start].start, tokens[end - 1].end
    place = tokens[start].start if start < len(tokens) else length
    return place, place


def _side(text: str, tokens: Sequence[_Token]) -> Side:
    """Return the tokens of a text as they are aligned, with what opens at each and at the end."""
    opens = [
        2 if not number or "\n" in text[tokens[number - 1].end : one.start]
        else 1 if tokens[number - 1].key in _SENTENCE_ENDS else 0
        for number, one in enumerate(tokens)
    ]  # fmt: skip
    return Side([one.key for one in tokens], [one.word for one in tokens], [*opens, 2])
