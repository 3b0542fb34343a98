"""When and how the articles a run touched were last seen, before the run and in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, or_, select

from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import capture, extraction, post, resource, site, version

GONE = (404, 410)
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The version an article was last seen with, and by which capture; and since when and by which it is gone."""

    version: str | None = None
    capture: str | None = None
    at: datetime | None = None
    gone: str | None = None
    gone_at: datetime | None = None
    gone_status: int | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the last that was seen is that it is gone."""
        return self.gone_at is not None and (self.at is None or self.gone_at > self.at)


@dataclass(frozen=True, slots=True)
class Pair:
    """An article as last seen before a run and in it."""

    url: str
    site: str
    before: LastSeen
    now: LastSeen


def compared(connection: Connection, run_number: int, began: datetime) -> Iterator[Pair]:
    """Yield for each article that the run saw how it was last seen before the run and in it."""
    in_run = capture.c.run_id == run_number
    earlier = and_(capture.c.run_id != run_number, capture.c.at < began)
    seen = select(capture.c.resource_id).where(in_run)
    listed = (
        select(version.c.article_id)
        .join(capture, capture.c.id == version.c.first_capture_id)
        .where(in_run, version.c.first_seen >= began)
    )
    articles = (
        select(resource.c.id, resource.c.url, site.c.host)
        .join(site, site.c.id == resource.c.site_id)
        .where(
            resource.c.id.in_(select(version.c.article_id).where(version.c.kind == "article")),
            or_(resource.c.id.in_(seen), resource.c.id.in_(listed)),
        )
    )
    rows = connection.execute(articles).all()
    numbers = [row.id for row in rows]
    now = _last_seen(connection, numbers, in_run)
    before = _last_seen(connection, numbers, earlier)
    new_there = _first_seen(connection, numbers, and_(capture.c.run_id == run_number, version.c.first_seen >= began))
    known_there = _first_seen(connection, numbers, version.c.first_seen < began)
    for row in rows:
        own_now = now.get(row.id)
        one = own_now if own_now and (own_now.version or own_now.gone) else new_there.get(row.id)
        past = before.get(row.id, LastSeen())
        if past.version is None and row.id in known_there:
            listed_then = known_there[row.id]
            past = LastSeen(
                listed_then.version, listed_then.capture, listed_then.at, past.gone, past.gone_at, past.gone_status
            )
        if one is not None:
            yield Pair(row.url, row.host, past, one)


def _last_seen(connection: Connection, resources: Sequence[int], which: ColumnElement[bool]) -> dict[int, LastSeen]:
    """Return how each resource was last seen in some captures."""
    shown = _last(connection, resources, which, source=_article_pages(), value=version.c.uid)
    says_gone = or_(capture.c.status.in_(GONE), extraction.c.quality == "soft-404")
    gone = _last(connection, resources, which, source=_pages(), value=capture.c.status, condition=says_gone)
    last = {}
    for number in {*shown, *gone}:
        seen, lost = shown.get(number), gone.get(number)
        last[number] = LastSeen(
            version=str(seen[0]) if seen else None,
            capture=seen[1] if seen else None,
            at=seen[2] if seen else None,
            gone=lost[1] if lost else None,
            gone_at=lost[2] if lost else None,
            gone_status=int(str(lost[0])) if lost else None,
        )
    return last


def _pages() -> FromClause:
    read = and_(capture.c.is_page, is_reading_of(extraction, capture))
    return capture.outerjoin(extraction, read)


def _article_pages() -> FromClause:
    shows = and_(post.c.extraction_id == extraction.c.id, post.c.position == 0, post.c.own)
    return _pages().join(post, shows).join(version, version.c.id == post.c.version_id)


_Last = tuple[object, str, datetime]


def _last(
    connection: Connection,
    resources: Sequence[int],
    which: ColumnElement[bool],
    *,
    source: FromClause,
    value: ColumnElement[str] | ColumnElement[int],
    condition: ColumnElement[bool] | None = None,
) -> dict[int, _Last]:
    """Return of each resource the last capture that meets the conditions: the value asked for, its id and time."""
    order = (
        func.row_number()
        .over(partition_by=capture.c.resource_id, order_by=(capture.c.at.desc(), capture.c.uid.desc()))
        .label("place")
    )
    conditions = [] if condition is None else [condition]
    found: dict[int, _Last] = {}
    for start in range(0, len(resources), _BATCH):
        ranked = (
            select(capture.c.resource_id, value.label("value"), capture.c.uid, capture.c.at, order)
            .select_from(source)
            .where(capture.c.resource_id.in_(resources[start : start + _BATCH]), which, *conditions)
            .subquery("ranked")
        )
        for row in connection.execute(select(ranked).where(ranked.c.place == 1)):
            found[row.resource_id] = (row.value, row.uid, row.at)
    return found


def _first_seen(connection: Connection, articles: Sequence[int], which: ColumnElement[bool]) -> dict[int, LastSeen]:
    """Return of each article the version first seen last among some, as seen by that first capture."""
    found: dict[int, LastSeen] = {}
    for start in range(0, len(articles), _BATCH):
        rows = connection.execute(
            select(version.c.article_id, version.c.uid, capture.c.uid.label("capture"), version.c.first_seen)
            .join(capture, capture.c.id == version.c.first_capture_id)
            .where(version.c.article_id.in_(articles[start : start + _BATCH]), which)
            .order_by(version.c.first_seen, version.c.uid)
        )
        for row in rows:
            found[row.article_id] = LastSeen(row.uid, row.capture, row.first_seen)
    return found
