"""Full text search over article versions: ranked, filtered, with extracts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Boolean, ColumnElement, Connection, Double, Subquery, and_, bindparam, literal, or_, select
from sqlalchemy import text as sql

from umecrawl.index import fulltext
from umecrawl.index.schema import Id, post, resource, site, version
from umecrawl.index.statements import person, signature
from umecrawl.index.views import versions
from umecrawl.model.urls import site_of
from umecrawl.query.expression import Expression, fts5, parse, tsquery, wanted_words
from umecrawl.query.rows import SearchHit, rfc3339, row_of
from umecrawl.query.snippet import extract


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search.

    `site` is a host, with or without `www.`; `author` a part of the byline or of the name of
    someone who signs the text, whatever its case. `since` and `until`
    bound the publication (where the page gives none, the first capture) and are both inclusive: a day is a day in
    UTC. `current` leaves out versions that the latest capture of their article no longer shows;
    `kind` those that are not of it (article, document).
    """

    site: str | None = None
    author: str | None = None
    since: date | None = None
    until: date | None = None
    current: bool = False
    kind: str | None = None


def search(connection: Connection, query: str, filters: Filters, *, limit: int | None = 20) -> list[SearchHit]:
    """Return the versions that answer a query of `umecrawl.query.expression`, the best first, at most `limit`.

    A headline counts ten times as much as the text. Raises `UsageError` for a malformed query and
    `AnalyserError` where the full text was indexed by another analysis.
    """
    tree = parse(query)
    matches = matching(connection, tree)
    # Two steps, so that sorting ten thousand matches does not carry ten thousand texts along.
    best = (
        select(version.c.uid, matches.c.score)
        .select_from(matches.join(version, version.c.id == matches.c.version_id))
        .where(version.c.first_capture_id.is_not(None), *conditions(connection, filters))
        .order_by(matches.c.score.desc(), version.c.first_seen.desc(), version.c.uid)
        .limit(limit)
    )
    scores = {row.uid: float(row.score) for row in connection.execute(best)}
    rows = {}
    ids = list(scores)
    for start in range(0, len(ids), _BATCH):
        batch = select(versions).where(versions.c.id.in_(ids[start : start + _BATCH]))
        rows.update({row.id: row._asdict() for row in connection.execute(batch)})
    wanted = wanted_words(tree)
    hits = []
    for uid, score in scores.items():
        shown = extract(str(rows[uid]["text"]), wanted)
        hits.append(row_of(SearchHit, {**rows[uid], "score": score, "snippet": shown.text, "marks": shown.marks}))
    return hits


# SQLite takes 32766 parameters in a statement.
_BATCH = 10_000


def matching(connection: Connection, tree: Expression) -> Subquery:
    """Return the versions that a parsed query finds, as a table of `version_id` and `score`.

    Raises `AnalyserError` where the full text was indexed by another analysis.
    """
    fulltext.check(connection)
    compiled = fts5(tree) if connection.dialect.name == "sqlite" else tsquery(tree)
    return (
        sql(fulltext.matching(connection))
        .bindparams(bindparam("match", compiled))
        .columns(version_id=Id, score=Double)
        .subquery("matches")
    )


def conditions(connection: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    """Return what a version must fulfil to pass the filters."""
    wanted: list[ColumnElement[bool]] = []
    if filters.site is not None:
        host = site_of(filters.site if "://" in filters.site else f"https://{filters.site}")
        articles = select(resource.c.id).join(site, site.c.id == resource.c.site_id).where(site.c.host == host)
        wanted.append(version.c.article_id.in_(articles))
    if filters.author is not None:
        wanted.append(_written_by(connection, filters.author))
    if filters.kind is not None:
        wanted.append(version.c.kind == filters.kind)
    if filters.since is not None:
        wanted.append(_published(filters.since, after=True))
    if filters.until is not None:
        wanted.append(_published(filters.until, after=False))
    if filters.current:
        wanted.append(version.c.is_current == literal(True, Boolean))
    return wanted


def _written_by(connection: Connection, author: str) -> ColumnElement[bool]:
    """Return whether a name is in the byline or under the text.

    Names are compared here, for SQLite knows the case of ASCII letters only.
    """
    bylines = connection.execute(select(version.c.byline).where(version.c.byline.is_not(None)).distinct()).scalars()
    people = connection.execute(select(person.c.id, person.c.name)).all()
    signed = (
        select(post.c.version_id)
        .join(
            signature,
            and_(signature.c.extraction_id == post.c.extraction_id, signature.c.position == post.c.position),
        )
        .where(signature.c.person_id.in_([one.id for one in people if author.casefold() in one.name.casefold()]))
    )
    found = [byline for byline in bylines if byline is not None and author.casefold() in byline.casefold()]
    return or_(version.c.byline.in_(found), version.c.id.in_(signed))


def _published(bound: date, *, after: bool) -> ColumnElement[bool]:
    """Return whether a version was published from the bound on (or up to it), by text order of RFC 3339."""
    if isinstance(bound, datetime):
        at, stated = bound.astimezone(UTC), rfc3339(bound)
    else:
        # Up to a day means before the next one; every time of that day sorts before the next day's name.
        day = bound if after else bound + timedelta(days=1)
        at, stated = datetime.combine(day, time(), UTC), day.isoformat()
    column, seen = version.c.published_at, version.c.first_seen
    if after:
        return or_(column >= stated, and_(column.is_(None), seen >= at))
    if isinstance(bound, datetime):
        return or_(column <= stated, and_(column.is_(None), seen <= at))
    return or_(column < stated, and_(column.is_(None), seen < at))
