"""What a full text query means, as a small tree of words, phrases, parts of words and operators.

`umecrawl.query.language` reads it from what a researcher writes, `umecrawl.query.matching` writes it for the databases.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum


class Field(StrEnum):
    """The parts of an article version that are searched apart."""

    TITLE = "title"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Words:
    """Terms that follow each other, one or more, in one field or in either."""

    terms: tuple[str, ...]
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """Terms that begin with `start`; `term` is the term of the prefix read as a word, for its own inflected forms."""

    start: str
    term: str
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The first, where the second does not match."""

    wanted: "Expression"
    unwanted: "Expression"


@dataclass(frozen=True, slots=True)
class Part:
    """Words that have `part` in them, or with `ends` end in it: the last part of a compound, say.

    `term` is the term of the part read as a word; with `ends`, terms that end in it are found as well.
    """

    part: str
    term: str
    ends: bool
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """Both, in either order, with at most `between` words between them; they stand in one field."""

    left: "Expression"
    right: "Expression"
    between: int


Word = Words | Prefix | Part
Expression = Words | Prefix | Part | And | Or | Without | Near


def wanted_words(expression: Expression) -> tuple[Word, ...]:
    """Return the words, phrases and parts that a match may show, for highlighting; those after NOT are left out."""
    match expression:
        case Words() | Prefix() | Part():
            return (expression,)
        case Near(left=left, right=right):
            return wanted_words(left) + wanted_words(right)
        case And(parts=parts) | Or(parts=parts):
            return tuple(word for part in parts for word in wanted_words(part))
        case Without(wanted=wanted):
            return wanted_words(wanted)


def alternatives(expression: Expression) -> Iterator[Word | None]:
    """Yield the words, phrases and parts of which any may stand beside NEAR; None for anything else."""
    match expression:
        case Words() | Prefix() | Part():
            yield expression
        case Or(parts=parts):
            for part in parts:
                yield from alternatives(part)
        case _:
            yield None


def in_field(expression: Expression, field: Field) -> Expression:
    """Return words, phrases and parts as asked for in one field."""
    match expression:
        case Words() | Prefix() | Part():
            return replace(expression, field=field)
        case Or(parts=parts):
            return Or(tuple(in_field(part, field) for part in parts))
        case _:
            return expression


def loosened(expression: Expression) -> Expression:
    """Return what finds all that the expression finds, and does not ask where in a text its words stand.

    It is the expression itself where that asks neither for order or nearness of words nor for a field.
    """
    match expression:
        case Words(terms=found):
            words = tuple(Words((term,)) for term in dict.fromkeys(found))
            return words[0] if len(words) == 1 else And(words)
        case Prefix() | Part():
            return replace(expression, field=None)
        case And(parts=parts):
            return And(tuple(loosened(part) for part in parts))
        case Or(parts=parts):
            return Or(tuple(loosened(part) for part in parts))
        case Near(left=left, right=right):
            return And((loosened(left), loosened(right)))
        case Without(wanted=wanted, unwanted=unwanted):
            # What is loosened finds more, so that less may be taken away for it.
            is_plain = loosened(unwanted) == unwanted
            return Without(loosened(wanted), unwanted) if is_plain else loosened(wanted)


def may_be_one(left: Word, right: Word) -> bool:
    """Return whether one and the same word of a text could stand for both."""
    match left, right:
        case Words(terms=some), Words(terms=others):
            return not set(some).isdisjoint(others)
        case Words(terms=some), Prefix(start=start, term=term):
            return any(one == term or one.startswith(start) for one in some)
        case Words(terms=some), Part(part=part, term=term):
            return any(part in one or term in one for one in some)
        case _, Words():
            return may_be_one(right, left)
        case Prefix(start=start), Prefix(start=other):
            return start.startswith(other) or other.startswith(start)
        case _:
            return True
