"""Finding captures: all of a URL, the one closest to a time, all of a site or a run.

What is asked of one URL is asked so often that making the statements took longer than the database takes to answer
them; they are made once, and each is one question and one answer.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select

from umecrawl.errors import NotFoundError
from umecrawl.index import capture_views, views
from umecrawl.index.columns import UtcTime
from umecrawl.index.resources import stored_key
from umecrawl.index.schema import capture, resource
from umecrawl.query.resources import find_resource, whole
from umecrawl.query.rows import CaptureRow, row_of
from umecrawl.query.times import moment

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_AT_ONCE = 1_000


def is_capture_id(id_or_url: str) -> bool:
    """Return whether a name is the id of a capture, and no URL."""
    return _UUID.fullmatch(id_or_url) is not None


def find_history(connection: Connection, url: str) -> list[CaptureRow]:
    """Return every capture of a URL and its aliases in time order. Raises `NotFoundError` for an unknown URL."""
    rows = connection.execute(_HISTORY, {"key": stored_key(whole(url))}).all()
    if not rows:
        find_resource(connection, url)  # it may have been tried
    return sorted((row_of(CaptureRow, row._asdict()) for row in rows), key=lambda row: (row.captured_at, row.id))


def find_capture(connection: Connection, id_or_url: str, at: datetime | None) -> CaptureRow:
    """Return the capture of an id, or the one of a URL closest to a time (without a time: the latest).

    Of two that are equally close, the earlier is returned. Raises `NotFoundError`.
    """
    if is_capture_id(id_or_url):
        found = connection.execute(_BY_ID, {"uid": id_or_url.lower()}).one_or_none()
        if found is None:
            raise NotFoundError(
                f"the archive has no capture {id_or_url}", hint="`umecrawl history URL` lists captures with ids."
            )
        return row_of(CaptureRow, found._asdict())
    key = stored_key(whole(id_or_url))
    at = moment(at) if at is not None else None
    if at is None:
        near = connection.execute(_LATEST, {"key": key})
    else:
        near = connection.execute(_CLOSEST, {"key": key, "at": at})
    rows = sorted((row_of(CaptureRow, row._asdict()) for row in near), key=lambda row: row.captured_at)
    if not rows:
        find_resource(connection, id_or_url)
        raise NotFoundError(
            f"{id_or_url} was tried, but never answered", hint="`umecrawl status` and the view `fetches` say why."
        )
    return rows[0] if at is None else min(rows, key=lambda row: abs(row.captured_at - at))


def all_captures(connection: Connection, *, site: str | None, run: str | None) -> Iterator[CaptureRow]:
    """Yield captures in time order: all, those of a site (its host, without `www.`), or those of a run (its id)."""
    table = views.captures
    wanted = select(table).order_by(table.c.captured_at, table.c.id)
    if site is not None:
        wanted = wanted.where(table.c.site == site.lower().removeprefix("www."))
    if run is not None:
        wanted = wanted.where(table.c.run == run)
    for row in connection.execute(wanted, execution_options={"yield_per": _AT_ONCE}):
        yield row_of(CaptureRow, row._asdict())


# The statement of the view and not the view: within it PostgreSQL begins with the captures that are asked for, while
# a condition on the view comes last, for the view joins more tables than it puts in order (join_collapse_limit).
_ROWS = capture_views.captures()
_NAMED = resource.alias("named")
_RESOURCE = select(_NAMED.c.id).where(_NAMED.c.key == bindparam("key")).scalar_subquery()
_NEAR = capture.alias("near")
_AT = bindparam("at", type_=UtcTime())
_OWN = select(_NEAR.c.id).where(_NEAR.c.resource_id == _RESOURCE).limit(1)
_LATEST_FIRST = _OWN.order_by(_NEAR.c.at.desc(), _NEAR.c.uid.desc())
_LAST_BEFORE = _LATEST_FIRST.where(_NEAR.c.at <= _AT).scalar_subquery()
_FIRST_AFTER = _OWN.order_by(_NEAR.c.at, _NEAR.c.uid).where(_NEAR.c.at > _AT).scalar_subquery()

_BY_ID = _ROWS.where(capture.c.uid == bindparam("uid"))
_HISTORY = _ROWS.where(capture.c.resource_id == _RESOURCE)
_LATEST = _ROWS.where(capture.c.id == _LATEST_FIRST.scalar_subquery())
_CLOSEST = _ROWS.where(or_(capture.c.id == _LAST_BEFORE, capture.c.id == _FIRST_AFTER))
