"""The tables of what sites say about the use of their pages, in headers and in markup, and their view."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    CompoundSelect,
    Connection,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    case,
    func,
    insert,
    literal,
    select,
    union_all,
)

from umecrawl.index.columns import Id, Key, metadata
from umecrawl.index.functions import rfc3339
from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import capture, extraction, resource, run, site
from umecrawl.index.storable import storable
from umecrawl.model.reservation import Reservation

header_reservation = Table(
    "header_reservation",
    metadata,
    Column("capture_id", Id, ForeignKey("capture.id"), nullable=False, comment="The capture whose response says so"),
    Column("number", Integer, nullable=False, comment="Place among its like, from 0"),
    Column("name", Key, nullable=False, comment="x-robots-tag, tdm-reservation, tdm-policy; of markup robots too"),
    Column("value", Text, nullable=False, comment="What stands there, as it stands"),
    PrimaryKeyConstraint("capture_id", "number"),
    comment="What header fields say about the use of what they came with",
    sqlite_with_rowid=False,
)

meta_reservation = Table(
    "meta_reservation",
    metadata,
    Column("extraction_id", Id, ForeignKey("extraction.id"), nullable=False, comment="The reading of a page"),
    Column("number", Integer, nullable=False, comment="Place among its like, from 0"),
    Column("name", Key, nullable=False, comment="x-robots-tag, tdm-reservation, tdm-policy; of markup robots too"),
    Column("value", Text, nullable=False, comment="What stands there, as it stands"),
    PrimaryKeyConstraint("extraction_id", "number"),
    comment="What `meta` elements say about the use of their page",
    sqlite_with_rowid=False,
)


def put_reservations(
    connection: Connection, table: Table, key: str, found: Mapping[int, Iterable[Reservation]]
) -> None:
    """Insert what was said, by the number of the row it hangs on (the column `key`)."""
    rows: list[dict[str, Any]] = [
        {key: number, "number": place, "name": storable(said.name), "value": storable(said.value)}
        for number, all_said in found.items()
        for place, said in enumerate(all_said)
    ]
    if rows:
        connection.execute(insert(table), rows)


def reservations() -> CompoundSelect[Any]:
    """Return the statement of the view `reservations`."""
    said = header_reservation.c.capture_id == capture.c.id
    read = and_(capture.c.is_page, is_reading_of(extraction, capture))
    in_header = _columns(header_reservation, "header").join(header_reservation, said)
    in_markup = (
        _columns(meta_reservation, "meta")
        .join(extraction, read)
        .join(meta_reservation, meta_reservation.c.extraction_id == extraction.c.id)
    )
    return union_all(in_header, in_markup)


def _columns(table: Table, place: str) -> Any:
    words = func.lower(table.c.value)
    return (
        select(
            capture.c.uid.label("capture"),
            capture.c.url,
            site.c.host.label("site"),
            rfc3339(capture.c.at).label("captured_at"),
            literal(place).label("place"),
            table.c.name,
            table.c.value,
            case((and_(table.c.name.not_like("tdm-%"), words.like("%noarchive%")), 1), else_=0).label("noarchive"),
            case((and_(table.c.name == "tdm-reservation", func.trim(words) == "1"), 1), else_=0).label("tdm_reserved"),
            run.c.uid.label("run"),
        )
        .select_from(capture)
        .join(resource, resource.c.id == capture.c.resource_id)
        .join(site, site.c.id == resource.c.site_id)
        .join(run, run.c.id == capture.c.run_id)
    )
