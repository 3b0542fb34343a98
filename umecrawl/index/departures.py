"""Which lists articles left: sitemaps, API answers, feeds and listings that named an article and do so no longer.

That an article slid off the end of a feed or listing says nothing; that those which stood beside it still stand there
does. A sitemap names all there is, so leaving it says enough.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from umecrawl.index.lists import Entry, list_of, read_lists
from umecrawl.index.manifests import last_listed
from umecrawl.index.numbering import chunks
from umecrawl.index.removal_tables import listed, removal
from umecrawl.index.schema import capture, extraction, post, resource
from umecrawl.model.readable import FEED_TYPES, JSON_TYPE, XML_TYPES

KINDS: Final = ("sitemap", "api", "feed", "listing")
_READ: Final = (200, 304)
_NEAR: Final = 3  # articles on either side
# Behind the first capture that shows it gone; what lists do years later says nothing of why.
_LOOKED: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Span:
    """The time in which an article left lists: after it was last shown, and before it was shown again.

    `went` is when its own page first shows that it went; nothing where it does not.
    """

    article: int
    since: datetime
    until: datetime | None
    went: datetime | None

    def holds(self, at: datetime) -> bool:
        """Return whether a moment lies within."""
        return at > self.since and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Departure:
    """The first capture of a list that no longer names an article; `count` lists of the kind were left."""

    kind: str
    at: datetime
    uid: str
    list_id: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class _Read:
    """One reading of a sitemap: a capture with its payload."""

    at: datetime
    uid: str
    payload: int
    mime: str


def departures(connection: Connection, spans: Sequence[Span]) -> dict[int, list[Departure]]:
    """Return for each article the first list of each kind that it left within its span, in the order of time."""
    times = {one.article: one for one in spans}
    left: defaultdict[int, list[Departure]] = defaultdict(list)
    sitemaps, still = _left_sitemaps(connection, times)
    for article, found in sitemaps.items():
        # Where its own page says nothing, it has to have left every sitemap.
        if times[article].went is not None or article not in still:
            left[article] += found
    for article, found in _left_readings(
        connection, {one.article: one for one in spans if one.went is not None}
    ).items():
        left[article] += found
    return {
        article: sorted(_first_of_kinds(found), key=lambda one: (one.at, one.kind)) for article, found in left.items()
    }


def _first_of_kinds(found: Sequence[Departure]) -> Iterator[Departure]:
    for kind in KINDS:
        alike = [one for one in found if one.kind == kind]
        if alike:
            first = min(alike, key=lambda one: (one.at, one.uid))
            yield Departure(kind, first.at, first.uid, first.list_id, len({one.list_id for one in alike}))


def _left_sitemaps(connection: Connection, times: Mapping[int, Span]) -> tuple[dict[int, list[Departure]], set[int]]:
    """Return the sitemaps that each article left, and the articles that one of theirs still names."""
    named = last_listed(connection, list(times))
    readings = _readings(connection, {list_id for some in named.values() for list_id, _ in some})
    left: defaultdict[int, list[Departure]] = defaultdict(list)
    still: set[int] = set()
    for article, lists in named.items():
        for list_id, payload in lists:
            found = _next_without(readings[list_id], payload)
            if found is None:
                still.add(article)
            elif times[article].holds(found.at):
                kind = "api" if found.mime == JSON_TYPE else "sitemap"
                left[article].append(Departure(kind, found.at, found.uid, list_id))
            else:
                still.add(article)  # it left before it was last seen: that told nothing
    return left, still


def _next_without(readings: Sequence[_Read], payload: int) -> _Read | None:
    """Return the first reading behind the last one that names it."""
    last = max((number for number, one in enumerate(readings) if one.payload == payload), default=None)
    return readings[last + 1] if last is not None and last + 1 < len(readings) else None


def _readings(connection: Connection, lists: set[int]) -> dict[int, list[_Read]]:
    """Return the readings of sitemaps in time order.

    One that was cut, is of another type, or names nothing that any later one names, tells of no article.
    """
    found: dict[int, list[_Read]] = {list_id: [] for list_id in lists}
    for chunk in chunks(sorted(lists)):
        last: dict[int, tuple[datetime, int]] = {}
        for one in connection.execute(
            select(listed.c.list_id, listed.c.last_at, listed.c.last_payload_id)
            .where(listed.c.list_id.in_(chunk))
            .order_by(listed.c.last_at)
            .distinct()
        ):
            last[one.list_id] = (one.last_at, one.last_payload_id)
        rows = connection.execute(
            select(capture.c.resource_id, capture.c.at, capture.c.uid, capture.c.payload_id, capture.c.mime)
            .where(capture.c.resource_id.in_(chunk), capture.c.status.in_(_READ), capture.c.truncated.is_(None))
            .order_by(capture.c.at, capture.c.uid)
        ).all()
        types = {row.resource_id: row.mime for row in rows if row.at == last[row.resource_id][0]}
        for row in rows:
            at, payload = last[row.resource_id]
            alike = row.mime in {"", types.get(row.resource_id)}
            if alike and (row.at <= at or row.payload_id == payload):
                found[row.resource_id].append(_Read(row.at, row.uid, row.payload_id, row.mime))
    return found


def _left_readings(connection: Connection, times: Mapping[int, Span]) -> dict[int, list[Departure]]:
    """Return the feeds, API answers and listings that each article left while what stood beside it stayed."""
    showing: defaultdict[str, set[int]] = defaultdict(set)
    for chunk in chunks(times):
        rows = connection.execute(
            select(post.c.article_id, resource.c.key)
            .select_from(
                post.join(extraction, extraction.c.id == post.c.extraction_id).join(
                    resource, resource.c.id == extraction.c.resource_id
                )
            )
            .where(post.c.article_id.in_(chunk), ~post.c.own)
            .distinct()
        )
        for row in rows:
            showing[list_of(row.key)[0]].add(row.article_id)
    left: defaultdict[int, list[Departure]] = defaultdict(list)
    for name, named in showing.items():
        spans = [times[article] for article in named]
        last = max(one.went or one.since for one in spans) + _LOOKED
        readings = read_lists(connection, name, min(one.since for one in spans), last)
        places = [[one.article for one in reading] for reading in readings]
        for article in named:
            span = times[article]
            until = (span.went or span.since) + _LOOKED
            for found in _left_beside(readings, places, article):
                if span.holds(found.at) and found.at <= until:
                    left[article].append(Departure(_kind(found.mime), found.at, found.uid, found.list_id))
                    break
    return left


def _left_beside(readings: Sequence[Sequence[Entry]], places: Sequence[Sequence[int]], article: int) -> Iterator[Entry]:
    """Yield for each time it left, the last first, where the next article behind it stands in the first reading then.

    A reading may be of some pages of a list only: what stood close on both sides has to be there, and something of
    the page that it stood on. `places` are the articles of the readings.
    """
    named = [number for number, found in enumerate(places) if article in found]
    if not named:
        return
    for last, back in zip(reversed(named), reversed([*named[1:], len(places)]), strict=True):
        at = places[last].index(article)
        before, behind = places[last][max(0, at - _NEAR) : at], places[last][at + 1 : at + 1 + _NEAR]
        page = readings[last][at].list_id
        beside = {one.article for one in readings[last] if one.list_id == page}
        for reading, there in zip(readings[last + 1 : back], places[last + 1 : back], strict=True):
            if not beside.isdisjoint(there) and (not before or not set(before).isdisjoint(there)):
                entry = next((reading[there.index(one)] for one in behind if one in there), None)
                if entry is not None:
                    yield entry
                    break


def _kind(mime: str) -> str:
    if mime == JSON_TYPE:
        return "api"
    return "feed" if mime in FEED_TYPES | XML_TYPES else "listing"


def gone_beside(connection: Connection, resources: Sequence[int]) -> set[int]:
    """Return the articles that went from sites of which these resources are lists: what they say may be evidence."""
    shows = (
        select(extraction.c.resource_id)
        .join(post, post.c.extraction_id == extraction.c.id)
        .where(extraction.c.resource_id.in_(resources), ~post.c.own)
    )
    sites = select(resource.c.site_id).where(resource.c.id.in_(shows))
    known = select(removal.c.article_id).join(resource, resource.c.id == removal.c.article_id)
    return set(connection.execute(known.where(resource.c.site_id.in_(sites))).scalars())
