"""The tables of what runs found out about feeds, sitemaps and APIs, and how rows get into them."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    delete,
    insert,
    select,
)

from umecrawl.index.columns import Id, Key, UtcTime, metadata
from umecrawl.index.storable import storable
from umecrawl.model.capture import ArchiveEvent
from umecrawl.model.discovery import Audit, Place

interface: Final = Table(
    "interface",
    metadata,
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, comment="The run that asked"),
    Column("source", Key, nullable=False, comment="Source of the collection"),
    Column("url", Key, nullable=False, comment="What was asked"),
    Column("checked_at", UtcTime, nullable=False, comment="When it answered, or failed to"),
    Column("interface", Key, nullable=False, comment="rest, sitemap, feed or list"),
    Column("standing", Key, nullable=False, comment="offered, moved, absent, off, blocked, broken or lying"),
    Column("named", Integer, nullable=False, comment="How many pages (of an index: interfaces) the answer names"),
    Column("total", BigInteger, comment="How many there are in all, as it says"),
    Column("pages", BigInteger, comment="On how many pages, as it says"),
    Column("newest", UtcTime, comment="The latest time of publication or change that it states"),
    Column("is_index", Boolean, nullable=False, comment="Whether it names interfaces, not pages"),
    Column("detail", Text, nullable=False, comment="What there is to say, in a sentence; may be empty"),
    PrimaryKeyConstraint("run_id", "source", "url"),
    comment="How the feeds, sitemaps, APIs and lists of a source stood at the end of each run that asked them",
)

audit: Final = Table(
    "audit",
    metadata,
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, comment="The run that compared"),
    Column("source", Key, nullable=False, comment="Source of the collection"),
    Column("named_by", Key, nullable=False, comment="The way that found the pages: links, rest or sitemap"),
    Column("missed_by", Key, nullable=False, comment="The way that did not"),
    Column("pages", Integer, nullable=False, comment="How many pages"),
    Column("examples", Text, nullable=False, comment="A few of them, a JSON array"),
    PrimaryKeyConstraint("run_id", "source", "named_by", "missed_by"),
    comment="What one way of finding pages found and another missed",
)


def put_findings(connection: Connection, events: Sequence[ArchiveEvent], runs: Mapping[str, int]) -> None:
    """Make rows of what runs found out; of several findings on one thing in one run the latest, or larger, counts."""
    for event in events:
        if isinstance(event, Place):
            _put_place(connection, event, runs[event.run])
        elif isinstance(event, Audit):
            _put_audit(connection, event, runs[event.run])


def _put_place(connection: Connection, place: Place, run_id: int) -> None:
    source, url, reading = storable(place.source), storable(place.url), place.reading
    same = and_(interface.c.run_id == run_id, interface.c.source == source, interface.c.url == url)
    row = {
        "run_id": run_id,
        "source": source,
        "url": url,
        "checked_at": place.checked_at,
        "interface": str(reading.interface),
        "standing": str(reading.standing),
        "named": reading.named,
        "total": reading.total,
        "pages": reading.pages,
        "newest": reading.newest,
        "is_index": reading.index,
        "detail": storable(reading.detail),
    }
    order = (interface.c.checked_at, interface.c.standing, interface.c.detail)
    there = connection.execute(select(*order).where(same)).first()
    if there is not None:
        if tuple(there) >= (row["checked_at"], row["standing"], row["detail"]):
            return
        connection.execute(delete(interface).where(same))
    connection.execute(insert(interface), row)


def _put_audit(connection: Connection, found: Audit, run_id: int) -> None:
    source, named_by, missed_by = storable(found.source), storable(found.named_by), storable(found.missed_by)
    ways = and_(audit.c.named_by == named_by, audit.c.missed_by == missed_by)
    same = and_(audit.c.run_id == run_id, audit.c.source == source, ways)
    examples = storable(json.dumps(found.examples, ensure_ascii=False))
    there = connection.execute(select(audit.c.pages, audit.c.examples).where(same)).first()
    if there is not None:
        if tuple(there) >= (found.count, examples):
            return
        connection.execute(delete(audit).where(same))
    row = {"run_id": run_id, "source": source, "named_by": named_by, "missed_by": missed_by}
    connection.execute(insert(audit), {**row, "pages": found.count, "examples": examples})
