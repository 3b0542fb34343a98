"""The query language of the full text search: words, "phrases", AND OR NOT, parentheses, prefix*, title:.

    query  = or
    or     = and { "OR" and }
    and    = [ "NOT" ] unit { [ "AND" ] [ "NOT" ] unit }
    unit   = [ "title:" | "text:" ] ( word [ "*" ] | "phrase" | "(" query ")" )

Words side by side must all occur. `parse` turns what a researcher writes into a small tree; `fts5` and `tsquery`
write that tree for the two databases. Operators are written in capitals; `and` and `or` are words like others.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from umecrawl.errors import UsageError
from umecrawl.index.terms import forms, spelling

_MOST_WORDS = 200
# FTS5 gives up at a depth of 256 nodes, and no question that a person asks is nested like this.
_DEEPEST = 30
_HINT = 'Write words, "a phrase", AND OR NOT, (…), prefix* or title:word.'

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<open>\()
      | (?P<close>\))
      | (?P<field>(?:title|text):(?=\S))
      | ["\u201c\u201d\u201e](?P<phrase>[^"\u201c\u201d\u201e]*)(?P<end>["\u201c\u201d\u201e]?)
      | (?P<word>[^\s()"\u201c\u201d\u201e]+)
    """,
    re.VERBOSE,
)


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


Expression = Words | Prefix | And | Or | Without


def parse(query: str) -> Expression:
    """Return the tree of a query.

    Raises `UsageError`, naming the position (in characters, from 1), for a query that is empty, has an unclosed
    quote or parenthesis, an operator without its operand, or nothing but NOT.
    """
    tokens = _tokens(query)
    words = sum(token.kind in {"word", "phrase"} for token in tokens)
    if words > _MOST_WORDS:
        raise UsageError(f"the query has {words} words; {_MOST_WORDS} is the most", hint="Ask in several searches.")
    parser = _Parser(query, tokens)
    tree = parser.either(None, 0)
    if parser.at < len(tokens):
        raise _malformed(query, tokens[parser.at].start, "a parenthesis is closed that was not opened")
    if tree is None:
        raise _malformed(query, 0, "there is no word to look for")
    return tree


def fts5(expression: Expression) -> str:
    """Return the expression as the right side of a MATCH on the columns `title` and `body` (SQLite FTS5)."""
    match expression:
        case Words(terms=found, field=field):
            return _column(field) + " + ".join(_quoted(term) for term in found)
        case Prefix(start=start, term=term, field=field):
            return f"({_column(field)}{_quoted(start)} * OR {_column(field)}{_quoted(term)})"
        case And(parts=parts):
            return "(" + " AND ".join(fts5(part) for part in parts) + ")"
        case Or(parts=parts):
            return "(" + " OR ".join(fts5(part) for part in parts) + ")"
        case Without(wanted=wanted, unwanted=unwanted):
            return f"({fts5(wanted)} NOT {fts5(unwanted)})"


def tsquery(expression: Expression) -> str:
    """Return the expression as a `tsquery` literal; words of the title carry weight A, those of the text D."""
    match expression:
        case Words(terms=found, field=field):
            return "(" + " <-> ".join(_lexeme(term, _WEIGHT[field]) for term in found) + ")"
        case Prefix(start=start, term=term, field=field):
            return f"({_lexeme(start, '*' + _WEIGHT[field])} | {_lexeme(term, _WEIGHT[field])})"
        case And(parts=parts):
            return "(" + " & ".join(tsquery(part) for part in parts) + ")"
        case Or(parts=parts):
            return "(" + " | ".join(tsquery(part) for part in parts) + ")"
        case Without(wanted=wanted, unwanted=unwanted):
            return f"({tsquery(wanted)} & !{tsquery(unwanted)})"


def wanted_words(expression: Expression) -> tuple[Words | Prefix, ...]:
    """Return the words, phrases and prefixes that a match may show, for highlighting; those after NOT are left out."""
    match expression:
        case Words() | Prefix():
            return (expression,)
        case And(parts=parts) | Or(parts=parts):
            return tuple(word for part in parts for word in wanted_words(part))
        case Without(wanted=wanted):
            return wanted_words(wanted)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int


def _tokens(query: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while position < len(query):
        found = _TOKEN.match(query, position)
        assert found is not None  # every character begins one of the alternatives
        position = found.end()
        kind = "phrase" if found["phrase"] is not None else found.lastgroup or ""
        if kind == "phrase" and not found["end"]:
            raise _malformed(query, found.start(), "a quote is opened and never closed")
        if kind == "word" and found[0] in {"AND", "OR", "NOT"}:
            kind = found[0]
        if kind != "space":
            tokens.append(_Token(kind, found["phrase"] if kind == "phrase" else found[0], found.start()))
    return tokens


class _Parser:
    """Reads tokens from left to right; `at` is the next one.

    A rule returns nothing where all it read was punctuation (`&`): such a part asks for nothing and falls away.
    """

    def __init__(self, query: str, tokens: list[_Token]) -> None:
        self.query = query
        self.tokens = tokens
        self.at = 0

    def either(self, field: Field | None, depth: int) -> Expression | None:
        if depth > _DEEPEST:
            raise _malformed(self.query, self.tokens[self.at - 1].start, "parentheses are nested too deep")
        parts = [self.all(field, depth)]
        while self.kind == "OR":
            self.at += 1
            parts.append(self.all(field, depth))
        return _joined(Or, parts)

    def all(self, field: Field | None, depth: int) -> Expression | None:
        wanted: list[Expression | None] = []
        unwanted: list[Expression | None] = []
        start = self.here
        while self.kind not in {"OR", "close", "end"} or not (wanted or unwanted):
            if self.kind == "AND" and (wanted or unwanted):
                self.at += 1
            if self.kind == "NOT":
                self.at += 1
                unwanted.append(self.unit(field, depth))
            else:
                wanted.append(self.unit(field, depth))
        found, left_out = _joined(And, wanted), _joined(Or, unwanted)
        if left_out is None:
            return found
        if found is None:
            raise _malformed(self.query, start, "NOT needs something to be taken from, as in: skola NOT budget")
        return Without(found, left_out)

    def unit(self, field: Field | None, depth: int) -> Expression | None:
        while self.kind == "field":  # the nearest one counts
            field = Field(self.tokens[self.at].text[:-1])
            self.at += 1
        token = self.tokens[self.at] if self.at < len(self.tokens) else _Token("end", "", len(self.query))
        self.at += 1
        match token.kind:
            case "word":
                return _word(token.text, field)
            case "phrase":
                return _words(token.text, field)
            case "open":
                inner = self.either(field, depth + 1)
                if self.kind != "close":
                    raise _malformed(self.query, token.start, "a parenthesis is opened and never closed")
                self.at += 1
                return inner
            case "AND" | "OR" | "NOT":
                raise _malformed(self.query, token.start, f"{token.text} has no word before or after it")
            case "close":
                raise _malformed(self.query, token.start, "a word is wanted before this parenthesis")
            case _:
                raise _malformed(self.query, token.start, "a word is wanted at the end")

    @property
    def kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else "end"

    @property
    def here(self) -> int:
        return self.tokens[self.at].start if self.at < len(self.tokens) else len(self.query)


def _joined(kind: type[And | Or], parts: list[Expression | None]) -> Expression | None:
    asked = tuple(part for part in parts if part is not None)
    if len(asked) > 1:
        return kind(asked)
    return asked[0] if asked else None


def _word(text: str, field: Field | None) -> Expression | None:
    start = text.rstrip("*")
    if start == text:
        return _words(text, field)
    found = forms(start)
    if len(found) != 1:
        # `S-märkt*`: the words before the last are whole.
        return _words(start, field)
    written = "".join(char for char in spelling(start) if char.isalnum() or ord(char) in range(0x300, 0x370))
    return Prefix(written, found[0], field)


def _words(text: str, field: Field | None) -> Words | None:
    found = tuple(forms(text))
    return Words(found, field) if found else None


def _malformed(query: str, position: int, what: str) -> UsageError:
    return UsageError(f"cannot read the query at character {position + 1}: {what}: {query[:200]}", hint=_HINT)


_WEIGHT = {None: "", Field.TITLE: "A", Field.TEXT: "D"}


def _column(field: Field | None) -> str:
    return {None: "", Field.TITLE: "title : ", Field.TEXT: "body : "}[field]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _lexeme(term: str, flags: str) -> str:
    quoted = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'" + (f":{flags}" if flags else "")
