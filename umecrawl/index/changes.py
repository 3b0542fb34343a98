"""The rows of what changed in articles and how they went, worked out anew from the walk through their captures."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from umecrawl.index import removals
from umecrawl.index.identity import LISTING
from umecrawl.index.numbering import chunks
from umecrawl.index.removals import Life
from umecrawl.index.schema import capture, change, resource, version
from umecrawl.index.seen import Bodies, Shown, captures_of, sighted, targets, told_of
from umecrawl.index.walk import Walk, walked


def pointing_at(connection: Connection, resources: Sequence[int]) -> set[int]:
    """Return the articles whose captures redirect to these resources: whether they moved hangs on what is there."""
    query = select(capture.c.resource_id).where(capture.c.location_id.in_(resources)).distinct()
    return set(connection.execute(query).scalars())


def rework(connection: Connection, articles: Sequence[int]) -> None:
    """Work out anew what changed in these articles and how they went; their versions are worked out already."""
    for chunk in chunks(articles, 200):
        connection.execute(delete(change).where(change.c.article_id.in_(chunk)))
        removals.forget(connection, chunk)
        walks = _walks(connection, chunk)
        rows = [row for walk in walks for row in walk.rows]
        if rows:
            connection.execute(insert(change), rows)
        removals.put(connection, [Life(walk.article, walk.last, walk.absences) for walk in walks])


def _walks(connection: Connection, articles: Sequence[int]) -> list[Walk]:
    own = connection.execute(select(version).where(version.c.article_id.in_(articles))).all()
    if not own:
        return []
    known = {row.id: Shown(row.id, row.uid, row.article_id, row.title, row.text_id) for row in own}
    changing = sorted({one.article for one in known.values()})
    keys = dict(connection.execute(select(resource.c.id, resource.c.key).where(resource.c.id.in_(changing))).all())
    seen = captures_of(connection, changing, known)
    listed = [row for row in own if row.basis == LISTING and row.first_seen is not None]
    for article, one in sighted(connection, listed, known):
        seen[article].append(one)
    told = told_of(connection, changing)
    places = targets(connection, {one.target for some in seen.values() for one in some if one.target is not None})
    bodies = Bodies(connection)
    return [
        walked(Walk(article, keys[article], told.get(article, ())), seen[article], places, bodies)
        for article in changing
    ]
