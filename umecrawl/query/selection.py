"""What an export takes: the captures that filters choose, what their pages need to be shown, and the list of pages.

Everything is read in one pass and in batches, so that it may be more than memory holds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, exists, func, select

from umecrawl.errors import NotFoundError
from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.resources import stored_key
from umecrawl.index.schema import capture, extraction, payload, post, resource, site, text, version, warc
from umecrawl.model.capture import Capture, RecordRef, RecordType
from umecrawl.model.readable import HTML_TYPES, PDF_TYPE
from umecrawl.model.urls import Url
from umecrawl.query.filters import Filters, host_named
from umecrawl.query.language import parse
from umecrawl.query.matching import matching
from umecrawl.query.resources import find_resource
from umecrawl.query.runs import run_number
from umecrawl.query.search import conditions

_AT_ONCE = 1_000
# What a person opens; feeds and API answers are read too, but are no pages.
_SHOWN = HTML_TYPES | {PDF_TYPE}


@dataclass(frozen=True, slots=True)
class Choice(Filters):
    """What narrows an export: the filters of a search, of which each capture shows a version, and those of captures.

    `query` is a full-text query; `url` is any form of a URL, `run` the id of a run, `source` the name of a source.
    With none of them every capture is chosen. `site` asks for the site of the capture.
    """

    query: str | None = None
    url: str | None = None
    run: str | None = None
    source: str | None = None

    @property
    def is_all(self) -> bool:
        """Whether every capture is chosen."""
        return not self.named()

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return the filters that are set, with their names on the command line."""
        names = {"since": "from", "until": "to"}
        values = [(names.get(field.name, field.name), getattr(self, field.name)) for field in fields(self)]
        return tuple((name, "yes" if value is True else str(value)) for name, value in values if value)

    @property
    def asks_for_versions(self) -> bool:
        """Whether only captures of certain article versions are chosen."""
        return bool(self.query) or self.of_versions() != Filters()

    def of_versions(self) -> Filters:
        """Return the filters that a version has to pass."""
        shared = {field.name: getattr(self, field.name) for field in fields(Filters)}
        return Filters(**{**shared, "site": None, "run": None})


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A capture that shows a page, with the title and text of the article it shows, where it shows one.

    `text` is null where an earlier page of the same list has it already; `warc` is the file that holds the capture.
    """

    id: str
    url: str
    captured_at: datetime
    status: int
    mime: str
    size: int
    hop_path: str
    warc: str
    title: str | None
    text: str | None


class Selection:
    """The captures that one choice takes, asked for through one connection.

    Raises `NotFoundError` for a URL, run or source that the archive does not know, `UsageError` for a malformed query.
    """

    def __init__(self, connection: Connection, choice: Choice) -> None:
        self._connection = connection
        self._conditions = _conditions(connection, choice)

    def captures(self) -> Iterator[Capture]:
        """Yield the captures that are chosen, by file and offset."""
        wanted = _captures().where(*self._conditions).order_by(warc.c.name, capture.c.offset)
        for row in self._rows(wanted):
            yield _capture(row)

    def originals(self) -> Iterator[Capture]:
        """Yield the captures that hold the payloads of chosen revisits."""
        chosen = select(capture.c.refers_to).where(capture.c.refers_to.is_not(None), *self._conditions)
        for row in self._rows(_captures().where(capture.c.uid.in_(chosen))):
            yield _capture(row)

    def without_original(self) -> int:
        """Return how many of the chosen revisits have their payload in no file of the archive."""
        original = capture.alias("original")
        there = exists().where(original.c.uid == capture.c.refers_to)
        lost = select(func.count()).select_from(capture)
        return int(
            self._connection.execute(
                lost.where(capture.c.record_type == RecordType.REVISIT, ~there, *self._conditions)
            ).scalar_one()
        )

    def pages(self) -> Iterator[ShownPage]:
        """Yield the chosen captures that show a page, in time order."""
        order = (capture.c.at, capture.c.uid)
        shown = and_(post.c.extraction_id == extraction.c.id, post.c.position == 0, extraction.c.outcome != "listing")
        read = is_reading_of(extraction, capture)
        number = func.row_number().over(partition_by=version.c.id, order_by=order)
        original = capture.alias("original")  # a 304 does not say what it is
        mime = case((capture.c.mime == "", func.coalesce(original.c.mime, "")), else_=capture.c.mime)
        wanted = (
            select(
                capture.c.uid,
                capture.c.url,
                capture.c.at,
                capture.c.status,
                mime.label("mime"),
                capture.c.hop_path,
                payload.c.size,
                warc.c.name.label("warc"),
                version.c.title,
                version.c.text_id,
                number.label("number"),
            )
            .select_from(
                capture.join(payload, payload.c.id == capture.c.payload_id)
                .join(warc, warc.c.id == capture.c.warc_id)
                .outerjoin(original, original.c.uid == capture.c.refers_to)
                .outerjoin(extraction, read)
                .outerjoin(post, shown)
                .outerjoin(version, version.c.id == post.c.version_id)
            )
            .where(capture.c.is_page, mime.in_(_SHOWN), *self._conditions)
            .order_by(*order)
        )
        batches = self._connection.execute(wanted, execution_options={"yield_per": _AT_ONCE}).partitions()
        for batch in batches:
            # Texts are looked up by batch, for a sort should not have to carry them along.
            first = {row.text_id for row in batch if row.text_id is not None and row.number == 1}
            found = self._connection.execute(select(text.c.id, text.c.body).where(text.c.id.in_(first)))
            bodies: dict[int, str] = {row.id: row.body for row in found}
            for row in batch:
                body = bodies.get(row.text_id) if row.number == 1 else None
                yield ShownPage(
                    id=row.uid,
                    url=row.url,
                    captured_at=row.at,
                    status=row.status,
                    mime=row.mime,
                    size=row.size,
                    hop_path=row.hop_path,
                    warc=row.warc,
                    title=row.title or None,
                    text=body,
                )

    def closest(self, url: str, at: datetime) -> Capture | None:
        """Return the capture of a URL closest to a time, of the whole archive; nothing where there is none."""
        own = (
            _captures()
            .join(resource, resource.c.id == capture.c.resource_id)
            .where(resource.c.key == stored_key(url))
            .limit(1)
        )
        before = own.where(capture.c.at <= at).order_by(capture.c.at.desc(), capture.c.uid.desc())
        after = own.where(capture.c.at > at).order_by(capture.c.at, capture.c.uid)
        near = [row for one in (before, after) for row in self._connection.execute(one)]
        return _capture(min(near, key=lambda row: abs(row.at - at))) if near else None

    def by_id(self, capture_id: str) -> Capture | None:
        """Return the capture of an id, of the whole archive; nothing where it is in no file."""
        row = self._connection.execute(_captures().where(capture.c.uid == capture_id)).one_or_none()
        return _capture(row) if row else None

    def _rows(self, statement: Select[Any]) -> Iterator[Row[Any]]:
        yield from self._connection.execute(statement, execution_options={"yield_per": _AT_ONCE})


def is_behind(connection: Connection, sizes: Sequence[tuple[str, int]]) -> bool:
    """Return whether one of these WARCs (name, octets) has not been indexed to its end."""
    known: dict[str, int] = {row.name: row.watermark for row in connection.execute(select(warc))}
    return any(known.get(name, 0) < size for name, size in sizes)


def _conditions(connection: Connection, choice: Choice) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if choice.url is not None:
        wanted.append(capture.c.resource_id == find_resource(connection, choice.url).id)
    if choice.run is not None:
        wanted.append(capture.c.run_id == run_number(connection, choice.run))
    if choice.source is not None:
        known = connection.execute(select(capture.c.source).distinct().order_by(capture.c.source)).scalars().all()
        if choice.source not in known:
            names = ", ".join(name for name in known if name)
            raise NotFoundError(f"the archive has no source {choice.source!r}", hint=f"Its sources are: {names}.")
        wanted.append(capture.c.source == choice.source)
    if choice.site is not None:
        host = host_named(choice.site)
        own = select(resource.c.id).join(site, site.c.id == resource.c.site_id).where(site.c.host == host)
        wanted.append(capture.c.resource_id.in_(own))
    if choice.asks_for_versions:
        wanted.append(capture.c.id.in_(_showing(connection, choice)))
    return wanted


def _showing(connection: Connection, choice: Choice) -> Select[tuple[int]]:
    """Return the captures that show one of the versions that a search with these filters finds."""
    narrowed = conditions(connection, choice.of_versions())
    found = select(version.c.id).where(version.c.first_capture_id.is_not(None), *narrowed)
    if choice.query is not None:
        found = found.where(
            version.c.id.in_(select(matching(connection, parse(choice.query), ranked=False).c.version_id))
        )
    same = is_reading_of(extraction, capture)
    return (
        select(capture.c.id)
        .select_from(post.join(extraction, extraction.c.id == post.c.extraction_id).join(capture, same))
        .where(post.c.version_id.in_(found))
    )


def _captures() -> Select[Any]:
    columns = [
        capture.c.uid,
        capture.c.url,
        capture.c.at,
        capture.c.status,
        capture.c.mime,
        capture.c.record_type,
        capture.c.refers_to,
        capture.c.location,
        capture.c.hop_path,
        capture.c.offset,
        capture.c.length,
        warc.c.name.label("warc"),
        payload.c.digest,
        payload.c.size,
    ]
    return select(*columns).select_from(
        capture.join(warc, warc.c.id == capture.c.warc_id).join(payload, payload.c.id == capture.c.payload_id)
    )


def _capture(row: Row[Any]) -> Capture:
    return Capture(
        record=RecordRef(row.uid, row.warc, row.offset, row.length),
        record_type=RecordType(row.record_type),
        url=Url(row.url),
        captured_at=row.at,
        status=row.status,
        mime=row.mime,
        payload_digest=row.digest,
        size=row.size,
        run="",
        hop_path=row.hop_path,
        refers_to=row.refers_to,
        location=Url(row.location) if row.location else None,
    )
