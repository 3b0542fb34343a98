"""The query language of the full text search: words, "phrases", AND OR NOT NEAR, parentheses, prefix*, *part*, title:.

    query  = or
    or     = and { "OR" and }
    and    = [ "NOT" ] near { [ "AND" ] [ "NOT" ] near }
    near   = unit { "NEAR" [ "/" number ] unit }
    unit   = [ "title:" | "text:" ] ( [ "*" ] word [ "*" ] | "phrase" | "(" query ")" )

Words side by side must all occur. `parse` turns what a researcher writes into a small tree, which
`umecrawl.query.matching` writes for the two databases. Operators are written in capitals; `and` and `or` are words
like others.
"""

import re
from dataclasses import dataclass
from itertools import product

from umecrawl.errors import UsageError
from umecrawl.index.terms import forms, spelling
from umecrawl.query.expression import (
    And,
    Expression,
    Field,
    Near,
    Or,
    Part,
    Prefix,
    Without,
    Words,
    alternatives,
    in_field,
    may_be_one,
)

_MOST_WORDS = 200
# FTS5 gives up at a depth of 256 nodes, and no question that a person asks is nested like this.
_DEEPEST = 30
_HINT = 'Write words, "a phrase", AND OR NOT, NEAR/5, (…), prefix*, *ending or title:word.'
# How far apart words may stand that are NEAR each other: the default, and the most that is useful.
_NEAR = 10
FARTHEST = 50
# A part of a word that is shorter stands in half of all words.
_SHORTEST_PART = 3

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<open>\()
      | (?P<close>\))
      | (?P<field>(?i:title|text):(?=\S))
      | ["\u201c\u201d\u201e](?P<phrase>[^"\u201c\u201d\u201e]*)(?P<end>["\u201c\u201d\u201e]?)
      | (?P<word>[^\s()"\u201c\u201d\u201e]+)
    """,
    re.VERBOSE,
)


_OPERATOR = re.compile(r"AND|OR|NOT|NEAR(?:/[0-9]+)?")
# What other search engines read as more than a word, and what is meant here instead.
_MISTAKEN = (
    (re.compile(r"NEAR/.*"), "NEAR/ takes a number, as in NEAR/5"),
    (re.compile(r"-\w.*", re.DOTALL), "a minus leaves nothing out; write NOT in front of the word"),
    (re.compile(r"(?:.*\w)?\|+(?:\w.*)?", re.DOTALL), "| is no operator; write OR between the words"),
    (re.compile(r".*\w\*+\w.*", re.DOTALL), "* stands at the beginning or the end of a word, not in it"),
    (re.compile(r"(?i:title|text):"), "a field stands right before its word, without a space"),
    (
        re.compile(r"(?i:author|byline|signatory|site|from|to|kind|run|quality|date|url):.*", re.DOTALL),
        "title: and text: are the fields; sites, authors and times are filters beside the query",
    ),
)
# The ending of a name or an abbreviation, parted from it as Swedish does: `EU:s`, `E4:an`.
_PARTED = re.compile(r"(\w+)(?::(?:s|ns?|ens?|ets?|ans?|are?n?|arna|er|erna)|['\u2019]s)\W*", re.IGNORECASE)


def parse(query: str) -> Expression:
    """Return the tree of a query.

    Raises `UsageError`, naming the position (in characters, from 1), for a query that is empty, has an unclosed
    quote or parenthesis, an operator without its operand, or nothing but NOT.
    """
    tokens = _tokens(query)
    if not tokens:
        raise _malformed(query, 0, "there is no word to look for")
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
        if kind == "word" and _OPERATOR.fullmatch(found[0]):
            kind = found[0].partition("/")[0]
        elif kind == "word":
            for mistaken, what in _MISTAKEN:
                if mistaken.fullmatch(found[0]):
                    raise _malformed(query, found.start(), what)
        elif kind == "phrase" and re.search(r"\w\*|\*\w", found["phrase"]):
            raise _malformed(query, found.start(), "* has no meaning within quotes; NEAR/0 takes words with it")
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
                unwanted.append(self.near(field, depth))
            else:
                wanted.append(self.near(field, depth))
        found, left_out = _joined(And, wanted), _joined(Or, unwanted)
        if left_out is None:
            return found
        if found is None:
            raise _malformed(self.query, start, "NOT needs something to be taken from, as in: skola NOT budget")
        return Without(found, left_out)

    def near(self, field: Field | None, depth: int) -> Expression | None:
        left = self.unit(field, depth)
        pairs: list[Expression | None] = []
        while self.kind == "NEAR":
            operator = self.tokens[self.at]
            self.at += 1
            right = self.unit(field, depth)
            if left is not None and right is not None:
                pairs.append(self._pair(operator, left, right))
            left = right if right is not None else left
        return _joined(And, pairs) if pairs else left

    def _pair(self, operator: "_Token", left: Expression, right: Expression) -> Near:
        between = int(operator.text.partition("/")[2] or _NEAR)
        if between > FARTHEST:
            raise _malformed(self.query, operator.start, f"words {FARTHEST} apart are as far as NEAR looks")
        lefts = [word for word in alternatives(left) if word is not None]
        rights = [word for word in alternatives(right) if word is not None]
        if None in (*alternatives(left), *alternatives(right)):
            what = "NEAR takes words, phrases and (one OR another) on its sides"
            raise _malformed(self.query, operator.start, what)
        fields = {word.field for word in (*lefts, *rights) if word.field is not None}
        if len(fields) > 1:
            raise _malformed(self.query, operator.start, "the sides of NEAR stand in one field, not in two")
        if fields:
            left, right = in_field(left, next(iter(fields))), in_field(right, next(iter(fields)))
        if any(may_be_one(*pair) for pair in product(lefts, rights)):
            # One place would count for both sides on one database and not on the other.
            raise _malformed(self.query, operator.start, "one word could stand for both sides of NEAR")
        return Near(left, right, between)

    def unit(self, field: Field | None, depth: int) -> Expression | None:
        while self.kind == "field":  # the nearest one counts
            field = Field(self.tokens[self.at].text[:-1].lower())
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
            case "AND" | "OR" | "NOT" | "NEAR":
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
    if text.startswith("*") and start:
        return _part(text, field)
    if start == text:
        parted = _PARTED.fullmatch(text)
        return _words(parted[1] if parted else text, field)
    found = forms(start)
    if len(found) != 1:
        # `S-märkt*`: the words before the last are whole.
        return _words(start, field)
    return Prefix(_letters(start), found[0], field)


def _part(text: str, field: Field | None) -> Expression | None:
    inner = text.strip("*")
    found = forms(inner)
    if len(found) != 1:
        # `*s-märkt`: several words, of which none is a part of one.
        return _words(inner, field)
    written = _letters(inner)
    if len(written) < _SHORTEST_PART:
        raise UsageError(
            f"*{written} stands for too many words", hint=f"Write {_SHORTEST_PART} letters of the word or more."
        )
    return Part(written, found[0], not text.endswith("*"), field)


def _letters(text: str) -> str:
    return "".join(char for char in spelling(text) if char.isalnum() or ord(char) in range(0x300, 0x370))


def _words(text: str, field: Field | None) -> Words | None:
    found = tuple(forms(text))
    return Words(found, field) if found else None


def _malformed(query: str, position: int, what: str) -> UsageError:
    return UsageError(f"cannot read the query at character {position + 1}: {what}: {query[:200]}", hint=_HINT)
