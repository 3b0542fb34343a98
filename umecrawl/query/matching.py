"""A query tree as the databases take it: a MATCH for FTS5, a tsquery for PostgreSQL, with the same answers.

What neither of them can look for (words that end in something) is looked up among the terms of the index first.
"""

from collections.abc import Sequence
from itertools import product

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Double,
    Subquery,
    bindparam,
    cast,
    column,
    func,
    select,
    table,
    true,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from umecrawl.errors import UsageError
from umecrawl.index import fulltext
from umecrawl.index.columns import Id
from umecrawl.index.schema import version
from umecrawl.query.expression import (
    And,
    Expression,
    Field,
    Near,
    Or,
    Part,
    Prefix,
    Without,
    Word,
    Words,
    alternatives,
    loosened,
)

# How many words of the archive one part may stand for.
_MOST_TERMS = 1_000
# How many pairs of words one NEAR may stand for.
_MOST_PAIRS = 2_000


def matching(connection: Connection, tree: Expression, *, ranked: bool = True) -> Subquery:
    """Return the versions that a query finds, as a table of `version_id` and, where they are ranked, `score`.

    Raises `AnalyserError` where the full text was indexed by another analysis, `UsageError` where a part of a word
    stands for too many words.
    """
    fulltext.check(connection)
    return _table(connection, tree, fulltext.matching(connection, ranked=ranked), ranked=ranked)


def matching_each(connection: Connection, trees: Sequence[Expression]) -> list[Subquery]:
    """Return the versions that each of some queries finds, unranked, as `matching` does."""
    fulltext.check(connection)
    statement = fulltext.matching(connection, ranked=False)
    return [_table(connection, tree, statement, ranked=False) for tree in trees]


def scored(connection: Connection, tree: Expression, some: CTE) -> Subquery:
    """Return the scores of some of the versions that a query finds: of those whose number is an `id` of a CTE.

    The statement that takes it has to take the CTE as well.
    """
    fulltext.check(connection)
    return _table(connection, tree, fulltext.matching(connection, among=some.name), ranked=True)


def stands(tree: Expression) -> ColumnElement[bool]:
    """Return whether a query finds the version of a row of `version`, as its own vector tells (PostgreSQL).

    As a question of each row, for else PostgreSQL would first read the vectors of all that may match.
    """
    own = select(_finds(tree)).where(_VECTORS.c.version_id == version.c.id)
    return own.correlate(version).scalar_subquery().is_(true())


def sampled(connection: Connection, tree: Expression, loose: Expression) -> tuple[int, int]:
    """Return how many versions a loosened query finds, and about how many of them the query itself (PostgreSQL)."""
    of_sample = _VECTORS.c.version_id % _SAMPLE == 0
    counted = select(
        func.count(),
        func.count().filter(of_sample),
        # In this order, for only the vectors of the sample are to be read.
        func.count().filter(of_sample & _finds(tree)),
    ).where(_finds(loose))
    most, looked_at, found = connection.execute(counted).one()
    return most, most * found // looked_at if looked_at else 0


# One of so many versions is looked at; a prime, for what was archived may have a rhythm.
_SAMPLE = 101
_VECTORS = table("version_fts", column("version_id", Id), column("terms", TSVECTOR))


def _finds(tree: Expression) -> ColumnElement[bool]:
    return _VECTORS.c.terms.bool_op("@@")(cast(tsquery(tree), TSQUERY))


def _table(connection: Connection, tree: Expression, statement: str, *, ranked: bool) -> Subquery:
    tree = expanded(connection, tree)
    if connection.dialect.name == "sqlite":
        compiled = fts5(tree)
    else:
        loose = loosened(tree)
        if not ranked and loose != tree:
            # Compared with what the index found, and not looked up in it: it does not know where words stand, and
            # takes longer to go through what a query says of that than the vectors take.
            return select(_VECTORS.c.version_id).where(_finds(loose), _finds(tree).is_(true())).subquery("matches")
        compiled = tsquery(tree)
    bound = sql(statement).bindparams(bindparam("match", compiled, unique=True))
    if ranked:
        return bound.columns(version_id=Id, score=Double).subquery("matches")
    return bound.columns(version_id=Id).subquery("matches")


def expanded(connection: Connection, tree: Expression) -> Expression:
    """Return the tree with the words of the archive in place of parts of words."""
    match tree:
        case Part():
            return _words_with(connection, tree)
        case And(parts=parts):
            return And(tuple(expanded(connection, part) for part in parts))
        case Or(parts=parts):
            return Or(tuple(expanded(connection, part) for part in parts))
        case Without(wanted=wanted, unwanted=unwanted):
            return Without(expanded(connection, wanted), expanded(connection, unwanted))
        case Near(left=left, right=right, between=between):
            return Near(expanded(connection, left), expanded(connection, right), between)
        case _:
            return tree


def _words_with(connection: Connection, part: Part) -> Expression:
    found = {part.term, *fulltext.terms_with(connection, part.part, ends=part.ends, limit=_MOST_TERMS + 1)}
    if part.ends:
        found.update(fulltext.terms_with(connection, part.term, ends=True, limit=_MOST_TERMS + 1))
    if len(found) > _MOST_TERMS:
        shown = f"*{part.part}" + ("" if part.ends else "*")
        raise UsageError(f"{shown} stands for more than {_MOST_TERMS} words", hint="Write more letters of the word.")
    return Or(tuple(Words((term,), part.field) for term in sorted(found)))


def fts5(expression: Expression) -> str:
    """Return the expression as the right side of a MATCH on the columns `title` and `body` (SQLite FTS5)."""
    match expression:
        case Words(field=field) | Prefix(field=field):
            phrases = _phrases(expression)
            found = [_COLUMN[field] + phrase for phrase in phrases]
            return found[0] if len(found) == 1 else f"({' OR '.join(found)})"
        case And(parts=parts):
            return "(" + " AND ".join(fts5(part) for part in parts) + ")"
        case Or(parts=parts):
            return "(" + " OR ".join(fts5(part) for part in parts) + ")"
        case Without(wanted=wanted, unwanted=unwanted):
            return f"({fts5(wanted)} NOT {fts5(unwanted)})"
        case Near(left=left, right=right, between=between):
            pairs = [
                f"{_COLUMN[one.field]}NEAR({first} {second}, {between})"
                for one, other in _pairs(left, right)
                for first, second in product(_phrases(one), _phrases(other))
            ]
            return f"({' OR '.join(pairs)})"
        case Part():
            raise ValueError("parts of words are looked up before a query is compiled")


def tsquery(expression: Expression) -> str:
    """Return the expression as a `tsquery` literal; words of the title carry weight A, those of the text D."""
    match expression:
        case Words(field=field) | Prefix(field=field):
            return _lexemes(expression, _WEIGHT[field])
        case And(parts=parts):
            return "(" + " & ".join(tsquery(part) for part in parts) + ")"
        case Or(parts=parts):
            return "(" + " | ".join(tsquery(part) for part in parts) + ")"
        case Without(wanted=wanted, unwanted=unwanted):
            return f"({tsquery(wanted)} & !{tsquery(unwanted)})"
        case Near(left=left, right=right, between=between):
            pairs = _pairs(left, right)
            # Title and text are one row of places here, with a gap between them that no distance reaches across.
            first, second = (
                "(" + " | ".join(dict.fromkeys(_lexemes(pair[side], _WEIGHT[pair[side].field]) for pair in pairs)) + ")"
                for side in (0, 1)
            )
            ways = [
                f"({one} <{distance}> {other})"
                for distance in range(1, between + 2)
                for one, other in ((first, second), (second, first))
            ]
            return "(" + " | ".join(ways) + ")"
        case Part():
            raise ValueError("parts of words are looked up before a query is compiled")


def _pairs(left: Expression, right: Expression) -> list[tuple[Word, Word]]:
    pairs = [(one, two) for one, two in product(alternatives(left), alternatives(right)) if one and two]
    if len(pairs) > _MOST_PAIRS:
        raise UsageError(
            f"the sides of NEAR stand for more than {_MOST_PAIRS} pairs of words",
            hint="Write more letters of the words.",
        )
    return pairs


_COLUMN = {None: "", Field.TITLE: "title : ", Field.TEXT: "body : "}
_WEIGHT = {None: "", Field.TITLE: "A", Field.TEXT: "D"}


def _phrases(word: Word) -> tuple[str, ...]:
    match word:
        case Words(terms=found):
            return (" + ".join(_quoted(term) for term in found),)
        case Prefix(start=start, term=term):
            return f"{_quoted(start)} *", _quoted(term)
        case Part():
            raise ValueError("parts of words are looked up before a query is compiled")


def _lexemes(word: Word, weight: str) -> str:
    match word:
        case Words(terms=found):
            return "(" + " <-> ".join(_lexeme(term, weight) for term in found) + ")"
        case Prefix(start=start, term=term):
            return f"({_lexeme(start, '*' + weight)} | {_lexeme(term, weight)})"
        case Part():
            raise ValueError("parts of words are looked up before a query is compiled")


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _lexeme(term: str, flags: str) -> str:
    quoted = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'" + (f":{flags}" if flags else "")
