"""Full text search over article versions: ranked, filtered, with extracts."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Boolean, ColumnElement, Connection, Exists, Select, and_, exists, literal, or_, select

from umecrawl.errors import UsageError
from umecrawl.index import fulltext
from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import capture, extraction, post, resource, site, version
from umecrawl.index.statement_tables import person, signature
from umecrawl.index.views import versions
from umecrawl.model.article import Quality
from umecrawl.query.expression import wanted_words
from umecrawl.query.filters import Filters, host_named
from umecrawl.query.json_form import rfc3339
from umecrawl.query.language import parse
from umecrawl.query.ranking import in_order
from umecrawl.query.rows import SearchHit, row_of
from umecrawl.query.runs import run_number
from umecrawl.query.snippet import extract
from umecrawl.query.times import checked


def search(
    connection: Connection, query: str, filters: Filters, *, limit: int | None = 20, offset: int = 0
) -> list[SearchHit]:
    """Return the versions that answer a query of `umecrawl.query.language`, the best first, at most `limit`.

    A headline counts ten times as much as the text. Where a query finds more than 5 000 versions, the newest 5 000
    are ranked and the others follow by their age (see `umecrawl.query.ranking`). Answers from an `offset` on go on
    where those before ended, as long as the index stays as it is.
    Raises `UsageError` for a malformed query, `NotFoundError` for an unknown run, and `AnalyserError` where the full
    text was indexed by another analysis.
    """
    tree = parse(query)
    with fulltext.looked_up(connection):
        scores = in_order(connection, tree, conditions(connection, filters), limit, offset)
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


def conditions(connection: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    """Return what a version must fulfil to pass the filters; raises as `search` does."""
    wanted: list[ColumnElement[bool]] = []
    if filters.site is not None:
        host = host_named(filters.site)
        articles = select(resource.c.id).join(site, site.c.id == resource.c.site_id).where(site.c.host == host)
        wanted.append(version.c.article_id.in_(articles))
    if filters.author is not None:
        wanted.append(_written_by(connection, filters.author))
    if filters.signatory is not None:
        wanted.append(version.c.id.in_(_signed_by(connection, filters.signatory)))
    wanted += _of_captures(connection, filters)
    if filters.kind is not None:
        wanted.append(version.c.kind == filters.kind)
    if filters.since is not None:
        wanted.append(_published(filters.since, after=True))
    if filters.until is not None:
        wanted.append(_published(filters.until, after=False))
    if filters.current:
        wanted.append(version.c.is_current == literal(True, Boolean))
    return wanted


def _of_captures(connection: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    """Return what captures that show a version must fulfil."""
    wanted: list[ColumnElement[bool]] = []
    if filters.run is not None:
        wanted.append(_shown_by(capture.c.run_id == run_number(connection, filters.run)))
    if filters.quality is not None:
        if filters.quality not in set(Quality):
            known = ", ".join(Quality)
            raise UsageError(f"there is no quality {filters.quality!r}", hint=f"Qualities are {known}.")
        wanted.append(_shown_by(extraction.c.quality == filters.quality))
    return wanted


def _written_by(connection: Connection, author: str) -> ColumnElement[bool]:
    """Return whether a name is in the byline or under the text.

    Names are compared here, for SQLite knows the case of ASCII letters only.
    """
    bylines = connection.execute(select(version.c.byline).where(version.c.byline.is_not(None)).distinct()).scalars()
    signed = _signed_by(connection, author)
    found = [byline for byline in bylines if byline is not None and author.casefold() in byline.casefold()]
    return or_(version.c.byline.in_(found), version.c.id.in_(signed))


def _signed_by(connection: Connection, name: str) -> Select[tuple[int | None]]:
    """Return the versions under which a name stands, or one that has it as a part."""
    people = connection.execute(select(person.c.id, person.c.name)).all()
    return (
        select(post.c.version_id)
        .join(
            signature,
            and_(signature.c.extraction_id == post.c.extraction_id, signature.c.position == post.c.position),
        )
        .where(
            post.c.version_id.is_not(None),
            signature.c.person_id.in_([one.id for one in people if name.casefold() in one.name.casefold()]),
        )
    )


def _shown_by(which: ColumnElement[bool]) -> Exists:
    """Return whether a version is shown by a reading or capture of some kind."""
    return (
        exists()
        .where(post.c.version_id == version.c.id, which)
        .where(
            extraction.c.id == post.c.extraction_id,
            is_reading_of(extraction, capture),
            capture.c.is_page,
        )
        .correlate(version)
    )


def _published(bound: date, *, after: bool) -> ColumnElement[bool]:
    """Return whether a version was published from the bound on (or up to it), by text order of RFC 3339."""
    bound = checked(bound)
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
