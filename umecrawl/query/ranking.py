"""Which versions a query finds, in the order in which they are shown: the best first, where they are few enough.

To rank a version means to read where its words stand, which for a word of most texts takes seconds in a large archive
and says little. So of more than `RANKED` versions the newest are ranked, and the others follow by their age.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Select, Subquery, func, literal, select, true

from umecrawl.index.schema import version
from umecrawl.query.expression import Expression, loosened
from umecrawl.query.matching import expanded, matching, sampled, scored, stands

RANKED: Final = 5_000
# An estimate by a sample is off by a seventh, and by less where there are more.
_MANY: Final = 1.25


def in_order(
    connection: Connection, tree: Expression, narrowed: Sequence[ColumnElement[bool]], limit: int | None, offset: int
) -> dict[str, float]:
    """Return the public ids of the versions that a query finds and conditions let through, with their scores, in order.

    The best come first; of equals the one that was first seen last, then the lower id. Where more than `RANKED` pass,
    only the newest of them (by the day they are counted under, then by when they were first seen) are ranked; the rest
    follow, the newest first, with a score of 0. The order depends on the archive alone, so pages never overlap.
    """
    tree = expanded(connection, tree)
    shown = (version.c.first_capture_id.is_not(None), *narrowed)
    if connection.dialect.name != "sqlite":
        return _in_order_on_postgresql(connection, tree, shown, limit, offset)
    found = _found(connection, tree)
    if len(_few(connection, found)) <= RANKED:
        return _scores(connection, _by_score(matching(connection, tree), limit, offset).where(*shown))
    return _newest_first(connection, tree, _newest(found, shown), limit, offset)


def _in_order_on_postgresql(
    connection: Connection, tree: Expression, shown: Sequence[ColumnElement[bool]], limit: int | None, offset: int
) -> dict[str, float]:
    # Its index does not know where in a text words stand, and to read that of a text is slow. So it is read once
    # of each text, and of the newest alone where they are enough.
    loose = loosened(tree)
    is_placed = loose != tree
    most, about = sampled(connection, tree, loose) if is_placed else (0, 0)
    if most <= RANKED or about < _MANY * RANKED:
        few = _few(connection, _found(connection, tree))
        if len(few) <= RANKED:
            return _scores(connection, _of(connection, tree, few, limit, offset).where(*shown))
    if len(shown) > 1:
        few = _few(connection, select(version.c.id).where(*shown))
        if len(few) <= RANKED:
            return _scores(connection, _of(connection, tree, few, limit, offset).where(stands(tree)))
    placed = (stands(tree),) if is_placed else ()
    newest = _newest(_found(connection, loose), (*shown, *placed))
    return _newest_first(connection, tree, newest, limit, offset)


def _of(
    connection: Connection, tree: Expression, numbers: Sequence[int], limit: int | None, offset: int
) -> Select[tuple[str, float]]:
    told = select(func.unnest(literal(numbers, ARRAY(BigInteger))).label("id")).cte("told")
    return _by_score(scored(connection, tree, told), limit, offset).add_cte(told)


def _found(connection: Connection, tree: Expression) -> Select[Any]:
    return select(matching(connection, tree, ranked=False).c.version_id)


def _newest(found: Select[Any], shown: Sequence[ColumnElement[bool]]) -> Select[tuple[int, str]]:
    return (
        # As a question of true or false, for else each match would be looked up in the table of versions: they are
        # gone through by their age, and a set of all matches tells which of them are found.
        select(version.c.id, version.c.uid)
        .where(version.c.id.in_(found).is_(true()), *shown)
        .order_by(version.c.day.desc(), version.c.first_seen.desc(), version.c.uid)
    )


def _few(connection: Connection, which: Select[Any]) -> Sequence[int]:
    return connection.execute(which.limit(RANKED + 1)).scalars().all()


def _newest_first(
    connection: Connection, tree: Expression, newest: Select[tuple[int, str]], limit: int | None, offset: int
) -> dict[str, float]:
    ranked = newest.limit(RANKED).cte("newest")
    scores = {}
    if offset < RANKED:
        best = _by_score(scored(connection, tree, ranked), limit, offset).add_cte(ranked)
        scores = _scores(connection, best)
    if limit is None or offset + limit > RANKED:
        beyond = max(offset, RANKED)
        most = None if limit is None else offset + limit - beyond
        rest = connection.execute(newest.limit(most).offset(beyond))
        scores.update({row.uid: 0.0 for row in rest})
    return scores


def _by_score(matches: Subquery, limit: int | None, offset: int) -> Select[tuple[str, float]]:
    return (
        select(version.c.uid, matches.c.score)
        .select_from(matches.join(version, version.c.id == matches.c.version_id))
        .order_by(matches.c.score.desc(), version.c.first_seen.desc(), version.c.uid)
        .limit(limit)
        .offset(offset)
    )


def _scores(connection: Connection, statement: Select[tuple[str, float]]) -> dict[str, float]:
    return {row.uid: float(row.score) for row in connection.execute(statement)}
