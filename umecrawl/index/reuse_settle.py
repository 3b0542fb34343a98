"""Brings the tables of shared passages up to the texts of the index.

What is boilerplate shows only when all texts are there, so all pairs are found anew each time, from the prints that
are kept of each text; a pair that was there before with the same prints keeps its passages. The tables are so a
function of the texts, whatever the order in which they came.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from umecrawl.index.numbering import chunks
from umecrawl.index.passages import passages_of
from umecrawl.index.reuse import LEAST_WORDS, ArticleText, containment, in_order, seeds_of
from umecrawl.index.reuse_pairs import Pair, Pairs, Prints, best_pairs
from umecrawl.index.reuse_tables import OUTDATED, is_outdated, reuse_pair, reuse_passage
from umecrawl.index.schema import about, resource, site, text, version
from umecrawl.index.text_prints import forget_unused_prints, put_missing_prints, stored_prints
from umecrawl.index.winnowing import WinnowedText, winnow

_PAIRS_AT_ONCE = 200

Transaction = Callable[[], AbstractContextManager[None]]


def settle_reuse(connection: Connection, transaction: Transaction) -> None:
    """Work out the shared passages of all versions, in several short transactions; what is not new is kept.

    An interruption leaves the note that they are outdated, and the next time goes on from what is there.
    """
    with transaction():
        if not is_outdated(connection):
            return
        forget_unused_prints(connection)
    while True:
        with transaction():
            if not put_missing_prints(connection):
                break
    with transaction():
        versions = connection.execute(_VERSIONS).all()
        pairs = _compare(connection, versions)
        kept = _keep(connection, versions, pairs)
    wanted = [pair for pair in pairs.best if (versions[pair.a].id, versions[pair.b].id) not in kept]
    for some in chunks(wanted, _PAIRS_AT_ONCE):
        with transaction():
            _write(connection, versions, some, pairs.telling)
    with transaction():
        connection.execute(delete(about).where(about.c.name == OUTDATED))


# In order of time, as `find_reuse` takes them; a version that is not yet worked out has no time.
_VERSIONS = (
    select(version.c.id, version.c.text_id, version.c.article_id, resource.c.site_id)
    .join(resource, resource.c.id == version.c.article_id)
    .where(version.c.first_seen.is_not(None))
    .order_by(version.c.first_seen, version.c.uid)
)

_DELETE = delete(reuse_pair).where(
    reuse_pair.c.source_id == bindparam("source"), reuse_pair.c.target_id == bindparam("target")
)


def _compare(connection: Connection, versions: Sequence[Any]) -> Pairs:
    stored = stored_prints(connection)
    return best_pairs(
        [stored[row.text_id] for row in versions],
        [row.article_id for row in versions],
        [row.site_id for row in versions],
    )


def _keep(connection: Connection, versions: Sequence[Any], pairs: Pairs) -> set[tuple[int, int]]:
    """Delete the pairs that are no more, or differ; return those that are kept, in order of time."""
    stored = connection.execute(select(reuse_pair.c.source_id, reuse_pair.c.target_id, reuse_pair.c.trace)).all()
    traces = {(row.source_id, row.target_id): row.trace for row in stored}
    kept: set[tuple[int, int]] = set()
    kept_rows: set[tuple[int, int]] = set()
    known = [
        pair
        for pair in pairs.best
        if (versions[pair.a].id, versions[pair.b].id) in traces or (versions[pair.b].id, versions[pair.a].id) in traces
    ]
    for some in chunks(known, _PAIRS_AT_ONCE):
        told = _told(connection, versions, some)
        for pair in some:
            order = _ordered(told, versions, pair)
            if traces.get(order.numbers) == order.trace:
                kept.add((versions[pair.a].id, versions[pair.b].id))
                kept_rows.add(order.numbers)
    gone = [{"source": one[0], "target": one[1]} for one in traces if one not in kept_rows]
    if gone:
        connection.execute(_DELETE, gone)
    return kept


def _write(connection: Connection, versions: Sequence[Any], pairs: Sequence[Pair], telling: Prints) -> None:
    told = _told(connection, versions, pairs)
    texts = _winnowed(connection, {versions[place].text_id for pair in pairs for place in (pair.a, pair.b)})
    rows, passages = [], []
    for pair in pairs:
        order = _ordered(told, versions, pair)
        source, target = (texts[versions[place].text_id] for place in order.places)
        found = list(passages_of(source, target, seeds_of(source, target, telling), LEAST_WORDS))
        words = sum(passage.words for passage in found)
        share = round(containment(words, target), 4) if words else 0.0
        ids = dict(zip(("source_id", "target_id"), order.numbers, strict=True))
        rows.append(
            {**ids, "ordering": order.ordering, "words": words, "containment": share, "trace": order.trace},
        )
        passages += [
            {
                **ids,
                "source_start": one.source_start,
                "source_end": one.source_end,
                "target_start": one.target_start,
                "target_end": one.target_end,
                "words": one.words,
                "similarity": one.similarity,
            }
            for one in found
        ]
    connection.execute(insert(reuse_pair), rows)
    if passages:
        connection.execute(insert(reuse_passage), passages)


@dataclass(frozen=True, slots=True)
class _Told:
    """A version as what is put in order, and the digest of its text as it stands."""

    article: ArticleText
    digest: str


@dataclass(frozen=True, slots=True)
class _Order:
    """Source and target of a pair: their places among the versions, their numbers, and what the row must say."""

    places: tuple[int, int]
    numbers: tuple[int, int]
    ordering: str
    trace: str


def _ordered(told: Mapping[int, _Told], versions: Sequence[Any], pair: Pair) -> _Order:
    given = (pair.a, pair.b)
    both = [told[versions[place].id] for place in given]
    first, second, ordering = in_order([one.article for one in both], 0, 1)
    # All that passages depend on: the texts as they stand, the prints they share, the order.
    parts = [part for one in (both[first], both[second]) for part in (one.article.version, one.digest)]
    parts += [str(pair.prints), str(pair.sum), ordering.value]
    return _Order(
        (given[first], given[second]),
        (versions[given[first]].id, versions[given[second]].id),
        ordering.value,
        hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16],
    )


def _told(connection: Connection, versions: Sequence[Any], pairs: Sequence[Pair]) -> dict[int, _Told]:
    numbers = {versions[place].id for pair in pairs for place in (pair.a, pair.b)}
    rows = (
        select(
            version.c.id,
            version.c.uid,
            resource.c.url,
            site.c.host,
            text.c.digest,
            version.c.first_seen,
            version.c.published_at,
        )
        .join(resource, resource.c.id == version.c.article_id)
        .join(site, site.c.id == resource.c.site_id)
        .join(text, text.c.id == version.c.text_id)
    )
    return {
        row.id: _Told(ArticleText(row.uid, row.url, row.host, "", row.first_seen, moment(row.published_at)), row.digest)
        for some in chunks(numbers)
        for row in connection.execute(rows.where(version.c.id.in_(some)))
    }


def _winnowed(connection: Connection, numbers: set[int]) -> dict[int, WinnowedText]:
    bodies = {
        row.id: row.body
        for some in chunks(numbers)
        for row in connection.execute(select(text.c.id, text.c.body).where(text.c.id.in_(some)))
    }
    return dict(zip(bodies, winnow(list(bodies.values())), strict=True))


def moment(stated: str | None) -> datetime | date | None:
    """Return a time that a page states, or its day where it names no zone; nothing where it cannot be read."""
    if stated is None:
        return None
    try:
        at = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.date()
