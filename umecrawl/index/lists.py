"""Lists of articles as a run reads them: the pages of one list, put together in their order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import capture, extraction, post, resource

_PAGE_PATH: Final = re.compile(r"/(?:page|sida)/(\d+)$")
# What counts pages in a query: WordPress's own, its block queries, and those of other systems.
_COUNTER: Final = re.compile(r"(?:paged?\d*|pg|sida|offset|start|query-\d+-page|per_page|cst)=(\d*)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One article on a list: the capture that shows it there, its type, and the resource of the page of the list."""

    article: int
    at: datetime
    uid: str
    mime: str
    list_id: int


def list_of(key: str) -> tuple[str, int]:
    """Return the key of the list that a page of it belongs to, and the number of that page."""
    path, _, query = key.partition("?")
    number = 1
    if match := _PAGE_PATH.search(path):
        path, number = path[: match.start()], int(match[1])
    kept = []
    for one in query.split("&") if query else ():
        if match := _COUNTER.match(one):
            if match[1] and not one.startswith(("per_page", "cst")):
                number = max(number, int(match[1]))
        else:
            kept.append(one)
    return path.rstrip("/") + (f"?{'&'.join(kept)}" if kept else ""), number


def read_lists(connection: Connection, name: str, since: datetime, until: datetime) -> list[list[Entry]]:
    """Return the readings of a list in time order, from the last day before `since` on; each run and day is one.

    Of a page that was read several times in one of them, the last time counts. An article stands once in each.
    """
    pages = _pages(connection, name)
    same = is_reading_of(extraction, capture)
    whole = and_(capture.c.resource_id.in_(pages), capture.c.is_page, capture.c.truncated.is_(None))
    last = connection.execute(select(func.max(capture.c.at)).where(whole, capture.c.at <= since)).scalar() or since
    rows = connection.execute(
        select(
            capture.c.at,
            capture.c.uid,
            capture.c.run_id,
            capture.c.resource_id,
            capture.c.mime,
            post.c.article_id,
        )
        .select_from(capture.join(extraction, same).join(post, post.c.extraction_id == extraction.c.id))
        .where(whole, capture.c.at.between(datetime.combine(last.date(), time(), UTC), until), ~post.c.own)
        .order_by(capture.c.at, capture.c.uid, post.c.position)
    )
    read: dict[tuple[date, int], dict[int, list[Entry]]] = {}
    for row in rows:
        reading = read.setdefault((row.at.date(), row.run_id), {})
        entries = reading.setdefault(row.resource_id, [])
        if entries and entries[-1].uid != row.uid:
            entries.clear()
        entries.append(Entry(row.article_id, row.at, row.uid, row.mime, row.resource_id))
    # Readings came in the order of their first captures.
    return [
        _joined([reading[one] for one in sorted(reading, key=lambda one: (pages[one], one))])
        for reading in read.values()
    ]


def _joined(parts: Sequence[Sequence[Entry]]) -> list[Entry]:
    found: dict[int, Entry] = {}
    for part in parts:
        for one in part:
            found.setdefault(one.article, one)
    return list(found.values())


def _pages(connection: Connection, name: str) -> dict[int, int]:
    """Return the resources of the pages of a list, with their numbers."""
    base = name.partition("?")[0]
    slashed = f"{base}/" if not base.endswith("/") else base
    rows = connection.execute(
        select(resource.c.id, resource.c.key).where(
            or_(
                resource.c.key.in_([name, base, slashed]),
                *(_begins(f"{start}{mark}") for start in (base, slashed) for mark in ("?", "page/", "sida/", "/page/")),
            )
        )
    )
    found = {row.id: list_of(row.key) for row in rows}
    return {number: page for number, (key, page) in found.items() if key == name}


def _begins(start: str) -> ColumnElement[bool]:
    """Return whether a key begins so, as a range of the index."""
    return and_(resource.c.key >= start, resource.c.key < start[:-1] + chr(ord(start[-1]) + 1))
