"""Which versions a query finds, in the order in which they are shown: the best first, where they are few enough.

To rank a version means to read where its words stand, which for a word of most texts takes seconds in a large archive
and says little. So of more than `RANKED` versions the newest are ranked, and the others follow by their age.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Select, Subquery, func, literal, select, true

from umecrawl.index.schema import version
from umecrawl.query.expression import Expression
from umecrawl.query.matching import matching, scored

RANKED: Final = 5_000


def in_order(
    connection: Connection, tree: Expression, narrowed: Sequence[ColumnElement[bool]], limit: int | None, offset: int
) -> dict[str, float]:
    """Return the public ids of the versions that a query finds and conditions let through, with their scores, in order.

    The best come first; of equals the one that was first seen last, then the lower id. Where more than `RANKED` pass,
    only the newest of them (by the day they are counted under, then by when they were first seen) are ranked; the rest
    follow, the newest first, with a score of 0. The order depends on the archive alone, so pages never overlap.
    """
    found = matching(connection, tree, ranked=False)
    shown = (version.c.first_capture_id.is_not(None), *narrowed)
    few = connection.execute(select(found.c.version_id).limit(RANKED + 1)).scalars().all()
    if len(few) <= RANKED:
        if connection.dialect.name == "sqlite":
            return _scores(connection, _by_score(matching(connection, tree), limit, offset).where(*shown))
        # By their numbers, for whether a phrase stands in a text is slow to tell, and told already.
        told = select(func.unnest(literal(few, ARRAY(BigInteger))).label("id")).cte("told")
        matches = scored(connection, tree, told)
        return _scores(connection, _by_score(matches, limit, offset).where(*shown).add_cte(told))
    newest = (
        # As a question of true or false, for else each match would be looked up in the table of versions: they are
        # gone through by their age, and a set of all matches tells which of them are found.
        select(version.c.id, version.c.uid)
        .where(version.c.id.in_(select(found.c.version_id)).is_(true()), *shown)
        .order_by(version.c.day.desc(), version.c.first_seen.desc(), version.c.uid)
    )
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
